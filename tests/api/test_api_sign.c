/* Signed requests, inside the process: who gets in, and who does not. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/world.h"
#include "auth/auth.h"
#include "auth/sign.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/secrets.h"
#include "http/local.h"

#define TARGET "/api/v1/plans?limit=1"
#define NTHREADS 20

static struct world world;

struct call {
	const char *key, *secret;
	enum digest digest;
	int64_t skew;
	const char *nonce;
	const char *path, *query, *body, *method;
	/* what is sent in place of what is signed */
	const char *sent_target, *sent_body, *sent_method;
	const char *remote, *authorization;
};

static const struct call plain = {
    .key = "oa",
    .secret = "secret-one",
    .method = "GET",
    .path = "/api/v1/plans",
    .query = "limit=1",
};

/* "200", or the code of the problem. */
static const char *
ask(const struct call *c, char out[64])
{
	char at[24], nonce[UUID_LEN + 1], signature[SIGN_TEXT];
	const char *body = c->body != NULL ? c->body : "";
	struct local_request in = {.method = c->method};
	struct sign_request q = {
	    c->method, c->path, c->query, at, nonce, body, strlen(body)};
	char target[512];
	struct buf answer;
	json_t *problem;
	struct err e;
	int status;

	snprintf(at, sizeof(at), "%lld",
	    (long long)(instant_now() / 1000 + c->skew));
	uuid_random(nonce);
	if (c->nonce != NULL)
		snprintf(nonce, sizeof(nonce), "%s", c->nonce);
	sign_make(&q, c->digest, c->secret, signature);
	snprintf(target, sizeof(target), "%s%s%s", c->path,
	    *c->query != '\0' ? "?" : "", c->query);
	in.target = c->sent_target != NULL ? c->sent_target : target;
	in.body = c->sent_body != NULL ? c->sent_body : c->body;
	in.body_len = in.body != NULL ? strlen(in.body) : 0;
	in.content_type = in.body != NULL ? "application/json" : NULL;
	in.method = c->sent_method != NULL ? c->sent_method : c->method;
	in.sign = (struct req_sign){c->key, at, nonce, signature};
	in.remote = c->remote;
	in.authorization = c->authorization;
	buf_init(&answer, 0);
	status = local_request(world.app.http, &in, &answer);
	snprintf(out, 64, "%d", status);
	if (status >= 400) {
		const char *text = strstr(answer.data, "\r\n\r\n") + 4;

		err_init(&e);
		problem = json_read_own(text, strlen(text), &e);
		snprintf(out, 64, "%s", json_peek_str(problem, "code"));
		json_decref(problem);
	}
	buf_fini(&answer);
	return out;
}

static json_t *
secret_list(const char *id, const char *const *texts, const int64_t *ends)
{
	struct seal *seal = auth_seal(world.app.auth);
	json_t *list = json_array(), *one;
	char at[INSTANT_LEN + 1];
	struct err e;

	for (size_t i = 0; texts[i] != NULL; i++) {
		err_init(&e);
		one = secrets_rotate(
		    NULL, seal, id, texts[i], instant_now(), 0, &e);
		assert_non_null(one);
		if (ends[i] != 0)
			json_put_str(json_array_get(one, 0), "expiresAt",
			    instant_format(instant_now() + ends[i], at));
		json_array_extend(list, one);
		json_decref(one);
	}
	return list;
}

/* A key with the members of `more` (taken). */
static void
seed_key(const char *id, const char *algorithm, json_t *more)
{
	static const char *const texts[] = {"secret-one", "secret-two", NULL};
	const int64_t ends[] = {0, strcmp(id, "rotated") == 0 ? -1 : 60000};
	struct write_set ws;
	struct err e;
	json_t *key = json_pack("{s:s, s:s, s:s, s:[s], s:{s:s, s:o}}", "_id",
	    id, "name", "OA", "orgId", "140800", "roles", "office", "sign",
	    "algorithm", algorithm, "secrets", secret_list(id, texts, ends));

	json_object_update(key, more);
	json_decref(more);
	err_init(&e);
	write_set_init(&ws, instant_now());
	write_insert(&ws, COLL_APIKEYS, key);
	if (store_write(world.store, &ws, &e) < 0)
		fail_msg("%s", e.detail);
	write_set_fini(&ws);
	json_decref(key);
}

static int
setup(void **state)
{
	char past[INSTANT_LEN + 1];

	(void)state;
	world_open(&world, world_engine, "2019-04-04");
	instant_format(instant_now() - 1, past);
	seed_key("oa", "HMAC-SHA256", json_object());
	seed_key("oa-sm3", "HMAC-SM3", json_object());
	seed_key("rotated", "HMAC-SHA256", json_object());
	seed_key("off", "HMAC-SHA256", json_pack("{s:b}", "disabled", 1));
	seed_key("late", "HMAC-SHA256", json_pack("{s:s}", "expiresAt", past));
	seed_key(
	    "there", "HMAC-SHA256", json_pack("{s:[s]}", "ips", "10.1.1.1"));
	seed_key(
	    "weak", "HMAC-SHA256", json_pack("{s:[s]}", "roles", "leader"));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_close(&world);
	return 0;
}

#define CALL(...)                                                        \
	{                                                                \
		.key = "oa", .secret = "secret-one", .method = "GET",    \
		.path = "/api/v1/plans", .query = "limit=1", __VA_ARGS__ \
	}

static void
who_gets_in(void **state)
{
	static const char org[] = "{\"name\":\"闻喜县\",\"kind\":\"county\"}";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	static const struct {
		const char *name;
		struct call call;
		const char *wanted;
	} cases[] = {
	    {"plain", CALL(.skew = 0), "200"},
	    {"the second secret", CALL(.secret = "secret-two"), "200"},
	    {"a secret that has ended",
		CALL(.key = "rotated", .secret = "secret-two"),
		"sign-mismatch"},
	    {"SM3", CALL(.key = "oa-sm3", .digest = DIGEST_SM3), "200"},
	    {"the other algorithm", CALL(.digest = DIGEST_SM3),
		"sign-mismatch"},
	    {"a little late", CALL(.skew = -290), "200"},
	    {"a little early", CALL(.skew = 290), "200"},
	    {"too late", CALL(.skew = -310), "sign-skew"},
	    {"too early", CALL(.skew = 310), "sign-skew"},
	    {"query in another order and spelling",
		CALL(.query = "status=draft&limit=1",
		    .sent_target = "/api/v1/%70lans?limit=%31&status=draft"),
		"200"},
	    {"altered query", CALL(.sent_target = "/api/v1/plans?limit=2"),
		"sign-mismatch"},
	    {"more query",
		CALL(.sent_target = "/api/v1/plans?limit=1&year=2019"),
		"sign-mismatch"},
	    {"no query", CALL(.sent_target = "/api/v1/plans"), "sign-mismatch"},
	    {"altered path", CALL(.sent_target = "/api/v1/orgs?limit=1"),
		"sign-mismatch"},
	    {"altered method", CALL(.query = "", .sent_method = "POST"),
		"sign-mismatch"},
	    {"unknown key", CALL(.key = "nobody"), "sign-unknown-key"},
	    {"a key for Bearer", CALL(.key = "admin.office.000000"),
		"sign-unknown-key"},
	    {"wrong secret", CALL(.secret = "secret-none"), "sign-mismatch"},
	    {"disabled", CALL(.key = "off"), "key-disabled"},
	    {"disabled, wrong secret", CALL(.key = "off", .secret = "x"),
		"sign-mismatch"},
	    {"expired", CALL(.key = "late"), "key-expired"},
	    {"another address", CALL(.key = "there", .remote = "10.1.1.2"),
		"key-address"},
	    {"the address", CALL(.key = "there", .remote = "10.1.1.1"), "200"},
	    {"body",
		CALL(.method = "PUT", .path = "/api/v1/orgs/140899",
		    .query = "", .body = org),
		"precondition-needed"},
	    {"altered body",
		CALL(.method = "PUT", .path = "/api/v1/orgs/140899",
		    .query = "", .body = org, .sent_body = "{}"),
		"sign-mismatch"},
	    {"not allowed",
		CALL(.key = "weak", .method = "PUT",
		    .path = "/api/v1/orgs/140899", .query = "", .body = org),
		"forbidden"},
	    {"Bearer besides", CALL(.authorization = "Bearer x"),
		"bad-request"},
	    {"short nonce", CALL(.nonce = "short"), "sign-headers"},
	};
#pragma GCC diagnostic pop
	char got[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(ask(&cases[i].call, got), cases[i].wanted) != 0)
			fail_msg("%s: %s, not %s", cases[i].name, got,
			    cases[i].wanted);
}

/* Every header is needed. */
static void
headers_missing(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct local_request in = {.method = "GET", .target = TARGET};
		const char *v[4] = {"oa", "1", "0123456789abcdef", "v1="};
		struct buf answer;

		v[i] = NULL;
		in.sign = (struct req_sign){v[0], v[1], v[2], v[3]};
		buf_init(&answer, 0);
		assert_int_equal(
		    local_request(world.app.http, &in, &answer), 401);
		assert_non_null(strstr(answer.data, "\"sign-headers\""));
		buf_fini(&answer);
	}
}

static void
replay(void **state)
{
	struct call c = plain;
	char got[64];

	(void)state;
	c.nonce = "replayed-0123456789";
	assert_string_equal(ask(&c, got), "200");
	assert_string_equal(ask(&c, got), "sign-nonce-used");
	/* Another key's nonces are its own. */
	c.key = "there";
	c.remote = "10.1.1.1";
	assert_string_equal(ask(&c, got), "200");
	/* A request that is refused does not use one up. */
	c = plain;
	c.nonce = "refused-01234567890";
	c.secret = "wrong";
	assert_string_equal(ask(&c, got), "sign-mismatch");
	c.secret = "secret-one";
	assert_string_equal(ask(&c, got), "200");
}

static void *
ask_once(void *arg)
{
	struct call c = plain;
	char got[64];

	c.nonce = arg;
	ask(&c, got);
	return strcmp(got, "200") == 0               ? (void *)1
	       : strcmp(got, "sign-nonce-used") == 0 ? (void *)2
						     : (void *)3;
}

/* Of twenty with one nonce at the same time one gets in. */
static void
one_nonce_many_threads(void **state)
{
	pthread_t threads[NTHREADS];
	char nonce[UUID_LEN + 1];

	(void)state;
	for (int round = 0; round < 5; round++) {
		int in = 0, used = 0;

		uuid_random(nonce);
		for (int i = 0; i < NTHREADS; i++)
			pthread_create(&threads[i], NULL, ask_once, nonce);
		for (int i = 0; i < NTHREADS; i++) {
			void *got;

			pthread_join(threads[i], &got);
			in += got == (void *)1;
			used += got == (void *)2;
		}
		assert_int_equal(in, 1);
		assert_int_equal(used, NTHREADS - 1);
	}
}

static void
last_use_is_noted(void **state)
{
	struct err e;
	json_t *key;
	char got[64];

	(void)state;
	assert_string_equal(ask(&plain, got), "200");
	for (int i = 0; i < 100; i++) {
		const struct timespec pause = {.tv_nsec = 20000000};

		err_init(&e);
		key = store_get_json(world.store, COLL_APIKEYS, "oa", &e);
		bool noted = json_peek_str(key, "lastUsedAt") != NULL;

		json_decref(key);
		if (noted)
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("not noted");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_gets_in),
	    cmocka_unit_test(headers_missing),
	    cmocka_unit_test(replay),
	    cmocka_unit_test(one_nonce_many_threads),
	    cmocka_unit_test(last_use_is_noted),
	};

	return world_run_tests(
	    tests, sizeof(tests) / sizeof(tests[0]), true, setup, teardown);
}
