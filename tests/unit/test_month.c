/* Months that stay, and what is said beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "plan/month.h"

static json_t *
load(const char *text)
{
	json_t *v = json_loads(text, 0, NULL);

	assert_non_null(v);
	return v;
}

static void
test_when(void **state)
{
	static const struct {
		const char *month;
		const char *today;
		const char *status;
		enum err_code code;
	} cases[] = {
	    {"2019-05", "2019-06-01", "issued", ERR_NONE},
	    {"2019-05", "2019-05-31", "issued", ERR_STATE},
	    {"2019-05", "2019-06-01", "draft", ERR_STATE},
	    {"2019-04", "2019-06-01", "issued", ERR_NONE},
	    {"2019-03", "2019-06-01", "issued", ERR_INVALID},
	    {"2019-12", "2020-01-01", "issued", ERR_NONE},
	    {"2019-12", "2019-12-31", "closed", ERR_STATE},
	    {"2020-01", "2020-06-01", "issued", ERR_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *plan = json_pack("{s:i, s:s, s:s}", "year", 2019,
		    "issuedOn", "2019-04-04", "status", cases[i].status);
		struct err e;
		period_t month;
		civil_t today;
		int rc;

		err_init(&e);
		assert_true(period_parse(cases[i].month, &month));
		assert_true(civil_parse(cases[i].today, &today));
		rc = month_check_freeze(plan, month, today, &e);
		assert_int_equal(rc, cases[i].code == ERR_NONE ? 0 : -1);
		assert_int_equal(e.code, cases[i].code);
		json_decref(plan);
	}
}

/* A figure that rose, one that is new, one that is gone, one that is equal. */
static void
test_corrections(void **state)
{
	json_t *was = load(
	    "{\"rows\":[{\"taskId\":\"t1\",\"no\":1,\"title\":\"一\","
	    "\"indicators\":["
	    "{\"id\":\"i1\",\"name\":\"甲\",\"unit\":\"人\",\"done\":4},"
	    "{\"id\":\"i2\",\"name\":\"乙\",\"unit\":\"人\",\"done\":0},"
	    "{\"id\":\"i3\",\"name\":\"丙\",\"unit\":\"人\",\"done\":7}]}]}");
	json_t *now = load(
	    "{\"rows\":[{\"taskId\":\"t1\",\"no\":1,\"title\":\"一\","
	    "\"indicators\":["
	    "{\"id\":\"i1\",\"name\":\"甲\",\"unit\":\"人\",\"done\":5},"
	    "{\"id\":\"i2\",\"name\":\"乙\",\"unit\":\"人\",\"done\":0}]},"
	    "{\"taskId\":\"t2\",\"no\":2,\"title\":\"二\",\"indicators\":["
	    "{\"id\":\"i1\",\"name\":\"丁\",\"unit\":\"个\",\"done\":1}]}]}");
	json_t *c = month_corrections("2019-05", was, now);

	(void)state;
	assert_int_equal(json_array_size(c), 3);
	assert_string_equal(json_peek_str(json_array_get(c, 0), "text"),
	    "2019-05的数已更正：甲（人）4→5");
	assert_string_equal(json_peek_str(json_array_get(c, 1), "text"),
	    "2019-05的数已更正：丙（人）7→（无此项）");
	assert_string_equal(json_peek_str(json_array_get(c, 2), "text"),
	    "2019-05的数已更正：丁（个）（无此项）→1");
	json_decref(c);
	c = month_corrections("2019-05", was, was);
	assert_int_equal(json_array_size(c), 0);
	json_decref(c);
	json_decref(was);
	json_decref(now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_when),
	    cmocka_unit_test(test_corrections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
