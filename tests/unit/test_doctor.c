#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
	for (size_t i = 0; i < json_array_size(findings); i++) {
		f = json_array_get(findings, i);
		if (getenv("SHOW") != NULL)
			printf("%s %s\n", json_peek_str(f, "id"),
			    json_peek_str(f, "text"));
	}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_2019_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
