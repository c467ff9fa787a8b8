#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "schema/schema.h"
#include "schema/support.h"

/* Limits answer: nothing hangs, crashes or says "fits" by accident. */
#define THREADS 8
#define ROUNDS 200

static void
test_all_errors_up_to_the_limit(void **state)
{
	struct schema_set *set = schema_set_new();
	json_t *list = json_array();
	const struct schema *s;
	struct err e;

	(void)state;
	err_init(&e);
	s = compile_text(set, "{'items':{'type':'null'}}", &e);
	assert_non_null(s);
	for (int i = 0; i < ERR_ITEMS + 5; i++)
		json_array_append_new(list, json_integer(i));
	assert_int_equal(schema_check(s, list, &e), -1);
	assert_int_equal(e.nitems, ERR_ITEMS);
	assert_int_equal(e.nmore, 5);
	assert_string_equal(e.items[ERR_ITEMS - 1].pointer, "/19");
	json_decref(list);
	schema_set_free(set);
}

/* A pointer too long for its field ends at a whole step. */
static void
test_long_pointer(void **state)
{
	char value[4000] = "1";
	struct err e;

	(void)state;
	for (int i = 0; i < 20; i++) {
		char next[4000];

		snprintf(next, sizeof(next), "{'%s%d':%.3900s}",
		    i < 6 ? "" : "member-name-", i, value);
		memcpy(value, next, strlen(next) + 1);
	}
	assert_int_equal(check_text("{'additionalProperties':{'$ref':'#'},"
				    "'type':'object'}",
			     value, &e),
	    -1);
	assert_int_equal(e.nitems, 1);
	assert_in_range(strlen(e.items[0].pointer), 150, 191);
	assert_int_equal(
	    strncmp(e.items[0].pointer, "/member-name-19/member-name-18", 30),
	    0);
	assert_non_null(strrchr(e.items[0].pointer, '/'));
	assert_int_equal(
	    strncmp(strrchr(e.items[0].pointer, '/'), "/member-name-", 13), 0);
}

struct job {
	const struct schema *schema;
	const json_t *good, *bad;
	int failures;
};

static void *
run_job(void *arg)
{
	struct job *job = arg;

	for (int i = 0; i < ROUNDS; i++) {
		struct err e;

		err_init(&e);
		if (schema_check(job->schema, job->good, &e) != 0)
			job->failures++;
		if (schema_check(job->schema, job->bad, &e) == 0 ||
		    e.nitems != 3)
			job->failures++;
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct schema_set *set = schema_set_new();
	json_t *good =
	    parse_json("{'id':'a1','kind':'number','n':3,'sub':[{'id':'b2'}]}");
	json_t *bad =
	    parse_json("{'id':'1a','kind':'x','sub':[{'id':'b2'}],'more':1}");
	struct job jobs[THREADS];
	pthread_t threads[THREADS];
	const struct schema *s;
	struct err e;

	(void)state;
	err_init(&e);
	s = compile_text(set,
	    "{'$dynamicAnchor':'node','properties':{'id':{'pattern':"
	    "'^[a-z][0-9]$'},'sub':{'uniqueItems':true,'items':"
	    "{'$dynamicRef':'#node'}}},'anyOf':[{'properties':{'kind':"
	    "{'const':'number'},'n':true}},{'properties':{'kind':{'const':"
	    "'none'}}}],'unevaluatedProperties':false}",
	    &e);
	if (!s)
		fail_msg("%s", e.detail);
	for (int i = 0; i < THREADS; i++) {
		jobs[i] = (struct job){s, good, bad, 0};
		assert_int_equal(
		    pthread_create(&threads[i], NULL, run_job, &jobs[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(jobs[i].failures, 0);
	}
	json_decref(good);
	json_decref(bad);
	schema_set_free(set);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
test_hostile_pattern(void **state)
{
	static const char *const schemas[] = {
	    "{'pattern':'^(a+)+$'}",
	    "{'not':{'pattern':'^(a+)+$'}}",
	    "{'anyOf':[{'pattern':'^(a+)+$'},true]}",
	    "{'patternProperties':{'^(a+)+$':true}}",
	};
	static const char *const values[] = {
	    "'aaaaaaaaaaaaaaaaaaaaa!'",
	    "{'aaaaaaaaaaaaaaaaaaaaa!':1}",
	};
	double start = seconds();

	(void)state;
	for (size_t i = 0; i < sizeof(schemas) / sizeof(*schemas); i++) {
		struct err e;

		assert_int_equal(
		    check_text(schemas[i], values[i == 3], &e), -1);
		assert_int_equal(e.nitems, 1);
		assert_string_equal(e.items[0].keyword, "pattern");
		assert_string_equal(
		    e.items[0].detail, "这段文字过于复杂，无法检查格式");
	}
	assert_true(seconds() - start < 10);
}

/* A text of the greatest length that a simple pattern must still take. */
static void
test_long_text(void **state)
{
	size_t n = 65536;
	char *text = malloc(n + 3);
	struct err e;

	(void)state;
	memset(text, 'a', n + 2);
	text[0] = text[n + 1] = '\'';
	text[n + 2] = '\0';
	assert_int_equal(
	    check_text(
		"{'pattern':'^(?:[a-z]|\\\\p{Script=Han})*$'}", text, &e),
	    0);
	free(text);
}

/* `depth` arrays in one another. */
static json_t *
nest(int depth)
{
	json_t *v = json_integer(1);

	while (depth-- > 0) {
		json_t *outer = json_array();

		json_array_append_new(outer, v);
		v = outer;
	}
	return v;
}

static void
test_deep(void **state)
{
	static const struct {
		const char *schema;
		int depth, fits;
	} cases[] = {
	    {"{'items':{'$ref':'#'}}", 32, 1},
	    {"{'items':{'allOf':[{'anyOf':[{'$ref':'#'}]}]}}", 32, 1},
	    {"{'type':['array','integer'],'items':{'$ref':'#'}}", 1900, 0},
	    {"{'$ref':'#'}", 1, 0},
	    {"{'not':{'$ref':'#'}}", 1, 0},
	    {"{'allOf':[{'$ref':'#/$defs/a'}],'$defs':{'a':{'$ref':'#'}}}", 1,
		0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct schema_set *set = schema_set_new();
		json_t *v = nest(cases[i].depth);
		const struct schema *s;
		struct err e;

		err_init(&e);
		s = compile_text(set, cases[i].schema, &e);
		assert_non_null(s);
		assert_int_equal(
		    schema_check(s, v, &e), cases[i].fits ? 0 : -1);
		if (!cases[i].fits)
			assert_string_equal(e.items[0].keyword, "depth");
		json_decref(v);
		schema_set_free(set);
	}
}

/* Branches inside branches are weighed, but not over and over. */
static void
test_nested_branches(void **state)
{
	struct schema_set *set = schema_set_new();
	json_t *v = nest(32);
	double start = seconds();
	const struct schema *s;
	struct err e;

	(void)state;
	err_init(&e);
	s = compile_text(set,
	    "{'anyOf':[{'type':'array','items':{'$ref':'#'}},"
	    "{'type':'string'},{'type':'null'}]}",
	    &e);
	assert_non_null(s);
	assert_int_equal(schema_check(s, v, &e), -1);
	assert_int_equal(e.nitems, 1);
	assert_string_equal(
	    e.items[0].detail, "应为文字或列表或空值，实为数字");
	assert_true(seconds() - start < 5);
	json_decref(v);
	schema_set_free(set);
}

/* What really explodes meets the limit on steps. */
static void
test_explosion(void **state)
{
	struct schema_set *set = schema_set_new();
	json_t *v = nest(32);
	const struct schema *s;
	struct err e;

	(void)state;
	err_init(&e);
	s = compile_text(set,
	    "{'type':'array','anyOf':[{'items':{'$ref':'#'}},"
	    "{'items':{'$ref':'#'}}]}",
	    &e);
	assert_non_null(s);
	assert_int_equal(schema_check(s, v, &e), -1);
	assert_int_equal(e.nitems, 1);
	assert_string_equal(e.items[0].keyword, "steps");
	json_decref(v);
	schema_set_free(set);
}

static void
test_huge(void **state)
{
	struct schema_set *set = schema_set_new();
	json_t *list = json_array(), *object = json_object();
	double start = seconds();
	const struct schema *s;
	struct err e;

	(void)state;
	err_init(&e);
	for (int i = 0; i < 100000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "m%d", i);
		json_array_append_new(list, json_integer(i));
		json_object_set_new(object, name, json_integer(i));
	}
	s = compile_text(set,
	    "{'uniqueItems':true,'contains':{'minimum':5},"
	    "'patternProperties':{'^m':true},"
	    "'unevaluatedProperties':false,'unevaluatedItems':false}",
	    &e);
	assert_non_null(s);
	assert_int_equal(schema_check(s, object, &e), 0);
	assert_int_equal(schema_check(s, list, &e), -1);
	assert_int_equal(e.nitems, 5);
	assert_true(seconds() - start < 10);
	json_decref(list);
	json_decref(object);
	schema_set_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_errors_up_to_the_limit),
	    cmocka_unit_test(test_long_pointer),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_hostile_pattern),
	    cmocka_unit_test(test_long_text),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_nested_branches),
	    cmocka_unit_test(test_explosion),
	    cmocka_unit_test(test_huge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
