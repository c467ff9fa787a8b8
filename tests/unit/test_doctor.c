#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "plan/doctor.h"
#include "plan_fixtures.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The findings on the 2019 plan: exactly these. */
static const struct {
	const char *id;
	const char *pointer;
	const char *says; /* part of the text */
} expected[] = {
    {"01.QUOTA_MISSING.i1", "/indicators/0/quotas", "200000人"},
    {"01.MILESTONE_BEFORE_ISSUE.m1", "/milestones/0/to",
	"2019年3月31日，比发文日期2019年4月4日早4天"},
    {"02.SUBTASK_SUM_GAP.i1", "/indicators/0/target", "还有6985名"},
    {"02.FUNDING_MISSING.f2", "/funding/1", "县级财政资金没有写明金额"},
    {"03.QUOTA_MISSING.i1", "/indicators/0/quotas",
	"第3件闻喜县没有写明分解数：总数44400名，其余4个单位合计34400名，"
	"相差10000名。资金568.32万元÷44400名=128.00元，恰好除尽"},
    {"04.FUNDING_DUPLICATE.f1", "/funding/0",
	"印了3次，只按1次计算；如重复相加会多出1000万元"},
    {"05.QUOTA_MISSING.i1", "/indicators/0/quotas", "60个"},
    {"05.MILESTONE_BEFORE_ISSUE.m1", "/milestones/0/to", "3月31日"},
    {"05.DEFINITION_CONFLICT.s1", "/subtasks/0",
	"标题写“60个日间照料中心”，任务分工写“60个农村日间照料中心”"},
    {"06.QUOTA_SUM_MISMATCH.i1", "/indicators/0/quotas",
	"第6件县区合计1859加院团170等于2029，比总数2000多29。"
	"同一场可能既算在县区又算在院团，被重复计数"},
    {"06.FUNDING_AMBIGUOUS.f3", "/funding/2", "280万元没有写明由谁承担"},
    {"06.MILESTONE_BEFORE_ISSUE.m1", "/milestones/0/to", "3月31日"},
    {"07.FUNDING_MISSING.f1", "/funding/0", "低保资金统筹发放"},
    {"08.FUNDING_AMBIGUOUS.f2", "/funding/1",
	"按合计为25万元，按13个单位各25万元则为325万元"},
    {"09.TARGET_DERIVED.i1", "/indicators/0/target",
	"由14个单位的分解数相加得到186条"},
    {"09.FUNDING_MISSING.f1", "/funding/0", "县级财政统筹解决"},
    {"10.ORGSET_AMBIGUOUS.s2", "/subtasks/1/orgSet", "各县（市）"},
};

static json_t *
examine(const struct sample *s)
{
	struct err e;
	json_t *findings;

	err_init(&e);
	findings = doctor_examine(s->plan, s->tasks, s->orgs, s->orgsets, &e);
	if (findings == NULL)
		fail_msg("%s", e.detail);
	return findings;
}

static void
test_2019_exactly(void **state)
{
	struct sample s;
	json_t *findings;
	const json_t *f;

	(void)state;
	sample_load(&s, "140800-2019");
	findings = examine(&s);
	for (size_t i = 0; i < COUNT(expected); i++) {
		f = json_array_get(findings, i);
		assert_string_equal(json_peek_str(f, "id"), expected[i].id);
		assert_string_equal(
		    json_peek_str(f, "pointer"), expected[i].pointer);
		if (strstr(json_peek_str(f, "text"), expected[i].says) == NULL)
			fail_msg("%s does not say %s", json_peek_str(f, "text"),
			    expected[i].says);
		assert_true(json_array_size(json_object_get(f, "lines")) > 0);
		assert_true(json_is_null(json_object_get(f, "disposition")));
	}
	assert_int_equal(json_array_size(findings), COUNT(expected));
	json_decref(findings);
	sample_free(&s);
}

/* Another year and city: nothing here knows the 2019 plan. */
static void
test_second_city(void **state)
{
	static const char *const ids[] = {
	    "02.QUOTA_SUM_MISMATCH.i1", "06.MILESTONE_UNDATED.m2"};
	struct sample s;
	json_t *findings;

	(void)state;
	sample_load(&s, "second-city");
	findings = examine(&s);
	for (size_t i = 0; i < COUNT(ids); i++)
		assert_string_equal(
		    json_peek_str(json_array_get(findings, i), "id"), ids[i]);
	assert_int_equal(json_array_size(findings), COUNT(ids));
	json_decref(findings);
	sample_free(&s);
}

/* Change one thing in a task of the 2019 plan: what is found then? */
static const struct {
	const char *name;
	int task;
	const char *patch; /* RFC 7396 */
	const char *found; /* ids of that task, in order */
} mutations[] = {
    {"an amended total fits the quotas", 6,
	"{'indicators':[{'id':'i1','name':'n','unit':'场',"
	"'target':{'qty':5,'state':'given'},'quotas':["
	"{'orgId':'140823','qty':5,'state':'given'}]}]}",
	"06.FUNDING_AMBIGUOUS.f3 06.MILESTONE_BEFORE_ISSUE.m1"},
    {"the quotas fall short", 4,
	"{'funding':null,'indicators':[{'id':'i1','unit':'名',"
	"'target':{'qty':6,'state':'given'},'quotas':["
	"{'orgId':'140823','qty':5,'state':'given'}]}]}",
	"04.QUOTA_SUM_MISMATCH.i1 04.FUNDING_MISSING.task"},
    {"a missing quota hides the mismatch", 4,
	"{'funding':[],'indicators':[{'id':'i1','unit':'名',"
	"'target':{'qty':6,'state':'given'},'quotas':["
	"{'orgId':'140823','qty':9,'state':'given'},"
	"{'orgId':'140828','qty':null,'state':'missing'}]}]}",
	"04.QUOTA_MISSING.i1 04.FUNDING_MISSING.task"},
    {"one cannot be split", 5,
	"{'subtasks':[],'milestones':[],'indicators':[{'id':'i1',"
	"'unit':'个','target':{'qty':1,'state':'given'}}]}",
	""},
    {"quantity without a total", 5,
	"{'subtasks':[],'milestones':[],'indicators':[{'id':'i1',"
	"'unit':'个','target':{'qty':null,'state':'missing'}}]}",
	"05.TARGET_MISSING.i1"},
    {"quantity without an indicator", 5,
	"{'subtasks':[],'milestones':[],'indicators':null}",
	"05.TARGET_MISSING.task"},
    {"sub-items beyond the total", 2,
	"{'funding':[],'subtasks':[{'id':'s1','orgs':[],"
	"'target':{'indicator':'i1','qty':7286}}]}",
	"02.SUBTASK_SUM_GAP.i1 02.FUNDING_MISSING.task"},
    {"sub-items make the total", 2,
	"{'funding':[],'subtasks':[{'id':'s1','orgs':[],"
	"'target':{'indicator':'i1','qty':7285}}]}",
	"02.FUNDING_MISSING.task"},
    {"each of whom?", 8,
	"{'funding':[{'id':'f1','level':'county','amountFen':100,"
	"'per':'each','certainty':'given','srcText':'x','orgs':[]}]}",
	"08.FUNDING_AMBIGUOUS.f1"},
    {"due on the day of the notice", 10,
	"{'subtasks':[],'milestones':[{'id':'m1','to':'2019-04-04',"
	"'text':'x','rule':{'type':'event'}}]}",
	""},
    {"due the day before, and never", 10,
	"{'subtasks':[],'milestones':[{'id':'m1','to':'2019-04-03',"
	"'text':'x'},{'id':'m2','to':null,'text':'y'}]}",
	"10.MILESTONE_BEFORE_ISSUE.m1 10.MILESTONE_UNDATED.m2"},
    {"unknown units and phrases", 10,
	"{'lead':{'orgId':'nobody'},'milestones':[],"
	"'subtasks':[{'id':'s1','orgs':['140823','x','x']},"
	"{'id':'s2','orgSet':'各乡镇','orgs':[]}]}",
	"10.ALIAS_UNRESOLVED.lead 10.ALIAS_UNRESOLVED.s1 "
	"10.ALIAS_UNRESOLVED.s2"},
    {"an unknown unit with a quota", 4,
	"{'funding':[],'indicators':[{'id':'i1','unit':'名',"
	"'target':{'qty':5,'state':'given'},'quotas':["
	"{'orgId':'闻喜县','qty':5,'state':'given'}]}]}",
	"04.FUNDING_MISSING.task 04.ALIAS_UNRESOLVED.i1"},
    {"an ambiguous phrase is told once, where it comes first", 10,
	"{'milestones':[{'id':'m1','to':'2019-06-30','text':'x',"
	"'orgSet':'各县(市)','orgs':['140823']}],'subtasks':["
	"{'id':'s7','orgSet':'各县（市）','orgs':['140823']}]}",
	"10.ORGSET_AMBIGUOUS.s7"},
    {"too cheap", 3,
	"{'funding':[{'id':'f1','level':'city','amountFen':44400,"
	"'per':'total','certainty':'given','srcText':'x'}]}",
	"03.QUOTA_MISSING.i1 03.UNIT_COST_OUTLIER.i1"},
    {"too dear", 5,
	"{'subtasks':[],'milestones':[],'indicators':[{'id':'i1',"
	"'unit':'个','target':{'qty':1,'state':'given'}}],"
	"'funding':[{'id':'f1','level':'city',"
	"'amountFen':50000000001,'per':'total','certainty':'given',"
	"'srcText':'x'}]}",
	"05.UNIT_COST_OUTLIER.i1"},
    {"the same noun is no conflict", 5,
	"{'milestones':[],'subtasks':[{'id':'s1','duties':["
	"{'text':'新建60个日间照料中心和160个农村站点，60处。'}]}]}",
	"05.QUOTA_MISSING.i1"},
    {"a conflict in a milestone, in full width", 5,
	"{'subtasks':[],'milestones':[{'id':'m9','to':'2019-06-30',"
	"'text':'建成６０ 个老年食堂'}]}",
	"05.QUOTA_MISSING.i1 05.DEFINITION_CONFLICT.m9"},
};

static void
check_mutation(size_t i, const json_t *findings)
{
	const json_t *f;
	char all[512] = "";
	size_t k;

	json_array_foreach (findings, k, f) {
		if (json_peek_int(f, "taskNo", 0) != mutations[i].task)
			continue;
		(void)strcat(all, all[0] != '\0' ? " " : "");
		(void)strcat(all, json_peek_str(f, "id"));
	}
	if (strcmp(all, mutations[i].found) != 0)
		fail_msg("%s: found %s", mutations[i].name, all);
}

static void
test_mutations(void **state)
{
	json_t *patch, *task, *changed, *findings;
	struct sample s;

	(void)state;
	for (size_t i = 0; i < COUNT(mutations); i++) {
		sample_load(&s, "140800-2019");
		task = sample_task(&s, mutations[i].task);
		patch = quick_json(mutations[i].patch);
		changed = json_merge_patch(task, patch);
		(void)json_array_set(
		    s.tasks, (size_t)mutations[i].task - 1, changed);
		findings = examine(&s);
		check_mutation(i, findings);
		json_decref(findings);
		json_decref(changed);
		json_decref(patch);
		sample_free(&s);
	}
}

/* Any order of the tasks, the same findings; dispositions are shown. */
static void
test_order_and_dispositions(void **state)
{
	json_t *reversed = json_array(), *a, *b;
	struct sample s;

	(void)state;
	sample_load(&s, "140800-2019");
	a = examine(&s);
	for (size_t i = json_array_size(s.tasks); i-- > 0;)
		(void)json_array_append(reversed, json_array_get(s.tasks, i));
	json_decref(s.tasks);
	s.tasks = reversed;
	b = examine(&s);
	assert_true(json_equal(a, b));
	json_decref(b);
	json_put(sample_task(&s, 9), "discrepancies",
	    quick_json("[{'id':'09.FUNDING_MISSING.f1','code':'x',"
		       "'status':'accepted'}]"));
	b = examine(&s);
	assert_string_equal(
	    json_peek_str(
		json_peek_object(json_array_get(b, 15), "disposition"),
		"status"),
	    "accepted");
	json_decref(a);
	json_decref(b);
	sample_free(&s);
}

/* A figure beyond int64 and a policy out of range are errors, not lies. */
static void
test_refuses(void **state)
{
	struct sample s;
	struct err e;

	(void)state;
	sample_load(&s, "140800-2019");
	json_put(sample_task(&s, 1), "funding",
	    quick_json("[{'id':'f1','amountFen':9223372036854775807,"
		       "'certainty':'given','per':'each',"
		       "'orgs':['140823','140828']}]"));
	err_init(&e);
	assert_null(doctor_examine(s.plan, s.tasks, s.orgs, s.orgsets, &e));
	assert_int_equal(e.code, ERR_INVALID);
	json_put(s.plan, "policy", quick_json("{'graceWorkdays':-1}"));
	err_init(&e);
	assert_null(doctor_examine(s.plan, s.tasks, s.orgs, s.orgsets, &e));
	assert_string_equal(e.items[0].pointer, "/policy/graceWorkdays");
	sample_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_2019_exactly),
	    cmocka_unit_test(test_second_city),
	    cmocka_unit_test(test_mutations),
	    cmocka_unit_test(test_order_and_dispositions),
	    cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
