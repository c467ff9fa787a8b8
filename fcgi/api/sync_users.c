#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/people.h"
#include "api/sync.h"
#include "base/json.h"

static bool
has_role(const json_t *roles, const char *role)
{
	const json_t *v;
	size_t i;

	json_array_foreach (json_iterable(roles), i, v)
		if (strcmp(json_string_value(v), role) == 0)
			return true;
	return false;
}

/*
 * Somebody nobody knows by this oaId: a new person, or one with this account
 * whom no OA has claimed yet.
 */
static int
find_account(struct sync *s, struct sync_row *row, struct err *e)
{
	const char *account = json_peek_str(row->in, "account");
	json_t *user;

	row->id =
	    account != NULL ? account : sync_make_id(s, "oa-", row->oa_id);
	user = store_get_json(api_store(s->r), COLL_USERS, row->id, e);
	if (user == NULL) {
		if (e->code != ERR_NOTFOUND)
			return -1;
		err_init(e);
		return 0;
	}
	req_own_json(s->r, user);
	if (json_peek_str(user, "oaId") != NULL ||
	    has_role(json_object_get(user, "roles"), "admin"))
		return sync_refuse(s, row, "account-taken",
		    "账号%s已经是另一个人的，请换一个", row->id);
	row->old = user;
	return 0;
}

/* Where the person is to work, and may we put anybody there? */
static int
put_org(struct sync *s, struct sync_row *row)
{
	const char *permission = "user.sync";
	const char *before = json_peek_str(row->old, "orgId");
	bool named = json_peek_str(row->in, "orgOaId") != NULL ||
		     json_peek_str(row->in, "orgId") != NULL;
	const json_t *org = sync_org(s, row->in, "orgOaId", "orgId");
	const char *id = org != NULL ? json_peek_str(org, "_id") : before;

	if (named && org == NULL)
		return sync_refuse(s, row, "org-unknown",
		    "没有这个单位，请先同步单位，再送这一行");
	if (id == NULL)
		return sync_refuse(s, row, "org-missing",
		    "新的人员要写所在单位（orgOaId或orgId）");
	if (!api_may(s->r, permission, id, NULL) ||
	    (before != NULL && !api_may(s->r, permission, before, NULL)))
		return sync_refuse(
		    s, row, "out-of-scope", "这个密钥不能管这个单位的人员");
	json_put_str(row->doc, "orgId", id);
	return 0;
}

/* An OA makes no administrators, and takes no administrator's roles. */
static int
put_roles(struct sync *s, struct sync_row *row)
{
	const json_t *before = json_object_get(row->old, "roles");
	json_t *roles = json_object_get(row->in, "roles");

	if (roles == NULL && before != NULL)
		return 0;
	if (roles == NULL)
		roles = json_object_get(s->r->body, "newRoles");
	if (roles == NULL)
		return sync_refuse(s, row, "roles-missing",
		    "新的人员要写角色：写在这一行的roles，或整批的newRoles");
	if (!json_equal(roles, before) &&
	    (has_role(roles, "admin") || has_role(before, "admin")))
		return sync_refuse(s, row, "admin-role",
		    "系统管理员只能在本系统里设置，不能由同步设置或取消");
	json_put(row->doc, "roles", json_incref(roles));
	return 0;
}

/* A number that comes masked says nothing new. */
static void
put_phone(struct sync_row *row)
{
	const json_t *phone = json_object_get(row->in, "phone");
	const char *text = json_string_value(phone);

	if (phone != NULL && (text == NULL || strchr(text, '*') == NULL))
		json_put_str(row->doc, "phone", text);
}

static bool
is_off(const json_t *user)
{
	return json_peek_bool(user, "disabled", false);
}

static int
put_disabled(struct sync *s, struct sync_row *row)
{
	const json_t *off = json_object_get(row->in, "disabled");

	if (off == NULL || json_is_true(off) == is_off(row->old))
		return 0;
	if (strcmp(row->id, api_who(s->r)->id) == 0)
		return sync_refuse(
		    s, row, "self", "不能停用正在同步的账号自己");
	json_put(row->doc, "disabled", json_boolean(json_is_true(off)));
	return 0;
}

static const char *
result_of(const struct sync_row *row)
{
	static const struct {
		const char *member;
		const char *result;
	} told[] = {{"orgId", "moved"}, {"name", "renamed"}};

	if (row->old == NULL)
		return "created";
	if (json_equal(row->old, row->doc))
		return "same";
	if (is_off(row->doc) && !is_off(row->old))
		return "disabled";
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (!json_equal(json_object_get(row->old, told[i].member),
			json_object_get(row->doc, told[i].member)))
			return told[i].result;
	return "updated";
}

static int
judge_user(struct sync *s, struct sync_row *row, struct err *e)
{
	if (row->old == NULL && find_account(s, row, e) < 0)
		return -1;
	if (row->result != NULL)
		return 0;
	row->doc = req_own_json(
	    s->r, row->old != NULL ? json_deep_copy(row->old) : json_object());
	if (row->old == NULL)
		json_put_str(row->doc, "_id", row->id);
	json_put_str(row->doc, "oaId", row->oa_id);
	json_put_str(row->doc, "name", json_peek_str(row->in, "name"));
	put_phone(row);
	if (put_org(s, row) < 0 || row->result != NULL ||
	    put_roles(s, row) < 0 || row->result != NULL ||
	    put_disabled(s, row) < 0 || row->result != NULL)
		return 0;
	row->result = result_of(row);
	return 0;
}

static bool
user_is_live(const struct sync *s, const json_t *user)
{
	return !is_off(user) &&
	       strcmp(json_peek_str(user, "_id"), api_who(s->r)->id) != 0 &&
	       api_may(s->r, "user.sync", json_peek_str(user, "orgId"), NULL);
}

static void
end_user(const struct sync *s, json_t *user)
{
	(void)s;
	json_put(user, "disabled", json_true());
}

/* Who is disabled is out with the next request. */
static int
user_ended(
    struct sync *s, struct write_set *ws, const json_t *user, struct err *e)
{
	if (!is_off(user))
		return 0;
	return people_end_sessions(s->r, ws, user, e);
}

static const struct sync_kind users = {
    .name = "users",
    .what = "人员",
    .coll = COLL_USERS,
    .oa_id = FIELD_USERS_OA,
    .schema = "userSyncRow.json",
    .judge = judge_user,
    .is_live = user_is_live,
    .end = end_user,
    .ended = user_ended,
};

int
user_sync(struct req *r, struct err *e)
{
	return sync_run(r, &users, e);
}
