#include "unit/support.h"

#include <string.h>

#include "plan/standing.h"

#define ISSUED "2019-04-04"

static civil_t
day(const char *s)
{
	civil_t d = 0;

	assert_true(civil_parse(s, &d));
	return d;
}

/*
 * The default grace is five working days: the evaluation day of 30 April is 8
 * May where 1 May is off and 5 May, a Sunday, is worked.
 */
static const struct {
	const char *due;
	const char *met;
	bool waived;
	const char *today;
	const char *standing;
	int late;
} rows[] = {
    {"2019-06-30", NULL, false, "2019-06-22", "not_due", 0},
    {"2019-06-30", NULL, false, "2019-06-23", "due_soon", 0},
    {"2019-06-30", NULL, false, "2019-06-30", "due_soon", 0},
    {"2019-06-30", NULL, false, "2019-07-01", "awaiting_report", 0},
    {"2019-06-30", NULL, false, "2019-07-05", "awaiting_report", 0},
    {"2019-06-30", NULL, false, "2019-07-06", "overdue", 6},
    {"2019-06-30", NULL, false, "2020-06-30", "overdue", 366},
    {"2019-06-30", "2019-06-30", false, "2019-07-31", "met_on_time", 0},
    {"2019-06-30", "2019-07-01", false, "2019-07-31", "met_late", 1},
    {"2019-06-30", NULL, true, "2019-12-31", "waived", 0},
    {"2019-03-31", NULL, false, ISSUED, "due_before_issue", 0},
    {"2019-03-31", NULL, false, "2019-04-11", "due_before_issue", 0},
    {"2019-03-31", NULL, false, "2019-04-12", "overdue", 12},
    {NULL, NULL, false, "2019-12-31", "undated", 0},
    {NULL, "2019-12-31", false, "2019-12-31", "met_on_time", 0},
    {"2019-04-30", NULL, false, "2019-05-07", "awaiting_report", 0},
    {"2019-04-30", NULL, false, "2019-05-08", "overdue", 8},
};

static void
test_rows(void **state)
{
	struct policy p;

	(void)state;
	policy_init(&p);
	p.nholidays = p.nworkdays = 1;
	p.holidays[0] = day("2019-05-01");
	p.workdays[0] = day("2019-05-05");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct standing_facts f = {
		    .dated = rows[i].due != NULL,
		    .due = rows[i].due != NULL ? day(rows[i].due) : 0,
		    .issued = day(ISSUED),
		    .met = rows[i].met != NULL,
		    .met_on = rows[i].met != NULL ? day(rows[i].met) : 0,
		    .waived = rows[i].waived,
		};
		int late;
		enum standing s =
		    standing_of(&f, &p, day(rows[i].today), &late);

		if (strcmp(standing_text(s), rows[i].standing) != 0 ||
		    late != rows[i].late)
			fail_msg("row %zu: %s %d", i, standing_text(s), late);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
