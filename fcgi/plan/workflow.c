#include "plan/workflow.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

static const struct {
	const char *text;
	const char *title;
} states[WORKFLOW__MAX] = {
#define WORKFLOW_STATE(name, text, title) [WORKFLOW_##name] = {text, title},
#define WORKFLOW_ACTION(name, verb, permission, stamp, reason, differ, title)
#define WORKFLOW_MOVE(action, from, to, skips)
#include "plan/workflow.def"
#undef WORKFLOW_STATE
#undef WORKFLOW_ACTION
};

static const struct workflow_rule rules[WORKFLOW_DO__MAX] = {
#define WORKFLOW_STATE(name, text, title)
#define WORKFLOW_ACTION(name, verb, permission, stamp, reason, differ, title) \
	[WORKFLOW_DO_##name] = {verb, permission, stamp, reason, differ, title},
#include "plan/workflow.def"
#undef WORKFLOW_ACTION
#undef WORKFLOW_MOVE
};

static const struct {
	enum workflow_action action;
	enum workflow_state from;
	enum workflow_state to;
	unsigned skips;
} moves[] = {
#define WORKFLOW_ACTION(name, verb, permission, stamp, reason, differ, title)
#define WORKFLOW_MOVE(action, from, to, skips) \
	{WORKFLOW_DO_##action, WORKFLOW_##from, WORKFLOW_##to, skips},
#include "plan/workflow.def"
#undef WORKFLOW_STATE
#undef WORKFLOW_ACTION
#undef WORKFLOW_MOVE
};

const struct workflow_rule *
workflow_rule(enum workflow_action a)
{
	return &rules[a];
}

const char *
workflow_text(enum workflow_state s)
{
	return states[s].text;
}

const char *
workflow_title(enum workflow_state s)
{
	return states[s].title;
}

enum workflow_state
workflow_state(const char *text)
{
	enum workflow_state s = 0;

	while (s < WORKFLOW__MAX &&
	       (text == NULL || strcmp(states[s].text, text) != 0))
		s++;
	return s;
}

bool
workflow_under_review(enum workflow_state s)
{
	return s == WORKFLOW_SUBMITTED || s == WORKFLOW_UNIT_CONFIRMED ||
	       s == WORKFLOW_LEAD_CONFIRMED;
}

enum workflow_state
workflow_next(enum workflow_action a, enum workflow_state from, unsigned skips)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (moves[i].action == a && moves[i].from == from &&
		    (moves[i].skips & ~skips) == 0)
			return moves[i].to;
	}
	return WORKFLOW__MAX;
}

/* "上报、修改": what could be done instead. */
static void
add_possible(struct buf *b, enum workflow_state from, unsigned skips)
{
	const char *comma = "";

	for (enum workflow_action a = 0; a < WORKFLOW_DO__MAX; a++) {
		if (workflow_next(a, from, skips) == WORKFLOW__MAX)
			continue;
		buf_addf(b, "%s%s", comma, rules[a].title);
		comma = "、";
	}
}

int
workflow_check(enum workflow_action a, enum workflow_state from, unsigned skips,
    enum workflow_state *to, struct err *e)
{
	struct buf b;

	*to = workflow_next(a, from, skips);
	if (*to != WORKFLOW__MAX)
		return 0;
	buf_init(&b, 0);
	add_possible(&b, from, skips);
	if (b.len > 0)
		err_set(e, ERR_STATE,
		    "这份填报现在是“%s”（%s），不能%s；现在可以：%s",
		    states[from].title, states[from].text, rules[a].title,
		    b.data);
	else
		err_set(e, ERR_STATE, "这份填报现在是“%s”（%s），不能%s",
		    states[from].title, states[from].text, rules[a].title);
	buf_fini(&b);
	return -1;
}
