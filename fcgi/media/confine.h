#ifndef MEDIA_CONFINE_H
#define MEDIA_CONFINE_H

/*
 * Give up everything but reading standard input, writing standard output,
 * memory (bounded) and time (bounded).  What this process tries beyond that
 * kills it (SIGSYS).  For a process of one thread; there is no way back.
 * 0, or -1: the system does not offer it, and nothing was promised.
 */
int confine_enter(void);

#endif
