#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/evidence.h"
#include "api/handlers.h"
#include "base/json.h"
#include "media/image.h"

/* Every photograph is compared with every other one. */
#define USES_MAX 10000

/* One use of a photograph; the strings are the row's. */
struct use {
	const json_t *row;
	const char *blob;
	uint64_t print;
	bool printed;
	size_t group; /* the first use that shows the same */
};

static void
read_print(struct use *u, const char *text)
{
	u->printed = text != NULL;
	u->print = text != NULL ? strtoull(text, NULL, 16) : 0;
}

/* A document may be older than the photograph it names: then the row has not
 * the fingerprint, but the photograph's own document has. */
static int
fill_use(struct req *r, struct use *u, const json_t *row, struct err *e)
{
	json_t *blob;

	u->row = row;
	u->blob = json_peek_str(row, "blob");
	read_print(u, json_peek_str(row, "print"));
	if (u->printed)
		return 0;
	blob = store_get_json(api_store(r), COLL_BLOBS, u->blob, e);
	if (blob == NULL && e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	read_print(u, json_peek_str(blob, "print"));
	json_decref(blob);
	return 0;
}

static bool
show_the_same(const struct use *a, const struct use *b)
{
	return strcmp(a->blob, b->blob) == 0 ||
	       (a->printed && b->printed &&
		   image_distance(a->print, b->print) <= IMAGE_ALIKE);
}

static void
set_groups(struct use *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (
		    k < i && (v[k].group != k || !show_the_same(&v[k], &v[i])))
			k++;
		v[i].group = k;
	}
}

static bool
differ(const struct use *a, const struct use *b, const char *key)
{
	return !json_equal(
	    json_object_get(a->row, key), json_object_get(b->row, key));
}

/* Why uses of one group are worth a look; 0: they are not. */
enum why { WHY_UNIT = 1, WHY_TASK = 2, WHY_PERIOD = 4 };

static unsigned
why_flagged(const struct use *v, size_t n, size_t group)
{
	const struct use *first = &v[group];
	unsigned why = 0;

	for (size_t i = group + 1; i < n; i++) {
		if (v[i].group != group)
			continue;
		if (differ(first, &v[i], "orgId"))
			why |= WHY_UNIT;
		if (differ(first, &v[i], "taskId") ||
		    differ(first, &v[i], "indicatorId"))
			why |= WHY_TASK;
		if (differ(first, &v[i], "asOf"))
			why |= WHY_PERIOD;
	}
	return why;
}

static json_t *
show_why(unsigned why)
{
	json_t *list = json_array();

	if (why & WHY_UNIT)
		json_push(list, json_string("unit"));
	if (why & WHY_TASK)
		json_push(list, json_string("task"));
	if (why & WHY_PERIOD)
		json_push(list, json_string("period"));
	return list;
}

static json_t *
show_use(const struct use *u)
{
	static const char *const shown[] = {
	    "kind", "targetId", "taskId", "indicatorId", "orgId", "asOf"};
	json_t *row = json_object();

	json_put_str(row, "sha256", u->blob);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		json_put(row, shown[i],
		    json_incref(json_object_get(u->row, shown[i])));
	json_put(
	    row, "thumb", json_sprintf("/api/v1/blobs/%s?size=thumb", u->blob));
	return row;
}

static json_t *
show_group(const struct use *v, size_t n, size_t group, unsigned why)
{
	json_t *uses = json_array(), *out = json_object();
	bool same = true;

	for (size_t i = group; i < n; i++) {
		if (v[i].group != group)
			continue;
		same = same && strcmp(v[i].blob, v[group].blob) == 0;
		json_push(uses, show_use(&v[i]));
	}
	json_put_str(out, "match", same ? "same" : "alike");
	json_put(out, "why", show_why(why));
	json_put(out, "uses", uses);
	return out;
}

static bool
concerns(const struct use *v, size_t n, size_t group, const char *target)
{
	for (size_t i = group; i < n && target != NULL; i++)
		if (v[i].group == group &&
		    strcmp(json_peek_str(v[i].row, "targetId"), target) == 0)
			return true;
	return target == NULL;
}

/* All uses of a plan's photographs; rows owned by the request. */
static int
load_uses(struct req *r, const char *plan_id, struct use **v, size_t *n,
    struct err *e)
{
	struct store_query q = {
	    .coll = COLL_BLOBUSES,
	    .filters = {{.field = FIELD_BLOBUSES_PLAN,
		.op = OP_EQ,
		.text = plan_id}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *rows = store_find_json(api_store(r), &q, USES_MAX, e);
	json_t *row;
	size_t i;

	if (rows == NULL)
		return -1;
	req_own_json(r, rows);
	*n = json_array_size(rows);
	*v = arena_alloc(&r->arena, (*n + 1) * sizeof(**v));
	json_array_foreach (rows, i, row)
		if (fill_use(r, &(*v)[i], row, e) < 0)
			return -1;
	return 0;
}

json_t *
evidence_same(
    struct req *r, const char *plan_id, const char *target, struct err *e)
{
	json_t *groups = req_own_json(r, json_array());
	struct use *v;
	size_t n;

	req_slow(r);
	if (load_uses(r, plan_id, &v, &n, e) < 0)
		return NULL;
	set_groups(v, n);
	for (size_t i = 0; i < n; i++) {
		unsigned why;

		if (v[i].group != i || (why = why_flagged(v, n, i)) == 0 ||
		    !concerns(v, n, i, target))
			continue;
		json_push(groups, show_group(v, n, i, why));
	}
	return groups;
}

int
evidence_duplicates(struct req *r, struct err *e)
{
	json_t *plan = api_get(r, COLL_PLANS, r->segments[0], "计划", e);
	json_t *out = req_own_json(r, json_object());
	json_t *items;

	if (plan == NULL ||
	    api_allow_division(r, json_peek_str(plan, "division"), e) < 0)
		return -1;
	items = evidence_same(r, r->segments[0], NULL, e);
	if (items == NULL)
		return -1;
	json_put_str(out, "planId", r->segments[0]);
	json_put(out, "items", json_incref(items));
	res_json(r, 200, out);
	return 0;
}
