#include "plan/machine.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *member;
	const char *title;
} machines[MACHINE__MAX] = {
#define MACHINE(name, member, title) [MACHINE_##name] = {member, title},
#define MACHINE_STATE(machine, name, text, title)
#define MACHINE_MOVE(machine, verb, from, to, permission, rules, title)
#include "plan/machine.def"
#undef MACHINE
#undef MACHINE_STATE
#undef MACHINE_MOVE
};

enum {
#define MACHINE(name, member, title)
#define MACHINE_STATE(machine, name, text, title) PLACE_##machine##_##name,
#define MACHINE_MOVE(machine, verb, from, to, permission, rules, title)
#include "plan/machine.def"
#undef MACHINE
#undef MACHINE_STATE
#undef MACHINE_MOVE
	PLACE__MAX
};

static const struct {
	enum machine machine;
	const char *text;
	const char *title;
} states[PLACE__MAX] = {
#define MACHINE(name, member, title)
#define MACHINE_STATE(machine, name, text, title) \
	[PLACE_##machine##_##name] = {MACHINE_##machine, text, title},
#define MACHINE_MOVE(machine, verb, from, to, permission, rules, title)
#include "plan/machine.def"
#undef MACHINE
#undef MACHINE_STATE
#undef MACHINE_MOVE
};

/* The texts as constants, so that the table of moves can name them. */
#define MACHINE(name, member, title)
#define MACHINE_STATE(machine, name, text, title) \
	static const char text_##machine##_##name[] = text;
#define MACHINE_MOVE(machine, verb, from, to, permission, rules, title)
#include "plan/machine.def"
#undef MACHINE
#undef MACHINE_STATE
#undef MACHINE_MOVE

static const struct machine_move moves[] = {
#define MACHINE(name, member, title)
#define MACHINE_STATE(machine, name, text, title)
#define MACHINE_MOVE(machine, verb, from, to, permission, rules, title) \
	{MACHINE_##machine, verb, text_##machine##_##from,              \
	    text_##machine##_##to, permission, rules, title},
#include "plan/machine.def"
#undef MACHINE
#undef MACHINE_STATE
#undef MACHINE_MOVE
};

const char *
machine_member(enum machine m)
{
	return machines[m].member;
}

const char *
machine_name(enum machine m)
{
	return machines[m].title;
}

const char *
machine_start(enum machine m)
{
	size_t i = 0;

	while (states[i].machine != m)
		i++;
	return states[i].text;
}

const char *
machine_title(enum machine m, const char *state)
{
	for (size_t i = 0; i < COUNT(states); i++) {
		if (states[i].machine == m &&
		    strcmp(states[i].text, state) == 0)
			return states[i].title;
	}
	return state;
}

const struct machine_move *
machine_move_at(size_t i)
{
	return i < COUNT(moves) ? &moves[i] : NULL;
}

const struct machine_move *
machine_find(enum machine m, const char *verb, const char *from)
{
	for (size_t i = 0; i < COUNT(moves); i++) {
		if (moves[i].machine == m && strcmp(moves[i].verb, verb) == 0 &&
		    strcmp(moves[i].from, from) == 0)
			return &moves[i];
	}
	return NULL;
}

static const char *
verb_title(enum machine m, const char *verb)
{
	for (size_t i = 0; i < COUNT(moves); i++) {
		if (moves[i].machine == m && strcmp(moves[i].verb, verb) == 0)
			return moves[i].title;
	}
	return verb;
}

/* "核实、退回": what could be done instead. */
static void
add_possible(struct buf *b, enum machine m, const char *from)
{
	const char *comma = "";

	for (size_t i = 0; i < COUNT(moves); i++) {
		if (moves[i].machine != m || strcmp(moves[i].from, from) != 0 ||
		    (moves[i].rules & MACHINE_INNER) != 0)
			continue;
		buf_addf(b, "%s%s", comma, moves[i].title);
		comma = "、";
	}
}

const struct machine_move *
machine_check(enum machine m, const char *verb, const char *from, struct err *e)
{
	const struct machine_move *move = machine_find(m, verb, from);
	struct buf b;

	if (move != NULL)
		return move;
	buf_init(&b, 0);
	add_possible(&b, m, from);
	err_set(e, ERR_STATE, "当前状态是“%s”（%s），不能%s%s%s",
	    machine_title(m, from), from, verb_title(m, verb),
	    b.len > 0 ? "；现在可以：" : "", b.len > 0 ? b.data : "");
	buf_fini(&b);
	return NULL;
}

/* ---- documents ---- */

const char *
machine_state(enum machine m, const json_t *doc)
{
	const char *state = json_peek_str(doc, machines[m].member);

	return state != NULL ? state : machine_start(m);
}

void
machine_take(json_t *doc, const struct machine_move *move,
    const struct machine_step *step)
{
	machine_note(doc, move->from, move->to, step);
	json_put_str(doc, machines[move->machine].member, move->to);
}

void
machine_note(json_t *doc, const char *from, const char *to,
    const struct machine_step *step)
{
	json_t *list = json_object_get(doc, "history");
	json_t *entry = json_object();
	char at[INSTANT_LEN + 1];

	if (list == NULL) {
		list = json_array();
		json_put(doc, "history", list);
	}
	json_put_str(entry, "at", instant_format(step->at, at));
	json_put_str(entry, "by", step->by);
	json_put_str(entry, "name", step->name);
	json_put_str(entry, "from", from);
	json_put_str(entry, "to", to);
	if (step->reason != NULL)
		json_put_str(entry, "reason", step->reason);
	json_push(list, entry);
}

/* Who asked to close the task that is being closed. */
static const char *
last_step_by(const json_t *doc)
{
	const json_t *list = json_peek_array(doc, "history");
	size_t n = json_array_size(list);

	return n > 0 ? json_peek_str(json_array_get(list, n - 1), "by") : NULL;
}

const char *
machine_beginner(enum machine m, const json_t *doc)
{
	if (m == MACHINE_TASK)
		return last_step_by(doc);
	return json_peek_str(
	    json_peek_object(
		doc, m == MACHINE_MILESTONE ? "claimedBy" : "author"),
	    "userId");
}
