/* The table of events: each stands for something the interface can do. */
#include <stdio.h>
#include <string.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/json.h"
#include "outbox/outbox.h"
#include "schema/registry.h"
#include "schema/schema.h"
#include "unit/support.h"

static const char *const actions[] = {
#define EVENT(action, type, title) action,
#include "outbox/events.def"
#undef EVENT
};

/* "plan.issue" of the route with that verb, else its permission. */
static bool
is_action_of(const char *action, const struct route *r)
{
	const char *last = strrchr(r->pattern, '/');
	const char *verb = strrchr(last, ':');
	size_t object = strcspn(r->permission, ".");

	if (r->method == METHOD_GET)
		return false;
	if (verb == NULL)
		return strcmp(action, r->permission) == 0;
	return strncmp(action, r->permission, object + 1) == 0 &&
	       strcmp(action + object + 1, verb + 1) == 0;
}

static void
every_action_is_a_routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(actions); i++) {
		/* What waits for whom is derived in rounds, by no request. */
		bool found = strncmp(actions[i], "todo.", 5) == 0;

		for (size_t r = 0; r < api_nroutes; r++)
			found |= is_action_of(actions[i], &api_routes[r]);
		if (!found)
			fail_msg("no route does %s", actions[i]);
	}
}

/* What is made is what event.json and the types of webhooks say. */
static void
every_event_is_valid(void **state)
{
	json_t *target = json_pack("{s:s, s:s, s:i, s:s}", "coll", "plans",
	    "id", "140800-2019", "rev", 3, "planId", "140800-2019");
	struct err e;

	(void)state;
	err_init(&e);
	assert_int_equal(schema_registry_init(&e), 0);
	for (size_t i = 0; i < COUNT(actions); i++) {
		json_t *event = event_make(actions[i], target, 0);
		const char *title, *type = event_type(i, &title);
		json_t *types = json_pack("[s]", type);
		json_t *hook = json_pack("{s:s, s:s, s:O}", "name", "OA", "url",
		    "https://oa.example.gov.cn/", "types", types);

		assert_string_equal(json_peek_str(event, "type"), type);
		if (schema_check(
			schema_registry_peek("event.json"), event, &e) < 0 ||
		    schema_check(
			schema_registry_peek("webhookPost.json"), hook, &e) < 0)
			fail_msg("%s: %s", type, e.detail);
		assert_true(event_listed(types, type));
		assert_true(strlen(title) > 0);
		for (size_t k = 0; k < i; k++) {
			const char *other = event_type(k, &title);

			assert_string_not_equal(type, other);
			assert_string_not_equal(actions[i], actions[k]);
		}
		json_decref(event);
		json_decref(types);
		json_decref(hook);
	}
	assert_null(event_make("plan.read", target, 0));
	json_decref(target);
	schema_registry_fini();
}

static void
patterns(void **state)
{
	static const struct {
		const char *pattern, *type;
		bool listed;
	} cases[] = {
	    {"*", "plan.issued", true},
	    {"plan.*", "plan.issued", true},
	    {"plan.issued", "plan.issued", true},
	    {"plan.*", "planet.issued", false},
	    {"plan.issue", "plan.issued", false},
	    {"plan.issued", "plan.issue", false},
	    {"task.*", "plan.issued", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *list =
		    json_pack("[s, s]", "none.such", cases[i].pattern);

		if (event_listed(list, cases[i].type) != cases[i].listed)
			fail_msg("%s %s", cases[i].pattern, cases[i].type);
		json_decref(list);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_action_is_a_routes),
	    cmocka_unit_test(every_event_is_valid),
	    cmocka_unit_test(patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
