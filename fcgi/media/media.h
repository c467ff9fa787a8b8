#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include <stddef.h>

#include "base/err.h"
#include "media/image.h"

/*
 * A few confined processes that decode pictures, and a queue before them.
 * Nothing is started before the first picture comes.
 */
struct media;

/* program: what is run as `program decode-helper`; "" is this program. */
struct media *media_new(const char *program, size_t processes);
/* Waits for what was submitted, then ends the processes.  NULL is fine. */
void media_free(struct media *m);

/* A picture to decode; all of it lives until done was called. */
struct media_job {
	const void *data; /* borrowed */
	size_t len;
	struct image
	    image; /* set by media_submit; image_fini is the caller's */
	enum verdict verdict;
	void (*done)(void *arg);
	void *arg;
	struct media_job *next; /* the queue's */
};

/*
 * Decode without waiting: done(arg) is called once, from a thread of the
 * pool's, with verdict and image set.  -1 (done is not called):
 * ERR_UNAVAILABLE, too many wait already.
 */
int media_submit(
    struct media *m, struct media_job *job, struct err *e) MUST_CHECK;

#endif
