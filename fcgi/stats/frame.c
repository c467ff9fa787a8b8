#include "stats/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "plan/pace.h"
#include "stats/series.h"

int64_t
rows_int(const struct stats_rows *r, size_t row, enum stats_column column)
{
	assert(row < r->nrows);
	return r->cells[row * r->part->ncolumns + (size_t)column].n;
}

const char *
rows_text(const struct stats_rows *r, size_t row, enum stats_column column)
{
	assert(row < r->nrows);
	if (rows_null(r, row, column))
		return NULL;
	return r->cells[row * r->part->ncolumns + (size_t)column].s;
}

bool
rows_null(const struct stats_rows *r, size_t row, enum stats_column column)
{
	assert(row < r->nrows);
	return r->cells[row * r->part->ncolumns + (size_t)column].null != 0;
}

/* Plans, units and tasks all begin with their id. */
static int
compare_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const void *
find_id(const char *id, const void *base, size_t n, size_t size)
{
	return n > 0 ? bsearch(&id, base, n, size, compare_id) : NULL;
}

static int
read_periods(
    struct frame *f, struct frame_plan *p, const json_t *doc, struct err *e)
{
	const char *status = json_peek_str(doc, "status");
	struct reporting x;
	period_t end;

	p->reported = status != NULL && strcmp(status, "draft") != 0;
	if (reporting_read(doc, &x, e) < 0)
		return -1;
	p->first = x.first;
	p->last = x.last;
	end = reporting_newest(&x, f->q->as_of);
	p->nperiods = p->reported ? (size_t)(end + 1 - x.first) : 0;
	p->periods =
	    arena_alloc(&f->arena, (p->nperiods + 1) * sizeof(*p->periods));
	p->scratch =
	    arena_alloc(&f->arena, (p->nperiods + 1) * sizeof(*p->scratch));
	for (size_t i = 0; i < p->nperiods; i++) {
		(void)period_format(x.first + (period_t)i, p->periods[i].text);
		p->periods[i].due = reporting_due(&x, x.first + (period_t)i);
		if (p->periods[i].due < f->q->as_of)
			p->noverdue = i + 1;
	}
	return 0;
}

static int
read_plans(struct frame *f, struct err *e)
{
	size_t n = json_array_size(f->q->plans);
	const char **ids = arena_alloc(&f->arena, n * sizeof(*ids));
	const json_t *doc;
	size_t i;

	f->plans = arena_alloc(&f->arena, n * sizeof(*f->plans));
	json_array_foreach (f->q->plans, i, doc) {
		struct frame_plan *p = &f->plans[i];

		ids[i] = p->id = json_peek_str(doc, "_id");
		p->issued = pace_start(doc);
		p->end =
		    civil_make((int)json_peek_int(doc, "year", 2000), 12, 31);
		if (policy_read(doc, &p->policy, e) < 0 ||
		    read_periods(f, p, doc, e) < 0)
			return -1;
	}
	f->nplans = n;
	f->args.plans = ids;
	f->args.nplans = n;
	qsort(f->plans, n, sizeof(*f->plans), compare_id);
	return 0;
}

/* Stores give documents by id, so there is mostly nothing to sort. */
static void
read_orgs(struct frame *f)
{
	size_t n = json_array_size(f->q->orgs);
	bool sorted = true;
	const json_t *doc;
	size_t i;

	f->orgs = arena_alloc(&f->arena, (n + 1) * sizeof(*f->orgs));
	json_array_foreach (f->q->orgs, i, doc) {
		f->orgs[i].id = json_peek_str(doc, "_id");
		f->orgs[i].doc = doc;
		if (i > 0 && strcmp(f->orgs[i - 1].id, f->orgs[i].id) > 0)
			sorted = false;
	}
	f->norgs = n;
	if (!sorted)
		qsort(f->orgs, n, sizeof(*f->orgs), compare_id);
}

static int
compare_printed(const void *pa, const void *pb)
{
	const struct frame_task *a = *(struct frame_task *const *)pa;
	const struct frame_task *b = *(struct frame_task *const *)pb;

	if (a->plan != b->plan)
		return a->plan < b->plan ? -1 : 1;
	if (a->no != b->no)
		return a->no < b->no ? -1 : 1;
	return strcmp(a->id, b->id);
}

static int
read_tasks(struct frame *f, struct err *e)
{
	const struct stats_rows *r = &f->rows[PART_TASK];

	if (frame_fetch(f, PART_TASK, e) < 0)
		return -1;
	f->tasks = arena_alloc(&f->arena, (r->nrows + 1) * sizeof(*f->tasks));
	f->order = arena_alloc(&f->arena, (r->nrows + 1) * sizeof(*f->order));
	for (size_t i = 0; i < r->nrows; i++) {
		struct frame_task *t = &f->tasks[f->ntasks];

		t->id = rows_text(r, i, COL_TASK_task_id);
		if (f->q->task != NULL && strcmp(f->q->task, t->id) != 0)
			continue;
		t->plan = frame_plan(f, rows_text(r, i, COL_TASK_plan_id));
		t->no = rows_int(r, i, COL_TASK_no);
		t->title = rows_text(r, i, COL_TASK_title);
		t->kind = rows_text(r, i, COL_TASK_kind);
		t->lead_id = rows_text(r, i, COL_TASK_lead_id);
		f->order[f->ntasks++] = t;
	}
	if (f->ntasks > 0)
		qsort(f->order, f->ntasks, sizeof(struct frame_task *),
		    compare_printed);
	return 0;
}

int
frame_init(struct frame *f, const struct stats_query *q, stats_fetch_fn fetch,
    void *store, struct err *e)
{
	memset(f, 0, sizeof(*f));
	arena_init(&f->arena);
	f->q = q;
	f->fetch = fetch;
	f->store = store;
	(void)civil_format(q->as_of, f->args.as_of);
	(void)instant_format(q->known_at, f->args.known_at);
	if (read_plans(f, e) < 0)
		return -1;
	read_orgs(f);
	return read_tasks(f, e);
}

void
frame_fini(struct frame *f)
{
	arena_fini(&f->arena);
}

struct frame_task *
frame_task(const struct frame *f, const char *id)
{
	const struct frame_task *t =
	    find_id(id, f->tasks, f->ntasks, sizeof(*f->tasks));

	return t != NULL ? &f->tasks[t - f->tasks] : NULL;
}

const struct frame_plan *
frame_plan(const struct frame *f, const char *id)
{
	return find_id(id, f->plans, f->nplans, sizeof(*f->plans));
}

/* Both the rows and the tasks come by task id. */
static void
attach_runs(struct frame *f, enum stats_part_id part)
{
	const struct stats_rows *r = &f->rows[part];
	size_t i = 0;

	for (size_t t = 0; t < f->ntasks; t++) {
		struct frame_run *run = &f->tasks[t].runs[part];
		const char *id = f->tasks[t].id;

		while (i < r->nrows && strcmp(rows_text(r, i, 0), id) < 0)
			i++;
		run->first = i;
		while (i < r->nrows && strcmp(rows_text(r, i, 0), id) == 0)
			i++;
		run->n = i - run->first;
	}
}

int
frame_fetch(struct frame *f, enum stats_part_id part, struct err *e)
{
	const struct stats_part *p = &stats_parts[part];

	if (f->fetch(f->store, p, &f->args, &f->arena, &f->rows[part], e) < 0)
		return -1;
	if (strcmp(p->columns[0].name, "task_id") == 0)
		attach_runs(f, part);
	return 0;
}

void
frame_months(const struct frame *f, period_t *first, period_t *end)
{
	period_t today = period_of(f->q->as_of);

	*first = f->plans[0].first;
	*end = f->plans[0].last;
	for (size_t i = 1; i < f->nplans; i++) {
		if (f->plans[i].first < *first)
			*first = f->plans[i].first;
		if (f->plans[i].last > *end)
			*end = f->plans[i].last;
	}
	if (*end > today)
		*end = today;
}

const json_t *
frame_org(const struct frame *f, const char *id)
{
	const struct frame_org *o =
	    id != NULL ? find_id(id, f->orgs, f->norgs, sizeof(*f->orgs))
		       : NULL;

	return o != NULL ? o->doc : NULL;
}

int
frame_org_compare(const struct frame *f, const char *a, const char *b)
{
	const json_t *da = frame_org(f, a);
	const json_t *db = frame_org(f, b);
	int64_t ka = json_peek_int(da, "sortKey", INT64_MAX);
	int64_t kb = json_peek_int(db, "sortKey", INT64_MAX);

	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	if ((da == NULL) != (db == NULL))
		return da == NULL ? 1 : -1;
	if (ka != kb)
		return ka < kb ? -1 : 1;
	return strcmp(a, b);
}
