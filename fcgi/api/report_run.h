#ifndef API_REPORT_RUN_H
#define API_REPORT_RUN_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/report.h"
#include "plan/series.h"
#include "plan/workflow.h"

struct req;
struct write_set;

/*
 * What the handlers of reports share: a report with all that is known about
 * it.  The request owns the documents.
 */
struct report_run {
	json_t *report; /* NULL: there is none yet */
	struct report_frame frame;
	const char *lead_id;
	char series_id[SERIES_ID_MAX + 1];
	json_t *series;
	int64_t series_rev; /* 0: the series is new */
};

/* Who asks, as the author or reviewer of a report. */
struct report_actor report_actor_of(const struct req *r);

/*
 * Load the plan, the task and the series of a report or a body.  What was
 * read for one report of this request serves the next one.  -1: ERR_INVALID
 * at /taskId when there is no such task.
 */
int report_run_load(struct req *r, struct report_run *run, const json_t *about,
    struct err *e) MUST_CHECK;

/*
 * Store the report (old: what it was, NULL for a new one) with its series and
 * answer `status` with report_view.  When somebody came between, `again`
 * begins anew with what is there then; after some times it is ERR_CONFLICT.
 */
int report_run_commit(struct req *r, struct report_run *run,
    struct write_set *ws, const json_t *old, int status,
    int (*again)(struct req *r, struct err *e), struct err *e) MUST_CHECK;

/*
 * new: the report with what is derived for who asks: receipt, may, dueOn,
 * daysLate, previous, increment, missing.
 */
json_t *report_view(
    struct req *r, const struct report_run *run, struct err *e) MUST_CHECK;
/* Answer with it and its ETag. */
int report_answer(struct req *r, const struct report_run *run, int status,
    struct err *e) MUST_CHECK;

/* new: {period, reportId, n, accepted}: what stood before; or null. */
json_t *report_previous(const json_t *series, const char *period);

/*
 * The attachments that have not arrived, as an array the request owns.
 * NULL: the store failed.
 */
json_t *report_missing(
    struct req *r, const json_t *attachments, struct err *e) MUST_CHECK;

#endif
