#include "plan/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "plan/doctor_rules.h"
#include "plan/facts.h"

static const struct {
	const char *code;
	const char *title;
	doctor_fn rule;
} rules[FINDING__MAX] = {
#define FINDING(code, rule, title) [FINDING_##code] = {#code, title, rule},
#include "plan/findings.def"
#undef FINDING
};

const json_t *
exam_section(const struct exam *x, const char *name)
{
	return json_peek_array(x->task, name);
}

const char *
part_id(const json_t *part)
{
	const char *id = json_peek_str(part, "id");

	return id != NULL ? id : "";
}

bool
part_is(const json_t *part, const char *key, const char *text)
{
	const char *s = json_peek_str(part, key);

	return s != NULL && strcmp(s, text) == 0;
}

int64_t
add_capped(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

int64_t
mul_capped(int64_t a, int64_t b)
{
	int64_t product;

	if (__builtin_mul_overflow(a, b, &product))
		return (a < 0) != (b < 0) ? INT64_MIN : INT64_MAX;
	return product;
}

void
note_begin(const struct exam *x, struct note *n)
{
	n->params = json_object();
	n->lines = json_array();
	buf_init(&n->text, 0);
	buf_addf(&n->text, "第%d件", x->no);
}

/* Keep them sorted, each once. */
static void
add_line(json_t *lines, json_int_t line)
{
	size_t i = 0;

	while (i < json_array_size(lines) &&
	       json_integer_value(json_array_get(lines, i)) < line)
		i++;
	if (json_integer_value(json_array_get(lines, i)) != line)
		(void)json_array_insert_new(lines, i, json_integer(line));
}

void
note_lines(struct note *n, const json_t *part)
{
	const json_t *line;
	size_t i;

	json_array_foreach (json_peek_array(part, "lines"), i, line)
		add_line(n->lines, json_integer_value(line));
}

/* new: what was decided about the finding, or null. */
static json_t *
disposition_of(const struct exam *x, const char *id)
{
	const json_t *entry;
	size_t i;

	json_array_foreach (exam_section(x, "discrepancies"), i, entry) {
		if (part_is(entry, "id", id))
			return json_deep_copy(entry);
	}
	return json_null();
}

void
note_end(
    struct exam *x, struct note *n, const char *item, const char *pointer, ...)
{
	json_t *o = json_object();
	char place[192], id[160];
	va_list ap;

	va_start(ap, pointer);
	(void)vsnprintf(place, sizeof(place), pointer, ap);
	va_end(ap);
	(void)snprintf(
	    id, sizeof(id), "%02d.%s.%s", x->no, rules[x->code].code, item);
	if (json_array_size(n->lines) == 0)
		note_lines(n, json_peek_object(x->task, "source"));
	json_put_str(o, "id", id);
	json_put_str(o, "code", rules[x->code].code);
	json_put_str(o, "title", rules[x->code].title);
	json_put_str(o, "taskId", json_peek_str(x->task, "_id"));
	json_put_int(o, "taskNo", x->no);
	json_put_str(o, "pointer", place);
	json_put(o, "params", n->params);
	json_put_str(o, "text", n->text.data);
	json_put(o, "lines", n->lines);
	json_put(o, "disposition", disposition_of(x, id));
	buf_fini(&n->text);
	json_push(x->findings, o);
}

/* Where `name` stands among the columns of a table. */
static size_t
column(enum fact_table t, const char *name)
{
	size_t i = 0;

	while (strcmp(fact_column_name(t, i), name) != 0)
		i++;
	return i;
}

/* fact_fn: add up the certain money. */
static int
add_money(void *arg, const struct fact_row *row, struct err *e)
{
	struct exam *x = arg;
	int64_t stated, high;

	(void)e;
	if (row->table != FACT_FUNDING)
		return 0;
	stated = row->cells[column(FACT_FUNDING, "stated")].n;
	high = row->cells[column(FACT_FUNDING, "high")].n;
	x->stated_fen = add_capped(x->stated_fen, stated);
	if (row->cells[column(FACT_FUNDING, "unknown")].n != 0 ||
	    stated != high)
		x->money_clear = false;
	return 0;
}

/* The current version only: what an amendment replaced has no say. */
static int
weigh_money(struct exam *x, struct err *e)
{
	json_t *now = json_copy(json_iterable(x->task));
	int rc;

	json_object_del(now, "amendments");
	x->stated_fen = 0;
	x->money_clear = true;
	rc = fact_walk_task(now, add_money, x, e);
	json_decref(now);
	return rc;
}

static int
examine_task(struct exam *x, const json_t *task, struct err *e)
{
	x->task = task;
	x->no = (int)json_peek_int(task, "no", 0);
	if (weigh_money(x, e) < 0)
		return -1;
	for (size_t i = 0; i < FINDING__MAX; i++) {
		x->code = (enum finding)i;
		rules[i].rule(x);
	}
	return 0;
}

/* The next task by number after `last`, or NULL; numbers are few. */
static const json_t *
next_task(const json_t *tasks, int64_t last)
{
	const json_t *task, *best = NULL;
	int64_t no, best_no = 0;
	size_t i;

	json_array_foreach (tasks, i, task) {
		no = json_peek_int(task, "no", 0);
		if (no > last && (best == NULL || no < best_no)) {
			best = task;
			best_no = no;
		}
	}
	return best;
}

json_t *
doctor_examine(const json_t *plan, const json_t *tasks, const json_t *orgs,
    const json_t *orgsets, struct err *e)
{
	struct exam x = {.plan = plan};
	struct org_index *index = NULL;
	const json_t *task;
	int64_t last = 0;

	if (policy_read(plan, &x.policy, e) < 0)
		return NULL;
	index = org_index_new(orgs, orgsets);
	x.orgs = index;
	x.findings = json_array();
	while ((task = next_task(tasks, last)) != NULL) {
		last = json_peek_int(task, "no", 0);
		if (examine_task(&x, task, e) < 0) {
			json_decref(x.findings);
			x.findings = NULL;
			break;
		}
	}
	org_index_free(index);
	return x.findings;
}
