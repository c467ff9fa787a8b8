#include "base/embed.h"

#include <string.h>

#include "unit/support.h"

static const struct embed_file table[] = {
    {"a.json", "{}", 2},
    {"b/c.sql", "select", 6},
    {NULL, NULL, 0},
};

static void
finds_by_whole_name(void **state)
{
	(void)state;
	assert_ptr_equal(embed_find(table, "a.json"), &table[0]);
	assert_ptr_equal(embed_find(table, "b/c.sql"), &table[1]);
	assert_null(embed_find(table, "c.sql"));
	assert_null(embed_find(table, "a"));
	assert_null(embed_find(table, ""));
	assert_null(embed_find(table + 2, "a.json"));
}

/* What the build put in: whole files, NUL behind each, no name twice. */
static void
built_tables_are_sound(void **state)
{
	static const struct embed_file *const built[] = {
	    embed_schemas, embed_sql, embed_meta};

	(void)state;
	for (size_t i = 0; i < COUNT(built); i++)
		for (const struct embed_file *f = built[i]; f->name != NULL;
		     f++) {
			assert_ptr_equal(embed_find(built[i], f->name), f);
			assert_int_equal(strlen(f->data), f->len);
			assert_true(f->len > 0);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_by_whole_name),
	    cmocka_unit_test(built_tables_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
