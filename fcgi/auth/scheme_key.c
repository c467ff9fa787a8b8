#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth/internal.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/text.h"
#include "http/req.h"
#include "store/store.h"

#define BEARER "Bearer "
#define PREFIX "msk_"
#define TOKEN_MAX 256
#define USED_EVERY_MS ((instant_t)10 * 60 * 1000)

static bool
present(const struct req *r)
{
	return r->authorization != NULL;
}

/* msk_<id>_<secret>: the secret has no underscore, the id may have some. */
static int
read_token(
    struct req *r, const char **token, char **id, char **secret, struct err *e)
{
	const char *s = r->authorization;
	char *last;

	if (strncasecmp(s, BEARER, strlen(BEARER)) != 0)
		return refuse_credential(e);
	s += strlen(BEARER);
	if (!text_starts(s, PREFIX) || strnlen(s, TOKEN_MAX) == TOKEN_MAX)
		return refuse_credential(e);
	*token = s;
	*id = arena_strdup(&r->arena, s + strlen(PREFIX));
	last = strrchr(*id, '_');
	if (last == NULL)
		return refuse_credential(e);
	*last = '\0';
	*secret = last + 1;
	return id_valid(*id) ? 0 : refuse_credential(e);
}

/* Equal, in a time that does not depend on where they differ. */
static bool
same_hash(const char *a, const char *b)
{
	unsigned char differ = 0;

	if (a == NULL || strlen(a) != SHA256_HEX)
		return false;
	for (size_t i = 0; i < SHA256_HEX; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

static char *
join_ips(const json_t *doc)
{
	const json_t *ips = json_peek_array(doc, "ips");
	struct buf b;
	size_t i;
	json_t *ip;

	if (json_array_size(ips) == 0)
		return NULL;
	buf_init(&b, 0);
	json_array_foreach (ips, i, ip) {
		buf_add(&b, i > 0 ? " " : "");
		buf_add(&b, json_string_value(ip));
	}
	return buf_take(&b);
}

static char *
copy_member(const json_t *doc, const char *key)
{
	const char *s = json_peek_str(doc, key);
	char *copy = strdup(s != NULL ? s : "");

	if (copy == NULL)
		abort();
	return copy;
}

int
proof_take_key(
    struct auth *a, struct proof *p, const json_t *doc, struct err *e)
{
	const char *user = json_peek_str(doc, "userId");
	const char *until = json_peek_str(doc, "expiresAt");
	const char *used = json_peek_str(doc, "lastUsedAt");

	p->credential = copy_member(doc, "_id");
	p->credential_rev = json_peek_int(doc, "rev", 0);
	p->until = INT64_MAX;
	p->ips = join_ips(doc);
	if (used != NULL && !instant_parse(used, &p->seen))
		p->seen = 0;
	if (json_peek_bool(doc, "disabled", false) ||
	    (until != NULL && !instant_parse(until, &p->until)))
		return refuse_credential(e);
	if (user != NULL)
		return proof_take_user(a, p, user, e);
	p->name = copy_member(doc, "name");
	p->org_id = copy_member(doc, "orgId");
	p->roles = roles_of(doc);
	return 0;
}

/* What the request shows. */
struct shown {
	char *id;
	char *secret;
};

static int
look_up(struct auth *a, struct req *r, const void *arg, struct proof *p,
    struct err *e)
{
	const struct shown *shown = arg;
	char hash[SHA256_HEX + 1];
	json_t *doc = store_get_json(a->store, COLL_APIKEYS, shown->id, e);
	int rc;

	(void)r;
	if (doc == NULL)
		return e->code == ERR_NOTFOUND ? refuse_credential(e) : -1;
	p->via = VIA_KEY;
	sha256_hex(shown->secret, strlen(shown->secret), hash);
	if (same_hash(json_peek_str(doc, "secretHash"), hash))
		rc = proof_take_key(a, p, doc, e);
	else
		rc = refuse_credential(e);
	json_decref(doc);
	return rc;
}

static int
identify(struct auth *a, struct req *r, struct who *who, struct err *e)
{
	char hash[SHA256_HEX + 1];
	const char *token = NULL;
	struct shown shown;
	struct proof p;

	if (read_token(r, &token, &shown.id, &shown.secret, e) < 0)
		return -1;
	sha256_hex(token, strlen(token), hash);
	if (proof_find(a, r, hash, look_up, &shown, &p, e) < 0)
		return -1;
	proof_touch(a, r, &p, "lastUsedAt", USED_EVERY_MS);
	return proof_who(a, &p, r, who, e);
}

const struct scheme scheme_key = {present, identify};
