/*
 * What holds for every row of the route table: it is in the interface
 * description, whose references all lead somewhere; HEAD and OPTIONS work;
 * Allow says what there is.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/conversation.h"
#include "api/hostile.h"
#include "base/json.h"

#define TARGET_BYTES 1024

static void
ask(struct hostile *h, const char *method, const struct route *route,
    struct answer *a)
{
	char target[TARGET_BYTES];
	struct local_request in = {.method = method, .target = target};

	hostile_target(route, 0, NULL, target, sizeof(target));
	if (strstr(target, "/stats/") != NULL)
		strcat(target, "?plan=140800-2019&asOf=2019-04-04");
	world_ask(&h->world, &in, a);
}

/* ---- Allow ---- */

/* What the table has for a pattern, as Allow lists it. */
static void
allowed(const char *pattern, char out[128])
{
	strcpy(out, "OPTIONS");
	for (enum method m = 0; m < METHOD__MAX; m++) {
		for (size_t i = 0; i < api_nroutes; i++) {
			if (strcmp(api_routes[i].pattern, pattern) != 0 ||
			    api_routes[i].method != m)
				continue;
			strcat(out, ", ");
			strcat(out, method_name(m));
			if (m == METHOD_GET)
				strcat(out, ", HEAD");
		}
	}
}

static void
test_allow(void **state)
{
	static const char *const methods[] = {"OPTIONS", "TRACE"};
	struct hostile *h = *state;

	for (size_t i = 0; i < api_nroutes; i++) {
		char wanted[128];

		allowed(api_routes[i].pattern, wanted);
		for (size_t k = 0; k < COUNT(methods); k++) {
			struct answer a;
			char *allow;

			ask(h, methods[k], &api_routes[i], &a);
			assert_int_equal(a.status, k == 0 ? 204 : 405);
			allow = answer_header(&a, "Allow");
			assert_non_null(allow);
			assert_string_equal(allow, wanted);
			free(allow);
			answer_free(&a);
		}
	}
}

/* ---- HEAD ---- */

/* The head of an answer without what differs from request to request. */
static char *
head_of(const struct answer *a)
{
	char *head = strndup(a->text, (size_t)(a->body - a->text));
	char *id = strstr(head, "X-Request-Id: ");

	if (id != NULL)
		*id = '\0';
	return head;
}

static void
test_head(void **state)
{
	struct hostile *h = *state;

	for (size_t i = 0; i < api_nroutes; i++) {
		const struct route *route = &api_routes[i];
		struct answer get, head;
		char *a, *b;

		/* Measures count the requests, so they differ. */
		if (route->method != METHOD_GET ||
		    strcmp(route->pattern, "/metrics") == 0)
			continue;
		ask(h, "GET", route, &get);
		ask(h, "HEAD", route, &head);
		assert_int_equal(get.status, 200);
		assert_true(get.len > 0);
		assert_int_equal(head.len, 0);
		a = head_of(&get);
		b = head_of(&head);
		assert_string_equal(a, b);
		free(a);
		free(b);
		answer_free(&get);
		answer_free(&head);
	}
}

/* ---- the interface description ---- */

static void
lower(const char *s, char *out)
{
	while (*s != '\0')
		*out++ = (char)tolower((unsigned char)*s++);
	*out = '\0';
}

static const json_t *
operation(const json_t *doc, const struct route *route)
{
	const json_t *paths = json_object_get(doc, "paths");
	char verb[16];

	lower(method_name(route->method), verb);
	return json_object_get(json_object_get(paths, route->pattern), verb);
}

static size_t
count_query(const json_t *op)
{
	size_t i, n = 0;
	json_t *p;

	json_array_foreach (json_object_get(op, "parameters"), i, p) {
		const char *in = json_peek_str(p, "in");

		n += in != NULL && strcmp(in, "query") == 0;
	}
	return n;
}

static size_t
count_words(const char *s)
{
	size_t n = *s != '\0';

	for (; *s != '\0'; s++)
		n += *s == ' ';
	return n;
}

/* new: the interface as the program serves it. */
static json_t *
openapi(const struct hostile *h)
{
	const struct app *app = &h->world.app;
	struct err e;
	json_t *doc;

	err_init(&e);
	doc = json_read_own(app->openapi, app->openapi_len, &e);
	assert_non_null(doc);
	return doc;
}

static void
test_every_route(void **state)
{
	struct hostile *h = *state;
	json_t *doc = openapi(h);
	const json_t *paths = json_object_get(doc, "paths");
	size_t n = 0;
	const char *path;
	json_t *item;

	for (size_t i = 0; i < api_nroutes; i++) {
		const struct route *route = &api_routes[i];
		const json_t *op = operation(doc, route);

		if (op == NULL)
			fail_msg("%s is not described", route->pattern);
		assert_string_equal(
		    json_peek_str(op, "x-permission"), route->permission);
		assert_int_equal(count_query(op), count_words(route->params));
		assert_int_equal(hostile_schema(route) != NULL ||
				     (route->flags & ROUTE_RAW) != 0,
		    json_object_get(op, "requestBody") != NULL);
	}
	json_object_foreach (json_iterable(paths), path, item)
		n += json_object_size(item);
	assert_int_equal(n, api_nroutes);
	json_decref(doc);
}

/* "task.json#/properties/x" from a schema file, or "#/components/...". */
static void
check_ref(const json_t *doc, const char *file, const char *ref)
{
	const json_t *schemas =
	    json_object_get(json_object_get(doc, "components"), "schemas");
	const char *hash = strchr(ref, '#');
	const json_t *base =
	    file != NULL ? json_object_get(schemas, file) : doc;
	char name[64];
	json_t *v;

	if (hash != ref) {
		snprintf(name, sizeof(name), "%.*s",
		    (int)(hash != NULL ? hash - ref : (int)strlen(ref)), ref);
		base = json_object_get(schemas, name);
	}
	v = pointer_find(base, hash != NULL ? hash + 1 : "");
	if (v == NULL)
		fail_msg("%s: %s leads nowhere",
		    file != NULL ? file : "openapi.json", ref);
	json_decref(v);
}

static size_t
check_refs(const json_t *doc, const char *file, const json_t *v)
{
	size_t n = 0, i;
	const char *key;
	json_t *child;

	json_array_foreach (v, i, child)
		n += check_refs(doc, file, child);
	json_object_foreach (json_iterable(v), key, child) {
		if (strcmp(key, "$ref") == 0 && json_is_string(child)) {
			check_ref(doc, file, json_string_value(child));
			n++;
		}
		n += check_refs(doc, file, child);
	}
	return n;
}

static void
test_every_reference(void **state)
{
	struct hostile *h = *state;
	json_t *whole = openapi(h), *doc = openapi(h);
	json_t *components = json_object_get(doc, "components");
	const char *file;
	json_t *schema;
	size_t n = 0;

	json_object_foreach (
	    json_object_get(components, "schemas"), file, schema)
		n += check_refs(doc, file, schema);
	/* The rest refers to the document itself. */
	json_incref(schema = json_object_get(components, "schemas"));
	json_object_del(components, "schemas");
	n += check_refs(whole, NULL, doc);
	print_message("%zu references\n", n);
	assert_true(n > 100);
	json_decref(schema);
	json_decref(doc);
	json_decref(whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_allow, hostile_set_up, hostile_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_head, hostile_set_up, hostile_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_every_route, hostile_set_up, hostile_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_every_reference, hostile_set_up, hostile_tear_down),
	};

	return world_run_tests(tests, COUNT(tests), false, NULL, NULL);
}
