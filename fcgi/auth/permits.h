#ifndef AUTH_PERMITS_H
#define AUTH_PERMITS_H

#include <stddef.h>

#include "auth/who.h"
#include "base/err.h"

/* How far a permission goes; a role may be given one, a person the sum. */
#define REACH_OWN 1U  /* what belongs to my unit or one below */
#define REACH_TASK 2U /* what belongs to a task that my unit leads */
#define REACH_ALL 4U  /* everything in my division and below */

/* docs/permissions.csv: a row for each permission, a column for each role. */
struct permit {
	const char *name; /* "report.accept" */
	const char *title;
	unsigned reach[ROLE__MAX]; /* 0: never */
};

struct permits;

/*
 * Read the table (csv without quotes: permission, title, a column for each
 * role; the cells are -, own, task, all).  new, or NULL with ERR_CONFIG that
 * names the line.
 */
struct permits *permits_new(
    const char *csv, size_t len, struct err *e) MUST_CHECK;
void permits_free(struct permits *p);

size_t permits_count(const struct permits *p);
const struct permit *permits_at(const struct permits *p, size_t i);
/* borrowed, or NULL. */
const struct permit *permits_find(const struct permits *p, const char *name);
/* What these roles reach together. */
unsigned permit_reach(const struct permit *p, unsigned roles);

#endif
