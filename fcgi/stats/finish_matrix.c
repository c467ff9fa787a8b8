#include <string.h>

#include "base/json.h"
#include "plan/percent.h"
#include "stats/finish.h"
#include "stats/judge.h"

/* A unit's part of a task. */
struct cell {
	const struct frame_task *task;
	struct standing standing;
	/* The indicator it has a quota of (the first), and its share. */
	const struct figure *figure;
	struct share share;
	int64_t series; /* of reports that it owes */
	struct series_state worst;
	enum evidence evidence; /* the least of them */
	struct cell *next;
};

struct unit_cells {
	const char *org_id;
	struct cell *first;
	struct cell *last; /* tasks come in their order */
	int64_t lights[LIGHT__MAX];
};

/*
 * Many cells say the same: what they say is made once and shared by them, as
 * most of a matrix's time is making JSON.
 */
struct shared {
	json_t *reasons[REASON__MAX]; /* with the parameter it was made for */
	int64_t params[REASON__MAX];
	json_t *lights[LIGHT__MAX];
	json_t *classes[CLASS__MAX];
	json_t *evidence[EVIDENCE__MAX]; /* without a check */
	json_t *timings[TIMING__MAX];    /* with the period it was made for */
	const char *periods[TIMING__MAX];
};

struct matrix {
	struct org_table orgs;
	const struct frame_task *task; /* the one that is being read */
	struct shared shared;
};

/* borrowed: the unit's cell of this task; NULL: the unit is not asked for. */
static struct cell *
cell_of(struct matrix *m, const char *org_id)
{
	struct frame *f = m->orgs.f;
	struct unit_cells *u;
	struct cell *c;

	if (f->q->org != NULL && strcmp(f->q->org, org_id) != 0)
		return NULL;
	u = org_table_row(&m->orgs, org_id);
	if (u->last != NULL && u->last->task == m->task)
		return u->last;
	c = arena_alloc(&f->arena, sizeof(*c));
	c->task = m->task;
	if (u->last != NULL)
		u->last->next = c;
	else
		u->first = c;
	return u->last = c;
}

static void
add_duty(void *arg, const char *org_id, const struct duty *d)
{
	struct matrix *m = arg;
	struct cell *c = cell_of(m, org_id);

	if (c != NULL)
		tally_add(&c->standing.milestones, m->orgs.f, d, 1, d->met);
}

static void
add_series(void *arg, const struct series *s)
{
	struct matrix *m = arg;
	struct cell *c = cell_of(m, s->org_id);
	struct series_state state;

	if (c == NULL)
		return;
	series_judge(m->orgs.f, s, &state);
	standing_add(&c->standing, &state);
	if (c->series == 0 || state.filing.timing > c->worst.filing.timing)
		c->worst = state;
	if (c->series == 0 || state.evidence < c->evidence)
		c->evidence = state.evidence;
	c->series++;
}

static void
add_share(struct matrix *m, const struct figure *g, const struct share *s)
{
	struct cell *c = s->obliged ? cell_of(m, s->org_id) : NULL;

	if (c == NULL || c->figure != NULL)
		return;
	c->figure = g;
	c->share = *s;
}

static void
read_task(struct matrix *m, const struct frame_task *t)
{
	struct frame *f = m->orgs.f;
	struct share s;

	m->task = t;
	judge_units(f, t, add_duty, m);
	series_walk(f, t, add_series, m);
	for (size_t i = 0; i < t->nfigures; i++) {
		const struct figure *g = &t->figures[i];

		for (size_t k = 0; k < g->rows.n; k++) {
			share_read(f, g->rows.first + k, &s);
			add_share(m, g, &s);
		}
	}
}

/* borrowed: the string, made on first use. */
static json_t *
share_text(json_t **slot, const char *text)
{
	if (*slot == NULL)
		*slot = json_string(text);
	return *slot;
}

static void
shared_fini(struct shared *sh)
{
	for (size_t i = 0; i < REASON__MAX; i++)
		json_decref(sh->reasons[i]);
	for (size_t i = 0; i < LIGHT__MAX; i++)
		json_decref(sh->lights[i]);
	for (size_t i = 0; i < CLASS__MAX; i++)
		json_decref(sh->classes[i]);
	for (size_t i = 0; i < EVIDENCE__MAX; i++)
		json_decref(sh->evidence[i]);
	for (size_t i = 0; i < TIMING__MAX; i++)
		json_decref(sh->timings[i]);
}

static json_t *
timeliness_json(struct shared *sh, const struct cell *c)
{
	const struct frame_plan *p = c->task->plan;
	const struct filing *last = &c->worst.filing;
	const char *period;
	json_t *o;

	if (c->series == 0 || p->nperiods == 0)
		return json_null();
	period = p->periods[c->worst.period].text;
	if (last->days_late == 0 && sh->periods[last->timing] == period)
		return json_incref(sh->timings[last->timing]);
	o = json_object();
	json_put_str(o, "lamp", timing_text(last->timing));
	json_put_str(o, "period", period);
	json_put_int(o, "daysLate", last->days_late);
	if (last->days_late == 0) {
		json_decref(sh->timings[last->timing]);
		sh->timings[last->timing] = json_incref(o);
		sh->periods[last->timing] = period;
	}
	return o;
}

/* check: a row of PART_CHECK, or NULL. */
static json_t *
lamp_json(const struct frame *f, enum evidence lamp, const size_t *check)
{
	const struct stats_rows *r = &f->rows[PART_CHECK];
	json_t *o = json_object();

	json_put_str(o, "lamp", evidence_text(lamp));
	json_put_str(o, "verdict",
	    check != NULL ? rows_text(r, *check, COL_CHECK_verdict) : NULL);
	json_put_str(o, "checkedOn",
	    check != NULL ? rows_text(r, *check, COL_CHECK_checked_on) : NULL);
	return o;
}

/*
 * A unit that owes no reports has its verified milestones as evidence; a
 * check that found the truth is the best there is.
 */
static json_t *
evidence_json(const struct frame *f, struct shared *sh, const struct cell *c,
    const char *org_id)
{
	const struct stats_rows *r = &f->rows[PART_CHECK];
	enum evidence lamp = c->evidence;
	size_t row;

	if (c->series == 0 && c->standing.milestones.met > 0)
		lamp = EVIDENCE_OFFICE;
	if (judge_check(f, c->task, org_id, &row)) {
		if (strcmp(rows_text(r, row, COL_CHECK_verdict), "true") == 0)
			lamp = EVIDENCE_CHECKED;
		return lamp_json(f, lamp, &row);
	}
	if (sh->evidence[lamp] == NULL)
		sh->evidence[lamp] = lamp_json(f, lamp, NULL);
	return json_incref(sh->evidence[lamp]);
}

static json_t *
reasons_json(struct shared *sh, const struct assess_result *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < REASON__MAX; i++) {
		if (!r->reasons[i])
			continue;
		if (sh->reasons[i] == NULL || sh->params[i] != r->params[i]) {
			json_decref(sh->reasons[i]);
			sh->reasons[i] =
			    assess_reason_json(r, (enum assess_reason)i);
			sh->params[i] = r->params[i];
		}
		json_push(list, json_incref(sh->reasons[i]));
	}
	return list;
}

static json_t *
figure_json(const struct cell *c)
{
	const struct share *s = &c->share;
	char text[PERCENT_TEXT];
	json_t *o;

	if (c->figure == NULL)
		return json_null();
	o = json_object();
	json_put_str(o, "indicatorId", c->figure->id);
	json_put_str(o, "unit", c->figure->unit);
	json_put(o, "qty", s->set ? json_integer(s->qty) : json_null());
	json_put_int(o, "done", s->n);
	json_put_str(
	    o, "percent", s->set ? percent_text(s->n, s->qty, text) : NULL);
	json_put_str(o, "reported",
	    !s->reported ? "missing"
	    : s->none    ? "none"
			 : "number");
	return o;
}

static json_t *
tally_json(const struct tally *t)
{
	json_t *o;

	if (t->total == 0)
		return json_null();
	o = json_object();
	json_put_int(o, "due", t->due);
	json_put_int(o, "met", t->due_met);
	json_put_int(o, "overdue", t->overdue);
	json_put_int(o, "total", t->total);
	return o;
}

static void
put_judgement(struct shared *sh, json_t *row, const struct assess_result *r)
{
	json_t *light = share_text(&sh->lights[r->light], light_text(r->light));
	json_t *class =
	    share_text(&sh->classes[r->class], class_text(r->class));

	json_put(row, "light", json_incref(light));
	json_put(row, "class", json_incref(class));
	json_put(row, "reasons", reasons_json(sh, r));
}

static json_t *
cell_json(struct matrix *m, struct unit_cells *u, struct cell *c)
{
	const struct frame_task *t = c->task;
	struct frame *f = m->orgs.f;
	struct shared *sh = &m->shared;
	json_t *o = json_object();
	struct assess_result r;
	size_t check;

	if (judge_check(f, t, u->org_id, &check))
		c->standing.falsehoods = judge_is_false(f, check);
	judge_standing(t, &c->standing, c->figure, c->share.n,
	    c->share.set ? c->share.qty : 0, &r);
	u->lights[r.light]++;
	json_put_str(o, "taskId", t->id);
	json_put_int(o, "no", t->no);
	put_judgement(sh, o, &r);
	json_put(o, "evidence", evidence_json(f, sh, c, u->org_id));
	json_put(o, "timeliness", timeliness_json(sh, c));
	json_put(o, "figure", figure_json(c));
	json_put(o, "milestones", tally_json(&c->standing.milestones));
	drill_reports(o, f, t->id, u->org_id);
	return o;
}

static json_t *
lights_json(const int64_t n[LIGHT__MAX])
{
	json_t *o = json_object();

	for (size_t i = 0; i < LIGHT__MAX; i++)
		json_put_int(o, light_text((enum light)i), n[i]);
	return o;
}

static json_t *
unit_json(struct matrix *m, struct unit_cells *u)
{
	struct frame *f = m->orgs.f;
	json_t *row = org_row(f, u->org_id, true);
	json_t *cells = json_array();

	for (struct cell *c = u->first; c != NULL; c = c->next)
		json_push(cells, cell_json(m, u, c));
	json_put(row, "lights", lights_json(u->lights));
	json_put(row, "cells", cells);
	drill_reports(row, f, NULL, u->org_id);
	return row;
}

static json_t *
task_json(struct matrix *m, const struct frame_task *t)
{
	struct frame *f = m->orgs.f;
	json_t *row = task_row(t);
	struct assess_result r;

	judge_task(f, t, &r, NULL);
	put_judgement(&m->shared, row, &r);
	drill_task(row, f, t);
	return row;
}

int
finish_matrix(struct frame *f, json_t *answer, struct err *e)
{
	json_t *rows, *tasks;
	struct matrix m = {.task = NULL};

	if (judge_fetch(f, e) < 0)
		return -1;
	rows = json_array();
	tasks = json_array();
	org_table_init(&m.orgs, f, sizeof(struct unit_cells));
	for (size_t i = 0; i < f->ntasks; i++) {
		json_push(tasks, task_json(&m, f->order[i]));
		read_task(&m, f->order[i]);
	}
	org_table_sort(&m.orgs);
	for (size_t i = 0; i < m.orgs.n; i++)
		json_push(rows, unit_json(&m, m.orgs.rows[i]));
	json_put(answer, "tasks", tasks);
	json_put(answer, "rows", rows);
	shared_fini(&m.shared);
	return 0;
}
