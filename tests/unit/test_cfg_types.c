/*
 * The parser over a list of its own: types and flags that no real setting
 * uses today must work on the day one does.
 */
#define CFG_DEF "unit/cfg_types.def"
#include "base/cfg.c"

#include "unit/support.h"

static int
load_env(struct cfg *c, const char *text, struct err *e)
{
	int n;
	char **env = split_words(text, &n);
	int rc = cfg_load_env(c, env, e);

	free(env);
	return rc;
}

static void
switches(void **state)
{
	static const struct {
		const char *s;
		int rc;
		bool want;
	} cases[] = {
	    {"true", 0, true},
	    {"yes", 0, true},
	    {"ON", 0, true},
	    {"false", 0, false},
	    {"No", 0, false},
	    {"off", 0, false},
	    {"1", -1, false},
	    {"", -1, false},
	    {"yess", -1, false},
	};
	struct err e;
	struct cfg c;

	(void)state;
	err_init(&e);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char var[64];

		cfg_init(&c);
		assert_false(c.flag);
		snprintf(var, sizeof(var), "MINSHENG_FLAG=%s", cases[i].s);
		assert_int_equal(load_env(&c, var, &e), cases[i].rc);
		assert_int_equal(c.flag, cases[i].want);
		cfg_fini(&c);
	}
	assert_string_equal(
	    e.detail, "环境变量 MINSHENG_FLAG: 应为true或false");
}

static void
keep_value(const struct cfg_row *row, void *arg)
{
	char(*values)[64] = arg;

	for (size_t i = 0; i < CFG__MAX; i++)
		if (strcmp(settings[i].name, row->name) == 0)
			snprintf(
			    values[i], sizeof(values[i]), "%s", row->value);
}

static void
values_as_shown(void **state)
{
	char values[CFG__MAX][64];
	struct err e;
	struct cfg c;

	(void)state;
	err_init(&e);
	cfg_init(&c);
	cfg_each(&c, keep_value, values);
	assert_string_equal(values[CFG__secret], "");
	assert_string_equal(values[CFG__flag], "false");
	assert_string_equal(values[CFG__room], "1025");
	assert_int_equal(load_env(&c,
			     "MINSHENG_SECRET=hunter2 MINSHENG_FLAG=yes "
			     "MINSHENG_ANY=9223372036854775807 "
			     "MINSHENG_WAIT=120s MINSHENG_ROOM=0",
			     &e),
	    0);
	cfg_each(&c, keep_value, values);
	assert_string_equal(c.secret, "hunter2");
	assert_string_equal(values[CFG__secret], "******");
	assert_string_equal(values[CFG__flag], "true");
	assert_string_equal(values[CFG__any], "9223372036854775807");
	assert_string_equal(values[CFG__wait], "2m");
	assert_string_equal(values[CFG__room], "0");
	cfg_fini(&c);
}

/* A refusal never repeats what was meant to be a secret. */
static void
secrets_stay_out_of_refusals(void **state)
{
	struct err e;
	struct cfg c;

	(void)state;
	err_init(&e);
	cfg_init(&c);
	assert_int_equal(load_env(&c, "MINSHENG_SECRET=hun\tter2", &e), -1);
	assert_null(strstr(e.detail, "hun"));
	cfg_fini(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(switches),
	    cmocka_unit_test(values_as_shown),
	    cmocka_unit_test(secrets_stay_out_of_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
