/* The quick parser and the printers agree with jansson, or leave it to it. */
#include "base/json_plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "unit/support.h"

#define S(s) s, sizeof(s) - 1

static json_t *
random_string(struct rnd *r)
{
	char s[64];
	size_t n = rnd_below(r, 2) == 0 ? rnd_utf8(r, s, rnd_below(r, 40)) : 0;

	if (n == 0)
		n = (size_t)snprintf(s, sizeof(s), "p%zu\"\\\n%s",
		    rnd_below(r, 1000), rnd_below(r, 2) ? "审核" : "");
	return json_stringn(s, n);
}

static json_t *
random_value(struct rnd *r, int depth)
{
	char key[24];
	json_t *v;

	switch (rnd_below(r, depth > 0 ? 9 : 6)) {
	case 0:
		return json_boolean(rnd_below(r, 2));
	case 1:
		return json_null();
	case 2:
		return json_integer((json_int_t)rnd_next(r));
	case 3:
		return json_integer((json_int_t)rnd_below(r, 2000) - 1000);
	case 4:
		return json_real((double)rnd_below(r, 1000) / 8);
	case 5:
		return random_string(r);
	case 6:
		v = json_array();
		for (size_t n = rnd_below(r, 5); n > 0; n--)
			json_push(v, random_value(r, depth - 1));
		return v;
	default:
		v = json_object();
		for (size_t n = rnd_below(r, 80); n > 0; n /= 2) {
			snprintf(key, sizeof(key), "k%zu", rnd_below(r, 90));
			json_put(v, key, random_value(r, depth - 1));
		}
		return v;
	}
}

/* Same value, members in the same order. */
static void
assert_same(json_t *a, json_t *b)
{
	char *x = json_dumps(a, JSON_ENCODE_ANY);
	char *y = json_dumps(b, JSON_ENCODE_ANY);

	assert_string_equal(x, y);
	free(x);
	free(y);
}

/* true: the quick parser took it. */
static bool
compare(const char *s, size_t n)
{
	json_t *plain = json_read_plain(s, n, false);
	json_t *whole =
	    json_loadb(s, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	if (plain != NULL) {
		assert_non_null(whole);
		assert_same(plain, whole);
	}
	json_decref(plain);
	json_decref(whole);
	return plain != NULL;
}

static void
agrees(void **state)
{
	static const size_t flags[] = {
	    JSON_COMPACT, JSON_INDENT(2), 0, JSON_ENSURE_ASCII};
	static const char odd[] = "{}[]:,\"\\0-e. \n\xE5u";
	struct rnd r;
	int taken = 0;

	(void)state;
	rnd_init(&r, "json_plain");
	for (int i = 0; i < 4000; i++) {
		json_t *v = random_value(&r, 5);
		char *s = json_dumps(
		    v, JSON_ENCODE_ANY | flags[rnd_below(&r, COUNT(flags))]);
		size_t n = strlen(s);

		taken += compare(s, n);
		for (int k = 0; k < 4; k++) {
			s[rnd_below(&r, n)] = odd[rnd_below(&r, sizeof(odd))];
			compare(s, n);
			compare(s, rnd_below(&r, n + 1));
		}
		free(s);
		json_decref(v);
	}
	assert_in_range(taken, 500, 4000);
}

static void
leaves_the_unusual(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		bool any, strict;
	} cases[] = {
	    {S(" {\"a\" : [1, -2, true, null, \"\\n\\\"\"] } "), true, true},
	    {S("{\"$a\":1}"), true, false},
	    {S("{\"a.b\":1}"), true, false},
	    {S("\"\\\\\""), true, true},
	    {S("{\"a\":1,\"a\":2}"), false, false},
	    {S("\"\\u5b57\""), false, false},
	    {S("\"\\q\""), false, false},
	    {S("\"\\u\""), false, false},
	    {S("{\"\\n\":1}"), false, false},
	    {S("1.0"), false, false},
	    {S("-0"), false, false},
	    {S("01"), false, false},
	    {S("9999999999999999999"), false, false},
	    {S("\"\0\""), false, false},
	    {S("\"\xC0\x80\""), false, false},
	    {S("[1,]"), false, false},
	    {S("1 2"), false, false},
	    {S(""), false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int strict = 0; strict < 2; strict++) {
			json_t *v = json_read_plain(
			    cases[i].s, cases[i].n, strict == 1);

			assert_int_equal(
			    v != NULL, strict ? cases[i].strict : cases[i].any);
			json_decref(v);
		}
	}
}

static void
prints_alike(void **state)
{
	struct rnd r;
	struct buf b;

	(void)state;
	rnd_init(&r, "json_print");
	buf_init(&b, 0);
	for (int i = 0; i < 4000; i++) {
		json_t *v = random_value(&r, 4);
		char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

		buf_reset(&b);
		json_print(&b, v);
		assert_string_equal(b.data, s);
		free(s);
		s = json_dumps(
		    v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
		buf_reset(&b);
		json_print_canonical(&b, v);
		assert_string_equal(b.data, s);
		free(s);
		json_decref(v);
	}
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees),
	    cmocka_unit_test(leaves_the_unusual),
	    cmocka_unit_test(prints_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
