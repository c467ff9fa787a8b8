#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <jansson.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "http/internal.h"
#include "http/local.h"
#include "http/problem.h"

/* A small world: things with a revision, and a schema that is a function. */

struct world {
	int authorized; /* calls of the hook */
	int handled;    /* calls of a handler */
	int64_t match_rev;
	char seen[256]; /* what the last handler saw */
	pthread_t unparker;
	bool threaded;
};

static const struct param params[] = {
    {.name = "limit", .type = PARAM_INT, .min = 1, .max = 200},
    {.name = "asOf", .type = PARAM_DATE},
    {.name = "knownAt", .type = PARAM_INSTANT},
    {.name = "by", .type = PARAM_WORD},
    {.name = "division", .type = PARAM_DIGITS},
    {.name = "plan", .type = PARAM_ID},
    {.name = "cursor", .type = PARAM_CURSOR},
    {.name = "secret", .type = PARAM_WORD},
};

static int
note(struct req *r)
{
	struct world *w = r->app;
	size_t n = 0;

	w->handled++;
	w->match_rev = r->match_rev;
	w->seen[0] = '\0';
	for (size_t i = 0; i < r->nparams; i++)
		n += (size_t)snprintf(w->seen + n, sizeof(w->seen) - n,
		    "%s=%s ", r->params[i].name, r->params[i].value);
	return 0;
}

static int
get_thing(struct req *r, struct err *e)
{
	(void)e;
	note(r);
	if (res_etag(r, "7"))
		return 0;
	json_t *v = req_own_json(r, json_object());

	json_put_str(v, "id", r->segments[0] != NULL ? r->segments[0] : "-");
	res_json(r, 200, v);
	return 0;
}

static int
get_text(struct req *r, struct err *e)
{
	(void)e;
	note(r);
	res_header(r, "Cache-Control", "max-age=60");
	res_text(r, 200, "text/plain; charset=utf-8", "hello", 5);
	return 0;
}

static int
take_body(struct req *r, struct err *e)
{
	(void)e;
	note(r);
	res_json(r, 201, r->body != NULL ? r->body : json_null());
	return 0;
}

static int
fail_with(struct req *r, struct err *e)
{
	static const struct {
		const char *name;
		enum err_code code;
	} codes[] = {
#define ERR(name, status, slug, title) {#name, ERR_##name},
#include "base/err.def"
#undef ERR
	};

	note(r);
	res_header(r, "ETag", "\"half made\"");
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(r->segments[0], codes[i].name) == 0)
			return err_set(e, codes[i].code, "说明");
	return err_set(e, ERR_NOTFOUND, "没有%s", r->segments[0]);
}

static int
resume_ok(struct req *r, struct err *e)
{
	(void)e;
	res_text(r, 201, "application/json", "{\"durable\":true}", 16);
	return 0;
}

static int
resume_fail(struct req *r, struct err *e)
{
	(void)r;
	return err_set(e, ERR_NOSPACE, "磁盘已满");
}

static int
resume_again(struct req *r, struct err *e)
{
	(void)e;
	req_park(r, resume_ok);
	req_unpark(r);
	return 0;
}

static void *
unpark_later(void *arg)
{
	struct req *r = arg;
	static _Thread_local unsigned turn;

	for (unsigned i = 0; i < (turn++ & 7); i++)
		sched_yield();
	req_unpark(r);
	return NULL;
}

static int
park(struct req *r, struct err *e)
{
	struct world *w = r->app;
	const char *how = r->segments[0];

	note(r);
	if (strcmp(how, "cancel") == 0) {
		req_park(r, resume_ok);
		req_park_cancel(r);
		return err_set(e, ERR_UNAVAILABLE, "写入队列已满");
	}
	req_park(r, strcmp(how, "fail") == 0    ? resume_fail
		    : strcmp(how, "again") == 0 ? resume_again
						: resume_ok);
	if (strcmp(how, "thread") != 0) {
		req_unpark(r);
		return 0;
	}
	w->threaded = true;
	assert_int_equal(
	    pthread_create(&w->unparker, NULL, unpark_later, r), 0);
	return 0;
}

static const struct route table[] = {
    {METHOD_GET, "/things", get_thing, "thing.read", NULL,
	"limit asOf knownAt by division plan cursor", 0, "列表"},
    {METHOD_POST, "/things", take_body, "thing.write", "thing.json", NULL, 0,
	"新建"},
    {METHOD_GET, "/things/{id}", get_thing, "thing.read", NULL, NULL, 0, ""},
    {METHOD_PUT, "/things/{id}", take_body, "thing.write", "thing.json", NULL,
	ROUTE_PUT_NEW, ""},
    {METHOD_PATCH, "/things/{id}", take_body, "thing.write", NULL, NULL,
	ROUTE_IF_MATCH | ROUTE_PATCH, ""},
    {METHOD_DELETE, "/things/{id}", take_body, "thing.write", NULL, NULL,
	ROUTE_IF_MATCH, ""},
    {METHOD_POST, "/things/{id}:close", take_body, "thing.write", NULL, NULL, 0,
	""},
    {METHOD_POST, "/things:import", take_body, "thing.write", "thing.json",
	NULL, ROUTE_CSV, ""},
    {METHOD_GET, "/text", get_text, NULL, NULL, NULL, ROUTE_PUBLIC, ""},
    {METHOD_GET, "/fail/{code}", fail_with, "thing.read", NULL, NULL, 0, ""},
    {METHOD_POST, "/park/{how}", park, "thing.write", NULL, NULL, 0, ""},
    {METHOD_GET, "/forbidden", get_thing, "none", NULL, NULL, 0, ""},
};

static int
authorize(struct req *r, const struct route *route, struct err *e)
{
	struct world *w = r->app;

	w->authorized++;
	if (route->permission != NULL && strcmp(route->permission, "none") == 0)
		return err_set(e, ERR_FORBIDDEN, "不行");
	return 0;
}

static const struct schema *
find_schema(const char *file)
{
	static const char thing[] = "thing";

	return strcmp(file, "thing.json") == 0
		   ? (const struct schema *)(const void *)thing
		   : NULL;
}

static int
check(const struct schema *s, const json_t *v, struct err *e)
{
	(void)s;
	if (!json_is_object(v))
		return err_add(e, ERR_INVALID, "", "type", "应为对象");
	if (json_peek_str(v, "name") == NULL)
		return err_add(e, ERR_INVALID, "/name", "required", "缺少name");
	return 0;
}

static struct world world;
static struct http *http;

static int
setup(void **state)
{
	static const struct http_hooks hooks = {
	    .authorize = authorize, .schema = find_schema, .check = check};
	struct http_limits limits = {.body = 5000, .query = 600};
	struct err e;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR + 1);
	err_init(&e);
	http = http_new(table, sizeof(table) / sizeof(table[0]), params,
	    sizeof(params) / sizeof(params[0]), limits, &hooks, &world, &e);
	return http == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	http_free(http);
	return 0;
}

/* Ask, and keep the whole answer in a static place until the next call. */
static const char *
ask(const struct local_request *in, int *status)
{
	static char text[20000];
	struct buf out;

	buf_init(&out, 0);
	memset(&world, 0, sizeof(world));
	*status = local_request(http, in, &out);
	if (world.threaded)
		pthread_join(world.unparker, NULL);
	assert_true(out.len < sizeof(text));
	memcpy(text, out.data, out.len + 1);
	buf_fini(&out);
	return text;
}

static const char *
body_of(const char *answer)
{
	const char *body = strstr(answer, "\r\n\r\n");

	assert_non_null(body);
	return body + 4;
}

/* Every header is one clean line. */
static void
check_head(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n");

	assert_non_null(end);
	assert_int_equal(strncmp(answer, "Status: ", 8), 0);
	for (const char *s = answer; s < end; s++) {
		if (*s == '\r')
			assert_int_equal(s[1], '\n');
		else if (*s == '\n')
			assert_int_equal(s[-1], '\r');
		else
			assert_false(iscntrl((unsigned char)*s));
	}
}

static void
check_problem(const char *answer, int status)
{
	struct err e;
	const char *body = body_of(answer);
	json_t *v;

	err_init(&e);
	assert_non_null(strstr(answer, "Content-Type: " PROBLEM_TYPE));
	v = json_read(body, strlen(body), 20000, &e);
	if (v == NULL)
		fail_msg("%s: %s", e.detail, body);
	assert_int_equal(json_peek_int(v, "status", 0), status);
	assert_int_equal(
	    strncmp(json_peek_str(v, "type"), PROBLEM_BASE, 10), 0);
	assert_non_null(json_peek_str(v, "title"));
	assert_non_null(json_peek_str(v, "detail"));
	assert_non_null(json_peek_str(v, "code"));
	assert_non_null(json_peek_str(v, "traceId"));
	assert_true(json_is_array(json_object_get(v, "errors")));
	json_decref(v);
}

struct hostile {
	const char *what;
	struct local_request in;
	int status;
	const char *has; /* must be in the answer, NULL: anything */
};

static void
run(const struct hostile *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct hostile *c = &cases[i];
		struct local_request in = c->in;
		int status;

		if (in.body != NULL && in.body_len == 0)
			in.body_len = strlen(in.body);
		const char *answer = ask(&in, &status);

		if (status != c->status)
			fail_msg("%s: %d instead of %d\n%s", c->what, status,
			    c->status, answer);
		if (c->has != NULL && strstr(answer, c->has) == NULL)
			fail_msg("%s: no %s in\n%s", c->what, c->has, answer);
		check_head(answer);
		if (status >= 400 && strcmp(in.method, "HEAD") != 0)
			check_problem(answer, status);
		if (status >= 400 && strncmp(in.target, "/fail", 5) != 0 &&
		    strncmp(in.target, "/park", 5) != 0)
			assert_int_equal(world.handled, 0);
	}
}

#define RUN(cases) run(cases, sizeof(cases) / sizeof((cases)[0]))
#define AT(m, t) .in.method = (m), .in.target = (t)
#define JSON .in.content_type = "application/json"

static void
test_routes(void **state)
{
	static const struct hostile cases[] = {
	    {"get", AT("GET", "/things/a"), .status = 200,
		.has = "{\"id\":\"a\"}"},
	    {"etag", AT("GET", "/things/a"), .status = 200,
		.has = "ETag: \"7\"\r\n"},
	    {"no-store", AT("GET", "/things/a"), .status = 200,
		.has = "Cache-Control: no-store\r\n"},
	    {"own cache", AT("GET", "/text"), .status = 200,
		.has = "Cache-Control: max-age=60\r\n"},
	    {"text", AT("GET", "/text"), .status = 200,
		.has = "Content-Length: 5\r\n"},
	    {"none", AT("GET", "/nothing"), .status = 404, .has = "no-route"},
	    {"slash", AT("GET", "/things/"), .status = 404, .has = "no-route"},
	    {"slashes", AT("GET", "//things"), .status = 404},
	    {"relative", AT("GET", "things"), .status = 404},
	    {"empty", AT("GET", ""), .status = 404},
	    {"star", AT("OPTIONS", "*"), .status = 404},
	    {"deep", AT("GET", "/1/2/3/4/5/6/7/8/9/10"), .status = 404},
	    {"method", AT("DELETE", "/things"), .status = 405,
		.has = "Allow: OPTIONS, GET, HEAD, POST\r\n"},
	    {"unknown method", AT("BREW", "/things"), .status = 405,
		.has = "Allow: "},
	    {"lower case", AT("get", "/things"), .status = 405,
		.has = "Allow: "},
	    {"evil method", AT("GE\r\nX: y", "/things"), .status = 405,
		.has = "Allow: "},
	    {"no method", AT("", "/things"), .status = 405, .has = "Allow: "},
	    {"head on post", AT("HEAD", "/things:import"), .status = 405,
		.has = "Allow: "},
	    {"options", AT("OPTIONS", "/things/a"), .status = 204,
		.has = "Allow: OPTIONS, GET, HEAD, PUT, PATCH, DELETE\r\n"},
	    {"options nowhere", AT("OPTIONS", "/x"), .status = 404},
	    {"forbidden", AT("GET", "/forbidden"), .status = 403,
		.has = "forbidden"},
	    {"dots", AT("GET", "/things/.."), .status = 400, .has = "bad-path"},
	    {"dots", AT("GET", "/things/../things"), .status = 404},
	    {"coded dots", AT("GET", "/things/%2e%2e"), .status = 400,
		.has = "bad-path"},
	    {"coded slash", AT("GET", "/things/a%2Fb"), .status = 400,
		.has = "bad-path"},
	    {"coded twice", AT("GET", "/things/%252e"), .status = 400,
		.has = "bad-path"},
	    {"coded NUL", AT("GET", "/things/a%00"), .status = 400,
		.has = "bad-path"},
	    {"half code", AT("GET", "/things/a%4"), .status = 400,
		.has = "bad-path"},
	    {"coded CRLF", AT("GET", "/things/a%0d%0aX:y"), .status = 404},
	    {"not UTF-8", AT("GET", "/things/%ff%fe"), .status = 400,
		.has = "bad-path"},
	    {"operator", AT("GET", "/things/$gt"), .status = 400,
		.has = "bad-path"},
	    {"quote", AT("GET", "/things/a'--"), .status = 400,
		.has = "bad-path"},
	    {"coded", AT("GET", "/%74hings/%61"), .status = 200,
		.has = "{\"id\":\"a\"}"},
	    {"bad code nowhere", AT("GET", "/%zz"), .status = 400,
		.has = "bad-path"},
	};

	(void)state;
	RUN(cases);
}

static void
test_query(void **state)
{
	static const struct hostile cases[] = {
	    {"fine", AT("GET", "/things?limit=5&asOf=2019-04-04"),
		.status = 200},
	    {"empty", AT("GET", "/things?"), .status = 200},
	    {"empty pieces", AT("GET", "/things?&&limit=5&"), .status = 200},
	    {"unknown", AT("GET", "/things?x=1"), .status = 400,
		.has = "\"/x\""},
	    {"of another route", AT("GET", "/things?secret=a"), .status = 400,
		.has = "\"/secret\""},
	    {"none taken", AT("GET", "/text?limit=1"), .status = 400,
		.has = "\"unknown\""},
	    {"twice", AT("GET", "/things?limit=5&limit=5"), .status = 400,
		.has = "\"duplicate\""},
	    {"twice coded", AT("GET", "/things?limit=5&l%69mit=5"),
		.status = 400, .has = "\"duplicate\""},
	    {"three wrongs", AT("GET", "/things?limit=0&asOf=x&zz"),
		.status = 400, .has = "\"/asOf\""},
	    {"three wrongs", AT("GET", "/things?limit=0&asOf=x&zz"),
		.status = 400, .has = "\"/zz\""},
	    {"three wrongs", AT("GET", "/things?limit=0&asOf=x&zz"),
		.status = 400, .has = "\"/limit\""},
	    {"high", AT("GET", "/things?limit=201"), .status = 400,
		.has = "1到200"},
	    {"no number", AT("GET", "/things?limit="), .status = 400,
		.has = "\"type\""},
	    {"no value", AT("GET", "/things?limit"), .status = 400,
		.has = "\"type\""},
	    {"plus", AT("GET", "/things?limit=+5"), .status = 400,
		.has = "\"type\""},
	    {"zeros", AT("GET", "/things?limit=005"), .status = 400,
		.has = "\"type\""},
	    {"hex", AT("GET", "/things?limit=0x5"), .status = 400,
		.has = "\"type\""},
	    {"huge", AT("GET", "/things?limit=99999999999999999999"),
		.status = 400, .has = "\"type\""},
	    {"day", AT("GET", "/things?asOf=2019-02-29"), .status = 400,
		.has = "\"type\""},
	    {"instant", AT("GET", "/things?knownAt=2019-04-04"), .status = 400,
		.has = "\"type\""},
	    {"word", AT("GET", "/things?by=1task"), .status = 400,
		.has = "\"type\""},
	    {"word", AT("GET", "/things?by=task%20or"), .status = 400,
		.has = "\"type\""},
	    {"digits", AT("GET", "/things?division=1408xx"), .status = 400,
		.has = "\"type\""},
	    {"digits", AT("GET", "/things?division=1234567890123"),
		.status = 400, .has = "\"type\""},
	    {"id", AT("GET", "/things?plan=a%2Fb"), .status = 400,
		.has = "\"type\""},
	    {"cursor", AT("GET", "/things?cursor=a%3Db"), .status = 400,
		.has = "\"type\""},
	    {"bad code", AT("GET", "/things?plan=%zz"), .status = 400,
		.has = "\"encoding\""},
	    {"NUL", AT("GET", "/things?plan=a%00b"), .status = 400,
		.has = "\"encoding\""},
	    {"not UTF-8", AT("GET", "/things?%ff%fe=1"), .status = 400,
		.has = "\"unknown\""},
	    {"pointer", AT("GET", "/things?a/b~c=1"), .status = 400,
		.has = "\"/a~1b~0c\""},
	    {"header name", AT("GET", "/things?%0d%0aSet-Cookie:x=1"),
		.status = 400, .has = "\\r\\nSet-Cookie"},
	};
	struct local_request instant = {.method = "GET",
	    .target = "/things?knownAt=2019-04-04T08:00:00+08:00&limit=1"};
	int status;

	(void)state;
	RUN(cases);
	(void)ask(&instant, &status);
	assert_int_equal(status, 200);
	assert_string_equal(
	    world.seen, "knownAt=2019-04-04T00:00:00.000Z limit=1 ");
}

static void
test_too_long(void **state)
{
	char target[8000];
	struct local_request in = {.method = "GET", .target = target};
	int status;

	(void)state;
	memset(target, 'a', sizeof(target));
	target[0] = '/';
	target[7999] = '\0';
	check_problem(ask(&in, &status), 414);
	memcpy(target, "/things?plan=", 13);
	check_problem(ask(&in, &status), 414);
	target[590] = '\0';
	check_problem(ask(&in, &status), 400);
	for (size_t i = 7; i < 590; i++)
		target[i] = i % 2 ? '?' : '&';
	(void)ask(&in, &status);
	assert_int_equal(status, 400);
}

static void
test_body(void **state)
{
	static const struct hostile cases[] = {
	    {"good", AT("POST", "/things"), JSON, .in.body = "{\"name\":\"a\"}",
		.status = 201},
	    {"charset", AT("POST", "/things"),
		.in.content_type = "Application/JSON; Charset=\"UTF-8\"",
		.in.body = "{\"name\":\"a\"}", .status = 201},
	    {"gbk", AT("POST", "/things"),
		.in.content_type = "application/json; charset=gbk",
		.in.body = "{\"name\":\"a\"}", .status = 415},
	    {"utf-80", AT("POST", "/things"),
		.in.content_type = "application/json; charset=utf-80",
		.in.body = "{\"name\":\"a\"}", .status = 415},
	    {"form", AT("POST", "/things"),
		.in.content_type = "application/x-www-form-urlencoded",
		.in.body = "name=a", .status = 415},
	    {"jsonx", AT("POST", "/things"),
		.in.content_type = "application/jsonx", .in.body = "{}",
		.status = 415},
	    {"no type", AT("POST", "/things"), .in.body = "{}", .status = 415},
	    {"csv on json", AT("POST", "/things"),
		.in.content_type = "text/csv", .in.body = "a", .status = 415},
	    {"patch on post", AT("POST", "/things"),
		.in.content_type = "application/merge-patch+json",
		.in.body = "{}", .status = 415},
	    {"empty", AT("POST", "/things"), JSON, .status = 400,
		.has = "bad-json"},
	    {"truncated", AT("POST", "/things"), JSON,
		.in.body = "{\"name\":", .status = 400, .has = "bad-json"},
	    {"duplicate", AT("POST", "/things"), JSON,
		.in.body = "{\"name\":1,\"name\":2}", .status = 400},
	    {"not UTF-8", AT("POST", "/things"), JSON,
		.in.body = "{\"name\":\"\xff\"}", .status = 400},
	    {"operator", AT("POST", "/things"), JSON, .in.body = "{\"$set\":1}",
		.status = 400},
	    {"NUL inside", AT("POST", "/things"), JSON,
		.in.body = "{\"name\":\"a\0b\"}", .in.body_len = 15,
		.status = 400},
	    {"schema", AT("POST", "/things"), JSON, .in.body = "{}",
		.status = 422, .has = "\"/name\""},
	    {"schema", AT("POST", "/things"), JSON, .in.body = "null",
		.status = 422, .has = "\"type\""},
	    {"body on GET", AT("GET", "/things"), JSON, .in.body = "{}",
		.status = 400},
	    {"body on no body", AT("POST", "/things/a:close"), JSON,
		.in.body = "{}", .status = 400},
	    {"no body", AT("POST", "/things/a:close"), .status = 201},
	    {"csv", AT("POST", "/things:import"),
		.in.content_type = "text/csv; charset=utf-8", .in.body = "a,b",
		.status = 201},
	    {"json too", AT("POST", "/things:import"), JSON,
		.in.body = "{\"name\":\"a\"}", .status = 201},
	    {"merge patch", AT("PATCH", "/things/a"), .in.if_match = "1",
		.in.content_type = "application/merge-patch+json",
		.in.body = "{\"a\":null}", .status = 201},
	};
	static char big[6001];
	struct local_request in = {.method = "POST",
	    .target = "/things",
	    .content_type = "application/json",
	    .body = big,
	    .body_len = 6000};
	int status;

	(void)state;
	RUN(cases);
	memset(big, '[', 6000);
	check_problem(ask(&in, &status), 413);
	in.content_type = "text/csv";
	in.target = "/things:import";
	check_problem(ask(&in, &status), 413);
	in.content_type = "application/json";
	in.body_len = 4000;
	check_problem(ask(&in, &status), 400);
}

static void
test_conditions(void **state)
{
#define GET_IF(tag) AT("GET", "/things/a"), .in.if_none_match = (tag)
#define DELETE_IF(tag) AT("DELETE", "/things/a"), .in.if_match = (tag)
#define PUT_IF(m, n)                                                 \
	AT("PUT", "/things/a"), JSON, .in.body = "{\"name\":\"a\"}", \
				      .in.if_match = (m),            \
				      .in.if_none_match = (n)
	static const struct hostile cases[] = {
	    {"same", GET_IF("\"7\""), .status = 304, .has = "ETag: \"7\""},
	    {"weak", GET_IF("W/\"7\""), .status = 304},
	    {"star", GET_IF("*"), .status = 304},
	    {"list", GET_IF("\"5\" , W/\"6\",\"7\""), .status = 304},
	    {"other", GET_IF("\"77\""), .status = 200},
	    {"part", GET_IF("\"\""), .status = 200},
	    {"unquoted", GET_IF("7"), .status = 200},
	    {"open", GET_IF("\"7"), .status = 200},
	    {"garbage", GET_IF("\"5\"x\"7\""), .status = 200},
	    {"commas", GET_IF(",,,"), .status = 200},
	    {"delete", DELETE_IF("\"3\""), .status = 201},
	    {"delete any", DELETE_IF("*"), .status = 201},
	    {"bare", DELETE_IF("3"), .status = 201},
	    {"none", DELETE_IF(NULL), .status = 428, .has = "If-Match"},
	    {"empty", DELETE_IF(""), .status = 400},
	    {"weak", DELETE_IF("W/\"3\""), .status = 201},
	    {"weak bare", DELETE_IF("W/3"), .status = 400},
	    {"list", DELETE_IF("\"3\", \"4\""), .status = 400},
	    {"zero", DELETE_IF("\"0\""), .status = 400},
	    {"minus", DELETE_IF("-3"), .status = 400},
	    {"open", DELETE_IF("\"3"), .status = 400},
	    {"half open", DELETE_IF("3\""), .status = 400},
	    {"huge", DELETE_IF("9999999999999999999"), .status = 400},
	    {"word", DELETE_IF("\"abc\""), .status = 400},
	    {"put new", PUT_IF(NULL, "*"), .status = 201},
	    {"put", PUT_IF("\"3\"", NULL), .status = 201},
	    {"put none", PUT_IF(NULL, NULL), .status = 428},
	    {"put both", PUT_IF("\"3\"", "*"), .status = 400},
	    {"put tag", PUT_IF(NULL, "\"3\""), .status = 400},
	};
	struct local_request in = {.method = "PUT",
	    .target = "/things/a",
	    .content_type = "application/json",
	    .body = "{\"name\":\"a\"}",
	    .body_len = 12,
	    .if_none_match = "*"};
	int status;

	(void)state;
	RUN(cases);
	(void)ask(&in, &status);
	assert_int_equal(world.match_rev, MATCH_NEW);
	in.if_none_match = NULL;
	in.if_match = "\"3\"";
	(void)ask(&in, &status);
	assert_int_equal(world.match_rev, 3);
}

static void
test_credentials(void **state)
{
	static const struct hostile cases[] = {
	    {"both", AT("GET", "/things"), .in.authorization = "Bearer x",
		.in.cookie = "ms=1", .status = 400},
	    {"one", AT("GET", "/things"), .in.cookie = "ms=1", .status = 200},
	    {"key", AT("POST", "/things/a:close"),
		.in.idempotency_key = "\"k-1\"", .status = 201},
	    {"empty key", AT("POST", "/things/a:close"),
		.in.idempotency_key = "", .status = 400},
	    {"evil key", AT("POST", "/things/a:close"),
		.in.idempotency_key = "a\r\nX: y", .status = 400},
	    {"quote", AT("POST", "/things/a:close"), .in.idempotency_key = "\"",
		.status = 400},
	};

	(void)state;
	RUN(cases);
}

static void
test_head(void **state)
{
	static const char *const targets[] = {
	    "/things/a", "/text", "/fail/STALE", "/nothing", "/things?x=1"};

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct local_request in = {
		    .method = "GET", .target = targets[i]};
		char get_length[64];
		int get_status, status;
		const char *s = strstr(ask(&in, &get_status), "Content-Length");

		assert_non_null(s);
		snprintf(get_length, sizeof(get_length), "%.*s",
		    (int)strcspn(s, "\r"), s);
		in.method = "HEAD";
		s = ask(&in, &status);
		assert_int_equal(status, get_status);
		assert_non_null(strstr(s, get_length));
		assert_string_equal(body_of(s), "");
	}
}

/* Every row of err.def makes its status, its slug and valid JSON. */
static void
test_all_errors(void **state)
{
	static const struct {
		const char *name;
		int status;
		const char *slug;
	} rows[] = {
#define ERR(name, status, slug, title) {"/fail/" #name, status, slug},
#include "base/err.def"
#undef ERR
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct local_request in = {
		    .method = "GET", .target = rows[i].name};
		int status;
		const char *s = ask(&in, &status);

		assert_int_equal(status, rows[i].status);
		check_head(s);
		check_problem(s, status);
		assert_non_null(strstr(s, rows[i].slug));
		assert_null(strstr(s, "Unknown"));
		assert_null(strstr(s, "ETag"));
		assert_int_equal(strstr(s, "Retry-After: ") != NULL,
		    status == 503 || status == 507 || status == 429);
	}
}

static void
test_parking(void **state)
{
	static const struct hostile cases[] = {
	    {"early", AT("POST", "/park/early"), .status = 201,
		.has = "{\"durable\":true}"},
	    {"again", AT("POST", "/park/again"), .status = 201,
		.has = "{\"durable\":true}"},
	    {"fail", AT("POST", "/park/fail"), .status = 507,
		.has = "磁盘已满"},
	    {"cancel", AT("POST", "/park/cancel"), .status = 503,
		.has = "Retry-After"},
	    {"thread", AT("POST", "/park/thread"), .status = 201,
		.has = "durable"},
	};

	(void)state;
	RUN(cases);
}

static void
test_park_races(void **state)
{
	struct local_request in = {.method = "POST", .target = "/park/thread"};
	struct buf text;
	int status;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		(void)ask(&in, &status);
		assert_int_equal(status, 201);
	}
	buf_init(&text, 0);
	http_metrics(http, &text);
	assert_non_null(strstr(text.data, "minsheng_requests_in_flight 0\n"));
	assert_non_null(strstr(text.data, "minsheng_requests_parked 0\n"));
	assert_non_null(
	    strstr(text.data, "route=\"/park/{how}\",class=\"2xx\""));
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_routes),
	    cmocka_unit_test(test_query),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_body),
	    cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_credentials),
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_all_errors),
	    cmocka_unit_test(test_parking),
	    cmocka_unit_test(test_park_races),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
