#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "plan/money.h"
#include "plan/orgs.h"
#include "plan_fixtures.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const counties = "140800.counties";

/* Names as notices print them. */
static const struct {
	const char *name;
	int kind;
	const char *id;
} names[] = {
    {"闻喜县", ORG_UNIT, "140823"},
    {"闻喜", ORG_UNIT, "140823"},
    {"闻喜县人民政府", ORG_UNIT, "140823"},
    {"闻喜县政府", ORG_UNIT, "140823"},
    {" 闻 喜　县 ", ORG_UNIT, "140823"},
    {"夏县人民政府", ORG_UNIT, "140828"},
    {"市工会", ORG_UNIT, "140800-zgh"},
    {"市总工会", ORG_UNIT, "140800-zgh"},
    {"市蒲团", ORG_UNIT, "140800-pujutuan"},
    {"运城开发区", ORG_UNIT, "140800-kfq"},
    {"运城开发区管委会", ORG_UNIT, "140800-kfq"},
    {"运城开发区 管委会", ORG_UNIT, "140800-kfq"},
    {"运城开发区管理委员会", ORG_UNIT, "140800-kfq"},
    {"各县（市、区）", ORG_SET, "140800.counties"},
    {"各县(市、区)", ORG_SET, "140800.counties"},
    {"各县（市,区）", ORG_SET, "140800.counties"},
    {"各县（市，区）人民政府", ORG_SET, "140800.counties"},
    {"各县(市、区)人民政府", ORG_SET, "140800.counties"},
    {"各县（市） 人民政府", ORG_SET, "140800.counties-without-district"},
    {"140823", ORG_UNIT, "140823"},
    {"闻喜乡", ORG_NONE, NULL},
    {"县", ORG_NONE, NULL},
    {"人民政府", ORG_NONE, NULL},
    {"", ORG_NONE, NULL},
};

static void
test_names(void **state)
{
	struct org_index *x;
	struct org_match m;
	struct sample s;

	(void)state;
	sample_load(&s, "140800-2019");
	x = org_index_new(s.orgs, s.orgsets);
	for (size_t i = 0; i < COUNT(names); i++) {
		m = org_index_find(x, names[i].name, strlen(names[i].name));
		if ((int)m.kind != names[i].kind)
			fail_msg("%s: %d", names[i].name, (int)m.kind);
		if (names[i].id != NULL)
			assert_string_equal(
			    json_peek_str(m.doc, "_id"), names[i].id);
	}
	m = org_index_find(x, "闻喜县、夏县", strlen("闻喜县"));
	assert_int_equal(m.kind, ORG_UNIT);
	assert_non_null(org_index_unit(x, "140823"));
	assert_null(org_index_unit(x, "闻喜县")); /* a name is no id */
	assert_null(org_index_unit(x, counties));
	assert_string_equal(org_index_name(x, "140823"), "闻喜县");
	assert_string_equal(org_index_name(x, "x"), "x");
	org_index_free(x);
	org_index_free(NULL);
	sample_free(&s);
}

static void
test_ambiguous(void **state)
{
	json_t *orgs = quick_json(
	    "[{'_id':'a','name':'城区','aliases':['市区']},"
	    "{'_id':'b','name':'城区政府','aliases':['北城','北城']}]");
	json_t *sets =
	    quick_json("[{'_id':'s','name':'市区','members':['a','b']}]");
	struct org_index *x = org_index_new(orgs, sets);

	(void)state;
	assert_int_equal(
	    org_index_find(x, "城区", strlen("城区")).kind, ORG_AMBIGUOUS);
	assert_int_equal(
	    org_index_find(x, "市区", strlen("市区")).kind, ORG_AMBIGUOUS);
	/* Twice in one document is no ambiguity. */
	assert_int_equal(
	    org_index_find(x, "北城", strlen("北城")).kind, ORG_UNIT);
	org_index_free(x);
	json_decref(orgs);
	json_decref(sets);
}

static void
test_fill(void **state)
{
	json_t *task =
	    quick_json("{'funding':[{'orgSet':'各县（市、区）','orgs':['x']}],"
		       "'subtasks':[{'orgSet':'闻喜县'},{'orgs':['140828']},"
		       "{'orgSet':null,'orgs':[]}],"
		       "'milestones':[{'orgSet':'各乡镇','orgs':['x']}]}");
	struct org_index *x;
	struct sample s;
	struct err e;
	json_t *want;

	(void)state;
	sample_load(&s, "140800-2019");
	x = org_index_new(s.orgs, s.orgsets);
	err_init(&e);
	assert_int_equal(orgs_fill_task(task, x, &e), -1);
	assert_int_equal(e.nitems, 1);
	assert_string_equal(e.items[0].pointer, "/milestones/0/orgSet");
	assert_int_equal(
	    json_array_size(json_object_get(
		json_array_get(json_object_get(task, "funding"), 0), "orgs")),
	    13);
	want = quick_json("[{'orgSet':'闻喜县','orgs':['140823']},"
			  "{'orgs':['140828']},{'orgSet':null,'orgs':[]}]");
	assert_true(json_equal(json_object_get(task, "subtasks"), want));
	assert_int_equal(
	    json_array_size(json_object_get(
		json_array_get(json_object_get(task, "milestones"), 0),
		"orgs")),
	    0);
	json_decref(want);
	json_decref(task);
	org_index_free(x);
	sample_free(&s);
}

static void
test_money(void **state)
{
	static const struct {
		int64_t fen;
		const char *wan, *yuan;
	} texts[] = {
	    {568320000, "568.32万元", "5683200.00元"},
	    {25000000, "25万元", "250000.00元"},
	    {1000001, "1.000001万元", "10000.01元"},
	    {12800, "128.00元", "128.00元"},
	    {0, "0.00元", "0.00元"},
	    {-5, "-0.05元", "-0.05元"},
	    {INT64_MAX, "9223372036854.775807万元", "92233720368547758.07元"},
	};
	static const struct {
		const char *s;
		size_t used;
		int64_t fen;
	} reads[] = {
	    {"568.32万元", 6, 568320000},
	    {"4000", 4, 4000000000},
	    {"0.000001", 8, 1},
	    {"1.0000001", 0, 0},
	    {"1.", 0, 0},
	    {"1.2.3", 0, 0},
	    {".5", 2, 500000},
	    {"x", 0, 0},
	    {"9223372036854775808", 0, 0},
	    {"9223372036855", 0, 0},
	};
	char out[MONEY_TEXT];
	int64_t fen;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_string_equal(
		    money_wan_text(texts[i].fen, out), texts[i].wan);
		assert_string_equal(
		    money_yuan_text(texts[i].fen, out), texts[i].yuan);
	}
	for (size_t i = 0; i < COUNT(reads); i++) {
		fen = 0;
		assert_int_equal(
		    money_wan_parse(reads[i].s, strlen(reads[i].s), &fen),
		    reads[i].used);
		assert_int_equal(fen, reads[i].fen);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_ambiguous),
	    cmocka_unit_test(test_fill),
	    cmocka_unit_test(test_money),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
