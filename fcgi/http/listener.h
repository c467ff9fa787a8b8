#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

#define LISTEN_BACKLOG 4096

/* A listening socket and what it takes to leave it tidily. */
struct listener {
	int fd;
	bool tcp;
	bool given; /* by a supervisor: not ours to remove */
	char *path; /* Unix socket, or NULL; owned */
	int lock;   /* holds path.lock, -1: none */
	dev_t dev;
	ino_t ino;
};

/*
 * Open `where`: the path of a Unix socket (mode 0660; one left by a dead
 * process is replaced, a living one never), or 127.x.x.x:port.  The socket of
 * a supervisor (LISTEN_PID, LISTEN_FDS) goes first.  Non-blocking.  -1:
 * ERR_CONFIG; *l then needs no closing.
 */
int listener_open(
    struct listener *l, const char *where, struct err *e) MUST_CHECK;
/* Take the path away, so that nobody comes any more; keep accepting. */
void listener_unlink(struct listener *l);
void listener_close(struct listener *l);

#endif
