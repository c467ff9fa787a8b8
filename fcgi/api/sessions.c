#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/people.h"
#include "auth/auth.h"
#include "auth/password.h"
#include "auth/session.h"
#include "base/json.h"

static struct auth *
auth_of(const struct req *r)
{
	return ((struct app *)r->app)->auth;
}

/* ---- what one may do ---- */

/* {"report.read": ["own"], ...}: what is never allowed is left out. */
static json_t *
may_of(const struct req *r)
{
	static const struct {
		unsigned reach;
		const char *word;
	} words[] = {
	    {REACH_OWN, "own"}, {REACH_TASK, "task"}, {REACH_ALL, "all"}};
	const struct permits *permits = auth_permits(auth_of(r));
	json_t *may = json_object();

	for (size_t i = 0; i < permits_count(permits); i++) {
		const struct permit *p = permits_at(permits, i);
		unsigned reach = api_scope(r, p->name);
		json_t *list = json_array();

		for (size_t k = 0; k < 3; k++)
			if ((reach & words[k].reach) != 0)
				json_push(list, json_string(words[k].word));
		if (reach != 0)
			json_put(may, p->name, list);
		else
			json_decref(list);
	}
	return may;
}

static json_t *
roles_of(const struct who *who)
{
	json_t *roles = json_array();

	for (enum role i = 0; i < ROLE__MAX; i++)
		if ((who->roles >> i & 1) != 0)
			json_push(
			    roles, json_pack("{s:s, s:s}", "id", role_word(i),
				       "title", role_title(i)));
	return roles;
}

/* The name of the unit, or null. */
static int
add_org(struct req *r, json_t *v, const char *org_id, struct err *e)
{
	json_t *org = store_get_json(api_store(r), COLL_ORGS, org_id, e);

	if (org == NULL && e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	json_put_str(v, "orgId", org_id);
	json_put_str(v, "orgName", json_peek_str(org, "name"));
	json_decref(org);
	return 0;
}

int
session_get(struct req *r, struct err *e)
{
	const struct who *who = api_who(r);
	json_t *v = req_own_json(r, json_object());
	char today[CIVIL_LEN + 1];

	json_put_str(v, "today", civil_format(r->today, today));
	json_put_str(v, "id", who->id);
	json_put_str(v, "name", who->name);
	if (add_org(r, v, who->org_id, e) < 0)
		return -1;
	json_put_str(v, "division", who->division);
	json_put_str(v, "via", who_via_word(who->via));
	json_put(v, "passwordDue", json_boolean(who->password_due));
	json_put(v, "roles", roles_of(who));
	json_put(v, "may", may_of(r));
	res_json(r, 200, v);
	return 0;
}

/* ---- in and out ---- */

/* From here on it is known who asks: the audit wants to know, too. */
static void
set_who(struct req *r, const json_t *user)
{
	struct who *who = arena_alloc(&r->arena, sizeof(*who));

	*who = (struct who){
	    .id = json_peek_str(user, "_id"),
	    .name = json_peek_str(user, "name"),
	    .org_id = json_peek_str(user, "orgId"),
	    .division = "",
	    .via = VIA_SESSION,
	    .credential = "",
	    .auth = auth_of(r),
	};
	r->who = who;
}

int
people_begin_session(
    struct req *r, struct write_set *ws, const json_t *user, struct err *e)
{
	json_t *session, *answer;

	set_who(r, user);
	session = req_own_json(
	    r, session_begin(auth_of(r), r, json_peek_str(user, "_id")));
	write_insert(ws, COLL_SESSIONS, session);
	answer = req_own_json(r,
	    json_pack("{s:s, s:s, s:s, s:b}", "id", json_peek_str(user, "_id"),
		"name", json_peek_str(user, "name"), "expiresAt",
		json_peek_str(session, "expiresAt"), "passwordDue",
		session_password_due(auth_of(r), r, user)));
	return api_commit(r, ws, 201, answer, e);
}

int
session_post(struct req *r, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	json_t *user;
	bool changed;

	if (session_check_origin(r, e) < 0)
		return -1;
	user = session_sign_in(auth_of(r), r, json_peek_str(r->body, "user"),
	    json_peek_str(r->body, "password"), &changed, e);
	if (user == NULL)
		return -1;
	req_own_json(r, user);
	if (changed)
		write_replace(
		    ws, COLL_USERS, user, json_peek_int(user, "rev", 0));
	return people_begin_session(r, ws, user, e);
}

/* Only who came by a session has one to end. */
static int
check_session(const struct req *r, struct err *e)
{
	if (api_who(r)->via == VIA_SESSION)
		return 0;
	return err_set(e, ERR_STATE, "您不是用用户名和口令登录的");
}

int
session_delete(struct req *r, struct err *e)
{
	struct write_set *ws = api_write_set(r);

	if (check_session(r, e) < 0)
		return -1;
	session_end(r);
	write_remove(ws, COLL_SESSIONS, api_who(r)->credential, 0);
	return api_commit(r, ws, 200, req_own_json(r, json_object()), e);
}

/* ---- one's own password ---- */

int
session_password_post(struct req *r, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	const char *old_text = json_peek_str(r->body, "old");
	json_t *old, *user;
	bool changed;

	if (check_session(r, e) < 0)
		return -1;
	/* Guessing the old one counts like guessing at the door. */
	old = session_sign_in(
	    auth_of(r), r, api_who(r)->id, old_text, &changed, e);
	if (old == NULL) {
		if (e->code != ERR_UNAUTHORIZED)
			return -1;
		return err_add(
		    e, ERR_INVALID, "/old", "password", "原口令不正确");
	}
	req_own_json(r, old);
	user = req_own_json(r, json_deep_copy(old));
	if (people_set_password(
		r, user, json_peek_str(r->body, "new"), false, "/new", e) < 0 ||
	    people_end_sessions(r, ws, user, e) < 0)
		return -1;
	api_replace(r, ws, COLL_USERS, old, user);
	return api_commit(r, ws, 200, req_own_json(r, json_object()), e);
}
