#ifndef AUTH_UNITS_H
#define AUTH_UNITS_H

#include <stdbool.h>

#include "base/err.h"

struct store;

#define DIVISION_LEN 6

/*
 * Who stands below whom: the parents and divisions of units, remembered in
 * the process until some unit changes.  Safe from any thread.
 */
struct units;

/* new; the store is borrowed for its life. */
struct units *units_new(struct store *store);
void units_free(struct units *u);

/*
 * Forget what a change has overtaken: what is asked afterwards is never older
 * than the last write acknowledged before this call.
 */
int units_refresh(struct units *u, struct err *e) MUST_CHECK;

/*
 * The division a unit belongs to.  A unit nobody has stored (there is a first
 * user before there is a unit) belongs to the division its id is the code of;
 * "" when it is none.
 */
int units_division(struct units *u, const char *org_id,
    char out[DIVISION_LEN + 1], struct err *e) MUST_CHECK;

/* Is org_id the unit `top`, or somewhere below it?  1, 0, or -1. */
int units_within(struct units *u, const char *top, const char *org_id,
    struct err *e) MUST_CHECK;

/*
 * Is the division the one of `top` or below it?  GB/T 2260: 140823 lies below
 * 140800 and 140000; everything lies below 000000.
 */
bool division_within(const char *top, const char *division);

#endif
