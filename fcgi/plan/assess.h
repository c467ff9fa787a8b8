#ifndef PLAN_ASSESS_H
#define PLAN_ASSESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan/pace.h"

struct policy;

enum light {
#define LIGHT(name, text, title) LIGHT_##name,
#include "plan/assess.def"
#undef LIGHT
	LIGHT__MAX
};

enum assess_class {
#define CLASS(name, text, title) CLASS_##name,
#include "plan/assess.def"
#undef CLASS
	CLASS__MAX
};

enum assess_reason {
#define REASON(name, slug, light, param, text) REASON_##name,
#include "plan/assess.def"
#undef REASON
	REASON__MAX
};

/*
 * What is known on day D about one task, or about one unit's part of it.
 * A milestone counts once for each obliged unit the facts are about.  A
 * percent milestone is met while the unit's rate reaches it; an event
 * milestone when it was verified.
 */
struct assess_facts {
	bool has_target; /* a total above 0: stated, derived, or the quota */
	int64_t target;
	int64_t done;      /* newest accepted value; 0 when never reported */
	struct ratio pace; /* pace_at(D); den 0: none */
	struct {
		int64_t total;
		int64_t met;
		int64_t due;      /* due day <= D, met or not */
		int64_t overdue;  /* not met, evaluation day < D */
		int64_t due_soon; /* not met, D <= due day <= D + soonDays */
		/* not met, due before the notice, D <= evaluation day */
		int64_t in_grace;
	} milestones;
	/* Series of reports: a unit's on one indicator. */
	int64_t reports_overdue; /* the newest period that is due is missing */
	int64_t periods_missing; /* ... and the one before it */
	int64_t flagged;         /* the newest report tells of a problem */
	int64_t checks_false;    /* units whose newest check found falsehood */
};

struct assess_result {
	enum light light;
	enum assess_class class;
	int policy_version;
	bool reasons[REASON__MAX];   /* those that made the light */
	int64_t params[REASON__MAX]; /* a count, or tenths of a point */
};

/*
 * Judge.  The light is the first that matches:
 * grey    nothing to compare with (no pace, no milestone due, not complete),
 *         or a milestone from before the notice that is still in grace
 * blue    complete: the target reached and every milestone met
 * red     a milestone overdue, more than behindRed points behind, two periods
 *         not reported, or a check that found falsehood
 * yellow  behindYellow to behindRed points behind, a milestone due soon, the
 *         report overdue, or the unit itself flagged a problem
 * green   otherwise
 * The class is done for blue, unassessable for grey, behind when a milestone
 * is overdue or the task is behindYellow points behind, ahead when it is more
 * than aheadPoints ahead, on_pace otherwise.
 */
void assess(const struct assess_facts *f, const struct policy *p,
    struct assess_result *r);

/* new: {light, class, reasons: [{code, params, text}], policyVersion}. */
json_t *assess_json(const struct assess_result *r);
/* new: {code, params, text} of one of the reasons. */
json_t *assess_reason_json(
    const struct assess_result *r, enum assess_reason why);

/* Facts about the tables: stable names and Chinese titles. */
const char *light_text(enum light l);
const char *light_title(enum light l);
const char *class_text(enum assess_class c);
const char *class_title(enum assess_class c);

#endif
