#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "unit/support.h"

#define S(s) s, sizeof(s) - 1
#define LIMIT 4096

/* want NULL: accepted.  The column is where the parser stopped. */
static const struct {
	const char *s;
	size_t n;
	const char *want;
} bodies[] = {
    {S("{}"), NULL},
    {S(" [1, 2.5, null, true, \"字\"] "), NULL},
    {S("null"), NULL},
    {S("\"x\""), NULL},
    {S("9223372036854775807"), NULL},
    {S("-9223372036854775808"), NULL},
    {S("{\"a\": {\"b\": 1}, \"c\": {\"b\": 1}}"), NULL},
    {S("{\"价格$\": 1}"), NULL},
    {S("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\""), NULL},
    {S("\"\\ud83d\\ude00\""), NULL},
    {S(""), "第1行第1列：内容不完整，提前结束"},
    {S("   "), "第1行第3列：内容不完整，提前结束"},
    {S("{\"a\": 1"), "第1行第7列：内容不完整，提前结束"},
    {S("{\"a\": \"b"), "第1行第8列：内容不完整，提前结束"},
    {S("{}\n{}"), "第2行第1列：JSON之后还有多余的内容"},
    {S("{'a': 1}"), "第1行第2列：不符合JSON语法"},
    {S("{\"a\": 1,}"), "第1行第9列：不符合JSON语法"},
    {S("[01]"), "第1行第2列：不符合JSON语法"},
    {S("[NaN]"), "第1行第4列：不符合JSON语法"},
    {S("[1]\0"), "第1行第4列：JSON之后还有多余的内容"},
    {S("{\n\"a\": 1,\n\"名\":1,  \"a\": 2}"), "第3行第11列：重复的成员"},
    {S("[9223372036854775808]"), "第1行第20列：数值超出范围"},
    {S("[-9223372036854775809]"), "第1行第21列：数值超出范围"},
    {S("[1e999]"), "第1行第6列：数值超出范围"},
    {S("[\"a\\u0000\"]"), "第1行第10列：字符串中不能有\\u0000"},
    {S("{\"a\\u0000\": 1}"), "第1行第10列：字符串中不能有\\u0000"},
    {S("[\"\\ud800\"]"), "第1行第9列：不符合JSON语法"},
    {S("\xEF\xBB\xBF{}"), "第1行第1列：开头不能有BOM字节顺序标记"},
    {S("{\n\"名\": \"\xFF\"}"), "第2行第7列：不是合法的UTF-8编码"},
    {S("[\"\xED\xA0\x80\"]"), "第1行第3列：不是合法的UTF-8编码"},
    {S("{\"$set\": 1}"), "成员名不能以“$”开头"},
    {S("{\"a\": [{\"b.c\": 1}]}"), "成员名不能含有“.”"},
};

static void
accepts_and_refuses(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct err e;

		err_init(&e);
		json_t *v = json_read(bodies[i].s, bodies[i].n, LIMIT, &e);
		bool ok = v != NULL;

		json_decref(v);
		if (ok ? bodies[i].want == NULL
		       : bodies[i].want != NULL && e.code == ERR_BADJSON &&
			     strcmp(e.detail, bodies[i].want) == 0)
			continue;
		printf("%s\n\tgot:  %s\n\twant: %s\n", bodies[i].s,
		    ok ? "(accepted)" : e.detail,
		    bodies[i].want != NULL ? bodies[i].want : "(accepted)");
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void
bad_names_have_a_pointer(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	assert_null(json_read(
	    S("{\"x\": [1], \"a/~\": [0, {\"$gt\": 1}]}"), LIMIT, &e));
	assert_int_equal(e.nitems, 1);
	assert_string_equal(e.items[0].pointer, "/a~1~0/1/$gt");
}

static void
size_is_limited(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	json_t *v = json_read(S("[1,2]"), 5, &e);

	assert_non_null(v);
	json_decref(v);
	assert_null(json_read(S("[1,2]"), 4, &e));
	assert_int_equal(e.code, ERR_TOOBIG);
}

/* n levels of open and close around a 1; open counts as one level. */
static json_t *
read_nested(const char *open, const char *close, int n, struct err *e)
{
	struct buf b;

	buf_init(&b, 0);
	for (int i = 0; i < n; i++)
		buf_add(&b, open);
	buf_addc(&b, '1');
	for (int i = 0; i < n; i++)
		buf_add(&b, close);
	json_t *v = json_read(b.data, b.len, b.len, e);

	buf_fini(&b);
	return v;
}

static void
depth_is_limited(void **state)
{
	static const char *const pairs[][2] = {{"[", "]"}, {"{\"a\":", "}"}};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct err e;

		err_init(&e);
		json_t *v =
		    read_nested(pairs[i][0], pairs[i][1], JSON_DEPTH_MAX, &e);

		assert_non_null(v);
		json_decref(v);
		assert_null(read_nested(
		    pairs[i][0], pairs[i][1], JSON_DEPTH_MAX + 1, &e));
		assert_int_equal(e.code, ERR_BADJSON);
		assert_non_null(strstr(e.detail, "嵌套超过32层"));
		assert_null(read_nested(pairs[i][0], "", 200000, &e));
	}
}

/* Brackets in strings and behind escaped quotes are not depth. */
static void
depth_knows_strings(void **state)
{
	struct err e;
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	buf_add(&b, "[\"\\\\\",\"\\\"");
	for (int i = 0; i < 100; i++)
		buf_add(&b, "[{");
	buf_add(&b, "\"]");
	err_init(&e);
	json_t *v = json_read(b.data, b.len, LIMIT, &e);

	assert_non_null(v);
	json_decref(v);
	buf_fini(&b);
}

/* No bytes at all may crash it or be accepted and not print back. */
static void
random_bytes_do_no_harm(void **state)
{
	static const char alphabet[] =
	    "{}[]\",:0123e-. \\untrfalse$\xE5\xAD\x97";
	char s[48];
	struct buf b;
	struct rnd r;
	struct err e;

	(void)state;
	rnd_init(&r, "random_bytes_do_no_harm");
	buf_init(&b, 0);
	for (int i = 0; i < 50000; i++) {
		size_t n = rnd_below(&r, sizeof(s));

		for (size_t k = 0; k < n; k++)
			s[k] = alphabet[rnd_below(&r, sizeof(alphabet))];
		err_init(&e);
		json_t *v = json_read(s, n, sizeof(s), &e);

		if (v == NULL) {
			assert_int_equal(e.code, ERR_BADJSON);
			assert_true(e.detail[0] != '\0');
			continue;
		}
		buf_reset(&b);
		json_print(&b, v);
		json_t *again = json_read(b.data, b.len, LIMIT, &e);
		char *same = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

		assert_string_equal(b.data, same);
		free(same);
		assert_true(json_equal(v, again));
		json_decref(again);
		json_decref(v);
	}
	buf_fini(&b);
}

static void
own_json_may_have_any_key(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	json_t *v = json_read_own(S("{\"$ref\": \"a.json\", \"a.b\": 1}"), &e);

	assert_non_null(v);
	assert_string_equal(json_peek_str(v, "$ref"), "a.json");
	json_decref(v);
	assert_null(json_read_own(S("{\n"), &e));
	assert_int_equal(e.code, ERR_INTERNAL);
}

static void
prints(void **state)
{
	struct err e;
	struct buf b;

	(void)state;
	err_init(&e);
	json_t *v = json_read(S("{\"b\": [1, {\"z\":\"字\", \"y\":null}], "
				"\"a\": true}"),
	    LIMIT, &e);

	assert_non_null(v);
	buf_init(&b, 0);
	json_print(&b, v);
	assert_string_equal(
	    b.data, "{\"b\":[1,{\"z\":\"字\",\"y\":null}],\"a\":true}");
	buf_reset(&b);
	json_print_canonical(&b, v);
	assert_string_equal(
	    b.data, "{\"a\":true,\"b\":[1,{\"y\":null,\"z\":\"字\"}]}");
	buf_fini(&b);
	json_decref(v);
}

static void
peeks(void **state)
{
	json_t *o = json_object();

	(void)state;
	json_put_str(o, "s", "字");
	json_put_str(o, "null", NULL);
	json_put_int(o, "n", INT64_MAX);
	json_put(o, "b", json_true());
	json_put(o, "a", json_array());
	json_push(json_object_get(o, "a"), json_integer(1));
	json_put(o, "o", json_object());

	assert_string_equal(json_peek_str(o, "s"), "字");
	assert_null(json_peek_str(o, "n"));
	assert_null(json_peek_str(o, "absent"));
	assert_true(json_is_null(json_object_get(o, "null")));
	assert_true(json_peek_int(o, "n", -1) == INT64_MAX);
	assert_int_equal(json_peek_int(o, "s", -1), -1);
	assert_true(json_peek_bool(o, "b", false));
	assert_true(json_peek_bool(o, "absent", true));
	assert_false(json_peek_bool(o, "n", false));
	assert_int_equal(json_array_size(json_peek_array(o, "a")), 1);
	assert_int_equal(json_array_size(json_peek_array(o, "o")), 0);
	assert_true(json_is_array(json_peek_array(NULL, "o")));
	assert_true(json_is_object(json_peek_object(o, "a")));
	assert_ptr_equal(json_peek_object(o, "o"), json_object_get(o, "o"));
	assert_ptr_equal(json_iterable(o), o);
	json_decref(o);
}

/* RFC 7396, appendix A, and three of our own. */
static void
merge_patches(void **state)
{
	static const struct {
		const char *target, *patch, *want;
	} cases[] = {
	    {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	    {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
	    {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
	    {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
	    {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	    {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
	    {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
		"{\"a\":{\"b\":\"d\"}}"},
	    {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
	    {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
	    {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
	    {"{\"a\":\"foo\"}", "null", "null"},
	    {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
	    {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
	    {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
	    {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
	    {"{\"a\":{\"k\":1},\"b\":2}", "{}", "{\"a\":{\"k\":1},\"b\":2}"},
	    {"{\"a\":1}", "{\"a\":{\"b\":null,\"c\":1}}", "{\"a\":{\"c\":1}}"},
	    {"{\"a\":{\"b\":{\"c\":1,\"d\":2}}}",
		"{\"a\":{\"b\":{\"c\":null}}}", "{\"a\":{\"b\":{\"d\":2}}}"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *t = json_loads(cases[i].target, JSON_DECODE_ANY, NULL);
		json_t *p = json_loads(cases[i].patch, JSON_DECODE_ANY, NULL);
		json_t *before = json_deep_copy(t);
		json_t *got = json_merge_patch(t, p);
		char *s = json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY);

		assert_string_equal(s, cases[i].want);
		assert_true(json_equal(t, before));
		free(s);
		json_decref(got);
		json_decref(before);
		json_decref(p);
		json_decref(t);
	}
}

/* What comes out shares nothing with what went in. */
static void
merge_patch_shares_nothing(void **state)
{
	json_t *t = json_loads("{\"keep\":{\"n\":1}}", 0, NULL);
	json_t *p = json_loads("{\"new\":{\"n\":1}}", 0, NULL);
	json_t *got = json_merge_patch(t, p);

	(void)state;
	json_put_int(json_object_get(got, "keep"), "n", 2);
	json_put_int(json_object_get(got, "new"), "n", 2);
	assert_int_equal(json_peek_int(json_peek_object(t, "keep"), "n", 0), 1);
	assert_int_equal(json_peek_int(json_peek_object(p, "new"), "n", 0), 1);
	json_decref(got);
	json_decref(t);
	got = json_merge_patch(NULL, p);
	assert_true(json_equal(got, p));
	json_decref(got);
	json_decref(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(accepts_and_refuses),
	    cmocka_unit_test(bad_names_have_a_pointer),
	    cmocka_unit_test(size_is_limited),
	    cmocka_unit_test(depth_is_limited),
	    cmocka_unit_test(depth_knows_strings),
	    cmocka_unit_test(random_bytes_do_no_harm),
	    cmocka_unit_test(own_json_may_have_any_key),
	    cmocka_unit_test(prints),
	    cmocka_unit_test(peeks),
	    cmocka_unit_test(merge_patches),
	    cmocka_unit_test(merge_patch_shares_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
