#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "stats/finish.h"
#include "stats/flows.h"
#include "stats/judge.h"

/* An item without a figure. */
struct item {
	const struct frame_task *task;
	size_t row; /* in PART_FUNDING */
	struct item *next;
};

/* What a row of the answer adds up. */
struct money {
	int64_t stated; /* certain */
	int64_t low;    /* the honest range */
	int64_t high;
	int64_t unknown;
	struct flows flows;
	struct item *first;
	struct item *last;
};

/* The levels in the order of the answer. */
static const struct {
	const char *level;
	const char *name;
} levels[] = {
    {"central", "中央财政"},
    {"province", "省级财政"},
    {"city", "市级财政"},
    {"county", "县级财政"},
    {"self", "自主安排"},
};

#define NLEVELS (sizeof(levels) / sizeof(levels[0]))

static int
add(int64_t *sum, int64_t n, struct err *e)
{
	if (__builtin_add_overflow(*sum, n, sum))
		return err_set(
		    e, ERR_INVALID, "资金合计超出可以计算的范围，请核对数字。");
	return 0;
}

static void
list_unknown(
    struct money *m, struct frame *f, const struct frame_task *t, size_t row)
{
	struct item *item = arena_alloc(&f->arena, sizeof(*item));

	item->task = t;
	item->row = row;
	if (m->last != NULL)
		m->last->next = item;
	else
		m->first = item;
	m->last = item;
}

static int
collect(struct money *m, struct frame *f, const struct frame_task *t,
    size_t row, struct err *e)
{
	const struct stats_rows *r = &f->rows[PART_FUNDING];
	int64_t unknown = rows_int(r, row, COL_FUNDING_unknown);

	if (add(&m->stated, rows_int(r, row, COL_FUNDING_stated), e) < 0 ||
	    add(&m->low, rows_int(r, row, COL_FUNDING_low), e) < 0 ||
	    add(&m->high, rows_int(r, row, COL_FUNDING_high), e) < 0)
		return -1;
	m->unknown += unknown;
	if (unknown > 0)
		list_unknown(m, f, t, row);
	return 0;
}

static json_t *
unknown_json(const struct frame *f, const struct money *m)
{
	const struct stats_rows *r = &f->rows[PART_FUNDING];
	json_t *list = json_array();

	for (const struct item *i = m->first; i != NULL; i = i->next) {
		json_t *o = json_object();

		json_put_str(o, "taskId", i->task->id);
		json_put_int(o, "no", i->task->no);
		json_put_str(
		    o, "itemId", rows_text(r, i->row, COL_FUNDING_item_id));
		json_put_str(
		    o, "level", rows_text(r, i->row, COL_FUNDING_level));
		json_put_str(
		    o, "text", rows_text(r, i->row, COL_FUNDING_src_text));
		json_push(list, o);
	}
	return list;
}

static void
put_money(json_t *row, const struct frame *f, const struct money *m)
{
	json_put_int(row, "statedFen", m->stated);
	json_put_int(row, "lowFen", m->low);
	json_put_int(row, "highFen", m->high);
	json_put(row, "unknown", unknown_json(f, m));
}

/* Tells which row of the answer a row of PART_FUNDING belongs to. */
typedef struct money *(*bucket_fn)(
    void *arg, const struct frame *f, const struct frame_task *t, size_t row);

/* Spread all money over buckets, tasks in their order. */
static int
spread(struct frame *f, bucket_fn bucket, void *arg, struct err *e)
{
	for (size_t i = 0; i < f->ntasks; i++) {
		const struct frame_task *t = f->order[i];
		const struct frame_run *run = &t->runs[PART_FUNDING];

		for (size_t k = run->first; k < run->first + run->n; k++) {
			if (collect(bucket(arg, f, t, k), f, t, k, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* Whose money a row of PART_FLOW is. */
typedef struct money *(*flow_fn)(
    void *arg, const struct frame *f, const struct frame_task *t, size_t row);

static int
spread_flows(struct frame *f, flow_fn bucket, void *arg, struct err *e)
{
	for (size_t i = 0; i < f->ntasks; i++) {
		const struct frame_task *t = f->order[i];
		const struct frame_run *run = &t->runs[PART_FLOW];

		for (size_t k = run->first; k < run->first + run->n; k++) {
			if (flows_add(&bucket(arg, f, t, k)->flows, f, k, e) <
			    0)
				return -1;
		}
	}
	return 0;
}

/* A level outside the table is nobody's budget: self-arranged. */
static size_t
level_index(const char *level)
{
	size_t i = 0;

	while (i < NLEVELS - 1 && strcmp(levels[i].level, level) != 0)
		i++;
	return i;
}

static struct money *
level_bucket(
    void *arg, const struct frame *f, const struct frame_task *t, size_t row)
{
	struct money *m = arg;

	(void)t;
	return &m[level_index(
	    rows_text(&f->rows[PART_FUNDING], row, COL_FUNDING_level))];
}

static struct money *
level_flow(
    void *arg, const struct frame *f, const struct frame_task *t, size_t row)
{
	struct money *m = arg;

	(void)t;
	return &m[level_index(
	    rows_text(&f->rows[PART_FLOW], row, COL_FLOW_level))];
}

static bool
has_flows(const struct flows *flows)
{
	bool any = false;

	for (size_t i = 0; i < FLOW__MAX; i++)
		any |= flows->known[i];
	return any;
}

static int
by_level(struct frame *f, json_t *rows, struct err *e)
{
	struct money m[NLEVELS] = {{0}};

	if (spread(f, level_bucket, m, e) < 0 ||
	    spread_flows(f, level_flow, m, e) < 0)
		return -1;
	for (size_t i = 0; i < NLEVELS; i++) {
		json_t *row;

		if (m[i].high == 0 && m[i].unknown == 0 &&
		    !has_flows(&m[i].flows))
			continue;
		row = json_object();
		json_put_str(row, "level", levels[i].level);
		json_put_str(row, "name", levels[i].name);
		put_money(row, f, &m[i]);
		flows_put(row, &m[i].flows, m[i].stated);
		drill_stats(row, f, STAT_FUNDING, "task");
		json_push(rows, row);
	}
	return 0;
}

/*
 * What one unit of the headline indicator costs, cut to the fen; NULL while
 * the money of the task is not certain.
 */
static const char *
unit_cost(struct frame *f, const struct frame_task *t, const struct money *m)
{
	int64_t target, fen;

	if (m->stated <= 0 || m->stated != m->high || m->unknown > 0)
		return NULL;
	if (t->nfigures == 0 || !figure_target(&t->figures[0], &target) ||
	    target <= 0)
		return NULL;
	fen = m->stated / target;
	return arena_printf(
	    &f->arena, "%" PRId64 ".%02d", fen / 100, (int)(fen % 100));
}

static struct money *
task_bucket(
    void *arg, const struct frame *f, const struct frame_task *t, size_t row)
{
	struct money *m = arg;

	(void)row;
	return &m[t - f->tasks];
}

static int
by_task(struct frame *f, json_t *rows, struct err *e)
{
	struct money *m = arena_alloc(&f->arena, (f->ntasks + 1) * sizeof(*m));

	if (figures_fetch(f, e) < 0 || spread(f, task_bucket, m, e) < 0 ||
	    spread_flows(f, task_bucket, m, e) < 0)
		return -1;
	for (size_t i = 0; i < f->ntasks; i++) {
		const struct frame_task *t = f->order[i];
		json_t *row = task_row(t);

		put_money(row, f, &m[t - f->tasks]);
		flows_put(row, &m[t - f->tasks].flows, m[t - f->tasks].stated);
		json_put_str(
		    row, "unitCost", unit_cost(f, t, &m[t - f->tasks]));
		drill_task(row, f, t);
		json_push(rows, row);
	}
	return 0;
}

struct org_money {
	const char *org_id;
	struct money money;
};

static struct money *
lead_bucket(
    void *arg, const struct frame *f, const struct frame_task *t, size_t row)
{
	struct org_money *o = org_table_row(arg, t->lead_id);

	(void)f;
	(void)row;
	return &o->money;
}

static struct money *
payer_bucket(
    void *arg, const struct frame *f, const struct frame_task *t, size_t row)
{
	struct org_money *o = org_table_row(
	    arg, rows_text(&f->rows[PART_FUNDING], row, COL_FUNDING_org_id));

	(void)t;
	return &o->money;
}

static int
by_unit(struct frame *f, bucket_fn bucket, flow_fn flow, json_t *rows,
    struct err *e)
{
	struct org_table orgs;

	org_table_init(&orgs, f, sizeof(struct org_money));
	if (spread(f, bucket, &orgs, e) < 0 ||
	    (flow != NULL && spread_flows(f, flow, &orgs, e) < 0))
		return -1;
	org_table_sort(&orgs);
	for (size_t i = 0; i < orgs.n; i++) {
		const struct org_money *o = orgs.rows[i];
		json_t *row = org_row(f, o->org_id, true);

		put_money(row, f, &o->money);
		if (flow != NULL)
			flows_put(row, &o->money.flows, o->money.stated);
		drill_stats(row, f, STAT_FUNDING, "task");
		json_push(rows, row);
	}
	return 0;
}

static struct money *
only_bucket(
    void *arg, const struct frame *f, const struct frame_task *t, size_t row)
{
	(void)f;
	(void)t;
	(void)row;
	return arg;
}

/* The same whatever the money is grouped by. */
static int
put_total(struct frame *f, json_t *answer, struct err *e)
{
	struct money m = {0};
	json_t *total;

	if (spread(f, only_bucket, &m, e) < 0 ||
	    spread_flows(f, only_bucket, &m, e) < 0)
		return -1;
	total = json_object();
	json_put_int(total, "statedFen", m.stated);
	json_put_int(total, "lowFen", m.low);
	json_put_int(total, "highFen", m.high);
	json_put_int(total, "unknown", m.unknown);
	flows_put(total, &m.flows, m.stated);
	json_put(answer, "total", total);
	return 0;
}

int
finish_funding(struct frame *f, json_t *answer, struct err *e)
{
	json_t *rows = json_array();
	const char *by = f->q->by;
	int rc;

	json_put(answer, "rows", rows);
	if (frame_fetch(f, PART_FUNDING, e) < 0 ||
	    frame_fetch(f, PART_FLOW, e) < 0)
		return -1;
	if (strcmp(by, "task") == 0)
		rc = by_task(f, rows, e);
	else if (strcmp(by, "lead") == 0)
		rc = by_unit(f, lead_bucket, lead_bucket, rows, e);
	else if (strcmp(by, "org") == 0)
		rc = by_unit(f, payer_bucket, NULL, rows, e);
	else
		rc = by_level(f, rows, e);
	return rc < 0 ? -1 : put_total(f, answer, e);
}
