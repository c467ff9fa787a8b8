#ifndef API_KEEPER_H
#define API_KEEPER_H

#include "base/err.h"

struct app;

/*
 * What a serving program does by itself, in a thread of its own: at the start
 * and the stop, and every cfg->audit_anchor, it writes down the end of the
 * audit chain when it has moved, and removes what has expired.
 */
struct keeper;

/* new; app is borrowed. */
struct keeper *keeper_start(struct app *app, struct err *e) MUST_CHECK;
/* Waits for what is under way.  NULL is fine. */
void keeper_stop(struct keeper *k);

#endif
