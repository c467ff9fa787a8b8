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

	p->credential = copy_member(doc, "_id");
	p->credential_rev = json_peek_int(doc, "rev", 0);
	p->until = INT64_MAX;
	p->ips = join_ips(doc);
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

static int
look_up(struct auth *a, const char *id, const char *secret, struct proof *p,
    struct err *e)
{
	char hash[SHA256_HEX + 1];
	json_t *doc = store_get_json(a->store, COLL_APIKEYS, id, e);
	int rc;

	if (doc == NULL)
		return e->code == ERR_NOTFOUND ? refuse_credential(e) : -1;
	p->via = VIA_KEY;
	sha256_hex(secret, strlen(secret), hash);
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
	struct proof found = {.token = ""}, p;
	const char *token;
	char *id, *secret;

	if (read_token(r, &token, &id, &secret, e) < 0)
		return -1;
	sha256_hex(token, strlen(token), hash);
	if (known_get(a->known, hash, &r->arena, &p)) {
		if (proof_current(a, &p, e) == 0)
			goto known;
		if (e->code != ERR_UNAUTHORIZED)
			return -1;
		/* Something has changed: look again, from the beginning. */
		known_forget(a->known, hash);
		err_init(e);
	}
	if (look_up(a, id, secret, &found, e) < 0) {
		proof_fini(&found);
		return -1;
	}
	memcpy(found.token, hash, sizeof(hash));
	proof_copy(&found, &r->arena, &p);
	known_put(a->known, &found);
known:
	if (proof_usable(&p, r, e) < 0)
		return -1;
	return proof_who(a, &p, r, who, e);
}

const struct scheme scheme_key = {present, identify};
