#include "api/import.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "api/import_run.h"
#include "base/arena.h"
#include "base/json.h"
#include "plan/lifecycle.h"
#include "plan/orgs.h"
#include "store/store.h"

void
import_count(struct import *im, const char *what, enum outcome o)
{
	static const char *const names[] = {
	    [ADDED] = "added",
	    [CHANGED] = "changed",
	    [REMOVED] = "removed",
	    [SAME] = "same",
	};
	json_t *row = json_object_get(im->summary, what);

	if (row == NULL) {
		row = json_object();
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			json_put_int(row, names[i], 0);
		json_put(im->summary, what, row);
	}
	json_put_int(row, names[o], json_peek_int(row, names[o], 0) + 1);
}

/* Equal but for what the store itself sets. */
bool
import_same(const json_t *a, const json_t *b)
{
	static const char *const managed[] = {"rev", "createdAt", "updatedAt"};
	json_t *x = json_copy((json_t *)(uintptr_t)a);
	json_t *y = json_copy((json_t *)(uintptr_t)b);
	bool same;

	for (size_t i = 0; i < sizeof(managed) / sizeof(*managed); i++) {
		json_object_del(x, managed[i]);
		json_object_del(y, managed[i]);
	}
	same = json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return same;
}

/* old (borrowed, may be NULL) becomes doc. */
void
import_put(struct import *im, enum coll c, const json_t *old, json_t *doc)
{
	if (old == NULL) {
		write_insert(im->ws, c, doc);
		import_count(im, coll_name(c), ADDED);
	} else if (import_same(old, doc)) {
		import_count(im, coll_name(c), SAME);
	} else {
		json_put(doc, "createdAt",
		    json_incref(json_object_get(old, "createdAt")));
		write_replace(im->ws, c, doc, json_peek_int(old, "rev", 0));
		write_keep_old(im->ws, old);
		import_count(im, coll_name(c), CHANGED);
	}
}

/* new: the stored document, NULL when there is none; -1 is a failure. */
int
import_fetch(
    struct import *im, enum coll c, const char *id, json_t **doc, struct err *e)
{
	/* Not into *e: it may hold items of the bundle already. */
	struct err why;

	err_init(&why);
	*doc = store_get_json(im->store, c, id, &why);
	if (*doc != NULL || why.code == ERR_NOTFOUND)
		return 0;
	*e = why;
	return -1;
}

/* Add or replace all documents of one member of the bundle. */
static int
put_all(struct import *im, enum coll c, const char *member, struct err *e)
{
	size_t i;
	json_t *doc, *old;

	json_array_foreach (json_object_get(im->bundle, member), i, doc) {
		if (import_fetch(im, c, json_peek_str(doc, "_id"), &old, e) < 0)
			return -1;
		import_put(im, c, old, doc);
		json_decref(old);
	}
	return 0;
}

/* What a bundle names twice does not say what it wants. */
static const struct {
	const char *member;
	const char *key;
	const char *what;
} unique[] = {
    {"tasks", "_id", "编号"},
    {"tasks", "no", "序号"},
    {"orgs", "_id", "编号"},
    {"orgSets", "_id", "编号"},
    {"reports", "_id", "编号"},
    {"milestoneStates", "_id", "编号"},
};

/* borrowed: an id as it is, a number printed to out. */
static const char *
key_text(const json_t *v, char out[24])
{
	if (json_is_string(v))
		return json_string_value(v);
	snprintf(out, 24, "%lld", (long long)json_integer_value(v));
	return out;
}

static void
check_unique(struct import *im, size_t row, struct err *e)
{
	const char *member = unique[row].member, *key = unique[row].key;
	json_t *seen = json_object();
	char pointer[64], number[24];
	size_t i;
	json_t *doc;

	json_array_foreach (json_object_get(im->bundle, member), i, doc) {
		const char *text = key_text(json_object_get(doc, key), number);

		if (json_object_get(seen, text) != NULL) {
			snprintf(pointer, sizeof(pointer), "/%s/%zu/%s", member,
			    i, key);
			err_add(e, ERR_IMPORT, pointer, "unique",
			    "%s%s重复出现", unique[row].what, text);
		}
		json_put(seen, text, json_true());
	}
	json_decref(seen);
}

/* ---- orgs: what phrases and ids refer to ---- */

/* The bundle's documents over the stored ones of the same _id. */
static json_t *
overlay(const json_t *stored, const json_t *given)
{
	json_t *all = json_array();
	json_t *ids = json_object();
	size_t i;
	json_t *doc;

	json_array_foreach (given, i, doc) {
		json_put(ids, json_peek_str(doc, "_id"), json_true());
		json_array_append(all, doc);
	}
	json_array_foreach (stored, i, doc) {
		if (json_object_get(ids, json_peek_str(doc, "_id")) == NULL)
			json_array_append(all, doc);
	}
	json_decref(ids);
	return all;
}

static int
load_orgs(struct import *im, struct err *e)
{
	json_t *orgs, *sets;

	if (import_known_orgs(im->store, json_peek_str(im->plan, "division"),
		&orgs, &sets, e) < 0)
		return -1;
	im->orgs = overlay(orgs, json_peek_array(im->bundle, "orgs"));
	im->orgsets = overlay(sets, json_peek_array(im->bundle, "orgSets"));
	im->index = org_index_new(im->orgs, im->orgsets);
	json_decref(orgs);
	json_decref(sets);
	return 0;
}

/* ---- the plan and its tasks ---- */

/* new: the documents of an array by _id. */
static json_t *
index_by_id(const json_t *docs)
{
	json_t *all = json_object();
	size_t i;
	json_t *doc;

	json_array_foreach (docs, i, doc)
		json_put(all, json_peek_str(doc, "_id"), json_incref(doc));
	return all;
}

static void
check_task(struct import *im, size_t i, const json_t *task, struct err *e)
{
	const char *plan = json_peek_str(task, "planId");
	char pointer[64];

	snprintf(pointer, sizeof(pointer), "/tasks/%zu/planId", i);
	if (strcmp(plan, json_peek_str(im->plan, "_id")) != 0)
		err_add(e, ERR_IMPORT, pointer, "plan",
		    "事项属于计划%s，而导入的是计划%s", plan,
		    json_peek_str(im->plan, "_id"));
}

/* What is wrong within one task, at its place in the bundle. */
static void
check_inside(size_t i, const json_t *task, struct err *e)
{
	char pointer[sizeof(e->items[0].pointer)];
	struct err inside;

	err_init(&inside);
	if (lifecycle_check_task(task, &inside) == 0)
		return;
	for (size_t k = 0; k < inside.nitems; k++) {
		snprintf(pointer, sizeof(pointer), "/tasks/%zu%.160s", i,
		    inside.items[k].pointer);
		err_add(e, ERR_IMPORT, pointer, inside.items[k].keyword, "%s",
		    inside.items[k].detail);
	}
}

static int
put_task(struct import *im, size_t i, json_t *task, struct err *e)
{
	const char *id = json_peek_str(task, "_id");
	const json_t *old = json_object_get(im->stored_tasks, id);
	struct err unresolved;

	check_task(im, i, task, e);
	check_inside(i, task, e);
	lifecycle_draft_task(task, im->plan, old);
	/* A phrase nobody knows is the plan doctor's to report. */
	err_init(&unresolved);
	if (orgs_fill_task(task, im->index, &unresolved) < 0)
		import_count(im, "unresolvedTasks", ADDED);
	import_put(im, COLL_TASKS, old, task);
	return 0;
}

/* Does a record of this collection tell of the task? */
static int
is_told_of(struct import *im, enum coll c, enum field field, const char *id,
    bool *told, struct err *e)
{
	struct store_query q = {
	    .coll = c,
	    .filters = {{.field = field, .op = OP_EQ, .text = id}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = 1,
	};
	struct store_page page;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = store_find(im->store, &q, &a, &page, e);
	*told = *told || (rc == 0 && page.ndocs > 0);
	arena_fini(&a);
	return rc;
}

/* A task leaves the plan, unless what was reported about it would be lost. */
static int
remove_task(struct import *im, const char *id, const json_t *old, struct err *e)
{
	bool told = false;

	if (is_told_of(im, COLL_REPORTS, FIELD_REPORTS_TASK, id, &told, e) <
		0 ||
	    is_told_of(im, COLL_MILESTONESTATES, FIELD_MILESTONESTATES_TASK, id,
		&told, e) < 0)
		return -1;
	if (told)
		err_add(e, ERR_IMPORT, "/tasks", "reported",
		    "导入的内容里没有事项%s，而它已有填报，不能去掉", id);
	write_remove(im->ws, COLL_TASKS, id, json_peek_int(old, "rev", 0));
	write_keep_old(im->ws, old);
	import_count(im, "tasks", REMOVED);
	return 0;
}

static int
remove_missing(struct import *im, struct err *e)
{
	const char *id;
	json_t *old;

	json_object_foreach (im->stored_tasks, id, old) {
		if (json_object_get(im->tasks, id) != NULL)
			continue;
		if (remove_task(im, id, old, e) < 0)
			return -1;
	}
	return 0;
}

/* Does a task come or go? */
static bool
tasks_move(const struct import *im)
{
	const json_t *row = json_object_get(im->summary, "tasks");

	return json_peek_int(row, "added", 0) > 0 ||
	       json_peek_int(row, "removed", 0) > 0;
}

static int
put_plan(struct import *im, struct err *e)
{
	size_t i, nwrites = im->ws->n;
	json_t *task;
	bool written;

	if (json_object_get(im->bundle, "plan") == NULL)
		return 0;
	if (lifecycle_draft_plan(im->plan, im->stored_plan, e) < 0)
		return -1;
	import_put(im, COLL_PLANS, im->stored_plan, im->plan);
	written = im->ws->n > nwrites;
	json_array_foreach (json_object_get(im->bundle, "tasks"), i, task)
		put_task(im, i, task, e);
	if (remove_missing(im, e) < 0)
		return -1;
	/* A new revision: no task slips past an issue made meanwhile. */
	if (!written && tasks_move(im))
		write_replace(im->ws, COLL_PLANS, im->plan,
		    json_peek_int(im->stored_plan, "rev", 0));
	return 0;
}

/* ---- the whole ---- */

#define PLAN_TASKS_MAX 1000

static int
load_stored(struct import *im, const char *plan_id, struct err *e)
{
	json_t *given = json_object_get(im->bundle, "plan");
	const char *id = given != NULL ? json_peek_str(given, "_id") : plan_id;
	json_t *list;
	struct store_query tasks = {
	    .coll = COLL_TASKS,
	    .filters = {{.field = FIELD_TASKS_PLAN, .op = OP_EQ}},
	    .nfilters = 1,
	    .sort = FIELD_TASKS_NO,
	    .limit = STORE_LIMIT_MAX,
	};

	if (id == NULL)
		return err_set(e, ERR_IMPORT,
		    "没有说明是哪个计划：请加上plan，或指明计划编号");
	if (plan_id != NULL && strcmp(id, plan_id) != 0)
		return err_add(e, ERR_IMPORT, "/plan/_id", "plan",
		    "内容是计划%s，而要导入的是计划%s", id, plan_id);
	if (import_fetch(im, COLL_PLANS, id, &im->stored_plan, e) < 0)
		return -1;
	tasks.filters[0].text = id;
	list = store_find_json(im->store, &tasks, PLAN_TASKS_MAX, e);
	if (list == NULL)
		return -1;
	im->stored_tasks = index_by_id(list);
	json_decref(list);
	im->plan = given != NULL ? given : im->stored_plan;
	im->tasks = given != NULL
			? index_by_id(json_object_get(im->bundle, "tasks"))
			: json_incref(im->stored_tasks);
	if (im->plan == NULL)
		return err_set(e, ERR_NOTFOUND, "没有这个计划：%s", id);
	json_put(im->summary, "plan", json_string(id));
	return 0;
}

static int
import_run(struct import *im, const char *plan_id, struct err *e)
{
	for (size_t i = 0; i < sizeof(unique) / sizeof(*unique); i++)
		check_unique(im, i, e);
	if (e->code != ERR_NONE)
		return -1;
	if (load_stored(im, plan_id, e) < 0 || load_orgs(im, e) < 0 ||
	    put_all(im, COLL_ORGS, "orgs", e) < 0 ||
	    put_all(im, COLL_ORGSETS, "orgSets", e) < 0 || put_plan(im, e) < 0)
		return -1;
	if (import_records(im, e) < 0)
		return -1;
	return e->code == ERR_NONE ? 0 : -1;
}

int
import_plan(struct store *store, json_t *bundle, const char *plan_id,
    struct write_set *ws, json_t **summary, struct err *e)
{
	struct import im = {.store = store, .bundle = bundle, .ws = ws};
	int rc;

	im.summary = json_object();
	im.series = json_object();
	rc = import_run(&im, plan_id, e);
	if (rc == 0)
		*summary = json_incref(im.summary);
	org_index_free(im.index);
	json_decref(im.summary);
	json_decref(im.orgs);
	json_decref(im.orgsets);
	json_decref(im.stored_plan);
	json_decref(im.series);
	json_decref(im.stored_tasks);
	json_decref(im.tasks);
	return rc;
}
