#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/todos.h"
#include "auth/auth.h"
#include "auth/units.h"
#include "base/hash.h"
#include "base/json.h"
#include "outbox/outbox.h"

/*
 * What waits for each person, kept as rows, so that an OA is told of what has
 * become of them: one row for each person and thing.
 */

#define ROWS_MAX 20000

/* One person's rows under way. */
struct deal {
	struct req *r;
	const json_t *user;
	json_t *rows; /* as they are stored, by _id */
	struct write_set *ws;
	int64_t nchanged;
};

static bool
is_open(const json_t *row)
{
	const char *state = json_peek_str(row, "state");

	return strcmp(state, "todo") == 0 || strcmp(state, "read") == 0;
}

/*
 * The same thing has the same name whatever is asked about it: what is due
 * becomes overdue, what came back is sent again.
 */
static const char *
name_of(const struct deal *d, const json_t *item)
{
	static const char *const parts[] = {"planId", "taskId", "indicatorId",
	    "orgId", "milestoneId", "period"};
	const char *kind = json_peek_str(item, "kind");
	char hash[SHA256_HEX + 1];
	struct buf b;

	buf_init(&b, 0);
	buf_addf(&b, "%s\n%.*s", json_peek_str(d->user, "_id"),
	    (int)strcspn(kind, "_"), kind);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *v = json_peek_str(item, parts[i]);

		buf_addf(&b, "\n%s", v != NULL ? v : "");
	}
	if (json_peek_str(item, "period") == NULL &&
	    json_peek_str(item, "link") != NULL)
		buf_addf(&b, "\n%s", json_peek_str(item, "link"));
	sha256_hex(b.data, b.len, hash);
	buf_fini(&b);
	return arena_printf(&d->r->arena, "oat-%.40s", hash);
}

/* Later than any change before, whatever the clock says. */
static void
put_stamp(const struct req *r, json_t *row, const json_t *old)
{
	int64_t before = json_peek_int(old, "stamp", 0);

	json_put_int(row, "stamp", r->now > before ? r->now : before + 1);
}

/* The event of a row that is in the set. */
static void
tell(struct req *r, struct write_set *ws, const char *action, const json_t *row,
    int64_t rev)
{
	json_t *target = json_object();
	json_t *event;

	json_put_str(target, "coll", coll_name(COLL_OATODOS));
	json_put_str(target, "id", json_peek_str(row, "_id"));
	json_put_int(target, "rev", rev);
	json_put_str(target, "planId", json_peek_str(row, "planId"));
	json_put_str(target, "orgId", json_peek_str(row, "orgId"));
	event = event_make(action, target, r->now);
	write_append(ws, COLL_OUTBOX, event);
	json_decref(event);
	json_decref(target);
}

static void
put_row(struct deal *d, const char *action, json_t *row, const json_t *old)
{
	int64_t rev = json_peek_int(old, "rev", 0);

	req_own_json(d->r, row);
	put_stamp(d->r, row, old);
	if (old == NULL)
		write_insert(d->ws, COLL_OATODOS, row);
	else
		write_replace(d->ws, COLL_OATODOS, row, rev);
	tell(d->r, d->ws, action, row, rev + 1);
	d->nchanged++;
}

/* new: the row of what waits, as it would be if nothing was there. */
static json_t *
make_row(const struct deal *d, const char *id, const json_t *item)
{
	static const char *const taken[] = {
	    "kind", "title", "link", "planId", "taskId", "orgId", "dueOn"};
	json_t *row = json_object(), *to = json_object();

	json_put_str(row, "_id", id);
	json_put_str(to, "userId", json_peek_str(d->user, "_id"));
	json_put_str(to, "oaId", json_peek_str(d->user, "oaId"));
	json_put_str(to, "orgId", json_peek_str(d->user, "orgId"));
	json_put(row, "recipient", to);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		json_put_str(row, taken[i], json_peek_str(item, taken[i]));
	json_put_str(row, "state", "todo");
	return row;
}

static bool
differs(const json_t *row, const json_t *old)
{
	static const char *const told[] = {"kind", "title", "link", "dueOn"};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (!json_equal(json_object_get(row, told[i]),
			json_object_get(old, told[i])))
			return true;
	return false;
}

/* Something waits: is there a row that says so? */
static void
open_row(struct deal *d, const json_t *item)
{
	const char *id = name_of(d, item);
	json_t *old = json_object_get(d->rows, id);
	json_t *row;

	if (json_is_null(old))
		return;
	row = make_row(d, id, item);
	if (old == NULL || !is_open(old)) {
		put_row(d, "todo.open", row, old);
	} else if (differs(row, old)) {
		json_put_str(row, "state", json_peek_str(old, "state"));
		put_row(d, "todo.change", row, old);
	} else {
		json_decref(row);
	}
	/* What is left in the end waits no longer. */
	if (old != NULL)
		req_own_json(d->r, json_incref(old));
	json_put(d->rows, id, json_null());
}

static void
close_rows(struct deal *d)
{
	bool gone = json_peek_bool(d->user, "disabled", false);
	const char *id;
	json_t *old;

	json_object_foreach (d->rows, id, old) {
		json_t *row;

		if (json_is_null(old) || !is_open(old))
			continue;
		row = json_deep_copy(old);
		json_put_str(row, "state", gone ? "deleted" : "done");
		put_row(d, gone ? "todo.delete" : "todo.done", row, old);
	}
}

static int
load_rows(struct deal *d, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_OATODOS,
	    .filters = {{.field = FIELD_OATODOS_USER,
		.op = OP_EQ,
		.text = json_peek_str(d->user, "_id")}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *all = store_find_json(api_store(d->r), &q, ROWS_MAX, e);
	json_t *row;
	size_t i;

	if (all == NULL)
		return -1;
	d->rows = req_own_json(d->r, json_object());
	json_array_foreach (all, i, row)
		json_put(d->rows, json_peek_str(row, "_id"), json_incref(row));
	json_decref(all);
	return 0;
}

/* What waits for the user, asked as the user: owned by the request. */
static json_t *
items_of(struct deal *d, struct err *e)
{
	const struct app *app = d->r->app;
	const struct who *asking = d->r->who;
	char division[DIVISION_LEN + 1];
	struct who who;
	json_t *items;

	if (json_peek_bool(d->user, "disabled", false))
		return req_own_json(d->r, json_array());
	if (auth_who_of(app->auth, d->user, division, &who, e) < 0)
		return NULL;
	d->r->who = &who;
	items = todos_of(d->r, e);
	d->r->who = asking;
	return items;
}

/* Of those who came between, one was right: the next round tells. */
static int
write_deal(struct deal *d, struct err *e)
{
	if (d->ws->n == 0 || store_write(api_store(d->r), d->ws, e) == 0)
		return 0;
	if (e->code != ERR_STALE && e->code != ERR_EXISTS)
		return -1;
	err_init(e);
	d->nchanged = 0;
	return 0;
}

static int
refresh_user(
    struct req *r, const json_t *user, int64_t *nchanged, struct err *e)
{
	struct deal d = {.r = r, .user = user, .ws = api_write_set(r)};
	const json_t *item;
	json_t *items;
	size_t i;

	if (json_peek_str(user, "oaId") == NULL ||
	    !api_may(r, "todo.sync", json_peek_str(user, "orgId"), NULL))
		return 0;
	items = items_of(&d, e);
	if (items == NULL || load_rows(&d, e) < 0)
		return -1;
	json_array_foreach (items, i, item)
		open_row(&d, item);
	close_rows(&d);
	if (write_deal(&d, e) < 0)
		return -1;
	*nchanged += d.nchanged;
	return 0;
}

int
oa_todos_refresh_post(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_USERS, .sort = FIELD_ID};
	json_t *answer = req_own_json(r, json_object());
	struct store_page page;
	int64_t nchanged = 0;

	req_slow(r);
	if (api_find_page(r, &q, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *user =
		    json_read_own(page.docs[i].text, page.docs[i].len, e);

		if (user == NULL ||
		    refresh_user(r, req_own_json(r, user), &nchanged, e) < 0)
			return -1;
	}
	json_put_int(answer, "people", (int64_t)page.ndocs);
	json_put_int(answer, "changed", nchanged);
	json_put_str(answer, "nextCursor", page.next);
	res_json(r, 200, answer);
	return 0;
}

/* ---- what the OA asks ---- */

static bool
may_see(struct req *r, const json_t *row)
{
	return api_may(r, "todo.sync",
	    json_peek_str(json_object_get(row, "recipient"), "orgId"), NULL);
}

int
oa_todo_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_OATODOS, .sort = FIELD_ID};
	json_t *answer = req_own_json(r, json_object());
	json_t *items = json_array();
	struct store_page page;

	api_filter(r, &q, "state", FIELD_OATODOS_STATE, OP_EQ);
	json_put(answer, "items", items);
	if (api_find_page(r, &q, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *row =
		    json_read_own(page.docs[i].text, page.docs[i].len, e);

		if (row == NULL)
			return -1;
		if (may_see(r, req_own_json(r, row)))
			json_push(items, json_incref(row));
	}
	json_put_str(answer, "nextCursor", page.next);
	res_json(r, 200, answer);
	return 0;
}

static json_t *
get_row(struct req *r, struct err *e)
{
	json_t *row = api_get(r, COLL_OATODOS, r->segments[0], "待办", e);

	if (row == NULL)
		return NULL;
	if (!may_see(r, row)) {
		err_set(e, ERR_FORBIDDEN, "这个密钥不能看这个单位的待办");
		return NULL;
	}
	return row;
}

int
oa_todo_get(struct req *r, struct err *e)
{
	json_t *row = get_row(r, e);

	if (row == NULL)
		return -1;
	res_json(r, 200, row);
	return 0;
}

/* Read in the OA.  What is over stays over. */
int
oa_todo_read_post(struct req *r, struct err *e)
{
	json_t *old = get_row(r, e);
	struct write_set *ws = api_write_set(r);
	json_t *row;

	if (old == NULL)
		return -1;
	if (strcmp(json_peek_str(old, "state"), "todo") != 0) {
		res_json(r, 200, old);
		return 0;
	}
	row = req_own_json(r, json_deep_copy(old));
	json_put_str(row, "state", "read");
	put_stamp(r, row, old);
	api_replace(r, ws, COLL_OATODOS, old, row);
	return api_commit(r, ws, 200, row, e);
}
