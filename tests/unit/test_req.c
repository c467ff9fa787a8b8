#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "http/internal.h"

static char order[80];

static void
remember(void *thing)
{
	strcat(order, thing);
	free(thing);
}

static void
test_owned(void **state)
{
	struct req r;

	(void)state;
	req_init(&r);
	for (int round = 0; round < 3; round++) {
		order[0] = '\0';
		for (char c = 'a'; c <= 'z'; c++) {
			char s[2] = {c, '\0'};

			req_own(&r, strdup(s), remember);
		}
		(void)req_own_json(&r, json_string("x"));
		assert_null(req_own_json(&r, NULL));
		req_reset(&r);
		assert_string_equal(order, "zyxwvutsrqponmlkjihgfedcba");
	}
	req_own(&r, strdup("end"), remember);
	order[0] = '\0';
	req_fini(&r);
	assert_string_equal(order, "end");
}

static void
test_reset(void **state)
{
	struct req r;
	json_t *v = json_pack("[i]", 1);
	size_t n;

	(void)state;
	req_init(&r);
	r.cookie = "ms=1";
	r.match_rev = 3;
	r.params[0].name = "limit";
	r.params[0].value = "-12";
	r.nparams = 1;
	assert_int_equal(req_param_int(&r, "limit", 5), -12);
	assert_int_equal(req_param_int(&r, "other", 5), 5);
	/* A parameter of another type may look like a number, too long. */
	r.params[0].value = "40100250380021408001408002019";
	assert_int_equal(req_param_int(&r, "limit", 5), 5);
	r.params[0].value = "140800-2019";
	assert_int_equal(req_param_int(&r, "limit", 5), 5);
	res_json(&r, 201, v);
	res_header(&r, "Location", "/x");
	res_header(&r, "Location", "/y");
	assert_int_equal(r.res.nheaders, 1);
	assert_string_equal(res_bytes(&r, &n), "[1]");
	req_reset(&r);
	assert_null(r.cookie);
	assert_int_equal(r.match_rev, 0);
	assert_int_equal(r.nparams, 0);
	assert_int_equal(r.res.status, 200);
	assert_int_equal(r.res.nheaders, 0);
	(void)res_bytes(&r, &n);
	assert_int_equal(n, 0);
	req_fini(&r);
	json_decref(v);
}

static void
test_head(void **state)
{
	struct req r;
	struct buf out;

	(void)state;
	req_init(&r);
	buf_init(&out, 0);
	r.id = "r-1";
	res_header(&r, "Location", "/x");
	res_text(&r, 201, "text/csv", "12345678901", 11);
	res_print_head(&r, &out);
	assert_string_equal(out.data, "Status: 201 Created\r\n"
				      "Content-Type: text/csv\r\n"
				      "Content-Length: 11\r\n"
				      "Location: /x\r\n"
				      "Cache-Control: no-store\r\n"
				      "X-Request-Id: r-1\r\n\r\n");
	buf_fini(&out);
	req_fini(&r);
}

static void
test_statuses(void **state)
{
	(void)state;
	assert_string_equal(status_phrase(200), "OK");
	assert_string_equal(status_phrase(507), "Insufficient Storage");
	assert_string_equal(status_phrase(299), "Unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_owned),
	    cmocka_unit_test(test_reset),
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
