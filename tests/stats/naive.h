#ifndef STATS_NAIVE_H
#define STATS_NAIVE_H

#include <string.h>

#include "base/json.h"
#include "plan/policy.h"
#include "world.h"

/*
 * The reference: the same figures by loops over the documents, with none of
 * the facts, the queries or the finishers.  new: the members it vouches for
 * (no texts, no links); rows come in no order and are known by taskId, orgId
 * or level.
 */
json_t *naive_answer(const struct world *w, const char *family, const char *by,
    const char *as_of, const char *known_at);

/* ---- between naive.c (what is counted) and naive_rows.c ---- */

#define STR json_peek_str
#define INT(o, key) json_peek_int(o, key, 0)
#define LIST json_peek_array
#define SAME(o, key, s) (strcmp(STR(o, key), (s)) == 0)

/* One task as it was known, on the day of the question. */
struct view {
	json_t *reports; /* the task's */
	json_t *states;
	json_t *checks;
	json_t *flows;
	const json_t *plan;
	const char *as_of;
	const char *known_at;
	civil_t today, issued, year_end;
	struct policy policy;
	const json_t *task; /* identity */
	const json_t *now;  /* the version that was known */
};

struct count {
	int64_t total, met, due, due_met, overdue, soon, grace;
};

/* The newest report of a unit that counts; numbers only unless any. */
const json_t *naive_newest(
    const struct view *v, const char *ind, const char *org, bool any);
bool naive_is_none(const json_t *report);
int64_t naive_number(const struct view *v, const char *ind, const char *org);
int64_t naive_total_done(const struct view *v, const char *ind);
bool naive_find_target(const json_t *ind, int64_t *total);
bool naive_has_met(const struct view *v, const json_t *m, const char *org);
bool naive_is_late(const struct view *v, const json_t *m, const char *org);
/* new: the units obliged by a milestone. */
json_t *naive_obliged(const struct view *v, const json_t *m);
/* Add the milestones and quotas of one unit, or of all (NULL). */
void naive_count_unit(const struct view *v, const char *org,
    struct count *milestones, struct count *quotas, int64_t *reported);

/* ---- reports on time, checks, lights ---- */

/* A unit's reports on one indicator. */
struct naive_series {
	bool overdue, twice, flagged;
	const char *evidence; /* "none", "self", "unit", "lead", "office" */
	const char *how;      /* "on_time" ...; NULL: no month has ended */
	int late;
	char month[8];
};

typedef void (*naive_month_fn)(void *arg, const char *month, civil_t due);
void naive_months(const struct view *v, naive_month_fn fn, void *arg);
const char *naive_filing(const struct view *v, const char *ind, const char *org,
    const char *month, civil_t due, int *late, bool *none);
/* new: who owes reports on an indicator. */
json_t *naive_reporters(const struct view *v, const json_t *ind);
void naive_series(const struct view *v, const char *ind, const char *org,
    struct naive_series *s);
const json_t *naive_check(const struct view *v, const char *org);
const json_t *naive_share(
    const struct view *v, const char *org, const json_t **quota);
struct assess_result;
/* A task, or with org a unit's part of it. */
void naive_judge(
    const struct view *v, const char *org, struct assess_result *r);

/* ---- the families about units and months: new ---- */

json_t *naive_matrix(const struct view *views, size_t n, const json_t *orgs);
json_t *naive_timeliness(const struct view *views, size_t n, const char *by);
json_t *naive_month(const struct view *views, size_t n, const char *day);
void naive_trend(json_t *rows, const struct view *views, size_t n);
typedef char naive_day_t[CIVIL_LEN + 1];
#define NAIVE_DAYS 40
size_t naive_ends(const struct world *w, const char *as_of, naive_day_t *days);

/* Add a task's money to the rows, an object by level, task, lead or payer. */
void naive_funding(json_t *rows, const char *by, const struct view *v);

/* Add a task's money that moved to the rows of the same key. */
void naive_flows(json_t *rows, const char *by, const struct view *v);
/* Their rates, when all is added. */
void naive_rates(json_t *row);

#endif
