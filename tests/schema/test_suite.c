#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "base/json.h"
#include "schema/schema.h"
#include "schema/support.h"

/*
 * The official JSON Schema test suite, draft 2020-12.  It is not part of
 * this repository: MINSHENG_TEST_JSON_SCHEMA_SUITE says where it lies.
 */
#define MANDATORY 1299
#define GROUP_URI "test://suite/group"

static char suite[2048];
static json_t *remotes; /* URI -> document */

struct tally {
	size_t passed, total;
	int as_dialect; /* assert formats */
};

static void
load_remote(const char *path, const char *name, void *arg)
{
	char uri[2048];

	(void)arg;
	/* Other drafts number their own documents; they are not ours. */
	if ((strncmp(name, "draft", 5) == 0 || strncmp(name, "v1/", 3) == 0) &&
	    strncmp(name, "draft2020-12/", 13) != 0)
		return;
	snprintf(uri, sizeof(uri), "http://localhost:1234/%s", name);
	json_object_set_new(remotes, uri, load_json(path));
}

static void
add_remotes(struct schema_set *set)
{
	const char *uri;
	json_t *doc;
	struct err e;

	err_init(&e);
	json_object_foreach (remotes, uri, doc)
		if (schema_set_add(set, uri, doc, &e) < 0)
			fail_msg("%s: %s", uri, e.detail);
}

static void
run_cases(const struct schema *s, const json_t *group, const char *name,
    struct tally *t)
{
	const json_t *tests = json_object_get(group, "tests");

	for (size_t i = 0; i < json_array_size(tests); i++) {
		const json_t *test = json_array_get(tests, i);
		int want = json_is_true(json_object_get(test, "valid"));
		struct err e;
		int got;

		err_init(&e);
		got = schema_check(s, json_object_get(test, "data"), &e) == 0;
		t->total++;
		/* "No" without a reason is wrong too. */
		if (got == want && (got || e.nitems > 0)) {
			t->passed++;
			continue;
		}
		print_error("%s: %s: %s: expected %s\n", name,
		    json_peek_str(group, "description"),
		    json_peek_str(test, "description"),
		    want ? "valid" : "invalid");
	}
}

static void
run_group(json_t *group, const char *name, struct tally *t)
{
	struct schema_set *set = schema_set_new();
	json_t *doc = json_object_get(group, "schema");
	const struct schema *s = NULL;
	struct err e;

	err_init(&e);
	add_remotes(set);
	if (t->as_dialect)
		json_object_set_new(
		    doc, "$schema", json_string(SCHEMA_DIALECT));
	if (schema_set_add(set, GROUP_URI, doc, &e) == 0)
		s = schema_set_compile(set, GROUP_URI, &e);
	if (s) {
		run_cases(s, group, name, t);
	} else {
		t->total += json_array_size(json_object_get(group, "tests"));
		print_error("%s: %s: %s\n", name,
		    json_peek_str(group, "description"), e.detail);
	}
	schema_set_free(set);
}

static void
run_file(const char *path, const char *name, void *arg)
{
	json_t *groups = load_json(path);

	for (size_t i = 0; i < json_array_size(groups); i++)
		run_group(json_array_get(groups, i), name, arg);
	json_decref(groups);
}

static void
test_mandatory(void **state)
{
	struct tally t = {0};
	char dir[4096];

	(void)state;
	snprintf(dir, sizeof(dir), "%s/tests/draft2020-12", suite);
	each_json(dir, 0, run_file, &t);
	printf("schema suite: %zu of %zu mandatory\n", t.passed, t.total);
	assert_int_equal(t.total, MANDATORY);
	assert_int_equal(t.passed, MANDATORY);
}

static void
test_formats(void **state)
{
	static const char *const names[] = {
	    "date", "date-time", "uuid", "email", "uri", "json-pointer"};
	struct tally all = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct tally t = {.as_dialect = 1};
		char path[4096];

		snprintf(path, sizeof(path),
		    "%s/tests/draft2020-12/optional/format/%s.json", suite,
		    names[i]);
		run_file(path, names[i], &t);
		printf("schema suite: %zu of %zu format %s\n", t.passed,
		    t.total, names[i]);
		all.passed += t.passed;
		all.total += t.total;
	}
	assert_true(all.total > 0);
	assert_int_equal(all.passed, all.total);
}

/* Optional cases about what we do claim: they may not get worse. */
static void
test_optional(void **state)
{
	static const char *const names[] = {"anchor", "dynamicRef", "id",
	    "no-schema", "refOfUnknownKeyword", "unknownKeyword"};
	struct tally t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[4096];

		snprintf(path, sizeof(path),
		    "%s/tests/draft2020-12/optional/%s.json", suite, names[i]);
		run_file(path, names[i], &t);
	}
	printf("schema suite: %zu of %zu optional\n", t.passed, t.total);
	assert_true(t.total > 0);
	assert_int_equal(t.passed, t.total);
}

static int
find_suite(void)
{
	const char *env = getenv("MINSHENG_TEST_JSON_SCHEMA_SUITE");
	char probe[4096];

	if (env && *env)
		snprintf(suite, sizeof(suite), "%s", env);
	else
		snprintf(suite, sizeof(suite),
		    MS_SOURCE_DIR "/../shared/json-schema-test-suite");
	snprintf(probe, sizeof(probe), "%s/tests/draft2020-12", suite);
	if (access(probe, R_OK) == 0)
		return 0;
	printf("SKIP: *** the JSON Schema test suite is not at %s; set "
	       "MINSHENG_TEST_JSON_SCHEMA_SUITE ***\n",
	    suite);
	return -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mandatory),
	    cmocka_unit_test(test_formats),
	    cmocka_unit_test(test_optional),
	};
	char dir[4096];
	int rc;

	if (find_suite() < 0)
		return 77;
	remotes = json_object();
	snprintf(dir, sizeof(dir), "%s/remotes", suite);
	each_json(dir, 1, load_remote, NULL);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	json_decref(remotes);
	return rc;
}
