#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "plan/assess.h"
#include "plan/policy.h"
#include "plan_fixtures.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HALF .pace = {50, 1}
#define OF(d, t) .has_target = true, .target = (t), .done = (d)
#define MS(...) .milestones = {__VA_ARGS__}

/* Each row: what is known, and what must be said. */
static const struct {
	const char *name;
	struct assess_facts f;
	enum light light;
	enum assess_class class;
	const char *reasons; /* codes, in order */
} rows[] = {
    {"nothing at all", {0}, LIGHT_GREY, CLASS_UNASSESSABLE, "nothing_due"},
    {"a target, but no pace and nothing due", {OF(0, 60)}, LIGHT_GREY,
	CLASS_UNASSESSABLE, "nothing_due"},
    {"events not due yet", {MS(.total = 4)}, LIGHT_GREY, CLASS_UNASSESSABLE,
	"nothing_due"},
    {"events, the due ones met", {MS(.total = 4, .due = 2, .met = 2)},
	LIGHT_GREEN, CLASS_ON_PACE, "normal"},
    {"events, all met before they were due", {MS(.total = 4, .met = 4)},
	LIGHT_BLUE, CLASS_DONE, "complete"},
    {"event overdue", {MS(.total = 4, .due = 2, .met = 1, .overdue = 1)},
	LIGHT_RED, CLASS_BEHIND, "milestone_overdue"},
    {"event due, unmet, within grace", {MS(.total = 4, .due = 1)}, LIGHT_GREEN,
	CLASS_ON_PACE, "normal"},
    {"due before the notice, within grace",
	{OF(0, 200000), .pace = {10, 1},
	    MS(.total = 5, .due = 1, .in_grace = 1)},
	LIGHT_GREY, CLASS_UNASSESSABLE, "due_before_issue"},
    {"due soon", {MS(.total = 4, .due = 1, .met = 1, .due_soon = 2)},
	LIGHT_YELLOW, CLASS_ON_PACE, "due_soon"},
    {"on pace exactly", {OF(50, 100), HALF}, LIGHT_GREEN, CLASS_ON_PACE,
	"normal"},
    {"9.9 points behind", {OF(401, 1000), HALF}, LIGHT_GREEN, CLASS_ON_PACE,
	"normal"},
    {"10 points behind", {OF(400, 1000), HALF}, LIGHT_YELLOW, CLASS_BEHIND,
	"behind"},
    {"30 points behind", {OF(200, 1000), HALF}, LIGHT_YELLOW, CLASS_BEHIND,
	"behind"},
    {"more than 30 points behind", {OF(199, 1000), HALF}, LIGHT_RED,
	CLASS_BEHIND, "far_behind"},
    {"10 points ahead", {OF(60, 100), HALF}, LIGHT_GREEN, CLASS_ON_PACE,
	"normal"},
    {"more than 10 points ahead", {OF(601, 1000), HALF}, LIGHT_GREEN,
	CLASS_AHEAD, "normal"},
    {"half of 7285 is 3642.5", {OF(2914, 7285), HALF}, LIGHT_YELLOW,
	CLASS_BEHIND, "behind"},
    {"target reached", {OF(100, 100), HALF, MS(.total = 2, .met = 2)},
	LIGHT_BLUE, CLASS_DONE, "complete"},
    {"target reached, an event still open",
	{OF(100, 100), HALF, MS(.total = 2, .met = 1)}, LIGHT_GREEN,
	CLASS_AHEAD, "normal"},
    {"one short of it",
	{OF(99, 100), .pace = {100, 1}, MS(.total = 1, .due = 1, .met = 1)},
	LIGHT_GREEN, CLASS_ON_PACE, "normal"},
    {"two reasons for red",
	{OF(0, 100), HALF, MS(.total = 1, .due = 1, .overdue = 1)}, LIGHT_RED,
	CLASS_BEHIND, "milestone_overdue far_behind"},
    {"red hides yellow", {OF(35, 100), HALF, .periods_missing = 1}, LIGHT_RED,
	CLASS_BEHIND, "periods_missing"},
    {"a false report", {OF(50, 100), HALF, .checks_false = 1}, LIGHT_RED,
	CLASS_ON_PACE, "check_false"},
    {"flagged early is yellow, not red", {OF(50, 100), HALF, .flagged = 1},
	LIGHT_YELLOW, CLASS_ON_PACE, "unit_flagged"},
    {"report overdue", {OF(50, 100), HALF, .reports_overdue = 1}, LIGHT_YELLOW,
	CLASS_ON_PACE, "report_overdue"},
};

static void
check_reasons(const json_t *answer, const char *codes, const char *name)
{
	const json_t *reason;
	char all[256] = "";
	size_t i;

	json_array_foreach (json_peek_array(answer, "reasons"), i, reason) {
		(void)strcat(all, i > 0 ? " " : "");
		(void)strcat(all, json_peek_str(reason, "code"));
		assert_null(strstr(json_peek_str(reason, "text"), "{"));
	}
	if (strcmp(all, codes) != 0)
		fail_msg("%s: %s", name, all);
}

static void
test_rules(void **state)
{
	struct assess_result r;
	struct policy p;
	json_t *answer;

	(void)state;
	policy_init(&p);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assess(&rows[i].f, &p, &r);
		if (r.light != rows[i].light || r.class != rows[i].class)
			fail_msg("%s: %s %s", rows[i].name, light_text(r.light),
			    class_text(r.class));
		answer = assess_json(&r);
		check_reasons(answer, rows[i].reasons, rows[i].name);
		assert_string_equal(
		    json_peek_str(answer, "light"), light_text(rows[i].light));
		json_decref(answer);
	}
}

/* The thresholds are the policy's. */
static void
test_policy(void **state)
{
	struct assess_facts f = {OF(40, 100), HALF};
	struct assess_result r;
	struct policy p;

	(void)state;
	policy_init(&p);
	p.version = 7;
	p.behind_yellow = 11;
	assess(&f, &p, &r);
	assert_int_equal(r.light, LIGHT_GREEN);
	assert_int_equal(r.policy_version, 7);
	p.behind_red = 9;
	assess(&f, &p, &r);
	assert_int_equal(r.light, LIGHT_RED);
	f.done = 55;
	p.ahead_points = 4;
	assess(&f, &p, &r);
	assert_int_equal(r.class, CLASS_AHEAD);
}

static void
test_texts(void **state)
{
	struct assess_facts f = {
	    OF(1234, 10000), HALF, MS(.total = 3, .due = 2, .overdue = 2)};
	struct assess_result r;
	struct policy p;
	json_t *answer, *want;

	(void)state;
	policy_init(&p);
	assess(&f, &p, &r);
	answer = assess_json(&r);
	want = quick_json(
	    "{'light':'red','class':'behind','policyVersion':1,'reasons':["
	    "{'code':'milestone_overdue','params':{'count':2},"
	    "'text':'有2项节点任务（按单位计）已过期限和宽限期，仍未完成。'},"
	    "{'code':'far_behind','params':{'points':'37.6'},"
	    "'text':'比进度安排落后37.6个百分点。'}]}");
	assert_true(json_equal(answer, want));
	json_decref(answer);
	json_decref(want);
}

static void
test_tables(void **state)
{
	(void)state;
	for (int l = 0; l < LIGHT__MAX; l++)
		assert_true(light_text((enum light)l)[0] != '\0' &&
			    light_title((enum light)l)[0] != '\0');
	for (int c = 0; c < CLASS__MAX; c++)
		assert_true(class_text((enum assess_class)c)[0] != '\0' &&
			    class_title((enum assess_class)c)[0] != '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_policy),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
