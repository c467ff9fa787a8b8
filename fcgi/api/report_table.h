#ifndef API_REPORT_TABLE_H
#define API_REPORT_TABLE_H

#include <jansson.h>

#include "base/err.h"
#include "plan/period.h"

struct req;

/*
 * Everything that is owed on one plan, and what has come: the obligations of
 * its tasks with the series that answer them.  All belongs to the request.
 */
struct report_table {
	const json_t *plan;
	struct reporting reporting;
	json_t *tasks;  /* in their order */
	json_t *series; /* by _id */
	json_t *orgs;   /* names by _id */
};

int report_table_load(struct req *r, struct report_table *t, const json_t *plan,
    struct err *e) MUST_CHECK;

/* One unit that owes reports on one indicator. */
struct report_row {
	const json_t *task;
	const json_t *indicator;
	const json_t *series; /* NULL: it never reported */
	const char *lead_id;
	const char *org_id;
	const char *org_name;
};
typedef int (*report_row_fn)(
    void *arg, const struct report_row *row, struct err *e);

int report_table_walk(const struct report_table *t, report_row_fn fn, void *arg,
    struct err *e) MUST_CHECK;

/* Put taskId, no, indicatorId, orgId and their names. */
void report_row_name(json_t *o, const struct report_row *row);

#endif
