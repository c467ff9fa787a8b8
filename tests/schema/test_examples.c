#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "base/embed.h"
#include "base/json.h"
#include "schema/registry.h"
#include "schema/schema.h"
#include "schema/support.h"

/*
 * schemas/examples/<schema>/{valid,invalid}: documentation that cannot lie.
 * An example is the bare instance, or {"$comment", "expect", "instance"}
 * where expect lists a pointer and keyword of some of the errors.
 */
#define EXAMPLES MS_SOURCE_DIR "/schemas/examples"

struct run {
	const struct schema *schema;
	size_t bad;
};

static void
print_items(const struct err *e)
{
	for (size_t i = 0; i < e->nitems; i++)
		print_error("    %s [%s] %s\n", e->items[i].pointer,
		    e->items[i].keyword, e->items[i].detail);
}

static int
has_item(const struct err *e, const json_t *want)
{
	const char *pointer = json_peek_str(want, "pointer");
	const char *keyword = json_peek_str(want, "keyword");

	assert_non_null(pointer);
	assert_non_null(keyword);
	for (size_t i = 0; i < e->nitems; i++)
		if (strcmp(e->items[i].pointer, pointer) == 0 &&
		    strcmp(e->items[i].keyword, keyword) == 0)
			return 1;
	print_error("    expected %s [%s]\n", pointer, keyword);
	return 0;
}

static const json_t *
instance_of(const json_t *doc)
{
	const json_t *wrapped = json_object_get(doc, "instance");

	return wrapped ? wrapped : doc;
}

static void
run_valid(const char *path, const char *name, void *arg)
{
	struct run *run = arg;
	json_t *doc = load_json(path);
	struct err e;

	(void)name;
	err_init(&e);
	if (schema_check(run->schema, instance_of(doc), &e) < 0) {
		print_error("%s should be valid:\n", path);
		print_items(&e);
		run->bad++;
	}
	json_decref(doc);
}

static void
run_invalid(const char *path, const char *name, void *arg)
{
	struct run *run = arg;
	json_t *doc = load_json(path);
	const json_t *expect = json_peek_array(doc, "expect");
	int good = 1;
	struct err e;

	(void)name;
	err_init(&e);
	if (schema_check(run->schema, instance_of(doc), &e) == 0) {
		print_error("    should be invalid\n");
		good = 0;
	}
	for (size_t i = 0; i < json_array_size(expect); i++)
		good &= has_item(&e, json_array_get(expect, i));
	if (!good) {
		print_error("%s, but has:\n", path);
		print_items(&e);
		run->bad++;
	}
	json_decref(doc);
}

/* A file of "$defs" only is a library and has nothing to show by itself. */
static int
is_library(const json_t *doc)
{
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)(uintptr_t)doc, key, v)
		if (key[0] != '$' && strcmp(key, "title") != 0 &&
		    strcmp(key, "description") != 0)
			return 0;
	return 1;
}

static size_t
run_schema(const char *file, const json_t *doc)
{
	struct run run = {.schema = schema_registry_peek(file)};
	int stem = (int)strlen(file) - 5;
	char dir[1024];
	size_t valid, invalid;

	assert_non_null(run.schema);
	snprintf(dir, sizeof(dir), EXAMPLES "/%.*s/valid", stem, file);
	valid = each_json(dir, 0, run_valid, &run);
	snprintf(dir, sizeof(dir), EXAMPLES "/%.*s/invalid", stem, file);
	invalid = each_json(dir, 0, run_invalid, &run);
	if (!is_library(doc) && (valid == 0 || invalid == 0)) {
		print_error("%s: %zu valid and %zu invalid examples\n", file,
		    valid, invalid);
		run.bad++;
	}
	return run.bad;
}

typedef size_t (*schema_fn)(const char *file, const json_t *doc);

static size_t
each_schema(schema_fn fn)
{
	const struct embed_file *f;
	size_t bad = 0, n = 0;
	struct err e;

	err_init(&e);
	for (f = embed_schemas; f->name; f++) {
		json_t *doc = json_read_own(f->data, f->len, &e);

		assert_non_null(doc);
		if (json_object_get(doc, "$schema")) {
			bad += fn(f->name, doc);
			n++;
		}
		json_decref(doc);
	}
	assert_true(n > 0);
	return bad;
}

static void
test_all_examples(void **state)
{
	(void)state;
	assert_int_equal(each_schema(run_schema), 0);
}

/* Each folder of examples belongs to a schema. */
static void
note_stray(const char *path, const char *name, void *arg)
{
	size_t *bad = arg;
	char file[256];

	(void)path;
	snprintf(
	    file, sizeof(file), "%.*s.json", (int)strcspn(name, "/"), name);
	if (!schema_registry_peek(file)) {
		print_error("%s has no schema %s\n", name, file);
		(*bad)++;
	}
}

static void
test_no_stray_examples(void **state)
{
	size_t bad = 0;

	(void)state;
	assert_true(each_json(EXAMPLES, 1, note_stray, &bad) > 0);
	assert_int_equal(bad, 0);
}

static size_t
run_meta(const char *file, const json_t *doc)
{
	struct schema_set *set = schema_set_new();
	const struct schema *meta;
	size_t bad = 0;
	struct err e;

	err_init(&e);
	assert_string_equal(json_peek_str(doc, "$schema"), SCHEMA_DIALECT);
	meta = schema_set_compile(set, SCHEMA_DIALECT, &e);
	assert_non_null(meta);
	if (schema_check(meta, doc, &e) < 0) {
		print_error("%s does not fit its meta-schema:\n", file);
		print_items(&e);
		bad = 1;
	}
	schema_set_free(set);
	return bad;
}

static void
test_schemas_fit_the_dialect(void **state)
{
	(void)state;
	assert_int_equal(each_schema(run_meta), 0);
}

/* Nobody in an office reads regular expressions. */
static size_t
silent_patterns(const char *file, const json_t *v)
{
	size_t bad = 0;
	const char *key;
	json_t *sub;

	if (json_is_string(json_object_get(v, "pattern")) &&
	    !json_object_get(v, "x-message")) {
		print_error("%s: pattern %s has no x-message\n", file,
		    json_peek_str(v, "pattern"));
		bad++;
	}
	json_object_foreach ((json_t *)(uintptr_t)v, key, sub)
		bad += silent_patterns(file, sub);
	for (size_t i = 0; i < json_array_size(v); i++)
		bad += silent_patterns(file, json_array_get(v, i));
	return bad;
}

static void
test_patterns_have_sentences(void **state)
{
	(void)state;
	assert_int_equal(each_schema(silent_patterns), 0);
}

static void
test_peek(void **state)
{
	(void)state;
	assert_non_null(schema_registry_peek("task.json"));
	assert_null(schema_registry_peek("task"));
	assert_null(schema_registry_peek("openapi.json"));
}

static int
setup(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	if (schema_registry_init(&e) == 0)
		return 0;
	print_error("%s\n", e.detail);
	return -1;
}

static int
teardown(void **state)
{
	(void)state;
	schema_registry_fini();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_examples),
	    cmocka_unit_test(test_no_stray_examples),
	    cmocka_unit_test(test_schemas_fit_the_dialect),
	    cmocka_unit_test(test_peek),
	    cmocka_unit_test(test_patterns_have_sentences),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
