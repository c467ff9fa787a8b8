#ifndef STATS_STATS_H
#define STATS_STATS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "stats/parts.h"

struct arena;

/* The closed set of families and their groupings: stats.def. */
enum stats_family {
#define STAT(name, text, by, title) STAT_##name,
#include "stats/stats.def"
#undef STAT
	STAT__MAX
};

#define STATS_PLANS_MAX 400

/*
 * A checked question.  All meaning is here; engines and finishers do not
 * judge.  by is one of the family's groupings (its first when not asked for).
 */
struct stats_query {
	enum stats_family family;
	const char *by;      /* "task", borrowed from the table; "" for none */
	const json_t *plans; /* borrowed: the plan documents, at least one */
	const json_t *orgs;  /* borrowed: org documents, for names and order */
	const char *task;    /* only this task, or NULL: all; borrowed */
	const char *org;     /* families about units: only this one, or NULL */
	civil_t as_of;
	instant_t known_at;
};

/* The family of a name ("completion"), or -1. */
int stats_family_by_name(const char *name);
/*
 * The grouping if the family has it (NULL or "" asks for its first): a word of
 * the table's, NULL otherwise.
 */
const char *stats_by_check(enum stats_family f, const char *by);
const char *stats_family_name(enum stats_family f);
const char *stats_family_bys(enum stats_family f); /* "task org lead" */

/* How a finisher gets rows: store_stats behind a pointer. */
typedef int (*stats_fetch_fn)(void *store, const struct stats_part *part,
    const struct stats_args *args, struct arena *a, struct stats_rows *out,
    struct err *e);

/*
 * Answer the question: fetch the family's parts and finish them.  new, or
 * NULL with *e set: by fetch, or ERR_INVALID for a policy that does not read
 * and for sums of money that leave int64.  The same (plans, asOf, knownAt,
 * policy) and the same facts give the same bytes when printed.
 */
json_t *stats_answer(const struct stats_query *q, stats_fetch_fn fetch,
    void *store, struct err *e) MUST_CHECK;

#endif
