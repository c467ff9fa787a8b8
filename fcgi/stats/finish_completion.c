#include <string.h>

#include "base/json.h"
#include "plan/percent.h"
#include "stats/finish.h"
#include "stats/judge.h"

static void
put_percent(json_t *o, int64_t done, bool known, int64_t whole)
{
	char text[PERCENT_TEXT];

	json_put_str(
	    o, "percent", known ? percent_text(done, whole, text) : NULL);
}

static json_t *
target_json(const struct figure *g, bool known, int64_t target)
{
	json_t *o = json_object();

	json_put(o, "qty", known ? json_integer(target) : json_null());
	json_put_str(o, "state", g->state);
	return o;
}

/* The quotas of units: what one does beyond its own never helps another. */
static json_t *
quota_json(const struct figure *g)
{
	bool known = g->obliged > g->unset;
	json_t *o = json_object();

	json_put(o, "qty", known ? json_integer(g->quota) : json_null());
	json_put(o, "done", known ? json_integer(g->capped) : json_null());
	put_percent(o, g->capped, known, g->quota);
	return o;
}

static json_t *
units_json(const struct figure *g)
{
	json_t *o = json_object();

	json_put_int(o, "obliged", g->obliged);
	json_put_int(o, "reported", g->reported);
	json_put_int(o, "none", g->none);
	json_put_int(o, "missing", g->obliged - g->reported);
	json_put_int(o, "complete", g->complete);
	json_put_int(o, "unset", g->unset);
	return o;
}

static json_t *
indicator_json(
    struct frame *f, const struct frame_task *t, const struct figure *g)
{
	json_t *o = json_object();
	int64_t target = 0;
	bool known = figure_target(g, &target);

	json_put_str(o, "id", g->id);
	json_put_str(o, "name", g->name);
	json_put_str(o, "unit", g->unit);
	json_put(o, "target", target_json(g, known, target));
	json_put_int(o, "done", g->done);
	put_percent(o, g->done, known, target);
	json_put(o, "quota", quota_json(g));
	json_put_int(o, "over", g->over);
	json_put(o, "units", units_json(g));
	drill_reports(o, f, t->id, NULL);
	return o;
}

/* Whole milestones: met when every obliged unit met it. */
static json_t *
milestones_json(const struct frame *f, const struct frame_task *t)
{
	const struct frame_run *run = &t->runs[PART_DUTY];
	json_t *o = json_object();
	struct tally tally = {0};
	struct duty d;

	for (size_t i = run->first; judge_whole(f, t, &i, &d);)
		tally_add(&tally, f, &d, 1, d.met >= d.obliged);
	json_put_int(o, "due", tally.due);
	json_put_int(o, "met", tally.due_met);
	json_put_int(o, "early", tally.met - tally.due_met);
	json_put_int(o, "total", tally.total);
	return o;
}

static json_t *
completion_task(struct frame *f, const struct frame_task *t)
{
	json_t *row = task_row(t);
	json_t *indicators = json_array();
	struct assess_result r;

	for (size_t i = 0; i < t->nfigures; i++)
		json_push(indicators, indicator_json(f, t, &t->figures[i]));
	judge_task(f, t, &r, NULL);
	json_put_str(row, "kind", t->kind);
	json_put(row, "lead", org_row(f, t->lead_id, false));
	json_put(row, "indicators", indicators);
	json_put(row, "milestones", milestones_json(f, t));
	json_put_str(row, "class", class_text(r.class));
	json_put_str(row, "light", light_text(r.light));
	drill_task(row, f, t);
	return row;
}

static void
by_task(struct frame *f, json_t *rows)
{
	for (size_t i = 0; i < f->ntasks; i++)
		json_push(rows, completion_task(f, f->order[i]));
}

/* {due, met}: both numbers, no rate; met are those of the due ones. */
static json_t *
due_json(const struct tally *t)
{
	json_t *o = json_object();

	json_put_int(o, "due", t->due);
	json_put_int(o, "met", t->due_met);
	return o;
}

struct org_completion {
	const char *org_id;
	int64_t quotas;
	int64_t reported;
	int64_t met;
	struct tally milestones;
	struct tally all; /* milestones and quotas */
};

static void
collect_quota(
    struct org_table *orgs, const struct frame_task *t, const struct share *s)
{
	struct org_completion *o = org_table_row(orgs, s->org_id);
	bool met = s->set && s->n >= s->qty;

	o->quotas++;
	o->reported += s->reported;
	o->met += met;
	tally_add_quotas(&o->all, orgs->f, t->plan, 1, met);
}

static void
collect_figure(
    struct org_table *orgs, const struct frame_task *t, const struct figure *g)
{
	struct share s;

	for (size_t i = 0; i < g->rows.n; i++) {
		share_read(orgs->f, g->rows.first + i, &s);
		if (s.obliged)
			collect_quota(orgs, t, &s);
	}
}

static void
collect_quotas(struct org_table *orgs)
{
	for (size_t i = 0; i < orgs->f->ntasks; i++) {
		const struct frame_task *t = orgs->f->order[i];

		for (size_t k = 0; k < t->nfigures; k++)
			collect_figure(orgs, t, &t->figures[k]);
	}
}

static void
collect_part(void *arg, const char *org_id, const struct duty *d)
{
	struct org_table *orgs = arg;
	struct org_completion *o = org_table_row(orgs, org_id);

	tally_add(&o->milestones, orgs->f, d, 1, d->met);
	tally_add(&o->all, orgs->f, d, 1, d->met);
}

static json_t *
completion_org(struct frame *f, const struct org_completion *o)
{
	json_t *row = org_row(f, o->org_id, true);
	json_t *quotas = json_object();

	json_put_int(quotas, "total", o->quotas);
	json_put_int(quotas, "met", o->met);
	json_put_int(quotas, "reported", o->reported);
	json_put_int(quotas, "missing", o->quotas - o->reported);
	json_put(row, "quotas", quotas);
	json_put(row, "milestones", due_json(&o->milestones));
	json_put(row, "obligations", due_json(&o->all));
	drill_reports(row, f, NULL, o->org_id);
	return row;
}

static void
by_org(struct frame *f, json_t *rows)
{
	struct org_table orgs;

	org_table_init(&orgs, f, sizeof(struct org_completion));
	collect_quotas(&orgs);
	for (size_t i = 0; i < f->ntasks; i++)
		judge_units(f, f->order[i], collect_part, &orgs);
	org_table_sort(&orgs);
	for (size_t i = 0; i < orgs.n; i++)
		json_push(rows, completion_org(f, orgs.rows[i]));
}

struct lead_completion {
	const char *org_id;
	int64_t tasks;
	int64_t counts[CLASS__MAX];
	struct tally all;
};

static void
collect_task(
    struct frame *f, const struct frame_task *t, struct lead_completion *lead)
{
	struct assess_result judged;

	judge_task(f, t, &judged, &lead->all);
	lead->tasks++;
	lead->counts[judged.class]++;
	for (size_t i = 0; i < t->nfigures; i++)
		tally_add_quotas(&lead->all, f, t->plan, t->figures[i].obliged,
		    t->figures[i].complete);
}

static json_t *
completion_lead(struct frame *f, const struct lead_completion *lead)
{
	json_t *row = org_row(f, lead->org_id, true);

	json_put_int(row, "tasks", lead->tasks);
	json_put(row, "counts", class_counts(lead->counts));
	json_put(row, "obligations", due_json(&lead->all));
	drill_stats(row, f, STAT_COMPLETION, "task");
	return row;
}

static void
by_lead(struct frame *f, json_t *rows)
{
	struct org_table leads;

	org_table_init(&leads, f, sizeof(struct lead_completion));
	for (size_t i = 0; i < f->ntasks; i++) {
		const struct frame_task *t = f->order[i];

		collect_task(f, t, org_table_row(&leads, t->lead_id));
	}
	org_table_sort(&leads);
	for (size_t i = 0; i < leads.n; i++)
		json_push(rows, completion_lead(f, leads.rows[i]));
}

int
finish_completion(struct frame *f, json_t *answer, struct err *e)
{
	json_t *rows = json_array();

	json_put(answer, "rows", rows);
	if (strcmp(f->q->by, "month") == 0)
		return finish_by_month(f, rows, e);
	if (judge_fetch(f, e) < 0)
		return -1;
	if (strcmp(f->q->by, "org") == 0)
		by_org(f, rows);
	else if (strcmp(f->q->by, "lead") == 0)
		by_lead(f, rows);
	else
		by_task(f, rows);
	return 0;
}
