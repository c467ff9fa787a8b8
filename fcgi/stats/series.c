#include "stats/series.h"

#include <string.h>

#include "plan/period.h"

static const char *const timings[TIMING__MAX] = {
    [TIMING_ON_TIME] = "on_time",
    [TIMING_LATE] = "late",
    [TIMING_OPEN] = "open",
    [TIMING_MISSING] = "missing",
};

static const char *const evidences[EVIDENCE__MAX] = {
    [EVIDENCE_NONE] = "none",
    [EVIDENCE_SELF] = "self",
    [EVIDENCE_UNIT] = "unit",
    [EVIDENCE_LEAD] = "lead",
    [EVIDENCE_OFFICE] = "office",
    [EVIDENCE_CHECKED] = "checked",
};

/* What a state of a report proves; others: as good as no report. */
static const struct {
	const char *state;
	enum evidence evidence;
} proofs[] = {
    {"submitted", EVIDENCE_SELF},
    {"unit_confirmed", EVIDENCE_UNIT},
    {"lead_confirmed", EVIDENCE_LEAD},
    {"accepted", EVIDENCE_OFFICE},
    {"superseded", EVIDENCE_OFFICE},
};

const char *
timing_text(enum timing t)
{
	return timings[t];
}

const char *
evidence_text(enum evidence v)
{
	return evidences[v];
}

static int
compare_key(
    const struct stats_rows *r, size_t row, const char *id, const char *org_id)
{
	int c = strcmp(rows_text(r, row, COL_SUBMISSION_indicator_id), id);

	return c != 0
		   ? c
		   : strcmp(rows_text(r, row, COL_SUBMISSION_org_id), org_id);
}

static void
find_rows(const struct frame *f, struct series *s)
{
	const struct stats_rows *r = &f->rows[PART_SUBMISSION];
	const struct frame_run *run = &s->task->runs[PART_SUBMISSION];
	const char *id = s->figure->id;
	size_t lo = run->first, hi = lo + run->n, end = hi;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare_key(r, mid, id, s->org_id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	s->rows.first = lo;
	while (lo < end && compare_key(r, lo, id, s->org_id) == 0)
		lo++;
	s->rows.n = lo - s->rows.first;
}

static void
series_call(const struct frame *f, struct series *s, const char *org_id,
    series_fn fn, void *arg)
{
	s->org_id = org_id;
	find_rows(f, s);
	fn(arg, s);
}

void
series_walk(
    const struct frame *f, const struct frame_task *t, series_fn fn, void *arg)
{
	struct series s = {.task = t};
	struct share share;

	if (!t->plan->reported || strcmp(t->kind, "milestone") == 0)
		return;
	for (size_t i = 0; i < t->nfigures; i++) {
		const struct figure *g = s.figure = &t->figures[i];

		if (g->obliged == 0)
			series_call(f, &s, t->lead_id, fn, arg);
		for (size_t k = 0; k < g->rows.n; k++) {
			share_read(f, g->rows.first + k, &share);
			if (share.obliged)
				series_call(f, &s, share.org_id, fn, arg);
		}
	}
}

/*
 * Take the rows of one period, starting at row *at of the series: when the
 * first was submitted, and whether the newest has nothing to report.
 */
static const char *
take_period(const struct frame *f, const struct series *s,
    const struct frame_period *p, size_t *at, bool *none)
{
	const struct stats_rows *r = &f->rows[PART_SUBMISSION];
	const char *first = NULL;
	size_t end = s->rows.first + s->rows.n;

	for (; *at < end; ++*at) {
		const char *as_of = rows_text(r, *at, COL_SUBMISSION_as_of);
		const char *since = rows_text(r, *at, COL_SUBMISSION_first_at);
		const char *kind = rows_text(r, *at, COL_SUBMISSION_kind);
		int c = strncmp(as_of, p->text, PERIOD_LEN);

		if (c > 0)
			break;
		if (c < 0)
			continue;
		if (first == NULL || strcmp(since, first) < 0)
			first = since;
		*none = kind != NULL && strcmp(kind, "none") == 0;
	}
	return first;
}

void
series_filings(
    const struct frame *f, const struct series *s, struct filing *out)
{
	const struct frame_plan *p = s->task->plan;
	size_t at = s->rows.first;

	for (size_t i = 0; i < p->nperiods; i++) {
		struct filing *o = &out[i];
		const char *first;
		instant_t when;

		memset(o, 0, sizeof(*o));
		first = take_period(f, s, &p->periods[i], &at, &o->none);
		if (first != NULL && instant_parse(first, &when) &&
		    instant_civil(when) <= f->q->as_of) {
			o->days_late =
			    reporting_days_late(p->periods[i].due, when);
			o->timing =
			    o->days_late > 0 ? TIMING_LATE : TIMING_ON_TIME;
			continue;
		}
		o->none = false;
		o->timing = i < p->noverdue ? TIMING_MISSING : TIMING_OPEN;
	}
}

static void
judge_newest(
    const struct frame *f, const struct series *s, struct series_state *out)
{
	const struct stats_rows *r = &f->rows[PART_SUBMISSION];
	size_t row = s->rows.first + s->rows.n - 1;
	const char *state;

	if (s->rows.n == 0)
		return;
	out->flagged = rows_int(r, row, COL_SUBMISSION_flagged) > 0;
	state = rows_text(r, row, COL_SUBMISSION_state);
	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		if (strcmp(proofs[i].state, state) == 0)
			out->evidence = proofs[i].evidence;
	}
}

void
series_judge(
    const struct frame *f, const struct series *s, struct series_state *out)
{
	const struct frame_plan *p = s->task->plan;
	size_t n = p->nperiods, due = p->noverdue;
	struct filing *all = p->scratch;

	memset(out, 0, sizeof(*out));
	series_filings(f, s, all);
	out->overdue = due > 0 && all[due - 1].timing == TIMING_MISSING;
	out->twice =
	    out->overdue && due > 1 && all[due - 2].timing == TIMING_MISSING;
	judge_newest(f, s, out);
	out->period = n > 0 ? n - 1 : 0;
	while (out->period > 0 && all[out->period].timing == TIMING_OPEN)
		out->period--;
	if (n > 0)
		out->filing = all[out->period];
}
