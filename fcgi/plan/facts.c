#include "plan/facts.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"

#define OPEN_SINCE ""  /* before every instant, as text */
#define OPEN_UNTIL "9" /* after every instant, as text */

static const char *const tables[] = {
#define FACT(name, table) [FACT_##name] = table,
#define FACT_COLUMN(name, column, type)
#include "plan/facts.def"
#undef FACT
#undef FACT_COLUMN
};

static const struct {
	enum fact_table table;
	const char *name;
	const char *type;
} columns[] = {
#define FACT(name, table)
#define FACT_COLUMN(name, column, type) {FACT_##name, column, type},
#include "plan/facts.def"
#undef FACT
#undef FACT_COLUMN
};

#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

/* One version of a task on its way through fn. */
struct walk {
	const json_t *task;    /* identity: what no amendment changes */
	const json_t *version; /* the sections: the task or a `before` */
	const char *since;
	const char *until;
	fact_fn fn;
	void *arg;
};

const char *
fact_table_name(enum fact_table t)
{
	return tables[t];
}

static size_t
first_column(enum fact_table t)
{
	size_t i = 0;

	while (i < NCOLUMNS && columns[i].table != t)
		i++;
	return i;
}

size_t
fact_column_count(enum fact_table t)
{
	size_t first = first_column(t);
	size_t end = first;

	while (end < NCOLUMNS && columns[end].table == t)
		end++;
	return end - first;
}

const char *
fact_column_name(enum fact_table t, size_t i)
{
	assert(i < fact_column_count(t));
	return columns[first_column(t) + i].name;
}

const char *
fact_column_type(enum fact_table t, size_t i)
{
	assert(i < fact_column_count(t));
	return columns[first_column(t) + i].type;
}

static struct fact_cell *
next_cell(struct fact_row *row)
{
	assert(row->ncells < FACT_COLUMNS_MAX);
	return &row->cells[row->ncells++];
}

/* NULL puts null. */
static void
add_text(struct fact_row *row, const char *s)
{
	struct fact_cell *c = next_cell(row);

	c->type = s != NULL ? CELL_TEXT : CELL_NULL;
	c->s = s;
}

static void
add_int(struct fact_row *row, int64_t n)
{
	struct fact_cell *c = next_cell(row);

	c->type = CELL_INT;
	c->n = n;
}

static void
add_member(struct fact_row *row, const json_t *o, const char *key)
{
	add_text(row, json_peek_str(o, key));
}

/* null unless the member is an integer. */
static void
add_number(struct fact_row *row, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_integer(v))
		add_int(row, json_integer_value(v));
	else
		add_text(row, NULL);
}

/* The four columns every fact of a task begins with. */
static void
begin(const struct walk *w, struct fact_row *row, enum fact_table t)
{
	memset(row, 0, sizeof(*row));
	row->table = t;
	add_member(row, w->task, "_id");
	add_member(row, w->task, "planId");
	add_text(row, w->since);
	add_text(row, w->until);
}

static int
emit_row(fact_fn fn, void *arg, const struct fact_row *row, struct err *e)
{
	assert(row->ncells == fact_column_count(row->table));
	return fn(arg, row, e);
}

static int
emit(const struct walk *w, const struct fact_row *row, struct err *e)
{
	return emit_row(w->fn, w->arg, row, e);
}

static int
too_large(
    const struct walk *w, const char *what, const json_t *item, struct err *e)
{
	const char *id = json_peek_str(item, "id");

	return err_set(e, ERR_INVALID,
	    "第%lld件的%s（%s）合计超出可以计算的范围，请核对数字。",
	    (long long)json_peek_int(w->task, "no", 0), what,
	    id != NULL ? id : "-");
}

static int
walk_head(const struct walk *w, struct err *e)
{
	struct fact_row row;
	const char *status;

	begin(w, &row, FACT_TASK);
	add_int(&row, json_peek_int(w->task, "no", 0));
	add_member(&row, w->version, "title");
	add_member(&row, w->version, "kind");
	/* What was amended keeps its status; older amendments do not. */
	status = json_peek_str(w->version, "status");
	add_text(
	    &row, status != NULL ? status : json_peek_str(w->task, "status"));
	add_member(&row, json_peek_object(w->version, "lead"), "orgId");
	return emit(w, &row, e);
}

static int
walk_quotas(const struct walk *w, const json_t *indicator, struct err *e)
{
	const json_t *quota;
	struct fact_row row;
	int64_t sum = 0;
	size_t i;

	json_array_foreach (json_peek_array(indicator, "quotas"), i, quota) {
		if (__builtin_add_overflow(
			sum, json_peek_int(quota, "qty", 0), &sum))
			return too_large(w, "分解数", indicator, e);
		begin(w, &row, FACT_QUOTA);
		add_member(&row, indicator, "id");
		add_member(&row, quota, "orgId");
		add_number(&row, quota, "qty");
		add_member(&row, quota, "state");
		if (emit(w, &row, e) < 0)
			return -1;
	}
	return 0;
}

static int
walk_indicators(const struct walk *w, struct err *e)
{
	const json_t *indicator, *target;
	struct fact_row row;
	size_t i;

	json_array_foreach (
	    json_peek_array(w->version, "indicators"), i, indicator) {
		target = json_peek_object(indicator, "target");
		begin(w, &row, FACT_INDICATOR);
		add_int(&row, (int64_t)i);
		add_member(&row, indicator, "id");
		add_member(&row, indicator, "name");
		add_member(&row, indicator, "unit");
		add_number(&row, target, "qty");
		add_member(&row, target, "state");
		if (emit(w, &row, e) < 0 || walk_quotas(w, indicator, e) < 0)
			return -1;
	}
	return 0;
}

/* What one funding item says, before it is spread over payers. */
struct money {
	int64_t stated;
	int64_t low;
	int64_t high;
	bool unknown;
	bool each; /* the figures hold for every member of orgs */
};

/*
 * Read an item.  "Each" without a member list has no known total: it is
 * unknown, never nothing and never the single amount.
 */
static int
read_money(const json_t *item, struct money *m)
{
	const char *certainty = json_peek_str(item, "certainty");
	const char *per = json_peek_str(item, "per");
	size_t members = json_array_size(json_peek_array(item, "orgs"));
	int64_t amount = json_peek_int(item, "amountFen", 0);

	memset(m, 0, sizeof(*m));
	if (certainty != NULL && strcmp(certainty, "ambiguous") == 0) {
		m->low = amount;
		return __builtin_mul_overflow(amount,
			   (int64_t)(members > 0 ? members : 1), &m->high)
			   ? -1
			   : 0;
	}
	m->each = per != NULL && strcmp(per, "each") == 0;
	m->unknown = !json_is_integer(json_object_get(item, "amountFen")) ||
		     (certainty != NULL && strcmp(certainty, "unknown") == 0) ||
		     (m->each && members == 0);
	if (m->unknown)
		m->each = false;
	else
		m->stated = m->low = m->high = amount;
	return 0;
}

static int
emit_money(const struct walk *w, size_t pos, const json_t *item,
    const struct money *m, const char *org, struct err *e)
{
	struct fact_row row;

	begin(w, &row, FACT_FUNDING);
	add_int(&row, (int64_t)pos);
	add_member(&row, item, "id");
	add_member(&row, item, "level");
	add_text(&row, org);
	add_int(&row, m->stated);
	add_int(&row, m->low);
	add_int(&row, m->high);
	add_int(&row, m->unknown);
	add_member(&row, item, "srcText");
	return emit(w, &row, e);
}

/* Who pays a total: the city its own money; else the notice names nobody. */
static const char *
payer(const struct walk *w, const json_t *item)
{
	const char *level = json_peek_str(item, "level");
	const char *per = json_peek_str(item, "per");

	if (level == NULL || strcmp(level, "city") != 0)
		return NULL;
	if (per == NULL || strcmp(per, "total") != 0)
		return NULL;
	return json_peek_str(w->task, "division");
}

static int
walk_item(const struct walk *w, size_t pos, const json_t *item, int64_t *sum,
    struct err *e)
{
	const json_t *org;
	struct money m;
	size_t i;

	if (read_money(item, &m) < 0)
		return too_large(w, "资金", item, e);
	if (!m.each) {
		if (__builtin_add_overflow(*sum, m.high, sum))
			return too_large(w, "资金", item, e);
		return emit_money(w, pos, item, &m, payer(w, item), e);
	}
	json_array_foreach (json_peek_array(item, "orgs"), i, org) {
		if (__builtin_add_overflow(*sum, m.high, sum))
			return too_large(w, "资金", item, e);
		if (emit_money(w, pos, item, &m, json_string_value(org), e) < 0)
			return -1;
	}
	return 0;
}

static int
walk_funding(const struct walk *w, struct err *e)
{
	const json_t *item;
	int64_t sum = 0;
	size_t i;

	json_array_foreach (json_peek_array(w->version, "funding"), i, item) {
		if (walk_item(w, i, item, &sum, e) < 0)
			return -1;
	}
	return 0;
}

static int
emit_milestone(const struct walk *w, size_t pos, const json_t *milestone,
    const char *org, struct err *e)
{
	const json_t *rule = json_peek_object(milestone, "rule");
	struct fact_row row;

	begin(w, &row, FACT_MILESTONE);
	add_int(&row, (int64_t)pos);
	add_member(&row, milestone, "id");
	add_text(&row, org);
	add_member(&row, milestone, "from");
	add_member(&row, milestone, "to");
	add_member(&row, rule, "type");
	add_member(&row, rule, "indicator");
	add_number(&row, rule, "percent");
	add_member(&row, milestone, "text");
	return emit(w, &row, e);
}

static int
walk_milestones(const struct walk *w, struct err *e)
{
	const char *lead =
	    json_peek_str(json_peek_object(w->version, "lead"), "orgId");
	const json_t *milestone, *orgs, *org;
	size_t i, k;

	json_array_foreach (
	    json_peek_array(w->version, "milestones"), i, milestone) {
		orgs = json_peek_array(milestone, "orgs");
		if (json_array_size(orgs) == 0 &&
		    emit_milestone(w, i, milestone, lead, e) < 0)
			return -1;
		json_array_foreach (orgs, k, org) {
			if (emit_milestone(
				w, i, milestone, json_string_value(org), e) < 0)
				return -1;
		}
	}
	return 0;
}

static int
walk_version(const struct walk *w, struct err *e)
{
	if (walk_head(w, e) < 0 || walk_indicators(w, e) < 0)
		return -1;
	if (walk_funding(w, e) < 0 || walk_milestones(w, e) < 0)
		return -1;
	return 0;
}

int
fact_walk_task(const json_t *task, fact_fn fn, void *arg, struct err *e)
{
	struct walk w = {task, task, OPEN_SINCE, OPEN_UNTIL, fn, arg};
	const json_t *amendment;
	size_t i;

	json_array_foreach (json_peek_array(task, "amendments"), i, amendment) {
		w.version = json_peek_object(amendment, "before");
		w.until = json_peek_str(amendment, "at");
		if (walk_version(&w, e) < 0)
			return -1;
		w.since = w.until;
	}
	w.version = task;
	w.until = OPEN_UNTIL;
	return walk_version(&w, e);
}

static int
walk_value(const json_t *report, fact_fn fn, void *arg, struct err *e)
{
	const json_t *value = json_peek_object(report, "value");
	const char *kind = json_peek_str(value, "kind");
	struct fact_row row = {.table = FACT_VALUE};

	if (json_peek_str(report, "acceptedAt") == NULL)
		return 0;
	add_member(&row, report, "_id");
	add_member(&row, report, "planId");
	add_member(&row, report, "taskId");
	add_member(&row, report, "indicatorId");
	add_member(&row, report, "orgId");
	add_member(&row, report, "asOf");
	add_member(&row, report, "acceptedAt");
	add_int(&row, json_peek_int(report, "revision", 1));
	if (kind != NULL && strcmp(kind, "number") == 0)
		add_number(&row, value, "n");
	else
		add_text(&row, NULL);
	return emit_row(fn, arg, &row, e);
}

/* A report on its way through its states. */
struct spell {
	const json_t *report;
	const char *since;
	const char *until;
	const char *state;
	const char *first_at; /* NULL: not submitted yet */
	const char *kind;     /* of the last submission, as flagged */
	bool flagged;
};

/* What was submitted: by the step of the history, else by the report. */
static void
hear(struct spell *s, const json_t *step)
{
	const char *problems = json_peek_str(s->report, "problems");

	if (s->first_at == NULL)
		s->first_at = s->since;
	s->kind = json_peek_str(step, "kind");
	if (s->kind != NULL) {
		s->flagged = json_peek_bool(step, "flagged", false);
		return;
	}
	s->kind = json_peek_str(json_peek_object(s->report, "value"), "kind");
	s->flagged = problems != NULL && problems[0] != '\0';
}

static int
emit_spell(const struct spell *s, fact_fn fn, void *arg, struct err *e)
{
	struct fact_row row = {.table = FACT_SUBMISSION};

	add_member(&row, s->report, "_id");
	add_member(&row, s->report, "planId");
	add_member(&row, s->report, "taskId");
	add_member(&row, s->report, "indicatorId");
	add_member(&row, s->report, "orgId");
	add_member(&row, s->report, "asOf");
	add_int(&row, json_peek_int(s->report, "revision", 1));
	add_text(&row, s->since);
	add_text(&row, s->until);
	add_text(&row, s->first_at);
	add_text(&row, s->state);
	add_text(&row, s->kind);
	add_int(&row, s->flagged);
	return emit_row(fn, arg, &row, e);
}

static int
walk_history(const json_t *report, const json_t *history, fact_fn fn, void *arg,
    struct err *e)
{
	struct spell s = {.report = report};
	const json_t *step;
	size_t i;

	json_array_foreach (history, i, step) {
		s.since = json_peek_str(step, "at");
		s.until = json_peek_str(json_array_get(history, i + 1), "at");
		if (s.until == NULL)
			s.until = OPEN_UNTIL;
		s.state = json_peek_str(step, "to");
		if (strcmp(s.state, "submitted") == 0 ||
		    strcmp(s.state, "accepted") == 0)
			hear(&s, step);
		if (s.first_at != NULL && emit_spell(&s, fn, arg, e) < 0)
			return -1;
	}
	return 0;
}

int
fact_walk_report(const json_t *report, fact_fn fn, void *arg, struct err *e)
{
	const json_t *history = json_object_get(report, "history");
	struct spell imported = {
	    .report = report,
	    .since = json_peek_str(report, "acceptedAt"),
	    .until = OPEN_UNTIL,
	    .state = "accepted",
	};

	if (walk_value(report, fn, arg, e) < 0)
		return -1;
	if (json_is_array(history))
		return walk_history(report, history, fn, arg, e);
	if (imported.since == NULL)
		return 0;
	hear(&imported, NULL);
	return emit_spell(&imported, fn, arg, e);
}

int
fact_walk_milestone_state(
    const json_t *state, fact_fn fn, void *arg, struct err *e)
{
	const char *name = json_peek_str(state, "state");
	struct fact_row row = {.table = FACT_MET};

	if (name == NULL || strcmp(name, "verified") != 0)
		return 0;
	add_member(&row, state, "_id");
	add_member(&row, state, "planId");
	add_member(&row, state, "taskId");
	add_member(&row, state, "milestoneId");
	add_member(&row, state, "orgId");
	add_member(&row, state, "metOn");
	add_member(&row, state, "verifiedAt");
	return emit_row(fn, arg, &row, e);
}

int
fact_walk_check(const json_t *check, fact_fn fn, void *arg, struct err *e)
{
	struct fact_row row = {.table = FACT_CHECK};

	if (json_peek_str(check, "concludedAt") == NULL)
		return 0;
	add_member(&row, check, "_id");
	add_member(&row, check, "planId");
	add_member(&row, check, "taskId");
	add_member(&row, check, "orgId");
	add_member(&row, check, "checkedOn");
	add_member(&row, check, "concludedAt");
	add_member(&row, check, "verdict");
	add_member(&row, check, "indicatorId");
	add_member(&row, check, "milestoneId");
	return emit_row(fn, arg, &row, e);
}

int
fact_walk_flow(const json_t *flow, fact_fn fn, void *arg, struct err *e)
{
	struct fact_row row = {.table = FACT_FLOW};

	if (json_peek_str(flow, "recordedAt") == NULL)
		return 0;
	add_member(&row, flow, "_id");
	add_member(&row, flow, "planId");
	add_member(&row, flow, "taskId");
	add_member(&row, flow, "level");
	add_member(&row, flow, "stage");
	add_member(&row, flow, "asOf");
	add_member(&row, flow, "recordedAt");
	add_int(&row, json_peek_int(flow, "revision", 1));
	add_member(&row, flow, "fundingId");
	add_member(&row, flow, "orgId");
	add_number(&row, flow, "amountFen");
	return emit_row(fn, arg, &row, e);
}
