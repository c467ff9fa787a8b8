#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/sync.h"
#include "auth/auth.h"
#include "base/json.h"

#define ALIASES_MAX 100
#define HISTORY_MAX 100
#define DEPTH_MAX 32

static const char permission[] = "org.sync";

/* A unit that is there already, and that no OA has claimed yet. */
static int
find_unit(struct sync *s, struct sync_row *row)
{
	const char *id = json_peek_str(row->in, "id");
	json_t *old;

	row->id = id != NULL ? id : sync_make_id(s, "oa-", row->oa_id);
	old = json_object_get(s->orgs, row->id);
	if (json_peek_str(old, "oaId") == NULL) {
		/* The map may get another one in its place. */
		if (old != NULL)
			row->old = req_own_json(s->r, json_incref(old));
		return 0;
	}
	return sync_refuse(s, row, "id-taken",
	    "编号%s已经是另一个单位的（oaId不同）", row->id);
}

/* Would the unit stand below itself? */
static bool
is_circle(const struct sync *s, const char *id, const json_t *parent)
{
	for (int i = 0; parent != NULL; i++) {
		const char *up = json_peek_str(parent, "parentId");

		if (i >= DEPTH_MAX ||
		    strcmp(json_peek_str(parent, "_id"), id) == 0)
			return true;
		parent = up != NULL ? json_object_get(s->orgs, up) : NULL;
	}
	return false;
}

static int
put_parent(struct sync *s, struct sync_row *row)
{
	bool top = json_is_null(json_object_get(row->in, "parentOaId"));
	bool named = json_peek_str(row->in, "parentOaId") != NULL ||
		     json_peek_str(row->in, "parentId") != NULL;
	const json_t *parent = sync_org(s, row->in, "parentOaId", "parentId");

	if (named && parent == NULL)
		return sync_refuse(s, row, "parent-unknown",
		    "没有上级单位，请先送上级单位，再送这一行");
	if (is_circle(s, row->id, parent))
		return sync_refuse(s, row, "parent-circle",
		    "上级单位绕成了圈，或超过%d层", DEPTH_MAX);
	if (named)
		json_put_str(
		    row->doc, "parentId", json_peek_str(parent, "_id"));
	else if (top)
		json_put(row->doc, "parentId", json_null());
	return 0;
}

static void
put_division(const struct sync *s, struct sync_row *row)
{
	const char *division = json_peek_str(row->in, "division");
	const char *up = json_peek_str(row->doc, "parentId");
	const json_t *parent = up != NULL ? json_object_get(s->orgs, up) : NULL;

	if (division == NULL)
		division = json_peek_str(row->old, "division");
	if (division == NULL)
		division = json_peek_str(parent, "division");
	if (division == NULL)
		division = api_who(s->r)->division;
	json_put_str(row->doc, "division", division);
}

static bool
may_touch(const struct sync *s, const char *division)
{
	struct auth_object o = {.division = division};
	struct err ignored;

	err_init(&ignored);
	return auth_allow(s->r->who, permission, &o, &ignored) == 0;
}

/* What it was called, and where it stood, until the day of the change. */
static void
keep_history(struct sync_row *row, const char *day)
{
	json_t *history = json_object_get(row->doc, "history");
	json_t *past = json_object();

	if (history == NULL) {
		history = json_array();
		json_put(row->doc, "history", history);
	}
	json_put_str(past, "name", json_peek_str(row->old, "name"));
	json_put_str(past, "parentId", json_peek_str(row->old, "parentId"));
	json_put_str(past, "until", day);
	json_push(history, past);
	while (json_array_size(history) > HISTORY_MAX)
		(void)json_array_remove(history, 0);
}

static bool
names(const json_t *list, const char *name)
{
	const json_t *v;
	size_t i;

	json_array_foreach (json_iterable(list), i, v)
		if (strcmp(json_string_value(v), name) == 0)
			return true;
	return false;
}

static void
add_alias(json_t *doc, const char *name)
{
	json_t *list = json_object_get(doc, "aliases");

	if (strcmp(name, json_peek_str(doc, "name")) == 0 || names(list, name))
		return;
	if (list == NULL) {
		list = json_array();
		json_put(doc, "aliases", list);
	}
	if (json_array_size(list) < ALIASES_MAX)
		json_push(list, json_string(name));
}

/* Names it is printed under stay: old papers have them. */
static void
put_names(struct sync_row *row)
{
	const char *before = json_peek_str(row->old, "name");
	const json_t *v;
	size_t i;

	json_put_str(row->doc, "name", json_peek_str(row->in, "name"));
	json_array_foreach (json_peek_array(row->in, "aliases"), i, v)
		add_alias(row->doc, json_string_value(v));
	if (before != NULL)
		add_alias(row->doc, before);
}

static bool
differs(const struct sync_row *row, const char *member)
{
	const char *a = json_peek_str(row->old, member);
	const char *b = json_peek_str(row->doc, member);

	return a != b && (a == NULL || b == NULL || strcmp(a, b) != 0);
}

/* Merged: it ends, and says where it went. */
static int
put_merger(struct sync *s, struct sync_row *row, const char *day)
{
	const json_t *into =
	    sync_org(s, row->in, "mergedIntoOaId", "mergedInto");
	bool named = json_peek_str(row->in, "mergedIntoOaId") != NULL ||
		     json_peek_str(row->in, "mergedInto") != NULL;

	if (!named)
		return 0;
	if (into == NULL)
		return sync_refuse(
		    s, row, "merged-unknown", "没有所并入的单位，请先送它");
	if (strcmp(json_peek_str(into, "_id"), row->id) == 0)
		return sync_refuse(s, row, "merged-circle", "不能并入自己");
	json_put_str(row->doc, "mergedInto", json_peek_str(into, "_id"));
	if (json_peek_str(row->doc, "validTo") == NULL)
		json_put_str(row->doc, "validTo", day);
	return 0;
}

static bool
is_closed(const struct sync *s, const json_t *org)
{
	const char *to = json_peek_str(org, "validTo");
	char today[CIVIL_LEN + 1];

	return to != NULL && strcmp(to, civil_format(s->r->today, today)) <= 0;
}

static const char *
result_of(const struct sync *s, const struct sync_row *row)
{
	if (row->old == NULL)
		return "created";
	if (json_equal(row->old, row->doc))
		return "same";
	if (is_closed(s, row->doc) && !is_closed(s, row->old))
		return "disabled";
	if (differs(row, "parentId"))
		return "moved";
	return differs(row, "name") ? "renamed" : "updated";
}

static void
put_rest(struct sync_row *row)
{
	static const char *const taken[] = {
	    "kind", "sortKey", "validFrom", "validTo"};

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		json_t *v = json_object_get(row->in, taken[i]);

		if (v != NULL)
			json_put(row->doc, taken[i], json_incref(v));
	}
	if (json_object_get(row->doc, "kind") == NULL)
		json_put_str(row->doc, "kind", "department");
}

/* The day from which the row is so: today, unless it says another. */
static const char *
day_of(struct sync *s, struct sync_row *row)
{
	char *today = arena_alloc(&s->r->arena, CIVIL_LEN + 1);
	const char *day = json_peek_str(row->in, "effectiveOn");

	civil_format(s->r->today, today);
	if (day == NULL)
		return today;
	if (strcmp(day, today) > 0)
		sync_refuse(s, row, "not-yet",
		    "更名、调整要到%s才生效，请到那天再送", day);
	return day;
}

static int
judge_org(struct sync *s, struct sync_row *row, struct err *e)
{
	const char *day = day_of(s, row);

	(void)e;
	if (row->old == NULL && row->result == NULL)
		find_unit(s, row);
	if (row->result != NULL)
		return 0;
	row->doc = req_own_json(
	    s->r, row->old != NULL ? json_deep_copy(row->old) : json_object());
	if (row->old == NULL)
		json_put_str(row->doc, "_id", row->id);
	json_put_str(row->doc, "oaId", row->oa_id);
	put_names(row);
	put_rest(row);
	if (put_parent(s, row) < 0 || row->result != NULL ||
	    put_merger(s, row, day) < 0 || row->result != NULL)
		return 0;
	put_division(s, row);
	if (!may_touch(s, json_peek_str(row->doc, "division")) ||
	    (row->old != NULL &&
		!may_touch(s, json_peek_str(row->old, "division"))))
		return sync_refuse(
		    s, row, "out-of-scope", "这个密钥不能管这个地方的单位");
	if (row->old != NULL &&
	    (differs(row, "name") || differs(row, "parentId")))
		keep_history(row, day);
	row->result = result_of(s, row);
	/* Those behind it in this request may name it. */
	json_put(s->orgs, row->id, json_incref(row->doc));
	json_put(s->orgs_by_oa, row->oa_id, json_incref(row->doc));
	return 0;
}

static bool
org_is_live(const struct sync *s, const json_t *org)
{
	return json_peek_str(org, "validTo") == NULL &&
	       may_touch(s, json_peek_str(org, "division"));
}

static void
end_org(const struct sync *s, json_t *org)
{
	char today[CIVIL_LEN + 1];

	json_put_str(org, "validTo", civil_format(s->r->today, today));
}

static int
org_ended(
    struct sync *s, struct write_set *ws, const json_t *org, struct err *e)
{
	(void)s, (void)ws, (void)org, (void)e;
	return 0;
}

static const struct sync_kind orgs = {
    .name = "orgs",
    .what = "单位",
    .coll = COLL_ORGS,
    .oa_id = FIELD_ORGS_OA,
    .schema = "orgSyncRow.json",
    .judge = judge_org,
    .is_live = org_is_live,
    .end = end_org,
    .ended = org_ended,
};

int
org_sync(struct req *r, struct err *e)
{
	return sync_run(r, &orgs, e);
}
