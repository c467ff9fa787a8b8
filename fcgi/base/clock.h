#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/civil.h"

/*
 * What time it is for a program that plays a year that has passed: a file of
 * one line, an RFC 3339 instant, which whoever may write on this machine
 * changes as the play goes on.  No request can.  While there is no such file,
 * or it does not read, it is the time it was last (at first the system's).
 */
struct clock;

/* new; the path is copied. */
struct clock *clock_new(const char *path);
void clock_free(struct clock *c);
/* Any thread may ask. */
instant_t clock_read(void *clock);

#endif
