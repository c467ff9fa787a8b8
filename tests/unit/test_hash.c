#include "base/hash.h"

#include <string.h>

#include "unit/support.h"

/* FIPS 180-4 examples. */
static void
known_digests(void **state)
{
	static const struct {
		const char *s, *want;
	} cases[] = {
	    {"", "e3b0c44298fc1c149afbf4c8996fb924"
		 "27ae41e4649b934ca495991b7852b855"},
	    {"abc", "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039"
		"a33ce45964ff2167f6ecedd419db06c1"},
	};
	char out[SHA256_HEX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sha256_hex(cases[i].s, strlen(cases[i].s), out);
		assert_string_equal(out, cases[i].want);
	}
}

/* The vectors of the FNV authors. */
static void
fnv_1a(void **state)
{
	(void)state;
	assert_true(hash_text("") == UINT64_C(0xCBF29CE484222325));
	assert_true(hash_text("a") == UINT64_C(0xAF63DC4C8601EC8C));
	assert_true(hash_text("foobar") == UINT64_C(0x85944171F73967E8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_digests),
	    cmocka_unit_test(fnv_1a),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
