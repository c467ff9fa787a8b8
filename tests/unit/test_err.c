#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "unit/support.h"

/* Every row has an HTTP error status, a title, and a slug of its own. */
static void
rows_are_complete(void **state)
{
	(void)state;
	for (int c = ERR_NONE + 1; c < ERR__MAX; c++) {
		const char *slug = err_slug((enum err_code)c);
		const char *title = err_title((enum err_code)c);

		assert_in_range(err_status((enum err_code)c), 400, 599);
		assert_true(
		    title[0] != '\0' && utf8_valid(title, strlen(title)));
		assert_int_equal(
		    strspn(slug, "abcdefghijklmnopqrstuvwxyz-"), strlen(slug));
		assert_true(slug[0] != '\0');
		for (int d = ERR_NONE + 1; d < c; d++)
			assert_string_not_equal(
			    slug, err_slug((enum err_code)d));
	}
	assert_int_equal(err_status(ERR_NOTFOUND), 404);
	assert_int_equal(err_status(ERR_NOSPACE), 507);
	assert_string_equal(err_slug(ERR_BADJSON), "bad-json");
}

static void
set_replaces_the_story(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	assert_int_equal(e.code, ERR_NONE);
	assert_string_equal(e.detail, "");
	err_add(&e, ERR_INVALID, "/a", "type", "应为整数");
	assert_int_equal(err_set(&e, ERR_NOTFOUND, "没有“%s”", "x"), -1);
	assert_int_equal(e.code, ERR_NOTFOUND);
	assert_string_equal(e.detail, "没有“x”");
	assert_int_equal(e.nitems + e.nmore, 0);
}

/* Adding to what is there is a usual thing to do. */
static void
set_may_quote_itself(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	err_set(&e, ERR_CONFIG, "坏了");
	err_set(&e, ERR_CONFIG, "第3行：%s", e.detail);
	assert_string_equal(e.detail, "第3行：坏了");
}

static void
details_are_cut_between_characters(void **state)
{
	struct err e;
	char text[1200];

	(void)state;
	err_init(&e);
	for (size_t shift = 0; shift < 4; shift++) {
		memset(text, 'a', shift);
		for (size_t i = shift; i + 3 < sizeof(text); i += 3)
			memcpy(text + i, "字", 4);
		err_set(&e, ERR_INVALID, "%s", text);
		size_t n = strlen(e.detail);

		assert_true(utf8_valid(e.detail, n));
		assert_null(strchr(e.detail, '?'));
		assert_in_range(n, sizeof(e.detail) - 4, sizeof(e.detail) - 1);
		err_init(&e);
		err_add(&e, ERR_INVALID, text, text, "%s", text);
		const struct err_item *it = &e.items[0];

		assert_true(utf8_valid(it->pointer, strlen(it->pointer)));
		assert_true(utf8_valid(it->keyword, strlen(it->keyword)));
		assert_true(utf8_valid(it->detail, strlen(it->detail)));
		assert_null(strchr(it->pointer, '?'));
		assert_null(strchr(it->keyword, '?'));
		assert_null(strchr(it->detail, '?'));
		assert_true(strlen(it->keyword) >= sizeof(it->keyword) - 4);
	}
}

static void
details_are_always_utf8(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	err_set(&e, ERR_BADPATH, "没有%s这页", "\xFF/\xE5\xAD");
	assert_string_equal(e.detail, "没有?/\?\?这页");
}

static void
items_are_kept_then_counted(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	for (int i = 0; i < ERR_ITEMS + 3; i++)
		assert_int_equal(
		    err_add(&e, ERR_INVALID, "/p", "type", "第%d条", i), -1);
	assert_int_equal(e.code, ERR_INVALID);
	assert_int_equal(e.nitems, ERR_ITEMS);
	assert_int_equal(e.nmore, 3);
	assert_string_equal(e.detail, "第0条");
	assert_string_equal(e.items[ERR_ITEMS - 1].detail, "第19条");
	assert_string_equal(e.items[1].pointer, "/p");
	assert_string_equal(e.items[1].keyword, "type");
}

static void
items_keep_a_detail_that_is_set(void **state)
{
	struct err e;

	(void)state;
	err_init(&e);
	err_set(&e, ERR_INVALID, "整体说明");
	err_add(&e, ERR_INVALID, "/a", "type", "应为整数");
	assert_string_equal(e.detail, "整体说明");
	assert_int_equal(e.nitems, 1);
}

/* People read it: Chinese, whatever the system says. */
static void
reasons_are_chinese(void **state)
{
	(void)state;
	assert_string_equal(err_reason(ENOSPC), "磁盘空间不足");
	for (int i = 1; i < 140; i++) {
		const char *s = err_reason(i);

		assert_true((unsigned char)s[0] >= 0x80);
		assert_true(utf8_valid(s, strlen(s)));
	}
	assert_string_equal(err_reason(9999), "系统错误9999");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_complete),
	    cmocka_unit_test(set_replaces_the_story),
	    cmocka_unit_test(set_may_quote_itself),
	    cmocka_unit_test(details_are_cut_between_characters),
	    cmocka_unit_test(details_are_always_utf8),
	    cmocka_unit_test(items_are_kept_then_counted),
	    cmocka_unit_test(items_keep_a_detail_that_is_set),
	    cmocka_unit_test(reasons_are_chinese),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
