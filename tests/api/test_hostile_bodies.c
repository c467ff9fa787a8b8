/*
 * Hostile bodies, made by walking the route table, the schemas and their good
 * examples: bytes that are no JSON, JSON that is no document, and documents
 * with one thing wrong in every place there is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/hostile.h"
#include "base/buf.h"
#include "base/embed.h"
#include "base/json.h"

#define TARGET_BYTES 1024

static void
send_bytes(struct hostile *h, const struct route *route, const char *type,
    const char *bytes, size_t n)
{
	char target[TARGET_BYTES];
	struct local_request in = {.target = target};

	hostile_target(route, 0, NULL, target, sizeof(target));
	hostile_conditions(route, &in);
	in.content_type = type;
	in.body = bytes;
	in.body_len = n;
	hostile_ask(h, &in, HOSTILE_POINTER);
}

/* ---- no JSON ---- */

#define BYTES(s)                 \
	{                        \
		s, sizeof(s) - 1 \
	}

static const struct {
	const char *bytes;
	size_t n;
} no_json[] = {
    BYTES(""),
    BYTES(" "),
    BYTES("{"),
    BYTES("{\"title\""),
    BYTES("{\"title\":"),
    BYTES("{\"title\":\"x"),
    BYTES("{\"title\":\"x\""),
    BYTES("{\"title\":\"x\",}"),
    BYTES("{\"title\":\"x\"}}"),
    BYTES("{\"title\":\"x\"}{}"),
    BYTES("{title:1}"),
    BYTES("{'title':1}"),
    BYTES("{,}"),
    BYTES("[,]"),
    BYTES("[1,]"),
    BYTES("nul"),
    BYTES("NaN"),
    BYTES("Infinity"),
    BYTES("-"),
    BYTES("01"),
    BYTES("1."),
    BYTES("+1"),
    BYTES("0x10"),
    BYTES("// x\n{}"),
    BYTES("{}/* x */"),
    BYTES("\xEF\xBB\xBF{}"),
    BYTES("{\"title\":\"\xff\"}"),
    BYTES("{\"title\":\"\xc0\xaf\"}"),
    BYTES("{\"title\":\"\xed\xa0\x80\"}"),
    BYTES("{\"title\":\"\xf5\x80\x80\x80\"}"),
    BYTES("{\"\xff\":1}"),
    BYTES("{\"title\":\"\\ud800\"}"),
    BYTES("{\"title\":\"\\udc00\\ud800\"}"),
    BYTES("{\"title\":\"\\u0000\"}"),
    BYTES("{\"\\u0000\":1}"),
    BYTES("{\"title\":\"a\0b\"}"),
    BYTES("\0{}"),
    BYTES("{}\0"),
    BYTES("{\"title\":\"a\nb\"}"),
    BYTES("{\"title\":\"\\x41\"}"),
    BYTES("{\0\"\0a\0\"\0:\0001\0}\0"),
    BYTES("{\"title\":1,\"title\":2}"),
    BYTES("{\"a\":{\"b\":1,\"b\":2}}"),
    BYTES("{\"year\":1e400}"),
    BYTES("{\"year\":-1e400}"),
    BYTES("{\"year\":9223372036854775808}"),
    BYTES("{\"year\":-9223372036854775809}"),
    BYTES("{\"year\":99999999999999999999999999999999999}"),
    BYTES("{\"$where\":\"1\"}"),
    BYTES("{\"$set\":{\"title\":\"x\"}}"),
    BYTES("{\"lead.orgId\":\"x\"}"),
    BYTES("{\"title\":{\"$gt\":\"\"}}"),
    BYTES("{\"title\":{\"$date\":\"2019-04-04T00:00:00Z\"}}"),
    BYTES("{\"_id\":{\"$oid\":\"5d505646cf6d4fe581014ab2\"}}"),
    BYTES("{\"\":1}"),
    BYTES("{\"__proto__\":{\"x\":1}}"),
    BYTES("{\"constructor\":{\"prototype\":{}}}"),
    BYTES("null"),
    BYTES("true"),
    BYTES("1"),
    BYTES("\"x\""),
    BYTES("[]"),
    BYTES("[{}]"),
    BYTES("[[[[[[]]]]]]"),
};

static void
send_repeated(struct hostile *h, const struct route *route, const char *type,
    const char *text, size_t times, const char *end)
{
	struct buf b;

	buf_init(&b, 0);
	for (size_t i = 0; i < times; i++)
		buf_add(&b, text);
	buf_add(&b, end);
	send_bytes(h, route, type, b.data, b.len);
	buf_fini(&b);
}

static void
test_no_json(void **state)
{
	static const char type[] = "application/json";
	struct hostile *h = *state;

	for (size_t r = 0; r < api_nroutes; r++) {
		const struct route *route = &api_routes[r];

		if (hostile_schema(route) == NULL)
			continue;
		for (size_t i = 0; i < COUNT(no_json); i++)
			send_bytes(
			    h, route, type, no_json[i].bytes, no_json[i].n);
		send_repeated(h, route, type, "[", 33, "");
		send_repeated(h, route, type, "{\"a\":", 33, "1");
		send_repeated(h, route, type, "[", 10000, "");
		send_repeated(h, route, type, "{\"a\":", 10000, "");
		send_repeated(h, route, type, "]", 10000, "");
		send_repeated(h, route, type, "        ", 1 << 18, "{}");
		send_repeated(h, route, type, "[1,1,1,1,1,1,1,1],", 50000, "");
	}
	hostile_settle(h, "bodies that are no JSON");
}

static void
test_tables(void **state)
{
	static const char *const tables[] = {"x", ",", "\"", "\"\"\"",
	    "序号,工作任务\n", "序号\n1\n2\n", "a,b\n\"c,d\ne", "\xff\xfe",
	    "=cmd|' /C calc'!A0,b\n", "{}", "<table></table>"};
	struct hostile *h = *state;

	for (size_t r = 0; r < api_nroutes; r++) {
		const struct route *route = &api_routes[r];

		if ((route->flags & ROUTE_CSV) == 0)
			continue;
		for (size_t i = 0; i < COUNT(tables); i++)
			send_bytes(
			    h, route, "text/csv", tables[i], strlen(tables[i]));
		send_bytes(h, route, "text/csv", "a\0b\n", 4);
		send_repeated(h, route, "text/csv", "x,", 1 << 20, "\n");
		send_repeated(h, route, "text/csv", "x,", 1 << 18, "\n");
		send_repeated(h, route, "text/csv", "\n", 1 << 18, "x");
		send_repeated(h, route, "text/csv", "\"", 99999, "\n");
	}
	hostile_settle(h, "tables");
}

/* ---- documents with one thing wrong ---- */

/* Where a document is spoilt: copies are made along the way. */
struct spoil {
	struct hostile *h;
	const struct route *route;
	json_t *doc; /* the whole, changed in place and changed back */
};

static void
send_doc(struct spoil *s)
{
	char *text = json_dumps(s->doc, JSON_COMPACT | JSON_ENCODE_ANY);

	send_bytes(s->h, s->route, "application/json", text, strlen(text));
	free(text);
}

/* new: what no place of any document may hold. */
static json_t *
make_wrong(size_t i)
{
	static char huge[65537];

	switch (i) {
	case 0:
		return json_pack("{s:s}", "$date", "2019-04-04T00:00:00Z");
	case 1:
		return json_pack("{s:s}", "$gt", "");
	case 2:
		return json_pack("{s:i}", "a.b", 1);
	case 3:
		return json_pack("{s:{s:i}}", "__proto__", "x", 1);
	case 4:
		return json_pack("[[i]]", 1);
	case 5:
		return json_real(-0.5);
	case 6:
		return json_integer(-1);
	case 7:
		return json_integer(INT64_MAX);
	case 8:
		return json_string("\u202e民生实事");
	case 9:
		return json_string("a\nb\x01");
	case 10:
		memset(huge, 'a', sizeof(huge) - 1);
		return json_string(huge);
	default:
		return NULL;
	}
}

static void
spoil_place(struct spoil *s, json_t *parent, const char *key, size_t at)
{
	json_t *good = key != NULL ? json_object_get(parent, key)
				   : json_array_get(parent, at);
	json_t *bad;

	json_incref(good);
	for (size_t i = 0; (bad = make_wrong(i)) != NULL; i++) {
		/* A revision in a body is ignored, however large. */
		if (key != NULL && strcmp(key, "rev") == 0 &&
		    json_is_integer(bad) && json_integer_value(bad) > 0) {
			json_decref(bad);
			continue;
		}
		if (key != NULL)
			json_object_set_new(parent, key, bad);
		else
			json_array_set_new(parent, at, bad);
		send_doc(s);
	}
	if (!json_is_boolean(good)) {
		if (key != NULL)
			json_object_set_new(parent, key, json_true());
		else
			json_array_set_new(parent, at, json_true());
		send_doc(s);
	}
	if (key != NULL)
		json_object_set(parent, key, good);
	else
		json_array_set(parent, at, good);
	json_decref(good);
}

static void
spoil_members(struct spoil *s, json_t *v)
{
	static const char *const strangers[] = {"x", "$set", "a.b", "__proto__",
	    "constructor", "标题", "Title", " "};

	for (size_t i = 0; i < COUNT(strangers); i++) {
		json_object_set_new(v, strangers[i], json_integer(1));
		send_doc(s);
		json_object_del(v, strangers[i]);
	}
}

/*
 * Rows of a sync are judged one by one, a good one is kept beside a bad one:
 * test_sync and its conversation show what is said of each.
 */
static bool
is_judged_by_row(const struct spoil *s, const char *key)
{
	return strstr(s->route->pattern, ":sync") != NULL &&
	       strcmp(key, "rows") == 0;
}

static void
spoil(struct spoil *s, json_t *v)
{
	json_t *names = json_array();
	const char *key;
	size_t i;
	json_t *child;

	if (json_is_object(v))
		spoil_members(s, v);
	/* The names first: the object changes while it is walked. */
	json_object_foreach (v, key, child)
		json_array_append_new(names, json_string(key));
	json_array_foreach (names, i, child) {
		if (is_judged_by_row(s, json_string_value(child)))
			continue;
		spoil_place(s, v, json_string_value(child), 0);
		spoil(s, json_object_get(v, json_string_value(child)));
	}
	json_decref(names);
	if (!json_is_array(v))
		return;
	for (i = 0; i < json_array_size(v); i++) {
		spoil_place(s, v, NULL, i);
		spoil(s, json_array_get(v, i));
	}
}

static void
test_spoilt(void **state)
{
	struct hostile *h = *state;

	for (size_t r = 0; r < api_nroutes; r++) {
		struct spoil s = {.h = h, .route = &api_routes[r]};

		if (api_routes[r].schema == NULL)
			continue;
		s.doc = hostile_example(api_routes[r].schema);
		spoil(&s, s.doc);
		json_decref(s.doc);
	}
	hostile_settle(h, "documents with one thing wrong");
}

/* Every member a schema knows, alone, as something it cannot be. */
static void
test_members(void **state)
{
	struct hostile *h = *state;

	for (size_t r = 0; r < api_nroutes; r++) {
		const char *name = hostile_schema(&api_routes[r]);
		const struct embed_file *file;
		json_t *schema, *property;
		const char *key;

		if (name == NULL)
			continue;
		file = embed_find(embed_schemas, name);
		schema = json_loadb(file->data, file->len, 0, NULL);
		json_object_foreach (
		    json_object_get(schema, "properties"), key, property) {
			struct spoil s = {.h = h, .route = &api_routes[r]};

			s.doc = json_object();
			json_put(s.doc, key, json_null());
			spoil_place(&s, s.doc, key, 0);
			json_decref(s.doc);
		}
		json_decref(schema);
	}
	hostile_settle(h, "members of schemas");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_json),
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_spoilt),
	    cmocka_unit_test(test_members),
	};

	return world_run_tests(
	    tests, COUNT(tests), false, hostile_set_up, hostile_tear_down);
}
