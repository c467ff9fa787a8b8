#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/people.h"
#include "auth/session.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"

/*
 * Who is signed in to an OA comes in with a ticket that the OA's server has
 * asked for: random, good for a minute, gone when it is used.
 */
#define TICKET_MS 60000
#define TICKET_BYTES 32

static void
hash_ticket(const char *ticket, char out[SHA256_HEX + 1])
{
	char text[2 * TICKET_BYTES + 8];

	snprintf(text, sizeof(text), "sso\n%s", ticket);
	sha256_hex(text, strlen(text), out);
}

static int
refuse_person(const char *why, struct err *e)
{
	return err_add(e, ERR_INVALID, "/oaId", "person", "%s", why);
}

/* The one who is known by this oaId: the request's. */
static json_t *
find_person(struct req *r, const char *oa_id, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_USERS,
	    .filters = {{.field = FIELD_USERS_OA, .op = OP_EQ, .text = oa_id}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = 2,
	};
	struct store_page page;
	json_t *user;

	if (store_find(api_store(r), &q, &r->arena, &page, e) < 0)
		return NULL;
	if (page.ndocs != 1) {
		refuse_person("没有这个人，请先同步人员", e);
		return NULL;
	}
	user = json_read_own(page.docs[0].text, page.docs[0].len, e);
	return user != NULL ? req_own_json(r, user) : NULL;
}

static bool
is_admin(const json_t *user)
{
	const json_t *v;
	size_t i;

	json_array_foreach (json_peek_array(user, "roles"), i, v)
		if (strcmp(json_string_value(v), "admin") == 0)
			return true;
	return false;
}

static int
check_person(struct req *r, const json_t *user, struct err *e)
{
	if (api_allow(r, json_peek_str(user, "orgId"), NULL, e) < 0)
		return -1;
	if (json_peek_bool(user, "disabled", false))
		return refuse_person("这个人已经停用", e);
	if (is_admin(user))
		return refuse_person("系统管理员只能用口令登录", e);
	return 0;
}

int
sso_ticket_post(struct req *r, struct err *e)
{
	json_t *user = find_person(r, json_peek_str(r->body, "oaId"), e);
	char ticket[2 * TICKET_BYTES + 1], id[SHA256_HEX + 1];
	unsigned char bytes[TICKET_BYTES];
	struct write_set *ws = api_write_set(r);
	char until[INSTANT_LEN + 1];
	json_t *doc, *answer;

	if (user == NULL || check_person(r, user, e) < 0)
		return -1;
	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(ticket + 2 * i, 3, "%02x", bytes[i]);
	hash_ticket(ticket, id);
	instant_format(r->now + TICKET_MS, until);
	doc = req_own_json(
	    r, json_pack("{s:s, s:s, s:s, s:s}", "_id", id, "keyId",
		   api_who(r)->id, "userId", json_peek_str(user, "_id"),
		   "expiresAt", until));
	answer = req_own_json(
	    r, json_pack("{s:s, s:s}", "ticket", ticket, "expiresAt", until));
	write_insert(ws, COLL_NONCES, doc);
	return api_commit(r, ws, 201, answer, e);
}

static int
refuse_ticket(struct err *e)
{
	return err_set(e, ERR_UNAUTHORIZED,
	    "登录票无效、已经用过或过了60秒，请回到OA里再点一次");
}

/* What a ticket stands for, as long as it does: the request's. */
static json_t *
find_ticket(struct req *r, struct err *e)
{
	char id[SHA256_HEX + 1], now[INSTANT_LEN + 1];
	json_t *doc;

	hash_ticket(json_peek_str(r->body, "ticket"), id);
	doc = store_get_json(api_store(r), COLL_NONCES, id, e);
	if (doc == NULL) {
		if (e->code == ERR_NOTFOUND)
			refuse_ticket(e);
		return NULL;
	}
	req_own_json(r, doc);
	instant_format(r->now, now);
	if (json_peek_str(doc, "userId") != NULL &&
	    strcmp(json_peek_str(doc, "expiresAt"), now) > 0)
		return doc;
	refuse_ticket(e);
	return NULL;
}

int
sso_post(struct req *r, struct err *e)
{
	struct write_set *ws = api_write_set(r);
	json_t *ticket, *user;

	if (session_check_origin(r, e) < 0)
		return -1;
	ticket = find_ticket(r, e);
	if (ticket == NULL)
		return -1;
	user = store_get_json(
	    api_store(r), COLL_USERS, json_peek_str(ticket, "userId"), e);
	if (user == NULL)
		return e->code == ERR_NOTFOUND ? refuse_ticket(e) : -1;
	req_own_json(r, user);
	if (json_peek_bool(user, "disabled", false) || is_admin(user))
		return refuse_ticket(e);
	/* Of two who come at once one finds it gone. */
	write_remove(ws, COLL_NONCES, json_peek_str(ticket, "_id"),
	    json_peek_int(ticket, "rev", 0));
	return people_begin_session(r, ws, user, e);
}
