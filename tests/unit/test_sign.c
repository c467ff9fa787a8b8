#include "auth/sign.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "unit/support.h"

static struct sign_request
request_of(const json_t *v)
{
	const char *body = json_peek_str(v, "body");

	return (struct sign_request){
	    .method = json_peek_str(v, "method"),
	    .path = json_peek_str(v, "path"),
	    .query = json_peek_str(v, "query"),
	    .timestamp = json_peek_str(v, "timestamp"),
	    .nonce = json_peek_str(v, "nonce"),
	    .body = body,
	    .body_len = strlen(body),
	};
}

static void
check_vector(const json_t *v)
{
	struct sign_request q = request_of(v);
	int d = sign_algorithm(json_peek_str(v, "algorithm"));
	const char *secret = json_peek_str(v, "secret");
	const char *signature = json_peek_str(v, "signature");
	const char *two[] = {"another secret", secret};
	char made[SIGN_TEXT];
	struct buf text;
	struct err e;
	int64_t at;

	err_init(&e);
	buf_init(&text, 0);
	assert_true(d >= 0);
	sign_canonical(&text, &q, (enum digest)d);
	assert_string_equal(text.data, json_peek_str(v, "canonical"));
	sign_make(&q, (enum digest)d, secret, made);
	assert_string_equal(made, signature);
	assert_int_equal(sign_check_form(&q, "oa", signature, &at, &e), 0);
	assert_true(sign_matches(&q, (enum digest)d, two, 2, signature));
	assert_false(sign_matches(&q, (enum digest)d, two, 1, signature));
	assert_false(sign_matches(&q,
	    DIGEST_SHA256 + DIGEST_SM3 - (enum digest)d, two, 2, signature));
	buf_fini(&text);
}

/* What docs/oa publishes is what the program does. */
static void
published_vectors(void **state)
{
	json_t *file =
	    json_load_file(MS_SOURCE_DIR "/docs/oa/vectors.json", 0, NULL);
	size_t i, zeros = 0;
	json_t *v;

	(void)state;
	assert_non_null(file);
	assert_true(json_array_size(json_object_get(file, "vectors")) >= 20);
	json_array_foreach (json_object_get(file, "vectors"), i, v) {
		check_vector(v);
		zeros +=
		    strncmp(json_peek_str(v, "signature"), "v1=000", 6) == 0;
	}
	assert_true(zeros >= 2);
	json_decref(file);
}

/* Each part is signed: to change one is to break the signature. */
static void
every_part_counts(void **state)
{
	const struct sign_request good = {"PUT", "/api/v1/orgs/140823",
	    "a=1&b=2", "1567209600", "nonce-0123456789", "{\"a\":1}", 7};
	const char *secret[] = {"secret"};
	struct sign_request bad[8];
	char signature[SIGN_TEXT];

	(void)state;
	for (int d = 0; d < DIGEST__MAX; d++) {
		sign_make(&good, (enum digest)d, secret[0], signature);
		assert_true(
		    sign_matches(&good, (enum digest)d, secret, 1, signature));
		for (size_t i = 0; i < COUNT(bad); i++)
			bad[i] = good;
		bad[0].method = "POST";
		bad[1].path = "/api/v1/orgs/140824";
		bad[2].query = "a=1&b=3";
		bad[3].query = "a=1&b=2&c=";
		bad[4].timestamp = "1567209601";
		bad[5].nonce = "nonce-0123456788";
		bad[6].body = "{\"a\":2}";
		bad[7].body_len = 6;
		for (size_t i = 0; i < COUNT(bad); i++)
			assert_false(sign_matches(
			    &bad[i], (enum digest)d, secret, 1, signature));
	}
}

/* A long query is signed to its end. */
static void
long_query(void **state)
{
	struct sign_request q = {
	    "GET", "/", "", "1567209600", "nonce-0123456789", "", 0};
	const char *secret[] = {"secret"};
	char signature[SIGN_TEXT];
	struct buf query;

	(void)state;
	buf_init(&query, 0);
	for (int i = 0; i < 500; i++)
		buf_addf(&query, "a%d=%d&", i, i);
	q.query = query.data;
	sign_make(&q, DIGEST_SM3, secret[0], signature);
	query.data[query.len - 2] ^= 1;
	assert_false(sign_matches(&q, DIGEST_SM3, secret, 1, signature));
	buf_fini(&query);
}

static void
form_of_headers(void **state)
{
	static const char *const good[] = {"oa", "1567209600",
	    "0123456789abcdef",
	    ("v1=00000000000000000000000000000000"
	     "00000000000000000000000000000000")};
	static const struct {
		int which;
		const char *text;
	} bad[] = {
	    {0, NULL},
	    {1, NULL},
	    {2, NULL},
	    {3, NULL},
	    {0, "a b"},
	    {0, ""},
	    {1, ""},
	    {1, "0"},
	    {1, "-1"},
	    {1, "1567209600.5"},
	    {1, " 1"},
	    {1, "015"},
	    {1, "999999999999"},
	    {2, "short"},
	    {2, "0123456789abcde\n"},
	    {2, "0123456789 abcdef"},
	    {2, ("00000000001111111111222222222233333333334444444444"
		 "555555555566666")},
	    {3, "v1="},
	    {3, "v2=0"},
	    {3, ("00000000000000000000000000000000"
		 "00000000000000000000000000000000")},
	    {3, ("v1=0000000000000000000000000000000"
		 "00000000000000000000000000000000")},
	    {3, ("v1=0000000000000000000000000000000A"
		 "00000000000000000000000000000000")},
	    {3, ("v1=00000000000000000000000000000000"
		 "000000000000000000000000000000000")},
	};
	struct err e;
	int64_t at = 0;

	(void)state;
	for (size_t i = 0; i <= COUNT(bad); i++) {
		const char *v[4];
		struct sign_request q = {.method = "GET"};

		memcpy(v, good, sizeof(v));
		if (i < COUNT(bad))
			v[bad[i].which] = bad[i].text;
		q.timestamp = v[1];
		q.nonce = v[2];
		err_init(&e);
		assert_int_equal(sign_check_form(&q, v[0], v[3], &at, &e),
		    i < COUNT(bad) ? -1 : 0);
		assert_int_equal(
		    e.code, i < COUNT(bad) ? ERR_SIGNHEADERS : ERR_NONE);
	}
	assert_true(at == 1567209600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(published_vectors),
	    cmocka_unit_test(every_part_counts),
	    cmocka_unit_test(long_query),
	    cmocka_unit_test(form_of_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
