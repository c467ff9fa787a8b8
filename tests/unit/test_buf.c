#include "base/buf.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "unit/support.h"

static void
grows(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	assert_string_equal(b.data, "");
	buf_add(&b, "运");
	buf_addn(&b, "城xxx", 3);
	buf_addc(&b, '!');
	buf_addf(&b, "%03d|%s", 7, "");
	buf_addf(&b, "%s", "");
	buf_addn(&b, NULL, 0);
	assert_string_equal(b.data, "运城!007|");
	assert_int_equal(b.len, strlen(b.data));
	for (int i = 0; i < 5000; i++)
		buf_addf(&b, "%d,", i);
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, strlen(b.data));
	assert_string_equal(b.data + b.len - 5, "4999,");
	buf_fini(&b);
	assert_string_equal(b.data, "");
}

/* Exactly the limit fits; one more is refused, and all that follows. */
static void
stops_at_the_limit(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_add(&b, "0123456789");
	assert_true(buf_ok(&b));
	buf_addc(&b, 'x');
	assert_false(buf_ok(&b));
	buf_fini(&b);

	buf_init(&b, 10);
	buf_add(&b, "01234");
	buf_addf(&b, "%s", "567890");
	buf_addc(&b, 'x');
	assert_false(buf_ok(&b));
	assert_string_equal(b.data, "01234");
	buf_reset(&b);
	assert_true(buf_ok(&b));
	buf_add(&b, "ok");
	buf_addn(&b, "x", SIZE_MAX);
	assert_false(buf_ok(&b));
	buf_fini(&b);
}

static void
take_hands_over(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	char *p = buf_take(&b);

	assert_string_equal(p, "");
	free(p);
	buf_add(&b, "one");
	p = buf_take(&b);
	assert_string_equal(p, "one");
	free(p);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.limit, 100);
	buf_add(&b, "two");
	assert_string_equal(b.data, "two");
	buf_fini(&b);
}

static void
same_as_jansson(struct buf *b, const char *s, size_t n)
{
	json_t *v = json_stringn(s, n);
	char *want = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(want);
	buf_reset(b);
	buf_add_json_string(b, s, n);
	assert_string_equal(b->data, want);
	free(want);
	json_decref(v);
}

static void
json_strings_are_those_of_jansson(void **state)
{
	char s[64];
	struct buf b;
	struct rnd r;

	(void)state;
	buf_init(&b, 0);
	same_as_jansson(&b, "", 0);
	for (uint32_t c = 1; c < 0x3000; c++)
		same_as_jansson(&b, s, put_utf8(s, c));
	rnd_init(&r, "json_strings_are_those_of_jansson");
	for (int i = 0; i < 20000; i++)
		same_as_jansson(&b, s, rnd_utf8(&r, s, sizeof(s)));
	buf_fini(&b);
}

static void
json_strings_carry_nul(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	same_as_jansson(&b, "a\0b", 3);
	assert_string_equal(b.data, "\"a\\u0000b\"");
	buf_fini(&b);
}

/* Whatever the bytes are, what comes out is JSON. */
static void
json_strings_of_bad_bytes(void **state)
{
	char s[40];
	struct buf b;
	struct rnd r;

	(void)state;
	buf_init(&b, 0);
	buf_add_json_string(&b, "a\xFF\xE5\xAD", 4);
	assert_string_equal(b.data,
	    "\"a" UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT "\"");
	rnd_init(&r, "json_strings_of_bad_bytes");
	for (int i = 0; i < 5000; i++) {
		for (size_t k = 0; k < sizeof(s); k++)
			s[k] = (char)rnd_next(&r);
		buf_reset(&b);
		buf_add_json_string(&b, s, sizeof(s));
		json_t *v = json_loadb(
		    b.data, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

		assert_non_null(v);
		json_decref(v);
	}
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(grows),
	    cmocka_unit_test(stops_at_the_limit),
	    cmocka_unit_test(take_hands_over),
	    cmocka_unit_test(json_strings_are_those_of_jansson),
	    cmocka_unit_test(json_strings_carry_nul),
	    cmocka_unit_test(json_strings_of_bad_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
