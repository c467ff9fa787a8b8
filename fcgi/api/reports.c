#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"

int
report_list(struct req *r, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_REPORTS,
	    .sort = FIELD_REPORTS_ASOF,
	    .desc = true,
	};

	api_filter(r, &q, "plan", FIELD_REPORTS_PLAN, OP_EQ);
	api_filter(r, &q, "task", FIELD_REPORTS_TASK, OP_EQ);
	api_filter(r, &q, "org", FIELD_REPORTS_ORG, OP_EQ);
	api_filter(r, &q, "state", FIELD_REPORTS_STATE, OP_EQ);
	api_filter(r, &q, "asOf", FIELD_REPORTS_ASOF, OP_LE);
	return api_answer_scoped(r, &q, e);
}

int
report_get(struct req *r, struct err *e)
{
	return api_answer_scoped_doc(
	    r, COLL_REPORTS, r->segments[0], "填报", e);
}
