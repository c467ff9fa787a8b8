#ifndef MEDIA_CHILD_H
#define MEDIA_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "media/image.h"

/* A process that decodes for us, or none (pid 0). */
struct child {
	const char *program; /* NULL: this very program; borrowed */
	pid_t pid;
	int to;   /* its standard input */
	int from; /* its standard output */
	unsigned answers;
	int64_t spent_ms;
};

void child_init(struct child *c, const char *program);
/*
 * Have a picture decoded, in at most timeout_ms.  Starts a process where
 * there is none; one that fails, is late or has worked enough is ended.  Where
 * one fails that has decoded before, a fresh one is asked: only a picture that
 * a fresh process fails at is at fault.  im is initialised.  The signal SIGPIPE
 * must be blocked or ignored.
 */
enum verdict child_ask(struct child *c, const void *data, size_t len,
    int timeout_ms, struct image *im);
/* End it, if there is one. */
void child_stop(struct child *c);

#endif
