#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "unit/support.h"

#define S(s) s, sizeof(s) - 1

static void
validity(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		bool ok;
	} cases[] = {
	    {S(""), true}, {S("a\0b"), true}, {S("运城\xF0\x9F\x98\x80"), true},
	    {S("\xC2\x80"), true}, {S("\xE0\xA0\x80"), true},
	    {S("\xED\x9F\xBF"), true}, {S("\xEE\x80\x80"), true},
	    {S("\xF0\x90\x80\x80"), true}, {S("\xF4\x8F\xBF\xBF"), true},
	    {S("\x80"), false},             /* tail alone */
	    {S("\xC0\x80"), false},         /* overlong */
	    {S("\xC1\xBF"), false},         /* overlong */
	    {S("\xE0\x9F\xBF"), false},     /* overlong */
	    {S("\xF0\x8F\xBF\xBF"), false}, /* overlong */
	    {S("\xED\xA0\x80"), false},     /* surrogate */
	    {S("\xED\xBF\xBF"), false},     /* surrogate */
	    {S("\xF4\x90\x80\x80"), false}, /* over U+10FFFF */
	    {S("\xF5\x80\x80\x80"), false}, {S("\xFF"), false},
	    {S("\xE5\xAD"), false}, /* cut */
	    {S("\xC2"), false}, {S("\xF0\x9F\x98"), false},
	    {S("\xE5\x41\x97"), false},
	    {S("\xC4\xE3\xBA\xC3"), false}, /* 你好 in GBK */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (utf8_valid(cases[i].s, cases[i].n) != cases[i].ok)
			fail_msg("case %zu", i);
}

/* Every code point there and back; every surrogate refused. */
static void
all_code_points(void **state)
{
	char s[4];

	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		size_t n = put_utf8(s, c);
		bool surrogate = c >= 0xD800 && c <= 0xDFFF;

		if (utf8_valid(s, n) == surrogate)
			fail_msg("U+%04X", c);
		if (surrogate)
			continue;
		const char *p = s;

		if (utf8_next(&p, s + n) != c || p != s + n ||
		    utf8_count(s, n) != 1)
			fail_msg("U+%04X", c);
	}
}

/* A bad byte is found at every place of a long text. */
static void
spans(void **state)
{
	char s[40];

	(void)state;
	for (size_t i = 0; i < sizeof(s); i++) {
		memset(s, 'a', sizeof(s));
		assert_int_equal(utf8_span(s, i), i);
		s[i] = '\xFF';
		assert_int_equal(utf8_span(s, sizeof(s)), i);
		s[i] = '\xE5';
		assert_int_equal(utf8_span(s, sizeof(s)), i);
	}
}

static void
bad_bytes_are_passed_one_by_one(void **state)
{
	const char *s = "\xE5\xAD", *p = s;
	char scrub[] = "a\xE5\xAD字\xFF";

	(void)state;
	assert_int_equal(utf8_next(&p, s + 2), 0xFFFD);
	assert_ptr_equal(p, s + 1);
	utf8_scrub(scrub, sizeof(scrub) - 1);
	assert_string_equal(scrub, "a\?\?字?");
}

static void
cuts(void **state)
{
	const char *s = "a字\xF0\x9F\x98\x80z"; /* 1 + 3 + 4 + 1 */
	static const size_t want[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 9};

	(void)state;
	for (size_t n = 0; n < COUNT(want); n++)
		assert_int_equal(utf8_cut(s, n), want[n]);
	assert_int_equal(utf8_cut("\x80\x80\x80\x80\x80\x80", 6), 6);
}

static void
widths(void **state)
{
	(void)state;
	assert_int_equal(utf8_width(S("")), 0);
	assert_int_equal(utf8_width(S("abc 1.5%")), 8);
	assert_int_equal(utf8_width(S("运城市")), 6);
	assert_int_equal(utf8_width(S("（市、区）")), 10);
	assert_int_equal(utf8_width(S("２０００")), 8);
	assert_int_equal(utf8_width(S("é·—")), 3);
	assert_int_equal(utf8_width(S("\xF0\xA0\x80\x80")), 2);
}

static void
lines_are_clean(void **state)
{
	static const struct {
		const char *s;
		size_t n;
		bool line;
	} cases[] = {
	    {S(""), true},
	    {S("盐湖区 a-b"), true},
	    {S("a\nb"), false},
	    {S("a\tb"), false},
	    {S("a\r\nb"), false},
	    {S("a\0b"), false},
	    {S("\x1B[31m"), false},
	    {S("a\x7F"), false},
	    {S("\xC2\x85"), false}, /* U+0085 */
	    {S("\xC2\x9F"), false}, /* U+009F */
	    {S("\xC2\xA0"), true},  /* U+00A0 */
	    {S("a\xE2\x80\xAE"
	       "b"),
		false}, /* U+202E */
	    {S("a\xE2\x80\xAA"
	       "b"),
		false}, /* U+202A */
	    {S("a\xE2\x81\xA6"
	       "b"),
		false}, /* U+2066 */
	    {S("a\xE2\x81\xA9"
	       "b"),
		false}, /* U+2069 */
	    {S("a\xE2\x80\x94"
	       "b"),
		true}, /* U+2014 */
	    {S("\xFF"), false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (text_is_line(cases[i].s, cases[i].n) != cases[i].line)
			fail_msg("case %zu", i);
}

static void
prefixes(void **state)
{
	(void)state;
	assert_true(text_starts("abc", "ab"));
	assert_true(text_starts("abc", ""));
	assert_false(text_starts("ab", "abc"));
	assert_false(text_starts("xbc", "ab"));
}

static void
hexadecimal(void **state)
{
	static const uint64_t numbers[] = {0, 1, 9, 10, 15, 16, 255, 256,
	    0x123456789abcdef0, 0x0fffffffffffffff, UINT64_MAX};
	char want[TEXT_HEX + 1], have[TEXT_HEX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(
		    want, sizeof(want), "%llx", (unsigned long long)numbers[i]);
		*text_print_hex(have, numbers[i]) = '\0';
		assert_string_equal(have, want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(validity),
	    cmocka_unit_test(all_code_points),
	    cmocka_unit_test(spans),
	    cmocka_unit_test(bad_bytes_are_passed_one_by_one),
	    cmocka_unit_test(cuts),
	    cmocka_unit_test(widths),
	    cmocka_unit_test(lines_are_clean),
	    cmocka_unit_test(prefixes),
	    cmocka_unit_test(hexadecimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
