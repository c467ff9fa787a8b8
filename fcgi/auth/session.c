#include "auth/session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "auth/internal.h"
#include "auth/password.h"
#include "base/arena.h"
#include "base/cfg.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "http/req.h"
#include "store/store.h"

#define SECURE_NAME "__Host-ms"
#define PLAIN_NAME "ms"
#define MINUTE_MS ((instant_t)60 * 1000)
#define LOCK_FAILURES 5
#define LOCK_MS (15 * MINUTE_MS)
#define LOCK_DOUBLINGS 4 /* at most 4 hours */
#define LOCK_TRIES 3     /* to write that somebody failed */

/* ---- the cookie ---- */

static bool
is_loopback(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};

	for (size_t i = 0; host != NULL && i < 3; i++) {
		size_t n = strlen(names[i]);

		if (strncasecmp(host, names[i], n) == 0 &&
		    (host[n] == '\0' || host[n] == ':'))
			return true;
	}
	return false;
}

/* Plain http is for this machine only; everywhere else the browser shall
 * refuse to send the cookie without TLS. */
static bool
is_plain(const struct req *r)
{
	return !r->https && is_loopback(r->host);
}

static void
set_cookie(struct req *r, const char *value, const char *age)
{
	bool plain = is_plain(r);

	res_header(r, "Set-Cookie",
	    arena_printf(&r->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
		plain ? PLAIN_NAME : SECURE_NAME, value,
		plain ? "" : "; Secure", age));
}

/* The value of our cookie: arena, or NULL. */
static const char *
find_cookie(const struct req *r, struct arena *a)
{
	const char *name = is_plain(r) ? PLAIN_NAME : SECURE_NAME;
	const char *s = r->cookie;
	size_t n = strlen(name);

	while (s != NULL && *s != '\0') {
		size_t len = strcspn(s, ";");

		if (len > n && strncmp(s, name, n) == 0 && s[n] == '=')
			return arena_strndup(a, s + n + 1, len - n - 1);
		s += len + (s[len] == ';');
		s += strspn(s, " \t");
	}
	return NULL;
}

json_t *
session_begin(struct auth *a, struct req *r, const char *user)
{
	char token[SESSION_TOKEN + 1], hash[SHA256_HEX + 1];
	char until[INSTANT_LEN + 1], now[INSTANT_LEN + 1];
	unsigned char bytes[SESSION_TOKEN / 2];
	json_t *doc;

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(token + 2 * i, 3, "%02x", bytes[i]);
	sha256_hex(token, SESSION_TOKEN, hash);
	doc = json_object();
	json_put_str(doc, "_id", hash);
	json_put_str(doc, "userId", user);
	json_put_str(doc, "seenAt", instant_format(r->now, now));
	json_put_str(doc, "expiresAt",
	    instant_format(r->now + a->cfg->session_max, until));
	if (r->remote[0] != '\0')
		json_put_str(doc, "remote", r->remote);
	set_cookie(r, token, "");
	return doc;
}

void
session_end(struct req *r)
{
	set_cookie(r, "", "; Max-Age=0");
}

/* ---- our own pages only ---- */

/* "https://host" names the host that was asked. */
static bool
same_origin(const struct req *r)
{
	const char *at = strstr(r->origin, "://");

	return at != NULL && r->host != NULL &&
	       strcasecmp(at + 3, r->host) == 0 &&
	       (!r->https || text_starts(r->origin, "https:"));
}

int
session_check_origin(const struct req *r, struct err *e)
{
	bool ours = true;

	if (r->fetch_site != NULL)
		ours = strcmp(r->fetch_site, "same-origin") == 0 ||
		       strcmp(r->fetch_site, "none") == 0;
	else if (r->origin != NULL)
		ours = same_origin(r);
	if (ours)
		return 0;
	return err_set(e, ERR_FORBIDDEN, "这个请求不是从本系统的页面发出的");
}

static int
check_forgery(const struct req *r, struct err *e)
{
	const char *type = r->content_type != NULL ? r->content_type : "";
	bool marked =
	    r->requested_with != NULL ||
	    strncasecmp(type, "application/json", 16) == 0 ||
	    strncasecmp(type, "application/merge-patch+json", 28) == 0;

	if (r->method == METHOD_GET || r->method == METHOD_HEAD)
		return 0;
	if (r->fetch_site == NULL && r->origin == NULL)
		return err_set(e, ERR_FORBIDDEN,
		    "用Cookie修改数据须带Origin或Sec-Fetch-Site");
	if (!marked)
		return err_set(e, ERR_FORBIDDEN,
		    "用Cookie修改数据，内容须是JSON，或带X-Requested-With");
	return session_check_origin(r, e);
}

/* ---- the rate of attempts, by address ---- */

struct attempts {
	char remote[48];
	int64_t minute;
	int64_t n;
};

#define ATTEMPT_SLOTS 256U

static struct attempts attempts[ATTEMPT_SLOTS];
static pthread_mutex_t attempts_mutex = PTHREAD_MUTEX_INITIALIZER;

/* A slot is shared by addresses of one hash: then they count together. */
static int
count_attempt(struct auth *a, struct req *r, struct err *e)
{
	struct attempts *t = &attempts[hash_text(r->remote) % ATTEMPT_SLOTS];
	int64_t minute = r->now / MINUTE_MS, n;
	char wait[8];

	pthread_mutex_lock(&attempts_mutex);
	if (t->minute != minute) {
		t->minute = minute;
		t->n = 0;
	}
	n = ++t->n;
	pthread_mutex_unlock(&attempts_mutex);
	if (n <= a->cfg->login_rate)
		return 0;
	snprintf(wait, sizeof(wait), "%lld",
	    (long long)((MINUTE_MS - r->now % MINUTE_MS) / 1000 + 1));
	res_header(r, "Retry-After", wait);
	return err_set(e, ERR_TOOMANY, "登录过于频繁，请%s秒后再试", wait);
}

/* ---- signing in ---- */

static int
refuse_sign_in(struct err *e)
{
	return err_set(e, ERR_UNAUTHORIZED,
	    "用户名或口令不正确；连续输错%d次会锁定一段时间", LOCK_FAILURES);
}

static instant_t
peek_instant(const json_t *o, const char *key)
{
	const char *s = json_peek_str(o, key);
	instant_t t;

	return s != NULL && instant_parse(s, &t) ? t : 0;
}

/* How many failures in a row there are with this one. */
static int64_t
failures_now(const json_t *lock, instant_t now)
{
	instant_t last = peek_instant(lock, "at");
	instant_t until = peek_instant(lock, "until");

	if (now - (until > last ? until : last) >= LOCK_MS)
		return 1;
	return json_peek_int(lock, "failures", 0) + 1;
}

static void
count_failure(json_t *user, instant_t now)
{
	const json_t *before = json_object_get(user, "lock");
	int64_t n = failures_now(before, now), more = n - LOCK_FAILURES;
	char text[INSTANT_LEN + 1];
	json_t *lock = json_object();

	json_put_int(lock, "failures", n);
	json_put_str(lock, "at", instant_format(now, text));
	if (more > LOCK_DOUBLINGS)
		more = LOCK_DOUBLINGS;
	if (more >= 0)
		json_put_str(lock, "until",
		    instant_format(now + (LOCK_MS << more), text));
	json_put(user, "lock", lock);
}

/* Written at once; where others write as well, what they wrote is counted. */
static void
write_failure(struct auth *a, const struct req *r, const char *id)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		struct write_set ws;
		struct err e;
		json_t *user;
		int rc;

		err_init(&e);
		user = store_get_json(a->store, COLL_USERS, id, &e);
		if (user == NULL)
			return;
		count_failure(user, r->now);
		write_set_init(&ws, r->now);
		write_replace(
		    &ws, COLL_USERS, user, json_peek_int(user, "rev", 0));
		rc = store_write(a->store, &ws, &e);
		write_set_fini(&ws);
		json_decref(user);
		if (rc == 0 || e.code != ERR_STALE)
			return;
	}
}

json_t *
session_sign_in(struct auth *a, struct req *r, const char *user,
    const char *password, bool *changed, struct err *e)
{
	json_t *doc;
	bool locked, right;

	req_slow(r);
	if (count_attempt(a, r, e) < 0)
		return NULL;
	doc = store_get_json(a->store, COLL_USERS, user, e);
	if (doc == NULL && e->code != ERR_NOTFOUND)
		return NULL;
	err_init(e);
	locked = peek_instant(json_object_get(doc, "lock"), "until") > r->now;
	right = password_matches(password, json_peek_str(doc, "password"));
	*changed = json_object_del(doc, "lock") == 0;
	if (right && !locked && !json_peek_bool(doc, "disabled", false))
		return doc;
	log_line(LOG_LEVEL_WARN, "sign-in refused",
	    "remote=%s known=%d locked=%d", r->remote, doc != NULL, locked);
	if (doc != NULL && !locked && !right)
		write_failure(a, r, user);
	json_decref(doc);
	refuse_sign_in(e);
	return NULL;
}

bool
session_password_due(
    const struct auth *a, const struct req *r, const json_t *user)
{
	enum profile p = profile_by_word(a->cfg->password_profile);

	if (json_peek_str(user, "password") == NULL)
		return false;
	return json_peek_bool(user, "passwordTemporary", false) ||
	       profile_overdue(
		   p, peek_instant(user, "passwordChangedAt"), r->now);
}

/* ---- who has signed in ---- */

static bool
present(const struct req *r)
{
	return r->cookie != NULL;
}

static int
refuse_session(struct err *e)
{
	return err_set(e, ERR_UNAUTHORIZED, "登录已过期，请重新登录");
}

static int
look_up(struct auth *a, struct req *r, const void *arg, struct proof *p,
    struct err *e)
{
	const char *hash = arg;
	json_t *doc = store_get_json(a->store, COLL_SESSIONS, hash, e);
	json_t *user;
	int rc;

	if (doc == NULL)
		return e->code == ERR_NOTFOUND ? refuse_session(e) : -1;
	p->via = VIA_SESSION;
	p->credential = strdup(hash);
	p->credential_rev = json_peek_int(doc, "rev", 0);
	p->until = peek_instant(doc, "expiresAt");
	p->seen = peek_instant(doc, "seenAt");
	rc = proof_take_user(a, p, json_peek_str(doc, "userId"), e);
	json_decref(doc);
	if (p->credential == NULL)
		abort();
	if (rc < 0)
		return -1;
	user = store_get_json(a->store, COLL_USERS, p->user, e);
	if (user == NULL)
		return -1;
	p->password_due = session_password_due(a, r, user);
	json_decref(user);
	return 0;
}

static int
identify(struct auth *a, struct req *r, struct who *who, struct err *e)
{
	const char *token = find_cookie(r, &r->arena);
	char hash[SHA256_HEX + 1];
	struct proof p;

	if (token == NULL || strlen(token) != SESSION_TOKEN)
		return refuse_session(e);
	if (check_forgery(r, e) < 0)
		return -1;
	sha256_hex(token, SESSION_TOKEN, hash);
	if (proof_find(a, r, hash, look_up, hash, &p, e) < 0)
		return -1;
	if (r->now - p.seen >= a->cfg->session_idle)
		return refuse_session(e);
	proof_touch(a, r, &p, "seenAt", MINUTE_MS);
	return proof_who(a, &p, r, who, e);
}

const struct scheme scheme_session = {present, identify};
