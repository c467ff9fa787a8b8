#include <stdlib.h>
#include <string.h>

#include "auth/internal.h"
#include "auth/sign.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/secrets.h"
#include "http/req.h"
#include "store/store.h"

/* A key's last use is noted this often, not at every request. */
#define NOTE_MS (10 * 60 * 1000)

static bool
present(const struct req *r)
{
	return req_is_signed(r);
}

static int
refuse_key(struct err *e)
{
	return err_set(e, ERR_SIGNKEY, "没有这个接口密钥");
}

static struct sign_request
request_of(const struct req *r)
{
	return (struct sign_request){
	    .method = r->method_text,
	    .path = r->path,
	    .query = r->query,
	    .timestamp = r->sign.timestamp,
	    .nonce = r->sign.nonce,
	    .body = r->raw,
	    .body_len = r->raw_len,
	};
}

/* What can be said without any key: form and time. */
static int
check_headers(const struct req *r, const struct sign_request *q, struct err *e)
{
	int64_t at, skew;

	if (sign_check_form(q, r->sign.key, r->sign.signature, &at, e) < 0)
		return -1;
	if (r->raw_cut)
		return err_set(e, ERR_TOOBIG, "请求体过大");
	skew = at - instant_now() / 1000;
	if (skew > SIGN_SKEW_S || skew < -SIGN_SKEW_S)
		return err_set(e, ERR_SIGNSKEW,
		    "签名时间与服务器时间相差超过%d秒，请校准时钟",
		    SIGN_SKEW_S);
	return 0;
}

static int
check_signature(struct auth *a, const struct req *r, const json_t *key,
    const struct sign_request *q, struct err *e)
{
	const json_t *sign = json_object_get(key, "sign");
	const char *word = json_peek_str(sign, "algorithm");
	int d = word != NULL ? sign_algorithm(word) : -1;
	char *secrets[SIGN_SECRETS];
	bool same;
	size_t n;

	/* A key for Bearer is none for this. */
	if (d < 0)
		return refuse_key(e);
	if (secrets_open(json_peek_array(sign, "secrets"), a->seal, r->sign.key,
		instant_now(), secrets, SIGN_SECRETS, &n, e) < 0)
		return -1;
	same = sign_matches(q, (enum digest)d, (const char *const *)secrets, n,
	    r->sign.signature);
	secrets_free(secrets, n);
	if (same)
		return 0;
	return err_set(e, ERR_SIGNBAD,
	    "签名不符：请核对密钥和待签字符串，样例见docs/oa/vectors.json");
}

/* The secret was right, so the key's own state is no news to who asks. */
static int
check_key(const struct req *r, const json_t *key, const struct proof *p,
    struct err *e)
{
	if (json_peek_bool(key, "disabled", false))
		return err_set(e, ERR_KEYOFF, "这个接口密钥已经停用");
	if (p->until <= instant_now())
		return err_set(e, ERR_KEYEXPIRED, "这个接口密钥已经过期");
	if (p->ips != NULL && !ip_listed(p->ips, r->remote))
		return err_set(
		    e, ERR_KEYADDRESS, "这个接口密钥不能从这台机器上使用");
	return 0;
}

/* Exactly one of those who come with the same nonce gets through. */
static int
use_nonce(struct auth *a, struct req *r, struct err *e)
{
	const char *text =
	    arena_printf(&r->arena, "%s\n%s", r->sign.key, r->sign.nonce);
	char id[SHA256_HEX + 1], until[INSTANT_LEN + 1];
	struct write_set ws;
	json_t *doc;
	int rc;

	sha256_hex(text, strlen(text), id);
	instant_format(instant_now() + 2 * SIGN_SKEW_S * 1000, until);
	doc = json_object();
	json_put_str(doc, "_id", id);
	json_put_str(doc, "keyId", r->sign.key);
	json_put_str(doc, "expiresAt", until);
	write_set_init(&ws, r->now);
	write_insert(&ws, COLL_NONCES, doc);
	req_slow(r);
	rc = store_write(a->store, &ws, e);
	write_set_fini(&ws);
	json_decref(doc);
	if (rc < 0 && e->code == ERR_EXISTS)
		return err_set(
		    e, ERR_SIGNNONCE, "X-MS-Nonce已经用过，每个请求都要用新的");
	return rc;
}

/* ---- when it was used last ---- */

struct note {
	struct write_set ws;
};

static void
noted(void *arg, const struct err *e)
{
	struct note *n = arg;

	(void)e; /* somebody else has changed the key: the next one notes it */
	write_set_fini(&n->ws);
	free(n);
}

static void
note_use(struct auth *a, const struct req *r, const json_t *key)
{
	const char *last = json_peek_str(key, "lastUsedAt");
	char at[INSTANT_LEN + 1];
	struct note *n;
	instant_t then;
	json_t *doc;
	struct err e;

	if (last != NULL && instant_parse(last, &then) &&
	    r->now - then < NOTE_MS)
		return;
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		abort();
	err_init(&e);
	doc = json_copy(json_iterable(key));
	json_put_str(doc, "lastUsedAt", instant_format(r->now, at));
	write_set_init(&n->ws, r->now);
	write_replace(&n->ws, COLL_APIKEYS, doc, json_peek_int(key, "rev", 0));
	json_decref(doc);
	if (store_submit(a->store, &n->ws, noted, n, &e) < 0)
		noted(n, &e);
}

/* ---- who it is ---- */

static int
identify_key(struct auth *a, struct req *r, const json_t *key,
    const struct sign_request *q, struct proof *p, struct err *e)
{
	p->via = VIA_SIGNED;
	if (check_signature(a, r, key, q, e) < 0)
		return -1;
	if (json_peek_bool(key, "disabled", false))
		return check_key(r, key, p, e);
	if (proof_take_key(a, p, key, e) < 0 || check_key(r, key, p, e) < 0)
		return -1;
	return use_nonce(a, r, e);
}

static int
identify(struct auth *a, struct req *r, struct who *who, struct err *e)
{
	struct sign_request q = request_of(r);
	struct proof found = {.token = ""}, p;
	json_t *key;
	int rc;

	if (check_headers(r, &q, e) < 0)
		return -1;
	key = store_get_json(a->store, COLL_APIKEYS, r->sign.key, e);
	if (key == NULL)
		return e->code == ERR_NOTFOUND ? refuse_key(e) : -1;
	rc = identify_key(a, r, key, &q, &found, e);
	if (rc == 0) {
		note_use(a, r, key);
		proof_copy(&found, &r->arena, &p);
		rc = proof_who(a, &p, r, who, e);
	}
	proof_fini(&found);
	json_decref(key);
	return rc;
}

const struct scheme scheme_sign = {present, identify};
