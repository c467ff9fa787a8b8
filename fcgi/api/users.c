#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/people.h"
#include "auth/password.h"
#include "base/cfg.h"
#include "base/json.h"
#include "base/mask.h"
#include "schema/registry.h"
#include "schema/schema.h"

/* What only the program writes. */
static const char *const own_members[] = {"password", "passwordChangedAt",
    "passwordHistory", "passwordTemporary", "lock", "createdAt"};

#define NOWN (sizeof(own_members) / sizeof(own_members[0]))

/* One's own, and those of people whose contacts one may read. */
static bool
sees_phone(const struct req *r, const json_t *user)
{
	return strcmp(json_peek_str(user, "_id"), api_who(r)->id) == 0 ||
	       api_may(r, "contact.read", json_peek_str(user, "orgId"), NULL);
}

static void
put_masked(json_t *user, const char *phone)
{
	char *masked = mask_phone(phone);

	json_put_str(user, "phone", masked);
	free(masked);
}

json_t *
people_view(const struct req *r, const json_t *user)
{
	json_t *v = json_copy(json_iterable(user));
	const char *until =
	    json_peek_str(json_object_get(user, "lock"), "until");
	const char *phone = json_peek_str(user, "phone");
	char now[INSTANT_LEN + 1];

	json_object_del(v, "password");
	json_object_del(v, "passwordHistory");
	json_object_del(v, "lock");
	json_put(v, "hasPassword",
	    json_boolean(json_peek_str(user, "password") != NULL));
	if (until != NULL && strcmp(until, instant_format(r->now, now)) > 0)
		json_put_str(v, "lockedUntil", until);
	if (phone != NULL && !sees_phone(r, user))
		put_masked(v, phone);
	return v;
}

/* A 412 shows the present document, but not its secrets. */
static int
check_match(struct req *r, const json_t *user, struct err *e)
{
	if (api_check_match(r, user, e) == 0)
		return 0;
	r->current =
	    user != NULL ? req_own_json(r, people_view(r, user)) : NULL;
	return -1;
}

json_t *
people_get(struct req *r, struct err *e)
{
	json_t *user = api_get(r, COLL_USERS, r->segments[0], "用户", e);

	if (user == NULL ||
	    api_allow(r, json_peek_str(user, "orgId"), NULL, e) < 0)
		return NULL;
	return user;
}

static void
set_etag(struct req *r, const json_t *doc, const json_t *view)
{
	bool masked = json_peek_str(doc, "phone") != NULL &&
		      strcmp(json_peek_str(doc, "phone"),
			  json_peek_str(view, "phone")) != 0;
	char tag[32];

	snprintf(tag, sizeof(tag), "%lld%s",
	    (long long)json_peek_int(doc, "rev", 0), masked ? "m" : "");
	res_etag(r, tag);
}

int
user_get(struct req *r, struct err *e)
{
	json_t *user = people_get(r, e);
	json_t *view;

	if (user == NULL)
		return -1;
	view = req_own_json(r, people_view(r, user));
	set_etag(r, user, view);
	if (r->res.status != 304)
		res_json(r, 200, view);
	return 0;
}

int
user_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_USERS, .sort = FIELD_ID};
	json_t *items, *answer;
	struct store_page page;

	api_filter(r, &q, "org", FIELD_USERS_ORG, OP_EQ);
	if (api_find_page(r, &q, &page, e) < 0)
		return -1;
	answer = req_own_json(r, json_object());
	items = json_array();
	json_put(answer, "items", items);
	json_put_str(answer, "nextCursor", page.next);
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *user =
		    json_read_own(page.docs[i].text, page.docs[i].len, e);

		if (user == NULL)
			return -1;
		req_own_json(r, user);
		if (api_may(r, r->route->permission,
			json_peek_str(user, "orgId"), NULL))
			json_push(items, people_view(r, user));
	}
	res_json(r, 200, answer);
	return 0;
}

/* ---- changing ---- */

#define SESSIONS_MAX 1000

int
people_end_sessions(
    struct req *r, struct write_set *ws, const json_t *user, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_SESSIONS,
	    .filters = {{.field = FIELD_SESSIONS_USER,
		.op = OP_EQ,
		.text = json_peek_str(user, "_id")}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = SESSIONS_MAX,
	};
	struct store_page page;

	if (store_find(api_store(r), &q, &r->arena, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.ndocs; i++)
		if (strcmp(page.docs[i].id, api_who(r)->credential) != 0)
			write_remove(ws, COLL_SESSIONS, page.docs[i].id, 0);
	return 0;
}

/* Nobody locks the door with the key inside. */
static int
check_self(struct req *r, const json_t *user, const json_t *old, struct err *e)
{
	if (old == NULL ||
	    strcmp(json_peek_str(user, "_id"), api_who(r)->id) != 0)
		return 0;
	if (json_peek_bool(user, "disabled", false))
		err_add(e, ERR_INVALID, "/disabled", "self", "不能停用自己");
	if (!json_equal(
		json_object_get(user, "roles"), json_object_get(old, "roles")))
		err_add(e, ERR_INVALID, "/roles", "self",
		    "不能改自己的角色，请另一位管理员来改");
	return e->nitems == 0 ? 0 : -1;
}

/* What is written is answered as it is shown, not as it is stored. */
static int
commit_user(struct req *r, json_t *user, const json_t *old, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	bool ends = json_peek_bool(user, "disabled", false) ||
		    !json_equal(json_object_get(user, "password"),
			json_object_get(old, "password"));
	json_t *view;

	if (check_self(r, user, old, e) < 0)
		return -1;
	if (old != NULL && ends && people_end_sessions(r, ws, user, e) < 0)
		return -1;
	if (old != NULL)
		api_replace(r, ws, COLL_USERS, old, user);
	else
		write_insert(ws, COLL_USERS, user);
	view = req_own_json(r, people_view(r, user));
	json_object_del(view, "updatedAt");
	json_put_int(view, "rev", json_peek_int(old, "rev", 0) + 1);
	return api_commit(r, ws, old != NULL ? 200 : 201, view, e);
}

/* A phone that came masked is the one that is there. */
static void
keep_masked_phone(json_t *user, const json_t *old)
{
	const char *phone = json_peek_str(user, "phone");
	const char *before = json_peek_str(old, "phone");
	char *masked;

	if (phone == NULL || before == NULL)
		return;
	masked = mask_phone(before);
	if (strcmp(phone, masked) == 0)
		json_put_str(user, "phone", before);
	free(masked);
}

int
user_put(struct req *r, struct err *e)
{
	json_t *old =
	    store_get_json(api_store(r), COLL_USERS, r->segments[0], e);

	if (old != NULL)
		req_own_json(r, old);
	else if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	if (old != NULL &&
	    api_allow(r, json_peek_str(old, "orgId"), NULL, e) < 0)
		return -1;
	if (api_allow(r, json_peek_str(r->body, "orgId"), NULL, e) < 0 ||
	    check_match(r, old, e) < 0 || api_check_id(r, e) < 0)
		return -1;
	for (size_t i = 0; old != NULL && i < NOWN; i++) {
		json_t *kept = json_object_get(old, own_members[i]);

		if (kept != NULL)
			json_put(r->body, own_members[i], json_incref(kept));
	}
	if (old != NULL)
		keep_masked_phone(r->body, old);
	return commit_user(r, r->body, old, e);
}

int
user_patch(struct req *r, struct err *e)
{
	json_t *old = people_get(r, e);
	json_t *user;

	if (old == NULL || check_match(r, old, e) < 0)
		return -1;
	user = api_merge(r, old, e);
	if (user == NULL || api_check_identity(old, user, "_id", e) < 0)
		return -1;
	for (size_t i = 0; i < NOWN; i++)
		if (api_check_identity(old, user, own_members[i], e) < 0)
			return -1;
	keep_masked_phone(user, old);
	if (schema_check(schema_registry_peek("user.json"), user, e) < 0 ||
	    api_allow(r, json_peek_str(user, "orgId"), NULL, e) < 0)
		return -1;
	return commit_user(r, user, old, e);
}

/* ---- passwords ---- */

static void
push_history(json_t *user, enum profile p)
{
	json_t *history = json_object_get(user, "passwordHistory");
	json_t *present = json_object_get(user, "password");

	if (history == NULL) {
		history = json_array();
		json_put(user, "passwordHistory", history);
	}
	if (present != NULL)
		json_array_insert(history, 0, present);
	while (json_array_size(history) > (size_t)profile_history(p))
		json_array_remove(history, json_array_size(history) - 1);
}

int
people_set_password(struct req *r, json_t *user, const char *text,
    bool temporary, const char *pointer, struct err *e)
{
	const struct app *app = r->app;
	enum profile p = profile_by_word(app->cfg->password_profile);
	char hash[PASSWORD_HASH], now[INSTANT_LEN + 1];

	req_slow(r);
	if (password_check(p, text, user, pointer, e) < 0 ||
	    password_hash(text, hash, e) < 0)
		return -1;
	push_history(user, p);
	json_put_str(user, "password", hash);
	json_put_str(user, "passwordChangedAt", instant_format(r->now, now));
	json_object_del(user, "lock");
	if (temporary)
		json_put(user, "passwordTemporary", json_true());
	else
		json_object_del(user, "passwordTemporary");
	return 0;
}

int
user_password_post(struct req *r, struct err *e)
{
	json_t *old = people_get(r, e);
	json_t *user;

	if (old == NULL)
		return -1;
	user = req_own_json(r, json_deep_copy(old));
	if (people_set_password(r, user, json_peek_str(r->body, "password"),
		json_peek_bool(r->body, "temporary", true), "/password", e) < 0)
		return -1;
	return commit_user(r, user, old, e);
}

int
user_reveal_post(struct req *r, struct err *e)
{
	json_t *user = people_get(r, e);
	struct write_set *ws = api_write_set(r);
	json_t *answer;

	if (user == NULL)
		return -1;
	api_reason(r, json_peek_str(r->body, "reason"));
	api_note(r, ws, COLL_USERS, r->segments[0]);
	answer = json_object();
	json_put_str(answer, "name", json_peek_str(user, "name"));
	json_put_str(answer, "phone", json_peek_str(user, "phone"));
	return api_commit(r, ws, 200, req_own_json(r, answer), e);
}
