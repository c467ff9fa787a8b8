#include "api/todos.h"

#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "base/json.h"
#include "store/store.h"

#define PLANS_MAX 200
#define DIVISION_DIGITS 6

static int (*const sources[])(struct todos *t, struct err *e) = {
#define TODO_SOURCE(function, title) function,
#include "api/todos.def"
#undef TODO_SOURCE
};

json_t *
todo_new(const char *kind, const char *title)
{
	json_t *item = json_object();

	json_put_str(item, "kind", kind);
	json_put_str(item, "title", title);
	return item;
}

void
todo_add(struct todos *t, json_t *item, const civil_t *due)
{
	char text[CIVIL_LEN + 1];

	json_put_str(
	    item, "dueOn", due != NULL ? civil_format(*due, text) : NULL);
	if (due != NULL)
		json_put_int(item, "daysLeft", *due - t->r->today);
	else
		json_put(item, "daysLeft", json_null());
	json_push(t->items, item);
}

/* ---- the plans ---- */

static int
add_plans(struct todos *t, json_t *seen, enum store_op op, const char *division,
    struct err *e)
{
	struct store_query q = {
	    .coll = COLL_PLANS,
	    .filters = {{.field = FIELD_PLANS_STATUS,
			    .op = OP_EQ,
			    .text = "issued"},
		{.field = FIELD_PLANS_DIVISION, .op = op, .text = division}},
	    .nfilters = 2,
	    .sort = FIELD_PLANS_YEAR,
	    .desc = true,
	    .limit = PLANS_MAX,
	};
	struct store_page page;

	if (store_find(api_store(t->r), &q, &t->r->arena, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *plan;

		if (json_object_get(seen, page.docs[i].id) != NULL)
			continue;
		plan = json_read_own(page.docs[i].text, page.docs[i].len, e);
		if (plan == NULL)
			return -1;
		json_push(t->plans, plan);
		json_put(seen, page.docs[i].id, json_true());
	}
	return 0;
}

/*
 * Plans of the own division, of those above it (a county reports to its
 * city), and for who sees all below, those too.
 */
static int
find_plans(struct todos *t, struct err *e)
{
	const struct who *who = api_who(t->r);
	json_t *seen = req_own_json(t->r, json_object());
	size_t n = strlen(who->division);
	char code[DIVISION_DIGITS + 1];

	if (n > DIVISION_DIGITS)
		return 0;
	memcpy(code, who->division, n + 1);
	for (; n >= 2; n -= 2) {
		if (n + 2 <= DIVISION_DIGITS)
			memcpy(code + n, "000000", DIVISION_DIGITS - n);
		if (add_plans(t, seen, OP_EQ, code, e) < 0)
			return -1;
	}
	if ((api_scope(t->r, "report.read") & REACH_ALL) == 0)
		return 0;
	memcpy(code, who->division, strlen(who->division) + 1);
	for (n = strlen(code); n >= 2 && strcmp(code + n - 2, "00") == 0;
	     n -= 2)
		code[n - 2] = '\0';
	return add_plans(t, seen, OP_PREFIX, code, e);
}

/* ---- the answer ---- */

static const char *
due_of(const json_t *item)
{
	const char *due = json_peek_str(item, "dueOn");

	return due != NULL ? due : "9";
}

/* report, milestone, change ...: "report_due" is of the kind "report". */
static bool
is_kind(const json_t *item, const char *kind)
{
	const char *own = json_peek_str(item, "kind");
	size_t n = strlen(kind);

	return strncmp(own, kind, n) == 0 && (own[n] == '\0' || own[n] == '_');
}

static void
keep_kind(json_t *items, const char *kind)
{
	for (size_t i = json_array_size(items); kind != NULL && i-- > 0;) {
		if (!is_kind(json_array_get(items, i), kind))
			(void)json_array_remove(items, i);
	}
}

/* The most urgent first; of equals, as the sources gave them. */
struct ranked {
	json_t *item;
	size_t place;
};

static int
compare(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;
	int order = strcmp(due_of(a->item), due_of(b->item));

	if (order != 0)
		return order;
	return a->place < b->place ? -1 : 1;
}

static json_t *
sort_items(struct req *r, const json_t *items, size_t limit)
{
	size_t n = json_array_size(items);
	struct ranked *v = arena_alloc(&r->arena, (n + 1) * sizeof(*v));
	json_t *sorted = json_array();

	for (size_t i = 0; i < n; i++)
		v[i] = (struct ranked){json_array_get(items, i), i};
	qsort(v, n, sizeof(*v), compare);
	for (size_t i = 0; i < n && i < limit; i++)
		json_push(sorted, json_incref(v[i].item));
	return sorted;
}

json_t *
todos_of(struct req *r, struct err *e)
{
	struct todos t = {
	    .r = r,
	    .plans = req_own_json(r, json_array()),
	    .items = req_own_json(r, json_array()),
	};

	if (find_plans(&t, e) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (sources[i](&t, e) < 0)
			return NULL;
	}
	return t.items;
}

int
todo_list(struct req *r, struct err *e)
{
	json_t *answer = req_own_json(r, json_object());
	size_t limit = (size_t)req_param_int(r, "limit", 50);
	json_t *items;

	req_slow(r);
	items = todos_of(r, e);
	if (items == NULL)
		return -1;
	keep_kind(items, req_param(r, "kind"));
	json_put(answer, "items", sort_items(r, items, limit));
	json_put_int(answer, "total", (int64_t)json_array_size(items));
	res_json(r, 200, answer);
	return 0;
}
