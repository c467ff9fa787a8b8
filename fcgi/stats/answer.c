#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "stats/frame.h"

void
org_table_init(struct org_table *t, struct frame *f, size_t size)
{
	memset(t, 0, sizeof(*t));
	t->f = f;
	t->size = size;
}

/* "No unit" is the empty id. */
static const char *
key_of(const char *org_id)
{
	return org_id != NULL ? org_id : "";
}

static const char *
row_key(const void *row)
{
	return key_of(*(const char *const *)row);
}

/* The place of the first row whose key is not less. */
static size_t
lower_bound(const struct org_table *t, const char *key)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(row_key(t->rows[mid]), key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
grow(struct org_table *t)
{
	size_t cap = t->cap > 0 ? t->cap * 2 : 32;
	void **rows = arena_alloc(&t->f->arena, cap * sizeof(*rows));

	if (t->n > 0)
		memcpy(rows, t->rows, t->n * sizeof(*rows));
	t->rows = rows;
	t->cap = cap;
}

void *
org_table_row(struct org_table *t, const char *org_id)
{
	const char *key = key_of(org_id);
	size_t at = lower_bound(t, key);
	void *row;

	if (at < t->n && strcmp(row_key(t->rows[at]), key) == 0)
		return t->rows[at];
	if (t->n == t->cap)
		grow(t);
	row = arena_alloc(&t->f->arena, t->size);
	memcpy(row, &org_id, sizeof(org_id));
	memmove(&t->rows[at + 1], &t->rows[at], (t->n - at) * sizeof(*t->rows));
	t->rows[at] = row;
	t->n++;
	return row;
}

static int
compare_rows(const void *pa, const void *pb, void *arg)
{
	const char *a = **(const char *const *const *)pa;
	const char *b = **(const char *const *const *)pb;

	return frame_org_compare(arg, a, b);
}

void
org_table_sort(struct org_table *t)
{
	if (t->n > 0)
		qsort_r(t->rows, t->n, sizeof(*t->rows), compare_rows, t->f);
}

json_t *
task_row(const struct frame_task *t)
{
	json_t *o = json_object();

	json_put_str(o, "planId", t->plan->id);
	json_put_str(o, "taskId", t->id);
	json_put_int(o, "no", t->no);
	json_put_str(o, "title", t->title);
	return o;
}

json_t *
org_row(const struct frame *f, const char *org_id, bool kind)
{
	const json_t *doc = frame_org(f, org_id);
	json_t *o = json_object();

	json_put_str(o, "orgId", org_id);
	json_put_str(o, "name", json_peek_str(doc, "name"));
	if (kind)
		json_put_str(o, "kind", json_peek_str(doc, "kind"));
	return o;
}

void
drill_task(json_t *row, struct frame *f, const struct frame_task *t)
{
	json_put_str(
	    row, "drill", arena_printf(&f->arena, "/api/v1/tasks/%s", t->id));
}

void
drill_reports(json_t *row, struct frame *f, const char *task, const char *org)
{
	json_put_str(row, "drill",
	    arena_printf(&f->arena, "/api/v1/reports?%s%s%s%s%s&asOf=%s",
		task != NULL ? "task=" : "", task != NULL ? task : "",
		task != NULL && org != NULL ? "&" : "",
		org != NULL ? "org=" : "", org != NULL ? org : "",
		f->args.as_of));
}

void
drill_stats(json_t *row, struct frame *f, enum stats_family to, const char *by)
{
	const char *link = NULL;

	if (f->nplans == 1)
		link = arena_printf(&f->arena,
		    "/api/v1/stats/%s?plan=%s&by=%s&asOf=%s&knownAt=%s",
		    stats_family_name(to), f->plans[0].id, by, f->args.as_of,
		    f->args.known_at);
	json_put_str(row, "drill", link);
}
