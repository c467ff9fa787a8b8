/*
 * Hostile requests, made by walking the route table, the parameter table and
 * the schemas.  Each must be refused with 4xx and a problem document in
 * Chinese, with a pointer where a body or a parameter is at fault; nothing
 * may change in the store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/hostile.h"
#include "base/buf.h"
#include "base/json.h"

#define TARGET_BYTES 8192

/* ---- addresses and methods ---- */

static const char *const bad_ids[] = {"%00", "%zz", "%", "%4", "..", ".",
    "%2e%2e", "%2F", "a%2Fb", "%5c", "a%20b", "a b", "%E4%B8%80", "-a", "*",
    "$ne", "%24where", "'", "%27--", "\"", "<x>", "%ff", "%c0%af", "a;b", "a|b",
    "~", "%0d%0aX-Evil:%201", "a+b", "{plan}", "[object]", "__proto__", "a%00b",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "%E2%80%AE", "", "/", "//x", "a:b:c", "'; DROP TABLE plans; --"};

static void
ask_id(struct hostile *h, const struct route *route, size_t n, const char *id)
{
	char target[TARGET_BYTES];
	struct local_request in = {.target = target, .body = "{}"};

	if (!hostile_target(route, n, id, target, sizeof(target)))
		return;
	hostile_conditions(route, &in);
	in.body_len = in.content_type != NULL ? 2 : 0;
	hostile_ask(h, &in, 0);
}

static void
test_ids(void **state)
{
	struct hostile *h = *state;
	char *huge = malloc(5001);

	if (huge == NULL)
		abort();
	memset(huge, 'a', 5000);
	huge[5000] = '\0';
	for (size_t r = 0; r < api_nroutes; r++) {
		for (size_t n = 0; n < REQ_SEGMENTS; n++) {
			for (size_t i = 0; i < COUNT(bad_ids); i++)
				ask_id(h, &api_routes[r], n, bad_ids[i]);
			ask_id(h, &api_routes[r], n, huge);
		}
	}
	free(huge);
	hostile_settle(h, "ids in addresses");
}

static void
test_addresses(void **state)
{
	static const char *const forms[] = {"%s/", "%s//", "/%s", "%s/x/y/z",
	    "%s%%00", "%s;a=b", "%s/..", "%s%%2f..", "%s:nothing", "x%s"};
	struct hostile *h = *state;
	char target[TARGET_BYTES], bad[TARGET_BYTES + 16];

	for (size_t r = 0; r < api_nroutes; r++) {
		const struct route *route = &api_routes[r];

		hostile_target(route, 0, NULL, target, sizeof(target));
		for (size_t i = 0; i < COUNT(forms); i++) {
			struct local_request in = {.target = bad};
			const char *mark = strchr(forms[i], '%');

			snprintf(bad, sizeof(bad), "%.*s%s%s",
			    (int)(mark - forms[i]), forms[i], target,
			    strcmp(mark + 2, "%%00") == 0     ? "%00"
			    : strcmp(mark + 2, "%%2f..") == 0 ? "%2f.."
							      : mark + 2);
			hostile_conditions(route, &in);
			hostile_ask(h, &in, 0);
		}
	}
	hostile_settle(h, "addresses");
}

static void
test_methods(void **state)
{
	static const char *const methods[] = {"TRACE", "get", "", "GETX",
	    "CONNECT", "PROPFIND", "GET ", " GET", "G\tET", "DELETE",
	    "POSTPOSTPOSTPOSTPOSTPOSTPOSTPOSTPOSTPOSTPOSTPOSTPOST"};
	struct hostile *h = *state;
	char target[TARGET_BYTES];

	for (size_t r = 0; r < api_nroutes; r++) {
		hostile_target(&api_routes[r], 0, NULL, target, sizeof(target));
		for (size_t i = 0; i < COUNT(methods); i++) {
			struct local_request in = {
			    .method = methods[i],
			    .target = target,
			};

			hostile_ask(h, &in, 0);
		}
	}
	hostile_settle(h, "methods");
}

/* ---- parameters ---- */

static const char *const bad_values[] = {"", "%00", "%zz", "%",
    "'%20OR%201=1--", "'; DROP TABLE plans; --", "$ne", "%24gt",
    "{\"$gt\":\"\"}", "[$ne]", "../../etc/passwd", "//", "%2e%2e%2f", "a%20b",
    "<script>", "%ff", "%c0%af", "%E2%80%AE1", "%EF%BC%92%EF%BC%90", "1=1",
    "null\n", "a%0d%0aX-Evil:%201", "\xff\xfe", "?", "#"};

static const struct {
	enum param_type type;
	const char *value;
} bad_of_type[] = {
    {PARAM_INT, "0"},
    {PARAM_INT, "-1"},
    {PARAM_INT, "201"},
    {PARAM_INT, "99999999999"},
    {PARAM_INT, "99999999999999999999999999"},
    {PARAM_INT, "1e3"},
    {PARAM_INT, "+1"},
    {PARAM_INT, "01"},
    {PARAM_INT, "0x10"},
    {PARAM_INT, "1.0"},
    {PARAM_INT, "NaN"},
    {PARAM_DATE, "2019-02-30"},
    {PARAM_DATE, "2019-02-29"},
    {PARAM_DATE, "2019-13-01"},
    {PARAM_DATE, "2019-2-3"},
    {PARAM_DATE, "0000-00-00"},
    {PARAM_DATE, "10000-01-01"},
    {PARAM_DATE, "20190404"},
    {PARAM_DATE, "2019-04-04T00:00:00Z"},
    {PARAM_DATE, "-2019-04-04"},
    {PARAM_DATE, "today"},
    {PARAM_INSTANT, "2019-04-04"},
    {PARAM_INSTANT, "2199-01-01T00:00:00Z"},
    {PARAM_INSTANT, "9999-12-31T23:59:59.999Z"},
    {PARAM_INSTANT, "2019-04-04T25:00:00Z"},
    {PARAM_INSTANT, "2019-04-04T00:00:00"},
    {PARAM_INSTANT, "2019-02-30T00:00:00Z"},
    {PARAM_INSTANT, "now"},
    {PARAM_DIGITS, "14a"},
    {PARAM_DIGITS, "1234567890123"},
    {PARAM_DIGITS, "-14"},
    {PARAM_WORD, "1a"},
    {PARAM_WORD, "a.b"},
    {PARAM_WORD, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {PARAM_ID, "-a"},
    {PARAM_ID, ".a"},
    {PARAM_ID, "a/b"},
    {PARAM_CURSOR, "a.b"},
    {PARAM_CURSOR, "AAAA"},
    {PARAM_CURSOR, "eyJhIjoxfQ"},
};

static void
ask_query(struct hostile *h, const struct route *route, const char *query)
{
	char path[TARGET_BYTES], target[2 * TARGET_BYTES];
	struct local_request in = {.target = target};

	hostile_target(route, 0, NULL, path, sizeof(path));
	snprintf(target, sizeof(target), "%s?%s", path, query);
	hostile_conditions(route, &in);
	in.body = "{}";
	in.body_len = in.content_type != NULL ? 2 : 0;
	hostile_ask(h, &in, HOSTILE_POINTER);
}

static bool
has_param(const struct route *route, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = route->params; (s = strstr(s, name)) != NULL; s++)
		if ((s == route->params || s[-1] == ' ') &&
		    (s[n] == ' ' || s[n] == '\0'))
			return true;
	return false;
}

/* The parameter with a value, beside what the route needs to answer. */
static void
ask_param(struct hostile *h, const struct route *route, const char *name,
    const char *value)
{
	char query[TARGET_BYTES];
	const char *with = "";

	if (strstr(route->pattern, "/stats/") != NULL &&
	    strcmp(name, "plan") != 0)
		with = "plan=140800-2019&";
	snprintf(query, sizeof(query), "%s%s=%s", with, name, value);
	ask_query(h, route, query);
}

static void
attack_param(
    struct hostile *h, const struct route *route, const struct param *p)
{
	char huge[3001], twice[128];

	memset(huge, '1', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	for (size_t i = 0; i < COUNT(bad_values); i++)
		ask_param(h, route, p->name, bad_values[i]);
	for (size_t i = 0; i < COUNT(bad_of_type); i++) {
		if (bad_of_type[i].type == p->type)
			ask_param(h, route, p->name, bad_of_type[i].value);
	}
	ask_param(h, route, p->name, huge);
	snprintf(twice, sizeof(twice), "%s=1&%s=1", p->name, p->name);
	ask_query(h, route, twice);
}

static void
test_params(void **state)
{
	static const char *const unknown[] = {"x=1", "$where=1", "%24ne=1",
	    "limit[]=1", "__proto__=1", "plan%00=1", "%zz=1", "=1", "=",
	    "%E8%AE%A1%E5%88%92=1", "Limit=1", "x", "&&x=1&&", "a=1&b=2&c=3",
	    "a=1&a=2", "'=1", "callback=alert", "X-Evil:%201=1"};
	struct hostile *h = *state;

	for (size_t r = 0; r < api_nroutes; r++) {
		const struct route *route = &api_routes[r];

		for (size_t i = 0; i < COUNT(unknown); i++)
			ask_query(h, route, unknown[i]);
		for (size_t i = 0; i < api_nparams; i++) {
			if (has_param(route, api_params[i].name))
				attack_param(h, route, &api_params[i]);
		}
	}
	hostile_settle(h, "parameters");
}

static void
test_long_query(void **state)
{
	struct hostile *h = *state;
	struct buf b;

	for (size_t r = 0; r < api_nroutes; r++) {
		char path[TARGET_BYTES];
		struct local_request in = {0};

		hostile_target(&api_routes[r], 0, NULL, path, sizeof(path));
		hostile_conditions(&api_routes[r], &in);
		buf_init(&b, 0);
		buf_add(&b, path);
		buf_addc(&b, '?');
		for (size_t i = 0; i < 5000; i++)
			buf_addc(&b, 'a');
		in.target = b.data;
		hostile_ask(h, &in, 0);
		buf_fini(&b);
	}
	hostile_settle(h, "long queries");
}

/* ---- headers ---- */

static void
test_conditions(void **state)
{
	static const char *const bad[] = {"", "abc", "\"\"", "\"-1\"", "\"1",
	    "1\"", "\"99999999999999999999\"", "0", "\"0\"", "\"1\", \"2\"",
	    "1e3", "**", "\"1\"\r\nX-Evil: 1", "'1'", " 1", "\"01\"", "\xff"};
	struct hostile *h = *state;
	char target[TARGET_BYTES];

	for (size_t r = 0; r < api_nroutes; r++) {
		const struct route *route = &api_routes[r];
		unsigned wants = ROUTE_IF_MATCH | ROUTE_PUT_NEW;

		if ((route->flags & wants) == 0)
			continue;
		hostile_target(route, 0, NULL, target, sizeof(target));
		for (size_t i = 0; i < COUNT(bad); i++) {
			struct local_request in = {
			    .target = target, .body = "{}", .body_len = 2};

			hostile_conditions(route, &in);
			in.if_match = bad[i];
			hostile_ask(h, &in, 0);
			if ((route->flags & ROUTE_PUT_NEW) == 0)
				continue;
			in.if_match = NULL;
			in.if_none_match = bad[i];
			hostile_ask(h, &in, 0);
		}
	}
	hostile_settle(h, "conditions");
}

static void
test_media(void **state)
{
	static const char *const types[] = {"", "text/plain", "text/html",
	    "application/xml", "application/json; charset=utf-16",
	    "application/json; charset=gbk", "application/jsonx",
	    "multipart/form-data; boundary=x",
	    "application/x-www-form-urlencoded", "application/bson",
	    "application/json\r\nX-Evil: 1", "*/*", ";", "/"};
	static const char *const keys[] = {
	    "a b", "\"", "\"\"", "a\r\nb", "\xff", "\\"};
	struct hostile *h = *state;
	char target[TARGET_BYTES];

	for (size_t r = 0; r < api_nroutes; r++) {
		const struct route *route = &api_routes[r];
		struct local_request in = {
		    .target = target, .body = "{}", .body_len = 2};

		if (hostile_schema(route) == NULL)
			continue;
		hostile_target(route, 0, NULL, target, sizeof(target));
		hostile_conditions(route, &in);
		for (size_t i = 0; i < COUNT(types); i++) {
			in.content_type = types[i];
			hostile_ask(h, &in, 0);
		}
		hostile_conditions(route, &in);
		for (size_t i = 0; i < COUNT(keys); i++) {
			in.idempotency_key = keys[i];
			hostile_ask(h, &in, 0);
		}
	}
	hostile_settle(h, "media types and keys");
}

/* 65 characters: one too many for a request id. */
static const char too_long[] =
    "aaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaaa-aaaaaaaaaaaaaaa-aaaaaaaaaaaaaaa";

/* A request id or a trace that is no such thing is never sent back. */
static void
test_echo(void **state)
{
	static const char *const evil[] = {
	    "a\r\nX-Evil: 1", "a b", "", "\xff", "<x>", "a\nb", too_long};
	struct hostile *h = *state;

	for (size_t i = 0; i < COUNT(evil); i++) {
		struct local_request in = {
		    .method = "GET",
		    .target = "/api/v1/plans/none",
		    .request_id = evil[i],
		    .traceparent = evil[i],
		};
		struct answer a;
		char *id;

		world_ask(&h->world, &in, &a);
		h->ran++;
		id = answer_header(&a, "X-Request-Id");
		assert_non_null(id);
		assert_string_not_equal(id, evil[i]);
		assert_null(strstr(a.text, "X-Evil"));
		free(id);
		answer_free(&a);
	}
	hostile_settle(h, "echoes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_methods),
	    cmocka_unit_test(test_params),
	    cmocka_unit_test(test_long_query),
	    cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_media),
	    cmocka_unit_test(test_echo),
	};

	return world_run_tests(
	    tests, COUNT(tests), false, hostile_set_up, hostile_tear_down);
}
