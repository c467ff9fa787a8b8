#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "auth/auth.h"
#include "base/id.h"
#include "base/json.h"
#include "base/secrets.h"
#include "outbox/guard.h"
#include "outbox/hook_sign.h"
#include "outbox/outbox.h"

#define KEEP_MS ((int64_t)24 * 3600 * 1000)
#define REMOVE_BATCH 500

/* ---- how they are shown ---- */

/* Which secrets there are, not what they are. */
static json_t *
view_secrets(const json_t *doc)
{
	json_t *list = json_array(), *v;
	size_t i;

	json_array_foreach (
	    json_iterable(json_peek_array(doc, "secrets")), i, v) {
		json_t *one = json_copy(v);

		json_object_del(one, "sealed");
		json_push(list, one);
	}
	return list;
}

/* new: without secrets, with where it stands; state may be NULL. */
static json_t *
view_of(const json_t *doc, const json_t *state)
{
	static const char *const shown[] = {
	    "cursor", "delivered", "failed", "dead", "pending", "failing"};
	json_t *v = json_copy(json_iterable(doc));
	json_t *progress = json_object();

	json_put(v, "secrets", view_secrets(doc));
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		json_put_int(
		    progress, shown[i], json_peek_int(state, shown[i], 0));
	json_put(v, "progress", progress);
	return v;
}

/* The same, owned by the request, with the state as it is stored. */
static json_t *
view_stored(struct req *r, const json_t *doc, struct err *e)
{
	json_t *state = store_get_json(
	    api_store(r), COLL_HOOKSTATES, json_peek_str(doc, "_id"), e);
	json_t *view;

	if (state == NULL && e->code != ERR_NOTFOUND)
		return NULL;
	err_init(e);
	view = req_own_json(r, view_of(doc, state));
	json_decref(state);
	return view;
}

static json_t *
get_webhook(struct req *r, struct err *e)
{
	return api_get(r, COLL_WEBHOOKS, r->segments[0], "推送地址", e);
}

int
webhook_get(struct req *r, struct err *e)
{
	json_t *doc = get_webhook(r, e);
	json_t *view = doc != NULL ? view_stored(r, doc, e) : NULL;

	if (view == NULL)
		return -1;
	res_json(r, 200, view);
	return 0;
}

int
webhook_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_WEBHOOKS, .sort = FIELD_ID};
	json_t *answer = req_own_json(r, json_object());
	json_t *items = json_array();
	struct store_page page;

	json_put(answer, "items", items);
	if (api_find_page(r, &q, &page, e) < 0)
		return -1;
	json_put_str(answer, "nextCursor", page.next);
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *doc =
		    json_read_own(page.docs[i].text, page.docs[i].len, e);
		json_t *view;

		if (doc == NULL)
			return -1;
		view = view_stored(r, req_own_json(r, doc), e);
		if (view == NULL)
			return -1;
		json_push(items, json_incref(view));
	}
	res_json(r, 200, answer);
	return 0;
}

/* ---- how they are made and changed ---- */

static int
check_url(struct req *r, const json_t *doc, struct err *e)
{
	const struct app *app = r->app;
	char *host;

	if (guard_check_url(
		app->guard, json_peek_str(doc, "url"), "/url", &host, e) < 0)
		return -1;
	free(host);
	return 0;
}

/* A new secret in front of the others; its text, to be shown once. */
static int
renew_secret(
    struct req *r, json_t *doc, char text[HOOK_SECRET_TEXT], struct err *e)
{
	const struct app *app = r->app;
	json_t *list;

	hook_secret_make(text);
	list = secrets_rotate(json_peek_array(doc, "secrets"),
	    auth_seal(app->auth), json_peek_str(doc, "_id"), text,
	    instant_now(), KEEP_MS, e);
	if (list == NULL)
		return -1;
	json_put(doc, "secrets", list);
	return 0;
}

static json_t *
view_with_secret(
    struct req *r, const json_t *doc, int64_t rev, const char *text)
{
	json_t *view = req_own_json(r, view_of(doc, NULL));

	json_object_del(view, "progress");
	json_put_int(view, "rev", rev);
	json_put_str(view, "secret", text);
	return view;
}

static void
make_id(char out[ID_MAX + 1])
{
	unsigned char bytes[6];
	char *p = out;

	random_bytes(bytes, sizeof(bytes));
	p += sprintf(p, "whk-");
	for (size_t i = 0; i < sizeof(bytes); i++)
		p += sprintf(p, "%02x", bytes[i]);
}

int
webhook_post(struct req *r, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	char id[ID_MAX + 1], text[HOOK_SECRET_TEXT];
	int64_t last;
	json_t *state;

	if (check_url(r, r->body, e) < 0)
		return -1;
	make_id(id);
	json_put_str(r->body, "_id", id);
	json_put(r->body, "disabled", json_null());
	/* It hears of what happens from now on. */
	if (renew_secret(r, r->body, text, e) < 0 ||
	    event_last(api_store(r), &last, e) < 0)
		return -1;
	state = req_own_json(r, hook_state_new(id, last));
	write_insert(ws, COLL_WEBHOOKS, r->body);
	write_insert(ws, COLL_HOOKSTATES, state);
	return api_commit(r, ws, 201, view_with_secret(r, r->body, 1, text), e);
}

int
webhook_rotate_post(struct req *r, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	json_t *old = get_webhook(r, e);
	char text[HOOK_SECRET_TEXT];
	json_t *doc;

	if (old == NULL)
		return -1;
	doc = req_own_json(r, json_deep_copy(old));
	if (renew_secret(r, doc, text, e) < 0)
		return -1;
	api_replace(r, ws, COLL_WEBHOOKS, old, doc);
	return api_commit(r, ws, 200,
	    view_with_secret(r, doc, json_peek_int(old, "rev", 0) + 1, text),
	    e);
}

/* The answer to a change: as it will be stored. */
static int
commit_changed(
    struct req *r, const json_t *old, json_t *doc, int status, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	json_t *view = view_stored(r, doc, e);

	if (view == NULL)
		return -1;
	api_replace(r, ws, COLL_WEBHOOKS, old, doc);
	json_put_int(view, "rev", json_peek_int(old, "rev", 0) + 1);
	json_object_del(view, "updatedAt");
	return api_commit(r, ws, status, view, e);
}

static void
put_disabled(struct req *r, json_t *doc, bool off)
{
	char at[INSTANT_LEN + 1];
	json_t *why = json_null();

	if (off) {
		why = json_object();
		json_put_str(why, "at", instant_format(r->now, at));
		json_put_str(why, "reason", "管理员停用");
	}
	json_put(doc, "disabled", why);
}

int
webhook_patch(struct req *r, struct err *e)
{
	json_t *old = get_webhook(r, e);
	const char *state;
	json_t *doc;

	if (old == NULL)
		return -1;
	if (api_check_match(r, old, e) < 0) {
		r->current = req_own_json(r, view_of(old, NULL));
		return -1;
	}
	doc = req_own_json(r, json_deep_copy(old));
	state = json_peek_str(r->body, "state");
	json_object_update(doc, r->body);
	json_object_del(doc, "state");
	if (state != NULL)
		put_disabled(r, doc, strcmp(state, "off") == 0);
	if (check_url(r, doc, e) < 0)
		return -1;
	return commit_changed(r, old, doc, 200, e);
}

int
webhook_replay_post(struct req *r, struct err *e)
{
	json_t *old = get_webhook(r, e);
	char at[INSTANT_LEN + 1];
	json_t *doc, *replay, *after;

	if (old == NULL)
		return -1;
	doc = req_own_json(r, json_deep_copy(old));
	replay = json_object();
	json_put_str(replay, "at", instant_format(r->now, at));
	after = json_object_get(r->body, "after");
	if (after != NULL)
		json_put(replay, "after", json_incref(after));
	json_put(doc, "replay", replay);
	return commit_changed(r, old, doc, 202, e);
}

/* ---- how they go ---- */

/* Some of its deliveries into the set; *more: there were others. */
static int
remove_deliveries(
    struct req *r, struct write_set *ws, bool *more, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_DELIVERIES,
	    .filters = {{.field = FIELD_DELIVERIES_HOOK,
		.op = OP_EQ,
		.text = r->segments[0]}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = REMOVE_BATCH,
	};
	struct store_page page;

	if (store_find(api_store(r), &q, &r->arena, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.ndocs; i++)
		write_remove(ws, COLL_DELIVERIES, page.docs[i].id, 0);
	*more = page.next != NULL;
	return 0;
}

int
webhook_delete(struct req *r, struct err *e)
{
	json_t *old = get_webhook(r, e);
	struct write_set *ws = api_write_set(r);
	bool more = true;
	json_t *view;

	if (old == NULL)
		return -1;
	view = view_stored(r, old, e);
	if (view == NULL)
		return -1;
	if (api_check_match(r, old, e) < 0) {
		r->current = view;
		return -1;
	}
	req_slow(r);
	for (;;) {
		if (remove_deliveries(r, ws, &more, e) < 0)
			return -1;
		if (!more)
			break;
		if (store_write(api_store(r), ws, e) < 0)
			return -1;
		ws = api_write_set(r);
	}
	write_remove(ws, COLL_HOOKSTATES, r->segments[0], 0);
	api_remove(r, ws, COLL_WEBHOOKS, old);
	return api_commit(r, ws, 200, view, e);
}

/* ---- events ---- */

int
event_list(struct req *r, struct err *e)
{
	const char *from = req_param(r, "after");
	int64_t after = from != NULL ? strtoll(from, NULL, 10) : 0;
	struct store_query q = {
	    .coll = COLL_OUTBOX,
	    .filters = {{.field = FIELD_OUTBOX_SEQ,
		.op = OP_GE,
		.n = after + 1}},
	    .nfilters = 1,
	    .sort = FIELD_OUTBOX_SEQ,
	    .limit = (size_t)req_param_int(r, "limit", 50),
	};
	struct buf *b = &r->res.body;
	struct store_page page;

	if (store_find(api_store(r), &q, &r->arena, &page, e) < 0)
		return -1;
	buf_add(b, "{\"items\":[");
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *event =
		    json_read_own(page.docs[i].text, page.docs[i].len, e);

		if (event == NULL)
			return -1;
		if (i > 0)
			buf_addc(b, ',');
		event_print(b, event);
		after = json_peek_int(event, "seq", after);
		json_decref(event);
	}
	buf_addf(b, "],\"after\":%lld,\"more\":%s}", (long long)after,
	    page.next != NULL ? "true" : "false");
	return 0;
}
