#ifndef STATS_SERIES_H
#define STATS_SERIES_H

#include "stats/figures.h"

/*
 * Who owes reports, and how they came (PART_SUBMISSION).  A series is one
 * unit's reports on one indicator: each unit with a quota; the lead where an
 * indicator has no quotas.  Tasks of milestones alone and plans that are
 * drafts are not reported on.
 */
struct series {
	const struct frame_task *task;
	const struct figure *figure;
	const char *org_id;
	struct frame_run rows; /* its reports, oldest first */
};

/* Wants the figures and PART_SUBMISSION. */
typedef void (*series_fn)(void *arg, const struct series *s);
void series_walk(
    const struct frame *f, const struct frame_task *t, series_fn fn, void *arg);

/* How the report of a period came; the worse, the greater. */
enum timing {
	TIMING_ON_TIME,
	TIMING_LATE,
	TIMING_OPEN, /* not there, but its due day has not passed */
	TIMING_MISSING,
	TIMING__MAX
};
const char *timing_text(enum timing t);

struct filing {
	enum timing timing;
	int days_late; /* when late */
	bool none;     /* it came, with nothing to report */
};

/* The filing of each of the plan's periods; out holds nperiods. */
void series_filings(
    const struct frame *f, const struct series *s, struct filing *out);

/* How far the newest report has got. */
enum evidence {
	EVIDENCE_NONE, /* no report, or none that stands */
	EVIDENCE_SELF,
	EVIDENCE_UNIT,
	EVIDENCE_LEAD,
	EVIDENCE_OFFICE,
	EVIDENCE_CHECKED,
	EVIDENCE__MAX
};
const char *evidence_text(enum evidence v);

/* What a series adds up to on the day. */
struct series_state {
	bool overdue; /* the newest period that is due is missing */
	bool twice;   /* ... and the one before it */
	bool flagged; /* the newest report tells of a problem */
	enum evidence evidence;
	/* Of the newest period that is not open (or first), if there is any. */
	size_t period;
	struct filing filing;
};
void series_judge(
    const struct frame *f, const struct series *s, struct series_state *out);

#endif
