#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/json.h"
#include "plan/doctor.h"
#include "plan/import_csv.h"
#include "plan/notation.h"
#include "plan/orgs.h"
#include "plan_fixtures.h"

static struct sample sample;
static struct org_index *orgs;

static json_t *
read_csv(const char *text, struct err *e)
{
	err_init(e);
	return import_csv_read(text, strlen(text), sample.plan, orgs, e);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEADER                                                                                         \
	"序号,工作任务,牵头单位及联系人,投资总额及资金来源,主要落实单位," \
	"工作任务分解,年度进度安排及时限要求,备注\n"
/* A task that is fine; more columns may follow the lead. */
#define GOOD "1,修建9个驿站,市民政局 赵杰华 138****9866,"

/* The sample's own table gives the sample's own figures. */
static void
test_notice(void **state)
{
	size_t len, i;
	char *text = read_source("scripts/sample/140800-2019/plan.csv", &len);
	static const char *const sections[] = {
	    "indicators", "funding", "milestones"};
	static const size_t counts[10][3] = {{1, 1, 5}, {1, 1, 4}, {1, 1, 3},
	    {1, 2, 3}, {1, 2, 4}, {1, 3, 2}, {0, 1, 4}, {0, 2, 2}, {1, 1, 3},
	    {0, 1, 4}};
	struct err e;
	json_t *tasks = read_csv(text, &e);
	const json_t *task, *own;

	(void)state;
	if (tasks == NULL)
		fail_msg("%s %s", e.items[0].pointer, e.items[0].detail);
	assert_int_equal(json_array_size(tasks), 10);
	json_array_foreach (tasks, i, task) {
		own = sample_task(&sample, (int)i + 1);
		check_schema("task.json", task);
		assert_string_equal(
		    json_peek_str(task, "_id"), json_peek_str(own, "_id"));
		assert_string_equal(
		    json_peek_str(task, "title"), json_peek_str(own, "title"));
		assert_string_equal(
		    json_peek_str(task, "kind"), json_peek_str(own, "kind"));
		assert_true(json_equal(json_object_get(task, "lead"),
		    json_object_get(own, "lead")));
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(
			    json_array_size(json_object_get(task, sections[k])),
			    counts[i][k]);
	}
	json_decref(tasks);
	free(text);
}

/* What the doctor says of it: all but the money in a duty's words (T2). */
static void
test_notice_findings(void **state)
{
	size_t len;
	char *text = read_source("scripts/sample/140800-2019/plan.csv", &len);
	struct err e;
	json_t *tasks = read_csv(text, &e);
	json_t *a, *b;
	const char *id;

	(void)state;
	assert_non_null(tasks);
	a = doctor_examine(sample.plan, tasks, sample.orgs, sample.orgsets, &e);
	b = doctor_examine(
	    sample.plan, sample.tasks, sample.orgs, sample.orgsets, &e);
	for (size_t i = 0, k = 0; i < json_array_size(b); i++) {
		id = json_peek_str(json_array_get(b, i), "id");
		if (strcmp(id, "02.FUNDING_MISSING.f2") == 0)
			continue;
		assert_string_equal(
		    json_peek_str(json_array_get(a, k++), "id"), id);
	}
	assert_int_equal(json_array_size(a) + 1, json_array_size(b));
	json_decref(a);
	json_decref(b);
	json_decref(tasks);
	free(text);
}

/* The same table in the ways in which files are written. */
static void
test_spellings(void **state)
{
	static const char *const same[] = {
	    HEADER GOOD "市级财政60万元,市民政局,开工。,6月底前开工。,\n",
	    "\xEF\xBB\xBF" HEADER GOOD
	    "市级财政60万元,市民政局,开工。,6月底前开工。,",
	    HEADER GOOD "\"市级财政\n60 万元\",\"市民政局\",\"开工。\","
			"\"6月底前开工。\",\"\"\n",
	    "序号\t工作任务\t牵头单位及联系人\t投资总额及资金来源\t"
	    "主要落实单位\t工作任务分解\t年度进度安排及时限要求\t备注\n"
	    "1\t修建9个驿站\t市民政局 赵杰华 138****9866\t市级财政60万元\t"
	    "市民政局\t开工。\t6月底前开工。\n",
	    "备注,序号,工作任务,牵头单位及联系人,投资总额及资金来源,"
	    "主要落实单位,工作任务分解,年度进度安排 及时限要求\r\n"
	    ",1,修建9个驿站,市民政局　赵杰华　138****9866,市级财政60万元,"
	    "市民政局,开工。,6月底前开工。\r\n\r\n",
	};
	json_t *first = NULL, *tasks;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++) {
		tasks = read_csv(same[i], &e);
		if (tasks == NULL)
			fail_msg("%zu: %s", i, e.items[0].detail);
		if (first == NULL)
			first = json_incref(tasks);
		json_object_del(json_array_get(tasks, 0), "source");
		if (json_equal(first, tasks) == 0)
			fail_msg("%zu differs", i);
		json_decref(tasks);
	}
	json_decref(first);
}

/* Where is it, and what is wrong with it? */
static const struct {
	const char *text;
	const char *pointer;
	const char *keyword;
	const char *says;
} bad[] = {
    {"", "/rows", "text", "表格是空的"},
    {HEADER, "/rows", "text", "只有表头"},
    {"序号,工作任务,牵头单位,投资总额及资金来源,主要落实单位,"
     "工作任务分解,年度进度安排及时限要求,备注\n",
	"/rows/1/牵头单位", "column", "不认识的列"},
    {"序号,工作任务,牵头单位及联系人,投资总额及资金来源,"
     "工作任务分解,年度进度安排及时限要求,备注\n",
	"/rows/1/主要落实单位", "column", "缺少列"},
    {HEADER GOOD ",,,,,\xFF\n", "/rows/1", "text", "UTF-8"},
    {HEADER "1,\"修建", "/rows/2", "text", "引号没有成对"},
    {HEADER "1,\"修建\"9个,", "/rows/2", "text", "引号后面"},
    {HEADER ",修建9个驿站,市民政局,,,,,\n", "/rows/2/工作任务", "order",
	"没有序号"},
    {HEADER "１,修建9个驿站,市民政局,,,,,\n", "/rows/2/序号", "number",
	"半角“1”"},
    {HEADER "1.5,修建9个驿站,市民政局,,,,,\n", "/rows/2/序号", "number",
	"整数"},
    {HEADER "0,修建9个驿站,市民政局,,,,,\n", "/rows/2/序号", "number", "整数"},
    {HEADER GOOD "\n" GOOD "\n", "/rows/3/序号", "order", "重复"},
    {HEADER "1,修建9个驿站,,,,,,\n", "/rows/2/牵头单位及联系人", "lead",
	"没有写牵头单位"},
    {HEADER "1,,市民政局,,,,,\n", "/rows/2/工作任务", "text", "没有写工作任务"},
    {HEADER "1,修建9个驿站,市驿站局 张三,,,,,\n", "/rows/2/牵头单位及联系人",
	"org", "“市驿站局”不在单位名录里"},
    {HEADER "1,修建9个驿站,市民政局 张三 1381234,,,,,\n"
	    ",,市财政局,,,,,\n",
	"/rows/3/牵头单位及联系人", "lead", "只能有一个"},
    {HEADER "1,修建9个驿站,市民政局 张三 13812,,,,,\n",
	"/rows/2/牵头单位及联系人", "text", "联系电话“13812”"},
    {HEADER "1,演出２０００场,市民政局,,,,,\n", "/rows/2/工作任务", "number",
	"演出2000场"},
    {HEADER GOOD "\n,平陆县：20万人,,,,,,\n", "/rows/3/工作任务", "number",
	"如“平陆县：11900名”"},
    {HEADER GOOD "\n,平陆县：２０００个,,,,,,\n", "/rows/3/工作任务", "number",
	"如“平陆县：2000个”"},
    {HEADER GOOD "\n,平陆县：\"1,900个\",,,,,,\n", "/rows/3/工作任务", "number",
	"看不懂"},
    {HEADER GOOD "\n,平陆县：五个,,,,,,\n", "/rows/3/工作任务", "number",
	"看不懂"},
    {HEADER GOOD "\n,平陆县：5人,,,,,,\n", "/rows/3/工作任务", "number",
	"不一致"},
    {HEADER GOOD "\n,平陆县：99999999999999999999个,,,,,,\n",
	"/rows/3/工作任务", "number", "看不懂"},
    {HEADER GOOD "\n,某某县：5个,,,,,,\n", "/rows/3/工作任务", "org",
	"“某某县”不在单位名录里"},
    {HEADER GOOD "\n,平陆县：5个,,,,,,\n,平陆：5个,,,,,,\n", "/rows/4/工作任务",
	"org", "写了两次"},
    {HEADER GOOD "市级财政60\n", "/rows/2/投资总额及资金来源", "money",
	"市级财政60"},
    {HEADER GOOD "60万元\n", "/rows/2/投资总额及资金来源", "money", "哪一级"},
    {HEADER GOOD "市级财政６０万元\n", "/rows/2/投资总额及资金来源", "money",
	"看不懂"},
    {HEADER GOOD "市级财政0.0000001万元\n", "/rows/2/投资总额及资金来源",
	"money", "看不懂"},
    {HEADER GOOD ",市民政局、某局\n", "/rows/2/主要落实单位", "org", "“某局”"},
    {HEADER GOOD ",,,13月底前完成\n", "/rows/2/年度进度安排及时限要求", "date",
	"看不懂"},
    {HEADER GOOD ",,,2月30日前完成\n", "/rows/2/年度进度安排及时限要求", "date",
	"看不懂"},
    {HEADER GOOD ",,,9-5月份\n", "/rows/2/年度进度安排及时限要求", "date",
	"看不懂"},
    {HEADER GOOD ",,,６月底前完成\n", "/rows/2/年度进度安排及时限要求", "date",
	"全角"},
    {HEADER GOOD ",,,6月底前完成任务量的150%\n",
	"/rows/2/年度进度安排及时限要求", "number", "1到100"},
    {HEADER "1,修建9个驿站,市民政局 张三 0-35912660909,,,,,\n",
	"/rows/2/牵头单位及联系人", "text", "联系电话"},
    {HEADER "1,修建9个驿站,市民政局 139****0100,,,,,\n",
	"/rows/2/牵头单位及联系人", "text", "没有联系人姓名"},
    {HEADER GOOD "市级财政9000000001万元\n", "/rows/2/投资总额及资金来源",
	"money", "看不懂"},
    {HEADER "1,修建9000000000001个驿站,市民政局,,,,,\n", "/rows/2/工作任务",
	"number", "看不懂"},
    {HEADER GOOD ",,\x01\n", "/rows/2/工作任务分解", "text", "控制字符"},
};

static void
test_bad(void **state)
{
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (read_csv(bad[i].text, &e) != NULL)
			fail_msg("%zu: accepted: %s", i, bad[i].text);
		assert_int_equal(e.code, ERR_IMPORT);
		if (strcmp(e.items[0].pointer, bad[i].pointer) != 0 ||
		    strcmp(e.items[0].keyword, bad[i].keyword) != 0 ||
		    strstr(e.nitems > 0 ? e.items[0].detail : e.detail,
			bad[i].says) == NULL)
			fail_msg("%zu: %s %s %s", i, e.items[0].pointer,
			    e.items[0].keyword,
			    e.nitems > 0 ? e.items[0].detail : e.detail);
	}
}

/* All bad cells at once, one item for each, and no tasks. */
static void
test_all_at_once(void **state)
{
	static const char *const pointers[] = {"/rows/2/投资总额及资金来源",
	    "/rows/2/年度进度安排及时限要求", "/rows/2/牵头单位及联系人",
	    "/rows/3/工作任务", "/rows/4/牵头单位及联系人"};
	struct err e;

	(void)state;
	assert_null(read_csv(HEADER "1,修建9个驿站,,60万元,,,13月底,\n"
				    ",平陆县：二十,,,,,,\n"
				    "2,演出,某局,,,,,\n",
	    &e));
	assert_int_equal(e.nitems, COUNT(pointers));
	for (size_t i = 0; i < COUNT(pointers); i++)
		assert_string_equal(e.items[i].pointer, pointers[i]);
}

/* Every way of writing a day. */
static void
test_windows(void **state)
{
	static const struct {
		const char *text;
		int rc;
		const char *from, *to;
	} rows[] = {
	    {"6月底前完成任务量的50%。", 1, NULL, "2019-06-30"},
	    {"3月底完成", 1, NULL, "2019-03-31"},
	    {"12月10日前完成全年任务", 1, NULL, "2019-12-10"},
	    {"3月份,各县", 1, "2019-03-01", "2019-03-31"},
	    {"5-9月份,市民政局", 1, "2019-05-01", "2019-09-30"},
	    {"11-12月对各单位", 1, "2019-11-01", "2019-12-31"},
	    {"5月－9月", 1, "2019-05-01", "2019-09-30"},
	    {"9至11月", 1, "2019-09-01", "2019-11-30"},
	    {"2020年2月底前", 1, NULL, "2020-02-29"},
	    {"6月前", 1, NULL, "2019-05-31"},
	    {"6月上旬", 1, NULL, "2019-06-10"},
	    {"年底前完成", 1, NULL, "2019-12-31"},
	    {"为0-6岁儿童，6月底前", 1, NULL, "2019-06-30"},
	    {"规范“12348”热线", 0, NULL, NULL},
	    {"及时完成", 0, NULL, NULL},
	    {"0月底", -1, NULL, NULL},
	    {"4月31日前", -1, NULL, NULL},
	    {"99999999999999999999月", 0, NULL, NULL},
	    {"6月", 1, "2019-06-01", "2019-06-30"},
	    {"5月-", 1, "2019-05-01", "2019-05-31"},
	};
	char from[CIVIL_LEN + 1], to[CIVIL_LEN + 1];
	struct window w;
	int rc;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rc = read_window(rows[i].text, 2019, &w);
		if (rc != rows[i].rc)
			fail_msg("%s: %d", rows[i].text, rc);
		if (rc <= 0)
			continue;
		assert_string_equal(civil_format(w.to, to), rows[i].to);
		assert_int_equal(w.has_from, rows[i].from != NULL);
		if (w.has_from)
			assert_string_equal(
			    civil_format(w.from, from), rows[i].from);
	}
}

/* Every way of writing money. */
static void
test_moneys(void **state)
{
	static const struct {
		const char *text;
		int rc;
		const char *level;
		int64_t fen; /* -1: none */
		bool each;
	} rows[] = {
	    {"省级财政568.32万元", 1, "province", 568320000, false},
	    {"中央财政 464.9 万元", 1, "central", 464900000, false},
	    {"县级财政各60万元", 1, "county", 60000000, true},
	    {"县级财政共60万元", 1, "county", 60000000, false},
	    {"自主安排送戏资金280万元", 1, "self", 280000000, false},
	    {"县级财政统筹解决", 1, "county", -1, false},
	    {"各县（市、区）低保资金统筹发放", 1, "county", -1, false},
	    {"市级财政1.2亿元", 1, "city", 12000000000, false},
	    {"市级财政500元", 1, "city", 50000, false},
	    {"市级财政0.01元", 1, "city", 1, false},
	    {"市级财政0.001元", -1, NULL, -1, false},
	    {"市级财政500", -1, NULL, -1, false},
	    {"资金500万元", -1, NULL, -1, false},
	    {"市级财政9999999999999亿元", -1, NULL, -1, false},
	};
	struct money m;
	size_t skip, n;
	int rc;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rc = read_money(rows[i].text, &m);
		if (rc != rows[i].rc)
			fail_msg("%s: %d", rows[i].text, rc);
		if (rc < 0)
			continue;
		assert_string_equal(m.level, rows[i].level);
		assert_int_equal(m.has_amount, rows[i].fen >= 0);
		if (m.has_amount)
			assert_int_equal(m.fen, rows[i].fen);
		assert_int_equal(m.each, rows[i].each);
	}
	n = next_money(" 省级财政 440 万元\n市级财政60万元", &skip);
	assert_int_equal(skip, 1);
	assert_int_equal(n, strlen("省级财政 440 万元"));
	assert_int_equal(next_money(" 、", &skip), 0);
}

static void
test_quantities(void **state)
{
	static const struct {
		const char *text;
		int rc;
		int64_t n;
		const char *unit;
	} rows[] = {
	    {"为44400名贫困县妇女", 1, 44400, "名"},
	    {"提升工程（20万人）", 1, 200000, "人"},
	    {"提升工程（1.25 万 人）", 1, 12500, "人"},
	    {"新建 60 个中心", 1, 60, "个"},
	    {"2019年新建60个中心", 1, 60, "个"},
	    {"改造12.5公里", -1, 0, ""},
	    {"实施关爱行动工程", 0, 0, ""},
	    {"0.00001万人", -1, 0, ""},
	    {"99999999999999999999人", -1, 0, ""},
	};
	struct quantity q;
	int rc;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rc = read_title_quantity(rows[i].text, &q);
		if (rc != rows[i].rc)
			fail_msg("%s: %d", rows[i].text, rc);
		if (rc <= 0)
			continue;
		assert_int_equal(q.n, rows[i].n);
		assert_string_equal(q.unit, rows[i].unit);
	}
}

/* Merged cells that were printed again are one item with several lines. */
static void
test_repeated(void **state)
{
	struct err e;
	json_t *tasks = read_csv(HEADER GOOD
	    "省级财政440万元 市级财政60万元,,,,\n"
	    ",平陆县:5个,市民政局 赵杰华,省级财政440万元 市级财政60万元,,,,\n",
	    &e);
	json_t *funding, *want;

	(void)state;
	assert_non_null(tasks);
	funding = json_object_get(json_array_get(tasks, 0), "funding");
	assert_int_equal(json_array_size(funding), 2);
	want = quick_json("[2,3]");
	assert_true(json_equal(
	    json_object_get(json_array_get(funding, 1), "lines"), want));
	json_decref(want);
	json_decref(tasks);
}

/* Any bytes: an answer or an error, never a crash (with sanitizers). */
static void
test_garbage(void **state)
{
	static const char *const pieces[] = {",", "\"", "\n", "\r\n", "\t", "1",
	    "２", "6月", "-", "底前", "50%", "完成", "万元", "各", "县级财政",
	    "市民政局", "：", "平陆县", "个", "（", "）", "\xE5", " ", "、"};
	unsigned seed = 20190404;
	char text[2048];
	struct err e;
	size_t at;

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 3000; round++) {
		at = (size_t)snprintf(
		    text, sizeof(text), "%s", round % 3 ? HEADER GOOD : "");
		for (int k = 0; k < 60; k++) {
			seed = seed * 1103515245U + 12345U;
			at += (size_t)snprintf(text + at, sizeof(text) - at,
			    "%s", pieces[(seed >> 16) % COUNT(pieces)]);
		}
		json_decref(read_csv(text, &e));
	}
}

static int
setup(void **state)
{
	(void)state;
	sample_load(&sample, "140800-2019");
	orgs = org_index_new(sample.orgs, sample.orgsets);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	org_index_free(orgs);
	sample_free(&sample);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_notice),
	    cmocka_unit_test(test_notice_findings),
	    cmocka_unit_test(test_spellings),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_all_at_once),
	    cmocka_unit_test(test_windows),
	    cmocka_unit_test(test_moneys),
	    cmocka_unit_test(test_quantities),
	    cmocka_unit_test(test_repeated),
	    cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
