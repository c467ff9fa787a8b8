#include <stdlib.h>
#include <string.h>

#include "auth/internal.h"
#include "base/arena.h"
#include "base/json.h"
#include "http/req.h"
#include "store/store.h"

int
refuse_credential(struct err *e)
{
	return err_set(e, ERR_UNAUTHORIZED, "凭证无效或已过期，请重新登录");
}

unsigned
roles_of(const json_t *doc)
{
	unsigned roles = 0;
	size_t i;
	json_t *word;

	json_array_foreach (json_peek_array(doc, "roles"), i, word) {
		int r = role_by_word(json_string_value(word));

		if (r >= 0)
			roles |= 1U << r;
	}
	return roles;
}

static char *
copy_text(const char *s)
{
	char *copy = strdup(s != NULL ? s : "");

	if (copy == NULL)
		abort();
	return copy;
}

int
proof_take_user(
    struct auth *a, struct proof *p, const char *user, struct err *e)
{
	json_t *doc = store_get_json(a->store, COLL_USERS, user, e);
	int rc = 0;

	if (doc == NULL)
		return e->code == ERR_NOTFOUND ? refuse_credential(e) : -1;
	if (json_peek_bool(doc, "disabled", false)) {
		rc = refuse_credential(e);
	} else {
		p->user = copy_text(user);
		p->user_rev = json_peek_int(doc, "rev", 0);
		p->name = copy_text(json_peek_str(doc, "name"));
		p->org_id = copy_text(json_peek_str(doc, "orgId"));
		p->roles = roles_of(doc);
	}
	json_decref(doc);
	return rc;
}

bool
ip_listed(const char *ips, const char *remote)
{
	size_t n = strlen(remote);

	for (const char *s = ips; *s != '\0'; s += strspn(s, " ")) {
		size_t len = strcspn(s, " ");

		if (len == n && memcmp(s, remote, n) == 0)
			return true;
		s += len;
	}
	return false;
}

/* 0 while the document is at this revision. */
static int
check_rev(
    struct auth *a, enum coll c, const char *id, int64_t rev, struct err *e)
{
	int64_t now;

	if (store_get_rev(a->store, c, id, &now, e) < 0)
		return e->code == ERR_NOTFOUND ? refuse_credential(e) : -1;
	return now == rev ? 0 : refuse_credential(e);
}

int
proof_usable(const struct proof *p, const struct req *r, struct err *e)
{
	if (p->until <= r->now)
		return refuse_credential(e);
	if (p->ips != NULL && !ip_listed(p->ips, r->remote))
		return err_set(
		    e, ERR_UNAUTHORIZED, "这个密钥不能从这台机器上使用");
	return 0;
}

int
proof_current(struct auth *a, const struct proof *p, struct err *e)
{
	enum coll c = p->via == VIA_SESSION ? COLL_SESSIONS : COLL_APIKEYS;

	if (check_rev(a, c, p->credential, p->credential_rev, e) < 0)
		return -1;
	if (p->user == NULL)
		return 0;
	return check_rev(a, COLL_USERS, p->user, p->user_rev, e);
}

int
proof_find(struct auth *a, struct req *r, const char *token, proof_fn fn,
    const void *arg, struct proof *out, struct err *e)
{
	struct proof found = {.token = ""};

	if (known_get(a->known, token, &r->arena, out)) {
		if (proof_current(a, out, e) == 0)
			return proof_usable(out, r, e);
		if (e->code != ERR_UNAUTHORIZED)
			return -1;
		/* Something has changed: look again, from the beginning. */
		known_forget(a->known, token);
		err_init(e);
	}
	if (fn(a, r, arg, &found, e) < 0) {
		proof_fini(&found);
		return -1;
	}
	memcpy(found.token, token, sizeof(found.token));
	proof_copy(&found, &r->arena, out);
	known_put(a->known, &found);
	return proof_usable(out, r, e);
}

/* ---- when it was used ---- */

static void
touched(void *arg, const struct err *e)
{
	(void)e; /* somebody else has written: then that was a use too */
	write_set_fini(arg);
	free(arg);
}

void
proof_touch(struct auth *a, const struct req *r, const struct proof *p,
    const char *member, instant_t every)
{
	enum coll c = p->via == VIA_SESSION ? COLL_SESSIONS : COLL_APIKEYS;
	char now[INSTANT_LEN + 1];
	struct write_set *ws;
	struct err ignored;
	json_t *doc;

	if (r->now - p->seen < every ||
	    !known_seen(a->known, p->token, r->now, every))
		return;
	err_init(&ignored);
	doc = store_get_json(a->store, c, p->credential, &ignored);
	if (doc == NULL)
		return;
	ws = malloc(sizeof(*ws));
	if (ws == NULL)
		abort();
	json_put_str(doc, member, instant_format(r->now, now));
	write_set_init(ws, r->now);
	write_replace(ws, c, doc, p->credential_rev);
	json_decref(doc);
	if (store_submit(a->store, ws, touched, ws, &ignored) < 0)
		touched(ws, &ignored);
}

int
proof_who(struct auth *a, const struct proof *p, struct req *r, struct who *who,
    struct err *e)
{
	char division[DIVISION_LEN + 1];

	if (units_refresh(a->units, e) < 0 ||
	    units_division(a->units, p->org_id, division, e) < 0)
		return -1;
	*who = (struct who){
	    .id = p->user != NULL ? p->user : p->credential,
	    .name = p->name,
	    .org_id = p->org_id,
	    .division = arena_strdup(&r->arena, division),
	    .roles = p->roles,
	    .via = p->via,
	    .credential = p->credential,
	    .password_due = p->password_due,
	    .auth = a,
	};
	return 0;
}
