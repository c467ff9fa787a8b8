#ifndef PLAN_MACHINE_H
#define PLAN_MACHINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/civil.h"
#include "base/err.h"

/*
 * The lives of milestones, tasks, changes, checks, cases and notices as
 * tables (machine.def): which verb leads from which state to which, and what
 * it takes.  Pure.  Reports have their own: workflow.h.
 */
enum machine {
#define MACHINE(name, member, title) MACHINE_##name,
#define MACHINE_STATE(machine, name, text, title)
#define MACHINE_MOVE(machine, verb, from, to, permission, rules, title)
#include "plan/machine.def"
#undef MACHINE
#undef MACHINE_STATE
#undef MACHINE_MOVE
	MACHINE__MAX
};

#define MACHINE_REASON 1U /* wants a reason */
#define MACHINE_OTHER 2U  /* not by who began it */
#define MACHINE_INNER 4U  /* part of something else, never asked for */

struct machine_move {
	enum machine machine;
	const char *verb;
	const char *from; /* the texts of states */
	const char *to;
	const char *permission;
	unsigned rules;
	const char *title;
};

/* "state"; where a document begins; "通知". */
const char *machine_member(enum machine m);
const char *machine_start(enum machine m);
const char *machine_name(enum machine m);
/* The Chinese of a state, or the text itself where there is none such. */
const char *machine_title(enum machine m, const char *state);

/* The i-th row of the whole table; NULL past the last. */
const struct machine_move *machine_move_at(size_t i);

/* The move a verb makes from a state, or NULL: not from there. */
const struct machine_move *machine_find(
    enum machine m, const char *verb, const char *from);
/*
 * The same for a request: NULL with ERR_STATE, which says where the document
 * is and what could be done with it.
 */
const struct machine_move *machine_check(enum machine m, const char *verb,
    const char *from, struct err *e) MUST_CHECK;

/* ---- documents ---- */

/* Who takes a step, when and why (reason may be NULL): all borrowed. */
struct machine_step {
	const char *by;
	const char *name;
	const char *reason;
	instant_t at;
};

/* The state of a document; where it begins when it has none. */
const char *machine_state(enum machine m, const json_t *doc);
/* Make the move: the state and a line of `history`. */
void machine_take(json_t *doc, const struct machine_move *move,
    const struct machine_step *step);
/* A line of `history` alone; from NULL: the first. */
void machine_note(json_t *doc, const char *from, const char *to,
    const struct machine_step *step);
/* Who began what a move of MACHINE_OTHER ends: borrowed, NULL: nobody. */
const char *machine_beginner(enum machine m, const json_t *doc);

#endif
