#include <string.h>

#include "support.h"

#include "plan/workflow.h"

#define BOTH (WORKFLOW_SKIP_UNIT | WORKFLOW_SKIP_LEAD)

/*
 * The whole table, written down a second time: for each state and action
 * where it leads when nothing is left out; "" is refused.
 */
static const char *const expected[WORKFLOW__MAX][WORKFLOW_DO__MAX] = {
    /* edit, submit, confirm, lead-confirm, accept, return, revise */
    {"draft", "submitted", "", "", "", "", ""},
    {"", "", "unit_confirmed", "", "", "returned", ""},
    {"", "", "", "lead_confirmed", "", "returned", ""},
    {"", "", "", "", "accepted", "returned", ""},
    {"", "", "", "", "", "", "draft"},
    {"returned", "submitted", "", "", "", "", ""},
    {"", "", "", "", "", "", ""},
};

static void
test_table(void **state)
{
	struct err e;

	(void)state;
	for (enum workflow_state s = 0; s < WORKFLOW__MAX; s++) {
		for (enum workflow_action a = 0; a < WORKFLOW_DO__MAX; a++) {
			enum workflow_state to, want;

			want = workflow_state(expected[s][a]);
			assert_int_equal(workflow_next(a, s, 0), want);
			err_init(&e);
			assert_int_equal(workflow_check(a, s, 0, &to, &e),
			    want == WORKFLOW__MAX ? -1 : 0);
			if (want != WORKFLOW__MAX)
				continue;
			assert_int_equal(e.code, ERR_STATE);
			assert_non_null(strstr(e.detail, workflow_text(s)));
		}
	}
}

static void
test_skips(void **state)
{
	static const struct {
		enum workflow_action a;
		enum workflow_state from;
		unsigned skips;
		enum workflow_state to;
	} rows[] = {
	    {WORKFLOW_DO_LEAD_CONFIRM, WORKFLOW_SUBMITTED, WORKFLOW_SKIP_UNIT,
		WORKFLOW_LEAD_CONFIRMED},
	    {WORKFLOW_DO_LEAD_CONFIRM, WORKFLOW_SUBMITTED, WORKFLOW_SKIP_LEAD,
		WORKFLOW__MAX},
	    {WORKFLOW_DO_ACCEPT, WORKFLOW_UNIT_CONFIRMED, WORKFLOW_SKIP_LEAD,
		WORKFLOW_ACCEPTED},
	    {WORKFLOW_DO_ACCEPT, WORKFLOW_UNIT_CONFIRMED, WORKFLOW_SKIP_UNIT,
		WORKFLOW__MAX},
	    {WORKFLOW_DO_ACCEPT, WORKFLOW_SUBMITTED, WORKFLOW_SKIP_UNIT,
		WORKFLOW__MAX},
	    {WORKFLOW_DO_ACCEPT, WORKFLOW_SUBMITTED, WORKFLOW_SKIP_LEAD,
		WORKFLOW__MAX},
	    {WORKFLOW_DO_ACCEPT, WORKFLOW_SUBMITTED, BOTH, WORKFLOW_ACCEPTED},
	    {WORKFLOW_DO_CONFIRM, WORKFLOW_SUBMITTED, BOTH,
		WORKFLOW_UNIT_CONFIRMED},
	    {WORKFLOW_DO_ACCEPT, WORKFLOW_DRAFT, BOTH, WORKFLOW__MAX},
	    {WORKFLOW_DO_ACCEPT, WORKFLOW_RETURNED, BOTH, WORKFLOW__MAX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
		    workflow_next(rows[i].a, rows[i].from, rows[i].skips),
		    rows[i].to);
}

/* Every review step keeps its instant and is not for the author. */
static void
test_rules(void **state)
{
	(void)state;
	for (enum workflow_action a = 0; a < WORKFLOW_DO__MAX; a++) {
		const struct workflow_rule *r = workflow_rule(a);
		bool review = a == WORKFLOW_DO_CONFIRM ||
			      a == WORKFLOW_DO_LEAD_CONFIRM ||
			      a == WORKFLOW_DO_ACCEPT;

		assert_int_equal(strncmp(r->permission, "report.", 7), 0);
		assert_int_equal(r->differ, review);
		assert_int_equal(r->reason,
		    a == WORKFLOW_DO_RETURN || a == WORKFLOW_DO_REVISE);
		if (review)
			assert_non_null(r->stamp);
	}
	assert_int_equal(workflow_state("nothing"), WORKFLOW__MAX);
	assert_int_equal(workflow_state(NULL), WORKFLOW__MAX);
	assert_false(workflow_under_review(WORKFLOW_DRAFT));
	assert_true(workflow_under_review(WORKFLOW_LEAD_CONFIRMED));
	assert_false(workflow_under_review(WORKFLOW_ACCEPTED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_skips),
	    cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
