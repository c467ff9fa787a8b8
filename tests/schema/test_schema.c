#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "base/arena.h"
#include "schema/schema.h"
#include "schema/support.h"
#include "schema/uri.h"

/* One fault, told once: where, which keyword, and in which words. */
/* clang-format off */
static const struct {
	const char *schema, *value, *pointer, *keyword, *detail;
} sentences[] = {
	{"{'type':'integer'}", "'x'", "", "type", "应为整数，实为文字"},
	{"{'type':'integer'}", "1.5", "", "type", "应为整数，实为小数"},
	{"{'type':['string','null']}", "3", "", "type", "应为文字或空值，实为数字"},
	{"{'type':'number'}", "true", "", "type", "应为数字，实为true或false"},
	{"{'type':'array'}", "{}", "", "type", "应为列表，实为对象"},
	{"{'required':['title']}", "{}", "", "required", "缺少必填项“title”"},
	{"{'properties':{'a':{'properties':{'b/c~':{'type':'null'}}}}}", "{'a':{'b/c~':[]}}",
	    "/a/b~1c~0", "type", "应为空值，实为列表"},
	{"{'items':{'maxLength':2}}", "['好','天气好']", "/1", "maxLength", "不能超过2个字（现有3个）"},
	{"{'minLength':1,'x-message':'no'}", "''", "", "minLength", "不能为空"},
	{"{'minLength':3}", "'ab'", "", "minLength", "至少要有3个字（现有2个）"},
	{"{'enum':['given','derived','missing']}", "'x'", "", "enum", "不在允许的取值之内：given、derived、missing"},
	{"{'const':'number'}", "1", "", "const", "只能是“number”"},
	{"{'properties':{'a':true},'additionalProperties':false}", "{'a':1,'foo':2}",
	    "/foo", "additionalProperties", "多出未知的项“foo”"},
	{"{'allOf':[{'properties':{'a':true}}],'unevaluatedProperties':false}", "{'a':1,'foo':2}",
	    "/foo", "unevaluatedProperties", "多出未知的项“foo”"},
	{"{'properties':{'a':false}}", "{'a':1}", "/a", "properties", "不允许填写“a”"},
	{"{'prefixItems':[true],'items':false}", "[1,2]", "/1", "items", "多出了第2项"},
	{"{'prefixItems':[true],'unevaluatedItems':false}", "[1,2]", "/1", "unevaluatedItems", "多出了第2项"},
	{"false", "1", "", "false", "这里不允许有任何内容"},
	{"{'minimum':0}", "-1", "", "minimum", "不能小于0（现为-1）"},
	{"{'maximum':1.5}", "2", "", "maximum", "不能大于1.5（现为2）"},
	{"{'exclusiveMinimum':0}", "0.0", "", "exclusiveMinimum", "必须大于0（现为0）"},
	{"{'exclusiveMaximum':9}", "9", "", "exclusiveMaximum", "必须小于9（现为9）"},
	{"{'multipleOf':5}", "7", "", "multipleOf", "必须是5的倍数（现为7）"},
	{"{'minItems':2}", "[1]", "", "minItems", "至少要有2项（现有1项）"},
	{"{'maxItems':1}", "[1,2]", "", "maxItems", "最多只能有1项（现有2项）"},
	{"{'uniqueItems':true}", "[1,2,{'a':1.0},{'a':1}]", "", "uniqueItems", "第3项与第4项重复"},
	{"{'minProperties':1}", "{}", "", "minProperties", "至少要填1项（现有0项）"},
	{"{'maxProperties':1}", "{'a':1,'b':2}", "", "maxProperties", "最多填1项（现有2项）"},
	{"{'contains':{'type':'null'}}", "[1]", "", "contains", "至少要有1项符合要求（现有0项）"},
	{"{'contains':{'type':'null'},'maxContains':1}", "[null,null]", "", "contains", "这样的项最多只能有1个（现有2个）"},
	{"{'dependentRequired':{'a':['b']}}", "{'a':1}", "", "dependentRequired", "填了“a”就必须填“b”"},
	{"{'propertyNames':{'maxLength':2}}", "{'abc':1}", "/abc", "propertyNames", "项的名称“abc”不符合要求"},
	{"{'propertyNames':{'maxLength':2,'x-message':'太长'}}", "{'abc':1}", "/abc", "propertyNames", "太长"},
	{"{'pattern':'^[0-9]+$','x-message':'只能是数字'}", "'a'", "", "pattern", "只能是数字"},
	{"{'pattern':'^[0-9]+$','title':'文号'}", "'a'", "", "pattern", "文号的格式不正确"},
	{"{'pattern':'^[0-9]+$'}", "'a'", "", "pattern", "格式不符合要求：^[0-9]+$"},
	{"{'pattern':'^a$'}", "'a\\n'", "", "pattern", "格式不符合要求：^a$"},
	{"{'pattern':'^\\\\d$'}", "'৪'", "", "pattern", "格式不符合要求：^\\d$"},
	{"{'format':'date'}", "'2019-02-29'", "", "format", "日期应写成2019-04-04这样，且确有这一天"},
	{"{'format':'date','pattern':'^x','x-message':'写成日期'}", "'2019'", "", "pattern", "写成日期"},
	{"{'format':'email'}", "'a@'", "", "format", "不是有效的电子邮箱地址"},
	{"{'not':{'type':'null'}}", "null", "", "not", "不允许这样填写"},
	{"{'not':{'type':'null'},'x-message':'不能空着'}", "null", "", "not", "不能空着"},
	{"{'oneOf':[{'type':'integer'},{'minimum':0}]}", "1", "", "oneOf", "同时符合两种写法，只能符合其中一种"},
	{"{'if':{'required':['a']},'then':{'required':['b']}}", "{'a':1}", "", "required", "缺少必填项“b”"},
	{"{'contains':{'type':'null'},'maxContains':1,'x-message':'只能空一次'}", "[null,null]", "", "contains", "只能空一次"},
	/* the branch that got furthest */
	{"{'anyOf':[{'type':'string'},{'type':'null'}]}", "[]", "", "anyOf", "应为文字或空值，实为列表"},
	{"{'anyOf':[{'type':'null'},{'type':'object','required':['a']}]}", "{}", "", "required", "缺少必填项“a”"},
	{"{'oneOf':[{'properties':{'kind':{'const':'none'},'n':false},'required':['reason']},"
	    "{'properties':{'kind':{'const':'number'}},'required':['n']}]}", "{'kind':'number'}",
	    "", "required", "缺少必填项“n”"},
	{"{'oneOf':[{'properties':{'kind':{'const':'none'}}},"
	    "{'properties':{'kind':{'const':'number'},'n':{'minimum':5},'m':false}}],'maxProperties':9}",
	    "{'kind':'number','n':1}", "/n", "minimum", "不能小于5（现为1）"},
	{"{'oneOf':[{'properties':{'kind':{'const':'none'}}},{'properties':{'kind':{'enum':['number','some']}}}]}",
	    "{'kind':'x'}", "/kind", "const", "不在允许的取值之内：none、number、some"},
	{"{'anyOf':[{'const':1},{'const':2}],'x-message':'一或二'}", "3", "", "anyOf", "一或二"},
	/* a fault in a part is not made worse by what the part does know */
	{"{'allOf':[{'properties':{'a':{'type':'null'}}}],'unevaluatedProperties':false}", "{'a':1}",
	    "/a", "type", "应为空值，实为数字"},
	{"{'allOf':[{'properties':{'a':{'type':'null'}},'unevaluatedProperties':{'type':'integer'}}],"
	    "'unevaluatedProperties':false}", "{'a':1}", "/a", "type", "应为空值，实为数字"},
	/* found twice, told once */
	{"{'allOf':[{'minimum':5},{'minimum':5}]}", "1", "", "minimum", "不能小于5（现为1）"},
};
/* clang-format on */

static void
test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
		const struct err_item *it;
		struct err e;

		if (check_text(sentences[i].schema, sentences[i].value, &e) ==
		    0)
			fail_msg("%s fits %s", sentences[i].value,
			    sentences[i].schema);
		it = &e.items[0];
		assert_int_equal(e.code, ERR_INVALID);
		if (e.nitems != 1)
			fail_msg(
			    "%s: %zu items", sentences[i].schema, e.nitems);
		assert_string_equal(it->pointer, sentences[i].pointer);
		assert_string_equal(it->keyword, sentences[i].keyword);
		assert_string_equal(it->detail, sentences[i].detail);
	}
}

/* clang-format off */
static const struct {
	const char *schema, *value;
	int fits;
} answers[] = {
	{"{'const':1}", "1.0", 1},
	{"{'enum':[[1.0]]}", "[1]", 1},
	{"{'const':9007199254740993}", "9007199254740992.0", 0},
	{"{'maximum':9223372036854775807}", "9223372036854775808.0", 0},
	{"{'minimum':-9223372036854775808}", "-9223372036854775808.0", 1},
	{"{'multipleOf':0.01}", "19.99", 1},
	{"{'multipleOf':0.01}", "1.005", 0},
	{"{'multipleOf':0.1}", "9007199254740993", 1},
	{"{'multipleOf':3}", "9223372036854775806", 1},
	{"{'multipleOf':3}", "9223372036854775807", 0},
	{"{'multipleOf':7}", "-14.0", 1},
	{"{'multipleOf':0.3}", "1e300", 0},
	{"{'type':'integer'}", "1e300", 1},
	{"{'uniqueItems':true}", "[[1,2],[2,1],{'a':1},{'b':1},0,false,'',null,[]]", 1},
	{"{'uniqueItems':true}", "[{'a':1,'b':2},{'b':2,'a':1.0}]", 0},
	{"{'uniqueItems':true}", "[0,-0.0]", 0},
	{"{'$schema':'https://json-schema.org/draft/2020-12/schema','format':'date'}", "'x'", 1},
	{"{'$schema':'https://json-schema.org/draft/2020-12/schema','requried':['a']}", "{}", 1},
	{"{'x-anything':1}", "{}", 1},
	{"{'pattern':'^\\\\p{Script=Han}+$'}", "'民生'", 1},
	{"{'pattern':'^\\\\p{gc=Lu}$'}", "'A'", 1},
	{"{'pattern':'^\\\\p{Uppercase_Letter}$'}", "'a'", 0},
	{"{'pattern':'^\\\\u{1F600}$'}", "'😀'", 1},
	{"{'pattern':'^.$'}", "'😀'", 1},
	{"{'maxLength':1}", "'😀'", 1},
	{"{'not':{'not':{'type':'null'}}}", "null", 1},
	/* an unknown keyword inside an embedded resource has its base */
	{"{'$schema':'https://json-schema.org/draft/2020-12/schema','$ref':'#/$defs/a/odd','$defs':{'a':"
	    "{'$id':'sub/','odd':{'$ref':'b'},'$defs':{'b':{'$id':'b','type':'null'}}}}}", "1", 0},
};
/* clang-format on */

static void
test_answers(void **state)
{
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		int rc = check_text(answers[i].schema, answers[i].value, &e);

		if ((rc == 0) != answers[i].fits)
			fail_msg("%s against %s", answers[i].value,
			    answers[i].schema);
	}
}

/* What is wrong with a schema is said before it is used, and precisely. */
/* clang-format off */
static const struct {
	const char *schema, *part;
} faults[] = {
	{"{'properties':{'a/b':{'minLength':'3'}}}", HERE "#/properties/a~1b 的 minLength 应为非负整数"},
	{"{'minLength':-1}", "minLength 应为非负整数"},
	{"{'minLength':1.5}", "minLength 应为非负整数"},
	{"{'$ref':'#/$defs/nowhere'}", "$ref 无法解析，找不到模式：" HERE "#/$defs/nowhere"},
	{"{'$ref':'other.json'}", "找不到模式：https://example.org/schemas/other.json"},
	{"{'$ref':'#name'}", "找不到模式的锚点：" HERE "#name"},
	{"{'$ref':'#/type','type':'null'}", "找不到模式：" HERE "#/type"},
	{"{'$ref':3}", "$ref 应为文字"},
	{"{'pattern':'(a'}", "中的正则表达式有误（第2字节处）：(a"},
	{"{'patternProperties':{'[':true}}", "patternProperties 中的正则表达式有误"},
	{"{'type':'strnig'}", "不认识的类型：strnig"},
	{"{'required':'a'}", "required 应为文字的列表"},
	{"{'required':[1]}", "required 应为文字的列表"},
	{"{'enum':'a'}", "enum 应为列表"},
	{"{'properties':[]}", "properties 应为对象"},
	{"{'properties':{'a':3}}", "properties 里应为模式"},
	{"{'items':[]}", "items 里应为模式"},
	{"{'allOf':[]}", "allOf 应为非空的列表"},
	{"{'if':1}", "if 里应为模式"},
	{"{'multipleOf':0}", "multipleOf 应为大于0的数字"},
	{"{'maximum':'9'}", "maximum 应为数字"},
	{"{'uniqueItems':1}", "uniqueItems 应为true或false"},
	{"{'dependentRequired':{'a':'b'}}", "dependentRequired 应为文字的列表"},
	{"{'format':'phone'}", "format 是不支持的格式：phone"},
	{"{'requried':['a']}", "不认识的关键字：requried"},
	{"{'$defs':{'never':{'minItems':'x'}}}", "$defs/never 的 minItems 应为非负整数"},
	{"{'$id':'#frag'}", "不能带片段"},
	{"{'$defs':{'a':{'$id':'x'},'b':{'$id':'x'}}}", "模式的地址重复：https://example.org/schemas/x"},
	{"{'$defs':{'a':{'$anchor':'x'},'b':{'$anchor':'x'}}}", "模式的锚点重复：" HERE "#x"},
	{"{'$schema':'https://example.org/unknown'}", "$schema无法识别：https://example.org/unknown"},
	{"[]", "模式应为对象"},
};
/* clang-format on */

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct schema_set *set = schema_set_new();
		struct err e;

		err_init(&e);
		if (compile_text(set, faults[i].schema, &e))
			fail_msg("%s compiles", faults[i].schema);
		assert_int_equal(e.code, ERR_CONFIG);
		if (!strstr(e.detail, faults[i].part))
			fail_msg("%s: %s", faults[i].schema, e.detail);
		schema_set_free(set);
	}
}

static void
test_unknown_vocabulary(void **state)
{
	struct schema_set *set = schema_set_new();
	json_t *meta =
	    parse_json("{'$id':'https://example.org/meta','$vocabulary':"
		       "{'https://example.org/vocab/strange':true}}");
	struct err e;

	(void)state;
	err_init(&e);
	assert_int_equal(schema_set_add(set, NULL, meta, &e), 0);
	assert_null(
	    compile_text(set, "{'$schema':'https://example.org/meta'}", &e));
	assert_non_null(strstr(e.detail, "https://example.org/vocab/strange"));
	json_decref(meta);
	schema_set_free(set);
}

/*
 * A $dynamicRef finds an anchor that nothing else leads to: b.json is passed
 * through by a pointer, and its "n" is the outermost one.
 */
static void
test_dynamic_anchor_elsewhere(void **state)
{
	static const char *const files[] = {
	    "{'$id':'https://example.org/s/a.json',"
	    "'$ref':'b.json#/$defs/way'}",
	    "{'$id':'https://example.org/s/b.json','$defs':{'way':{'$ref':"
	    "'c.json'},'n':{'$dynamicAnchor':'n','type':'null'}}}",
	    "{'$id':'https://example.org/s/c.json','$dynamicRef':'#n',"
	    "'$defs':{'n':{'$dynamicAnchor':'n'}}}",
	};
	struct schema_set *set = schema_set_new();
	json_t *v = json_integer(1);
	const struct schema *s;
	struct err e;

	(void)state;
	err_init(&e);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		json_t *doc = parse_json(files[i]);

		assert_int_equal(schema_set_add(set, NULL, doc, &e), 0);
		json_decref(doc);
	}
	s = schema_set_compile(set, "https://example.org/s/a.json", &e);
	assert_non_null(s);
	assert_int_equal(schema_check(s, v, &e), -1);
	assert_string_equal(e.items[0].keyword, "type");
	json_decref(v);
	schema_set_free(set);
}

/* RFC 3986, 5.4, and what schemas do with it. */
/* clang-format off */
static const struct {
	const char *base, *ref, *full;
} uris[] = {
	{"http://a/b/c/d;p?q", "g:h", "g:h"},
	{"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
	{"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
	{"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
	{"http://a/b/c/d;p?q", "/g", "http://a/g"},
	{"http://a/b/c/d;p?q", "//g", "http://g"},
	{"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
	{"http://a/b/c/d;p?q", "g?y#s", "http://a/b/c/g?y#s"},
	{"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q#s"},
	{"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"},
	{"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
	{"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
	{"http://a/b/c/d;p?q", "..", "http://a/b/"},
	{"http://a/b/c/d;p?q", "../g", "http://a/b/g"},
	{"http://a/b/c/d;p?q", "../..", "http://a/"},
	{"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
	{"http://a/b/c/d;p?q", "/./g", "http://a/g"},
	{"http://a/b/c/d;p?q", "/../g", "http://a/g"},
	{"http://a/b/c/d;p?q", "g.", "http://a/b/c/g."},
	{"http://a/b/c/d;p?q", "..g", "http://a/b/c/..g"},
	{"http://a/b/c/d;p?q", "./g/.", "http://a/b/c/g/"},
	{"http://a/b/c/d;p?q", "g/./h", "http://a/b/c/g/h"},
	{"http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y"},
	{"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"},
	{"http://a", "g", "http://a/g"},
	{"urn:uuid:1", "#/a", "urn:uuid:1#/a"},
	{"", "#/a", "#/a"},
	{SCHEMA_BASE "plan.json", "task.json#/$defs/x", SCHEMA_BASE "task.json#/$defs/x"},
};
/* clang-format on */

static void
test_uris(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++)
		assert_string_equal(
		    uri_resolve(&a, uris[i].base, uris[i].ref), uris[i].full);
	arena_fini(&a);
}

/* Files refer to each other by relative address, in any order of adding. */
static void
test_two_files(void **state)
{
	struct schema_set *set = schema_set_new();
	json_t *a =
	    parse_json("{'$id':'https://example.org/s/a.json',"
		       "'properties':{'b':{'$ref':'b.json#/$defs/x'}}}");
	json_t *b = parse_json("{'$id':'https://example.org/s/b.json',"
			       "'$defs':{'x':{'type':'null'}}}");
	json_t *v = parse_json("{'b':1}");
	const struct schema *s;
	struct err e;

	(void)state;
	err_init(&e);
	assert_int_equal(schema_set_add(set, NULL, a, &e), 0);
	assert_int_equal(schema_set_add(set, NULL, b, &e), 0);
	s = schema_set_compile(set, "https://example.org/s/a.json", &e);
	assert_non_null(s);
	assert_int_equal(schema_check(s, v, &e), -1);
	assert_string_equal(e.items[0].pointer, "/b");
	s = schema_set_compile(
	    set, "https://example.org/s/b.json#/$defs/x", &e);
	assert_non_null(s);
	json_decref(a);
	json_decref(b);
	json_decref(v);
	schema_set_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sentences),
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_faults),
	    cmocka_unit_test(test_unknown_vocabulary),
	    cmocka_unit_test(test_dynamic_anchor_elsewhere),
	    cmocka_unit_test(test_uris),
	    cmocka_unit_test(test_two_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
