#include "base/id.h"

#include <string.h>

#include "unit/support.h"

#define TEN "0123456789"

static void
ids(void **state)
{
	static const struct {
		const char *s;
		bool ok;
	} cases[] = {
	    {"140800-2019-03", true},
	    {"a", true},
	    {"A.b_c-9", true},
	    {TEN TEN TEN TEN TEN TEN "0123", true},
	    {TEN TEN TEN TEN TEN TEN "01234", false},
	    {"", false},
	    {"-a", false},
	    {".a", false},
	    {"..", false},
	    {"_a", false},
	    {"a/b", false},
	    {"a b", false},
	    {"a\n", false},
	    {"a%2e", false},
	    {"盐湖", false},
	    {"a:issue", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (id_valid(cases[i].s) != cases[i].ok)
			fail_msg("%s", cases[i].s);
}

static void
uuids(void **state)
{
	static const struct {
		const char *s;
		bool ok;
	} cases[] = {
	    {"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", true},
	    {"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", true},
	    {"00000000-0000-0000-0000-000000000000", true},
	    {"f81d4fae-7dec-11d0-a765-00a0c91e6bf", false},
	    {"f81d4fae-7dec-11d0-a765-00a0c91e6bf66", false},
	    {"f81d4fae07dec-11d0-a765-00a0c91e6bf6", false},
	    {"g81d4fae-7dec-11d0-a765-00a0c91e6bf6", false},
	    {"{f81d4fae-7dec-11d0-a765-00a0c91e6bf}", false},
	    {"f81d4fae-7dec-11d0-a7650-0a0c91e6bf6", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (uuid_valid(cases[i].s) != cases[i].ok)
			fail_msg("%s", cases[i].s);
}

static void
random_uuids(void **state)
{
	char a[UUID_LEN + 1], b[UUID_LEN + 1];

	(void)state;
	for (int i = 0; i < 500; i++) {
		uuid_random(a);
		uuid_random(b);
		assert_true(uuid_valid(a));
		assert_true(id_valid(a));
		assert_string_not_equal(a, b);
		assert_int_equal(strspn(a, "0123456789abcdef-"), UUID_LEN);
		assert_int_equal(a[14], '4');
		assert_non_null(strchr("89ab", a[19]));
	}
}

static void
random_fills_all(void **state)
{
	unsigned char p[600], seen[600] = {0};

	(void)state;
	for (int i = 0; i < 20; i++) {
		memset(p, 0, sizeof(p));
		random_bytes(p, sizeof(p));
		for (size_t k = 0; k < sizeof(p); k++)
			seen[k] |= p[k];
	}
	for (size_t k = 0; k < sizeof(p); k++)
		assert_int_not_equal(seen[k], 0);
	random_bytes(p, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids),
	    cmocka_unit_test(uuids),
	    cmocka_unit_test(random_uuids),
	    cmocka_unit_test(random_fills_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
