/*
 * What it costs to verify a signed request, inside one process: the form of
 * the headers, the key from the store, its sealed secrets opened, the string
 * that is signed, the signature.
 *
 *	sign COUNT [--data=... and other settings]
 *
 * Prints the CPU time of that and of a whole signed GET (in the thread that
 * asks, its nonce stored durably by the store's own), for each algorithm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/app.h"
#include "auth/auth.h"
#include "auth/sign.h"
#include "base/buf.h"
#include "base/cfg.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secrets.h"
#include "http/local.h"
#include "store/store.h"

#define ROUNDS 5
#define PATH "/api/v1/plans/140800-2019"
#define SECRET "4f1d2c3b5a69788796a5b4c3d2e1f00f"

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct sign_request
request_of(const char *at, const char *nonce)
{
	return (struct sign_request){"GET", PATH, "", at, nonce, "", 0};
}

/* The verification alone, as scheme_sign does it, without its nonce. */
static double
verify(struct app *app, const char *id, enum digest d, long count)
{
	char signature[SIGN_TEXT];
	struct sign_request q = request_of("1567209600", "bench-0123456789");
	double start = cpu_us();
	long good = 0;

	sign_make(&q, d, SECRET, signature);
	for (long i = 0; i < count; i++) {
		char *secrets[SIGN_SECRETS];
		struct err e;
		int64_t at;
		size_t n;
		json_t *key;

		err_init(&e);
		if (sign_check_form(&q, id, signature, &at, &e) < 0)
			break;
		key = store_get_json(app->store, COLL_APIKEYS, id, &e);
		if (secrets_open(json_peek_array(
				     json_object_get(key, "sign"), "secrets"),
			auth_seal(app->auth), id, instant_now(), secrets,
			SIGN_SECRETS, &n, &e) == 0) {
			good += sign_matches(
			    &q, d, (const char *const *)secrets, n, signature);
			secrets_free(secrets, n);
		}
		json_decref(key);
	}
	return good == count ? (cpu_us() - start) / (double)count : -1;
}

/* A whole request, signed; its caller's thread only. */
static double
whole(struct app *app, const char *id, enum digest d, long count)
{
	struct buf answer;
	double start = cpu_us();

	buf_init(&answer, 0);
	for (long i = 0; i < count; i++) {
		char at[24], nonce[UUID_LEN + 1], signature[SIGN_TEXT];
		struct sign_request q = request_of(at, nonce);
		struct local_request in = {.method = "GET", .target = PATH};

		snprintf(
		    at, sizeof(at), "%lld", (long long)(instant_now() / 1000));
		uuid_random(nonce);
		sign_make(&q, d, SECRET, signature);
		in.sign = (struct req_sign){id, at, nonce, signature};
		buf_reset(&answer);
		if (local_request(app->http, &in, &answer) == 401)
			start = cpu_us() + 1e12;
	}
	buf_fini(&answer);
	return (cpu_us() - start) / (double)count;
}

static int
add_key(struct app *app, const char *id, enum digest d, struct err *e)
{
	json_t *list = secrets_rotate(
	    NULL, auth_seal(app->auth), id, SECRET, instant_now(), 0, e);
	struct write_set ws;
	json_t *key;
	int rc;

	if (list == NULL)
		return -1;
	key = json_pack("{s:s, s:s, s:s, s:[s], s:{s:s, s:o}}", "_id", id,
	    "name", id, "orgId", "140800", "roles", "office", "sign",
	    "algorithm", sign_algorithm_name(d), "secrets", list);
	write_set_init(&ws, instant_now());
	write_insert(&ws, COLL_APIKEYS, key);
	rc = store_write(app->store, &ws, e);
	write_set_fini(&ws);
	json_decref(key);
	return rc;
}

static int
measure(struct app *app, enum digest d, long count, struct err *e)
{
	double alone = 0, all = 0;
	char id[UUID_LEN + 1];

	uuid_random(id);
	if (add_key(app, id, d, e) < 0)
		return -1;
	for (int round = 0; round < ROUNDS; round++) {
		double a = verify(app, id, d, count);
		double w = whole(app, id, d, count / 10 + 1);

		alone = round == 0 || a < alone ? a : alone;
		all = round == 0 || w < all ? w : all;
	}
	printf("%s: verification %.2f us, the whole request %.2f us\n",
	    sign_algorithm_name(d), alone, all);
	return 0;
}

static int
run(struct cfg *cfg, long count, struct err *e)
{
	struct app app = {0};
	struct store *store = store_open(cfg, e);
	int rc = -1;

	if (store == NULL)
		return -1;
	if (app_init(&app, cfg, store, e) == 0)
		rc = measure(&app, DIGEST_SHA256, count, e) < 0 ||
			     measure(&app, DIGEST_SM3, count, e) < 0
			 ? -1
			 : 0;
	app_fini(&app);
	store_close(store);
	return rc;
}

int
main(int argc, char **argv)
{
	struct cfg cfg;
	struct err e;
	int rc = 2;

	err_init(&e);
	cfg_init(&cfg);
	log_set_level(LOG_LEVEL_ERROR);
	if (cfg_load_args(&cfg, &argc, argv, &e) == 0 && argc == 2)
		rc = run(&cfg, strtol(argv[1], NULL, 10), &e) < 0 ? 1 : 0;
	else
		fputs("usage: sign COUNT [--data=...]\n", stderr);
	if (e.code != ERR_NONE)
		fprintf(stderr, "sign: %s\n", e.detail);
	cfg_fini(&cfg);
	return rc;
}
