#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/people.h"
#include "auth/auth.h"
#include "auth/key.h"
#include "base/json.h"

json_t *
people_view_key(const json_t *key)
{
	json_t *v = json_copy(json_iterable(key));
	const json_t *sign = json_object_get(key, "sign");

	json_object_del(v, "secretHash");
	if (sign != NULL)
		json_put(v, "sign",
		    json_pack("{s:O}", "algorithm",
			json_object_get(sign, "algorithm")));
	return v;
}

/* The unit that a key acts for: arena, NULL when its user is gone. */
static int
unit_of(struct req *r, const json_t *key, const char **org, struct err *e)
{
	const char *id = json_peek_str(key, "userId");
	json_t *user;

	*org = json_peek_str(key, "orgId");
	if (id == NULL)
		return 0;
	user = store_get_json(api_store(r), COLL_USERS, id, e);
	*org = NULL;
	if (user == NULL) {
		if (e->code != ERR_NOTFOUND)
			return -1;
		err_init(e);
		return 0;
	}
	*org = json_peek_str(req_own_json(r, user), "orgId");
	return 0;
}

/* The key the path names, owned by the request, and may it be touched? */
static json_t *
get_key(struct req *r, struct err *e)
{
	json_t *key = api_get(r, COLL_APIKEYS, r->segments[0], "密钥", e);
	const char *org;

	if (key == NULL || unit_of(r, key, &org, e) < 0 ||
	    api_allow(r, org, NULL, e) < 0)
		return NULL;
	return key;
}

int
key_get(struct req *r, struct err *e)
{
	json_t *key = get_key(r, e);
	char tag[24];

	if (key == NULL)
		return -1;
	snprintf(
	    tag, sizeof(tag), "%lld", (long long)json_peek_int(key, "rev", 0));
	if (!res_etag(r, tag))
		res_json(r, 200, req_own_json(r, people_view_key(key)));
	return 0;
}

int
key_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_APIKEYS, .sort = FIELD_ID};
	json_t *items = json_array(), *answer;
	struct store_page page;

	answer = req_own_json(r, json_object());
	json_put(answer, "items", items);
	if (api_find_page(r, &q, &page, e) < 0)
		return -1;
	json_put_str(answer, "nextCursor", page.next);
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *key =
		    json_read_own(page.docs[i].text, page.docs[i].len, e);
		const char *org;

		if (key == NULL)
			return -1;
		req_own_json(r, key);
		if (unit_of(r, key, &org, e) < 0)
			return -1;
		if (api_may(r, r->route->permission, org, NULL))
			json_push(items, people_view_key(key));
	}
	res_json(r, 200, answer);
	return 0;
}

/* Of a person, or of a program with a unit and roles: one of the two. */
static int
check_owner(struct req *r, const json_t *key, struct err *e)
{
	const char *user = json_peek_str(key, "userId");
	const char *org;

	if (user != NULL && (json_peek_str(key, "orgId") != NULL ||
				json_object_get(key, "roles") != NULL))
		return err_add(e, ERR_INVALID, "/userId", "oneOf",
		    "个人的密钥用本人的单位和角色，不能再写orgId、roles");
	if (user == NULL && (json_peek_str(key, "orgId") == NULL ||
				json_object_get(key, "roles") == NULL))
		return err_add(e, ERR_INVALID, "", "oneOf",
		    "请写userId（个人的密钥），或orgId和roles（程序的密钥）");
	if (user != NULL && api_get(r, COLL_USERS, user, "用户", e) == NULL)
		return -1;
	if (unit_of(r, key, &org, e) < 0)
		return -1;
	return api_allow(r, org, NULL, e);
}

/* The answer with the one sight of the secret. */
static json_t *
show_once(struct req *r, const json_t *key, const char *text, int64_t rev)
{
	json_t *view = req_own_json(r, people_view_key(key));

	json_object_del(view, "updatedAt");
	json_put_int(view, "rev", rev);
	json_put_str(view, key_signs(key) ? "secret" : "key", text);
	return view;
}

/* A new secret of the kind the key has; its text is for show_once. */
static int
renew(struct req *r, json_t *key, char text[KEY_TEXT], struct err *e)
{
	const struct app *app = r->app;

	if (key_signs(key))
		return key_renew_signing(
		    key, auth_seal(app->auth), instant_now(), text, e);
	key_renew(key, text);
	return 0;
}

int
key_post(struct req *r, struct err *e)
{
	const char *algorithm = json_peek_str(r->body, "sign");
	struct write_set *ws = api_write_set(r);
	char id[16], text[KEY_TEXT];
	json_t *view;

	if (check_owner(r, r->body, e) < 0)
		return -1;
	if (algorithm != NULL)
		json_put(r->body, "sign",
		    json_pack("{s:s}", "algorithm", algorithm));
	key_make_id(id);
	json_put_str(r->body, "_id", id);
	json_put_str(r->body, "createdBy", api_who(r)->id);
	if (renew(r, r->body, text, e) < 0)
		return -1;
	view = show_once(r, r->body, text, 1);
	write_insert(ws, COLL_APIKEYS, r->body);
	return api_commit(r, ws, 201, view, e);
}

int
key_rotate_post(struct req *r, struct err *e)
{
	json_t *old = get_key(r, e);
	struct write_set *ws = api_write_set(r);
	json_t *key, *view;
	char text[KEY_TEXT];

	if (old == NULL)
		return -1;
	key = req_own_json(r, json_deep_copy(old));
	if (renew(r, key, text, e) < 0)
		return -1;
	view = show_once(r, key, text, json_peek_int(old, "rev", 0) + 1);
	api_replace(r, ws, COLL_APIKEYS, old, key);
	return api_commit(r, ws, 200, view, e);
}

int
key_patch(struct req *r, struct err *e)
{
	json_t *old = get_key(r, e);
	struct write_set *ws = api_write_set(r);
	const char *state = json_peek_str(r->body, "state");
	json_t *key, *view;

	if (old == NULL)
		return -1;
	if (api_check_match(r, old, e) < 0) {
		r->current = req_own_json(r, people_view_key(old));
		return -1;
	}
	key = req_own_json(r, json_deep_copy(old));
	json_object_update(key, r->body);
	json_object_del(key, "state");
	if (state != NULL)
		json_put(
		    key, "disabled", json_boolean(strcmp(state, "off") == 0));
	view = req_own_json(r, people_view_key(key));
	json_object_del(view, "updatedAt");
	json_put_int(view, "rev", json_peek_int(old, "rev", 0) + 1);
	api_replace(r, ws, COLL_APIKEYS, old, key);
	return api_commit(r, ws, 200, view, e);
}

int
key_delete(struct req *r, struct err *e)
{
	json_t *old = get_key(r, e);
	struct write_set *ws = api_write_set(r);

	if (old == NULL)
		return -1;
	if (api_check_match(r, old, e) < 0) {
		r->current = req_own_json(r, people_view_key(old));
		return -1;
	}
	/* A use noted meanwhile makes a revision: no reason to keep it. */
	write_remove(ws, COLL_APIKEYS, r->segments[0], r->match_rev);
	write_keep_old(ws, old);
	return api_commit(r, ws, 200, req_own_json(r, json_object()), e);
}
