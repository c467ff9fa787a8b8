#include "stats/figures.h"

#include <stdlib.h>
#include <string.h>

bool
figure_target(const struct figure *g, int64_t *target)
{
	if (g->printed) {
		*target = g->target;
		return true;
	}
	*target = g->quota;
	return strcmp(g->state, "derived") == 0 && g->obliged > 0 &&
	       g->unset == 0;
}

const struct figure *
figure_find(const struct frame_task *t, const char *id)
{
	for (size_t i = 0; id != NULL && i < t->nfigures; i++) {
		if (strcmp(t->figures[i].id, id) == 0)
			return &t->figures[i];
	}
	return NULL;
}

static void
take_head(struct frame *f, struct figure *g, size_t row)
{
	const struct stats_rows *r = &f->rows[PART_UNIT];

	g->id = rows_text(r, row, COL_UNIT_indicator_id);
	g->name = rows_text(r, row, COL_UNIT_name);
	g->unit = rows_text(r, row, COL_UNIT_unit);
	g->state = rows_text(r, row, COL_UNIT_target_state);
	g->printed = !rows_null(r, row, COL_UNIT_target);
	g->target = rows_int(r, row, COL_UNIT_target);
	g->pos = rows_int(r, row, COL_UNIT_pos);
}

void
share_read(const struct frame *f, size_t row, struct share *out)
{
	const struct stats_rows *r = &f->rows[PART_UNIT];

	out->org_id = rows_text(r, row, COL_UNIT_org_id);
	out->obliged = rows_int(r, row, COL_UNIT_obliged) > 0;
	out->set = !rows_null(r, row, COL_UNIT_qty);
	out->qty = rows_int(r, row, COL_UNIT_qty);
	out->n = rows_int(r, row, COL_UNIT_n);
	out->reported = !rows_null(r, row, COL_UNIT_none);
	out->none = rows_int(r, row, COL_UNIT_none) > 0;
}

static bool
add_sums(struct figure *g, const struct share *s)
{
	int64_t over = s->set && s->n > s->qty ? s->n - s->qty : 0;

	int64_t capped = s->set && s->n > s->qty ? s->qty : s->n;

	return !__builtin_add_overflow(g->quota, s->qty, &g->quota) &&
	       !__builtin_add_overflow(g->done, s->n, &g->done) &&
	       !__builtin_add_overflow(g->over, over, &g->over) &&
	       !__builtin_add_overflow(
		   g->capped, s->set ? capped : 0, &g->capped);
}

static int
add_unit(struct frame *f, struct figure *g, size_t row, struct err *e)
{
	struct share s;

	share_read(f, row, &s);
	if (g->rows.n++ == 0)
		g->rows.first = row;
	if (s.obliged) {
		g->obliged++;
		g->unset += !s.set;
		g->reported += s.reported;
		g->none += s.none;
		g->complete += s.set && s.n >= s.qty;
	}
	if (!add_sums(g, &s))
		return err_set(
		    e, ERR_INVALID, "数量合计超出可以计算的范围，请核对数字。");
	return 0;
}

static int
compare_pos(const void *pa, const void *pb)
{
	const struct figure *a = pa, *b = pb;

	return a->pos < b->pos ? -1 : a->pos > b->pos;
}

/* A head comes before its units; without one they count for nothing. */
static int
read_units(struct frame *f, struct frame_task *t, struct err *e)
{
	const struct stats_rows *r = &f->rows[PART_UNIT];
	const struct frame_run *run = &t->runs[PART_UNIT];
	struct figure *g = NULL;

	t->nfigures = 0;
	t->figures = arena_alloc(&f->arena, (run->n + 1) * sizeof(*t->figures));
	for (size_t i = run->first; i < run->first + run->n; i++) {
		const char *id = rows_text(r, i, COL_UNIT_indicator_id);

		if (rows_null(r, i, COL_UNIT_org_id)) {
			g = &t->figures[t->nfigures++];
			take_head(f, g, i);
		} else if (g != NULL && strcmp(g->id, id) == 0 &&
			   add_unit(f, g, i, e) < 0) {
			return -1;
		}
	}
	qsort(t->figures, t->nfigures, sizeof(*t->figures), compare_pos);
	return 0;
}

int
figures_fetch(struct frame *f, struct err *e)
{
	if (frame_fetch(f, PART_UNIT, e) < 0)
		return -1;
	for (size_t i = 0; i < f->ntasks; i++) {
		if (read_units(f, &f->tasks[i], e) < 0)
			return -1;
	}
	return 0;
}

bool
figure_share(const struct frame *f, const struct figure *g, const char *org_id,
    struct share *out)
{
	const struct stats_rows *r = &f->rows[PART_UNIT];
	size_t lo = g->rows.first, hi = lo + g->rows.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(rows_text(r, mid, COL_UNIT_org_id), org_id);

		if (c == 0) {
			share_read(f, mid, out);
			return true;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}
