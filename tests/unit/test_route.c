#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "http/internal.h"

static int
handle(struct req *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static const struct param params[] = {
    {.name = "limit", .type = PARAM_INT, .min = 1, .max = 200},
    {.name = "asOf", .type = PARAM_DATE},
};

#define ROW(m, p)                                                       \
	{                                                               \
		.method = METHOD_##m, .pattern = (p), .handler = handle \
	}

static const struct route table[] = {
    ROW(GET, "/"),
    ROW(GET, "/healthz"),
    ROW(GET, "/api/v1/openapi.json"),
    ROW(GET, "/api/v1/plans"),
    ROW(POST, "/api/v1/plans"),
    ROW(GET, "/api/v1/plans/{plan}"),
    ROW(PATCH, "/api/v1/plans/{plan}"),
    ROW(POST, "/api/v1/plans/{plan}:issue"),
    ROW(POST, "/api/v1/plans/{plan}:import"),
    ROW(GET, "/api/v1/plans/{plan}/tasks"),
    ROW(GET, "/api/v1/plans/{plan}/months/{month}"),
    ROW(PUT, "/api/v1/orgs:sync"),
    ROW(GET, "/api/v1/stats/headline"),
    ROW(POST, "/api/v1/tasks/{t}/milestones/{m}/orgs/{o}:claim"),
};

static struct http *
make(const struct route *routes, size_t n, struct err *e)
{
	struct http_hooks hooks = {0};
	struct http_limits limits = {.body = 1000, .query = 100};

	err_init(e);
	return http_new(routes, n, params, 2, limits, &hooks, NULL, e);
}

static void
test_match(void **state)
{
	static const struct {
		enum method method;
		const char *path;
		const char *pattern; /* NULL: no row of this method */
	} cases[] = {
	    {METHOD_GET, "/", "/"},
	    {METHOD_GET, "/healthz", "/healthz"},
	    {METHOD_HEAD, "/healthz", "/healthz"},
	    {METHOD_GET, "/api/v1/openapi.json", "/api/v1/openapi.json"},
	    {METHOD_POST, "/api/v1/plans", "/api/v1/plans"},
	    {METHOD_GET, "/api/v1/plans/140800-2019", "/api/v1/plans/{plan}"},
	    {METHOD_POST, "/api/v1/plans/x", NULL},
	    {METHOD_POST, "/api/v1/plans/x:issue",
		"/api/v1/plans/{plan}:issue"},
	    {METHOD_POST, "/api/v1/plans/x%3Aissue", NULL},
	    {METHOD_POST, "/api/v1/plans/x:", NULL},
	    {METHOD_POST, "/api/v1/plans:issue", NULL},
	    {METHOD_POST, "/api/v1/plans/x:Issue", NULL},
	    {METHOD_GET, "/api/v1/plans/x:issue", NULL},
	    {METHOD_GET, "/api/v1/%70lans", "/api/v1/plans"},
	    {METHOD_GET, "/api/v1/plans/x/tasks", "/api/v1/plans/{plan}/tasks"},
	    {METHOD_GET, "/api/v1/plans/x/months/2019-04",
		"/api/v1/plans/{plan}/months/{month}"},
	    {METHOD_PUT, "/api/v1/orgs:sync", "/api/v1/orgs:sync"},
	    {METHOD_PUT, "/api/v1/orgs", NULL},
	    {METHOD_POST, "/api/v1/tasks/a/milestones/b/orgs/c:claim",
		"/api/v1/tasks/{t}/milestones/{m}/orgs/{o}:claim"},
	    {METHOD_GET, "/api/v1", NULL},
	    {METHOD_GET, "/API/v1/plans", NULL},
	};
	struct err e;
	struct http *h = make(table, sizeof(table) / sizeof(table[0]), &e);

	(void)state;
	assert_non_null(h);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];
		struct path p;
		struct match m;
		const struct row *row;

		strcpy(text, cases[i].path);
		assert_int_equal(path_split(text, &p, &e), 0);
		route_match(h, &p, &m);
		row = m.rows[cases[i].method];
		if (cases[i].pattern == NULL)
			assert_null(row);
		else if (row == NULL)
			fail_msg("%s leads nowhere", cases[i].path);
		else
			assert_string_equal(
			    row->route->pattern, cases[i].pattern);
	}
	http_free(h);
}

static void
test_bad_tables(void **state)
{
	static const struct route one_good = ROW(GET, "/a/{b}");
	static const struct route bad[] = {
	    ROW(GET, "/a/{c}"),   /* the same request */
	    ROW(GET, "/a/c"),     /* overlaps */
	    ROW(GET, "/{x}/{y}"), /* overlaps */
	    ROW(HEAD, "/h"),      /* made from GET */
	    ROW(OPTIONS, "/h"),
	    ROW(GET, "a"),
	    ROW(GET, "/a/"),
	    ROW(GET, "//a"),
	    ROW(GET, "/a/{}"),
	    ROW(GET, "/a/{b"),
	    ROW(GET, "/a/x{b}"),
	    ROW(GET, "/a:"),
	    ROW(GET, "/a:b/c"),
	    ROW(GET, "/{a}/{b}/{c}/{d}/{e}"),
	    ROW(GET, "/1/2/3/4/5/6/7/8/9"),
	    {.method = METHOD_GET, .pattern = "/p", .params = "limit nope"},
	    {.method = METHOD_POST, .pattern = "/p", .schema = "nope.json"},
	};
	struct err e;
	struct http *h;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct route two[] = {one_good, bad[i]};

		h = make(two, 2, &e);
		if (h != NULL)
			fail_msg("accepted: %s", bad[i].pattern);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.detail, bad[i].pattern));
	}
	h = make(&one_good, 1, &e);
	assert_non_null(h);
	http_free(h);
	http_free(NULL);
}

static void
test_decode(void **state)
{
	static const struct {
		const char *in;
		const char *out; /* NULL: refused */
	} cases[] = {
	    {"", ""},
	    {"plain", "plain"},
	    {"%41%62c", "Abc"},
	    {"a%2Fb", "a/b"},
	    {"%252F", "%2F"},
	    {"+", "+"},
	    {"%", NULL},
	    {"%4", NULL},
	    {"%4G", NULL},
	    {"%G4", NULL},
	    {"a%00b", NULL},
	    {"%u0041", NULL},
	    {"%E4%B8%AD", "中"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char s[64];

		strcpy(s, cases[i].in);
		assert_int_equal(percent_decode(s), cases[i].out != NULL);
		if (cases[i].out != NULL)
			assert_string_equal(s, cases[i].out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_bad_tables),
	    cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
