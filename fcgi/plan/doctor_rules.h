#ifndef PLAN_DOCTOR_RULES_H
#define PLAN_DOCTOR_RULES_H

/* Between doctor.c and the rules; nobody else includes it. */

#include <stdbool.h>

#include "base/buf.h"
#include "plan/doctor.h"
#include "plan/orgs.h"
#include "plan/policy.h"

/* One task under examination by one rule. */
struct exam {
	const json_t *plan;
	const json_t *task;
	const struct org_index *orgs;
	struct policy policy;
	int no;             /* the task's number */
	enum finding code;  /* what the rule looks for */
	int64_t stated_fen; /* certain money of the task */
	bool money_clear;   /* all of its money is certain */
	json_t *findings;   /* the result grows here */
};

/* A finding that is being written. */
struct note {
	json_t *params;
	json_t *lines;
	struct buf text;
};

typedef void (*doctor_fn)(struct exam *x);

#define FINDING(code, rule, title) void rule(struct exam *x);
#include "plan/findings.def"
#undef FINDING

/* Begin; the text starts with "第N件". */
void note_begin(const struct exam *x, struct note *n);
/* Take over the source lines of a part of the task. */
void note_lines(struct note *n, const json_t *part);
/*
 * Finish: about the part with this id ("task" for the whole), at this place.
 * Without lines of its own it gets the task's.
 */
void note_end(struct exam *x, struct note *n, const char *item,
    const char *pointer, ...) PRINTF(4, 5);

/* The arrays of the task under examination: borrowed. */
const json_t *exam_section(const struct exam *x, const char *name);
/* The id of a part, "" when it has none. */
const char *part_id(const json_t *part);
/* Is the string member equal to text? */
bool part_is(const json_t *part, const char *key, const char *text);
/* a + b and a * b of numbers from documents: they stop at int64's ends. */
int64_t add_capped(int64_t a, int64_t b);
int64_t mul_capped(int64_t a, int64_t b);

#endif
