#ifndef STATS_FRAME_H
#define STATS_FRAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "plan/period.h"
#include "stats/stats.h"

/*
 * What every finisher works on: the question, its plans and units in order,
 * the tasks as they were known, and the parts fetched so far.  Everything is
 * borrowed from the question or the frame's arena.
 */
struct frame_period {
	char text[PERIOD_LEN + 1];
	civil_t due;
};

struct filing;

struct frame_plan {
	const char *id;
	civil_t issued; /* pace_start() */
	civil_t end;    /* 31 December of its year: quotas fall due */
	struct policy policy;
	/*
	 * The periods that have ended, and how many of them, from the first
	 * on, are overdue where nothing came: their due day is past.  None
	 * while the plan is a draft.
	 */
	bool reported;
	period_t first; /* the month of issue */
	period_t last;  /* December of its year */
	struct frame_period *periods;
	size_t nperiods;
	size_t noverdue;
	struct filing *scratch; /* series_judge: one for each period */
};

struct frame_org {
	const char *id;
	const json_t *doc; /* NULL: the unit is not known any more */
};

/* Rows [first, first + n) of a part. */
struct frame_run {
	size_t first;
	size_t n;
};

struct figure;

struct frame_task {
	const char *id;
	const struct frame_plan *plan;
	int64_t no;
	const char *title;
	const char *kind;
	const char *lead_id;
	struct frame_run runs[PART__MAX]; /* of the parts keyed by task_id */
	struct figure *figures;           /* figures.h, by position */
	size_t nfigures;
};

struct frame {
	const struct stats_query *q;
	stats_fetch_fn fetch;
	void *store;
	struct arena arena;
	struct stats_args args;
	struct frame_plan *plans; /* by id */
	size_t nplans;
	struct frame_org *orgs; /* by id */
	size_t norgs;
	struct frame_task *tasks; /* by id */
	size_t ntasks;
	struct frame_task **order; /* by plan, number, id: as printed */
	struct stats_rows rows[PART__MAX];
};

/*
 * Read the plans and fetch the tasks.  0, or -1 (ERR_INVALID for a policy
 * that does not read, what fetch says).  frame_fini in both cases.
 */
int frame_init(struct frame *f, const struct stats_query *q,
    stats_fetch_fn fetch, void *store, struct err *e) MUST_CHECK;
void frame_fini(struct frame *f);

/*
 * Fetch a part into f->rows; one keyed by task_id also into the tasks' runs
 * (rows of a task that was not known are in no run).
 */
int frame_fetch(
    struct frame *f, enum stats_part_id part, struct err *e) MUST_CHECK;

/* borrowed, or NULL. */
struct frame_task *frame_task(const struct frame *f, const char *id);
const struct frame_plan *frame_plan(const struct frame *f, const char *id);

/*
 * The months of all plans that have begun: the first month of issue to the
 * month of asOf, at most December of the last year.  first > end: none.
 */
void frame_months(const struct frame *f, period_t *first, period_t *end);

/* The document of a unit: borrowed, or NULL. */
const json_t *frame_org(const struct frame *f, const char *id);

/* A cell: 0 or NULL where it is null. */
int64_t rows_int(
    const struct stats_rows *r, size_t row, enum stats_column column);
const char *rows_text(
    const struct stats_rows *r, size_t row, enum stats_column column);
bool rows_null(
    const struct stats_rows *r, size_t row, enum stats_column column);

/* ---- what answers have in common ---- */

/*
 * The order of units: sortKey, then id; units without a document after all
 * others and "no unit" (NULL) last.  Like strcmp.
 */
int frame_org_compare(const struct frame *f, const char *a, const char *b);

/*
 * Where rows about units collect: one for each id, made on first use, zeroed.
 * A row is a struct that begins with `const char *org_id`.
 */
struct org_table {
	struct frame *f;
	size_t size; /* of one row */
	void **rows;
	size_t n;
	size_t cap;
};
void org_table_init(struct org_table *t, struct frame *f, size_t size);
/* borrowed, while the frame lives; NULL ("no unit") has a row of its own. */
void *org_table_row(struct org_table *t, const char *org_id);
/* Into the order of frame_org_compare; no new rows afterwards. */
void org_table_sort(struct org_table *t);

/* new: {planId, taskId, no, title}: how every row about a task begins. */
json_t *task_row(const struct frame_task *t);
/* new: {orgId, name}, and kind where it is asked for. */
json_t *org_row(const struct frame *f, const char *org_id, bool kind);

/*
 * Put the drill link: the address of what a row was made of; null for a sum
 * over several plans, which has no one list.
 */
void drill_task(json_t *row, struct frame *f, const struct frame_task *t);
/* The reports of a task, of a unit, or of both. */
void drill_reports(
    json_t *row, struct frame *f, const char *task, const char *org);
void drill_stats(
    json_t *row, struct frame *f, enum stats_family to, const char *by);

#endif
