#include <string.h>

#include "auth/password.h"
#include "base/json.h"
#include "unit/support.h"

/* ---- what may be a password ---- */

static const struct {
	const char *profile;
	const char *text;
	const char *keywords; /* of the items, in order; "": it may */
} cases[] = {
    {"mlps2", "Jinan#2x", ""},
    {"mlps2", "Jin#2x", "minLength"},
    {"mlps2", "jinanjinan", "kinds"},
    {"mlps3", "Jinan#2x", "minLength"},
    {"mlps3", "Jinan#2x-Q", ""},
    {"mlps3", "Admin@2019", "common"},
    {"mlps3", "P@ssw0rd2019", "common"},
    {"mlps3", "1234567890", "kinds common"},
    {"mlps3", "xWenxi.01!xx", "common"},
    {"mlps3", "山西运城临汾Ab1x", ""},
    {"asvs", "correct horse staple", ""},
    {"asvs", "qwertyuiop12", "common"},
    {"asvs", "short", "minLength"},
    {"asvs", "line\nbreak-and-more", "password"},
};

static void
test_check(void **state)
{
	json_t *user = json_pack("{s:s}", "_id", "wenxi.01");

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char got[256] = "";
		struct err e;

		err_init(&e);
		int rc = password_check(profile_by_word(cases[i].profile),
		    cases[i].text, user, "/new", &e);

		for (size_t k = 0; k < e.nitems; k++) {
			strcat(got, k > 0 ? " " : "");
			strcat(got, e.items[k].keyword);
		}
		assert_string_equal(got, cases[i].keywords);
		assert_int_equal(rc, got[0] == '\0' ? 0 : -1);
	}
	json_decref(user);
}

/* ---- hashes ---- */

static void
test_hash(void **state)
{
	char a[PASSWORD_HASH], b[PASSWORD_HASH];
	struct err e;

	(void)state;
	err_init(&e);
	assert_int_equal(password_hash("Jinan#2x-Q", a, &e), 0);
	assert_int_equal(password_hash("Jinan#2x-Q", b, &e), 0);
	assert_memory_equal(a, "$y$", 3);
	assert_string_not_equal(a, b); /* salted */
	assert_true(password_matches("Jinan#2x-Q", a));
	assert_true(password_matches("Jinan#2x-Q", b));
	assert_false(password_matches("Jinan#2x-q", a));
	assert_false(password_matches("", a));
	assert_false(password_matches("Jinan#2x-Q", NULL));
	assert_false(password_matches("Jinan#2x-Q", "broken"));
}

static void
test_history(void **state)
{
	char hash[PASSWORD_HASH];
	struct err e;
	json_t *user;

	(void)state;
	err_init(&e);
	assert_int_equal(password_hash("Jinan#2x-Q", hash, &e), 0);
	user = json_pack("{s:s, s:[s]}", "_id", "u", "passwordHistory", hash);
	assert_int_equal(
	    password_check(PROFILE_MLPS3, "Jinan#2x-Q", user, "/new", &e), -1);
	assert_string_equal(e.items[0].keyword, "history");
	err_init(&e);
	assert_int_equal(
	    password_check(PROFILE_MLPS3, "Jinan#2x-R", user, "/new", &e), 0);
	json_decref(user);
}

static void
test_age(void **state)
{
	const instant_t day = (instant_t)86400 * 1000;

	(void)state;
	assert_false(profile_overdue(PROFILE_MLPS3, 0, 90 * day - 1));
	assert_true(profile_overdue(PROFILE_MLPS3, 0, 90 * day));
	assert_false(profile_overdue(PROFILE_ASVS, 0, 9999 * day));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check),
	    cmocka_unit_test(test_hash),
	    cmocka_unit_test(test_history),
	    cmocka_unit_test(test_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
