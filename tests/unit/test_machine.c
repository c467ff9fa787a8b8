#include "unit/support.h"

#include <string.h>

#include "base/json.h"
#include "plan/machine.h"

#define WALKS 2000
#define STEPS 30

static const char *const verbs[] = {"claim", "verify", "return", "waive",
    "start", "complete", "finish", "resume", "cancel", "edit", "submit",
    "opinion", "approve", "refuse", "ask", "statement", "conclude", "uphold",
    "dismiss", "answer", "close", "reopen", "", "delete"};

/* Is it a state of this machine: the first, or where a move leads? */
static bool
is_state(enum machine m, const char *state)
{
	const struct machine_move *move;

	if (strcmp(machine_start(m), state) == 0)
		return true;
	for (size_t i = 0; (move = machine_move_at(i)) != NULL; i++) {
		if (move->machine == m && strcmp(move->to, state) == 0)
			return true;
	}
	return false;
}

static void
test_table(void **state)
{
	const struct machine_move *a, *b;

	(void)state;
	for (size_t i = 0; (a = machine_move_at(i)) != NULL; i++) {
		assert_true(is_state(a->machine, a->from));
		assert_ptr_equal(machine_find(a->machine, a->verb, a->from), a);
		assert_non_null(strchr(a->permission, '.'));
		for (size_t k = i + 1; (b = machine_move_at(k)) != NULL; k++)
			assert_false(a->machine == b->machine &&
				     strcmp(a->verb, b->verb) == 0 &&
				     strcmp(a->from, b->from) == 0);
	}
}

/* What ends a life has no way out. */
static void
test_ends(void **state)
{
	static const struct {
		enum machine machine;
		const char *state;
	} ends[] = {
	    {MACHINE_MILESTONE, "verified"},
	    {MACHINE_MILESTONE, "waived"},
	    {MACHINE_TASK, "done"},
	    {MACHINE_TASK, "cancelled"},
	    {MACHINE_CHANGE, "approved"},
	    {MACHINE_CHANGE, "refused"},
	    {MACHINE_CHECK, "concluded"},
	    {MACHINE_CASE, "upheld"},
	    {MACHINE_CASE, "dismissed"},
	    {MACHINE_NOTICE, "closed"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		assert_true(is_state(ends[i].machine, ends[i].state));
		for (size_t k = 0; k < COUNT(verbs); k++)
			assert_null(machine_find(
			    ends[i].machine, verbs[k], ends[i].state));
	}
}

static void
check_history(enum machine m, const json_t *doc)
{
	const json_t *list = json_peek_array(doc, "history");
	const char *at = machine_start(m);
	const json_t *line;
	size_t i;

	json_array_foreach (list, i, line) {
		assert_string_equal(json_peek_str(line, "from"), at);
		at = json_peek_str(line, "to");
		assert_true(is_state(m, at));
	}
	assert_string_equal(machine_state(m, doc), at);
}

/* Whatever is asked in whatever order: only moves of the table are made. */
static void
walk(struct rnd *r, enum machine m)
{
	json_t *doc = json_object();

	for (size_t i = 0; i < STEPS; i++) {
		const char *verb = verbs[rnd_below(r, COUNT(verbs))];
		const char *from = machine_state(m, doc);
		struct machine_step step = {.by = "u", .name = "某人", .at = 0};
		const struct machine_move *move;
		json_t *before = json_deep_copy(doc);
		struct err e;

		err_init(&e);
		move = machine_check(m, verb, from, &e);
		if (move == NULL) {
			assert_int_equal(e.code, ERR_STATE);
			assert_non_null(strstr(e.detail, from));
			assert_true(json_equal(doc, before));
		} else {
			assert_string_equal(move->from, from);
			machine_take(doc, move, &step);
			assert_string_equal(machine_state(m, doc), move->to);
		}
		json_decref(before);
	}
	check_history(m, doc);
	json_decref(doc);
}

static void
test_random_walks(void **state)
{
	struct rnd r;

	(void)state;
	rnd_init(&r, "machines");
	for (size_t i = 0; i < WALKS; i++)
		walk(&r, (enum machine)(i % MACHINE__MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_random_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
