#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "http/internal.h"
#include "http/problem.h"

static void
test_header_safe(void **state)
{
	static const struct {
		const char *text;
		bool header;
		bool id;
	} cases[] = {
	    {"abc", true, true},
	    {"a.b_c-9", true, true},
	    {"", true, false},
	    {"a b", true, false},
	    {"中文", true, false},
	    {"a\r\nSet-Cookie: x", false, false},
	    {"a\nb", false, false},
	    {"a\tb", false, false},
	    {"a\x7f", false, false},
	    {"\x01", false, false},
	    {"1234567890123456789012345678901234567890123456789012345678901234",
		true, true},
	    {"1234567890123456789012345678901234567890123456789012345678901234"
	     "5",
		true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(header_safe(cases[i].text), cases[i].header);
		assert_int_equal(request_id_safe(cases[i].text), cases[i].id);
	}
}

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void
test_traceparent(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
	    {"00-" TRACE "-00f067aa0ba902b7-01", true},
	    {"01-" TRACE "-00f067aa0ba902b7-01", false},
	    {"00-" TRACE "-00f067aa0ba902b7-0", false},
	    {"00-" TRACE "-00f067aa0ba902b7-012", false},
	    {"00-" TRACE "-00F067AA0BA902B7-01", false},
	    {"00-00000000000000000000000000000000-00f067aa0ba902b7-01", false},
	    {"00_" TRACE "-00f067aa0ba902b7-01", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    traceparent_valid(cases[i].text), cases[i].valid);
}

static void
test_problem(void **state)
{
	struct req r;
	struct err e;
	json_t *current = json_pack("{s:i}", "rev", 4);
	json_t *v;

	(void)state;
	req_init(&r);
	err_init(&e);
	r.id = "r-1";
	r.traceparent = "00-" TRACE "-00f067aa0ba902b7-01";
	for (int i = 0; i < ERR_ITEMS + 3; i++)
		err_add(&e, ERR_STALE, "/a\"b", "rev", "第%d条\n", i);
	res_header(&r, "ETag", "\"1\"");
	res_header(&r, "Retry-After", "60");
	r.current = current;
	res_problem(&r, &e);
	assert_int_equal(r.res.status, 412);
	assert_null(res_header_peek(&r, "ETag"));
	assert_string_equal(res_header_peek(&r, "Retry-After"), "60");
	v = json_read_own(r.res.body.data, r.res.body.len, &e);
	assert_non_null(v);
	assert_string_equal(json_peek_str(v, "traceId"), TRACE);
	assert_string_equal(json_peek_str(v, "code"), "stale");
	assert_int_equal(json_peek_int(v, "more", 0), 3);
	assert_int_equal(
	    json_array_size(json_object_get(v, "errors")), ERR_ITEMS);
	assert_string_equal(
	    json_peek_str(
		json_array_get(json_object_get(v, "errors"), 0), "pointer"),
	    "/a\"b");
	assert_int_equal(
	    json_peek_int(json_object_get(v, "current"), "rev", 0), 4);
	json_decref(v);
	json_decref(current);
	req_fini(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_header_safe),
	    cmocka_unit_test(test_traceparent),
	    cmocka_unit_test(test_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
