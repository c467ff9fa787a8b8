/*
 * People and what they may do: every cell of docs/permissions.csv, who loses
 * what on the next request, passwords that are guessed, sessions that end,
 * telephone numbers that are hidden.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/hostile.h"
#include "auth/auth.h"
#include "base/json.h"
#include "base/mask.h"
#include "store/store.h"

#define TARGET_BYTES 1024
#define CITY "140800"
#define OTHER_CITY "440300"
#define PASSWORD "Jinan#2x-Q"

/* ---- what the tests share ---- */

static int
ask_body(struct world *w, const char *as, const char *method,
    const char *target, const char *body, struct answer *a)
{
	struct local_request in = {
	    .method = method,
	    .target = target,
	    .body = body,
	    .body_len = body != NULL ? strlen(body) : 0,
	    .content_type = body != NULL ? "application/json" : NULL,
	};

	if (strcmp(method, "PATCH") == 0)
		in.if_match = "*";
	world_ask_as(w, as, &in, a);
	return a->status;
}

static int
ask_status(struct world *w, const char *as, const char *method,
    const char *target, const char *body)
{
	struct answer a;
	int status = ask_body(w, as, method, target, body, &a);

	answer_free(&a);
	return status;
}

/* Change a stored document behind the program's back. */
static void
edit(struct world *w, enum coll c, const char *id, json_t *patch)
{
	struct write_set ws;
	json_t *old, *doc;
	struct err e;

	err_init(&e);
	old = store_get_json(w->store, c, id, &e);
	assert_non_null(old);
	doc = json_merge_patch(old, patch);
	write_set_init(&ws, instant_now());
	write_replace(&ws, c, doc, 0);
	assert_int_equal(store_write(w->store, &ws, &e), 0);
	write_set_fini(&ws);
	json_decref(old);
	json_decref(doc);
	json_decref(patch);
}

static json_t *
instant(int64_t minutes_from_now)
{
	char text[INSTANT_LEN + 1];

	return json_string(
	    instant_format(instant_now() + minutes_from_now * 60000, text));
}

/* ---- every cell: the function that answers ---- */

/* What there may be, seen from a unit of 140800: whose, led by whom. */
static const struct {
	const char *name;
	struct auth_object o;
	unsigned reach; /* what allows it */
} objects[] = {
    {"own", {"140823", NULL, NULL}, REACH_OWN | REACH_ALL},
    {"task", {"140829", "140823", NULL}, REACH_TASK | REACH_ALL},
    {"other unit", {"140829", "140829", NULL}, REACH_ALL},
    {"other city", {OTHER_CITY, OTHER_CITY, NULL}, 0},
};

/* The role in 闻喜; "all" is the city's: the role in the city. */
static struct who
who_of(struct world *w, enum role role, bool city)
{
	return (struct who){
	    .id = "x",
	    .name = "x",
	    .org_id = city ? "140800-dcs" : "140823",
	    .division = city ? CITY : "140823",
	    .roles = 1U << role,
	    .via = VIA_KEY,
	    .credential = "x",
	    .auth = w->app.auth,
	};
}

static size_t
check_cell(struct world *w, const struct permit *p, enum role role)
{
	bool all = p->reach[role] == REACH_ALL;
	struct who who = who_of(w, role, all);
	struct err e;

	for (size_t i = 0; i < COUNT(objects); i++) {
		bool want = (objects[i].reach & p->reach[role]) != 0;

		err_init(&e);
		int rc = auth_allow(&who, p->name, &objects[i].o, &e);

		if ((rc == 0) != want || (rc < 0 && e.code != ERR_FORBIDDEN))
			fail_msg("%s, %s, %s: %s", p->name, role_word(role),
			    objects[i].name, rc == 0 ? "allowed" : e.detail);
	}
	err_init(&e);
	assert_int_equal(
	    auth_allow(&who, p->name, NULL, &e), p->reach[role] != 0 ? 0 : -1);
	return COUNT(objects) + 1;
}

static void
test_cells(void **state)
{
	struct hostile *h = *state;
	const struct permits *permits = auth_permits(h->world.app.auth);
	size_t cells = 0, asked = 0, len, lines = 0;
	char *csv = source_file("docs/permissions.csv", &len);

	for (size_t i = 0; i < len; i++)
		lines += csv[i] == '\n';
	free(csv);
	for (size_t i = 0; i < permits_count(permits); i++)
		for (enum role r = 0; r < ROLE__MAX; r++, cells++)
			asked +=
			    check_cell(&h->world, permits_at(permits, i), r);
	print_message("%zu cells, %zu questions\n", cells, asked);
	assert_int_equal(cells, (lines - 1) * ROLE__MAX);
}

/* ---- every cell: the routes behind it ---- */

static void
target_of(const struct route *route, char *out)
{
	char target[TARGET_BYTES], id[64], *at;

	hostile_target(route, 0, NULL, target, sizeof(target));
	world_user_id(WORLD_MASTER, id);
	at = strstr(target, id);
	if (at == NULL)
		strcpy(out, target);
	else
		sprintf(out, "%.*sreporter.140823%s", (int)(at - target),
		    target, at + strlen(id));
}

/* The reports of the hostile world are the second city's. */
static const char *
city_of(const char *target)
{
	return strstr(target, "5eed2024") != NULL ? "999900" : CITY;
}

static void
check_route(struct world *w, const struct route *route, enum role role,
    const struct permit *p, const char *expired)
{
	char target[TARGET_BYTES], own[64], other[64];
	struct local_request in = {.target = target, .authorization = expired};
	const char *method = method_name(route->method);
	bool may = p->reach[role] != 0;
	struct answer a;
	int status;

	target_of(route, target);
	snprintf(own, sizeof(own), "%s@%s", role_word(role), city_of(target));
	snprintf(other, sizeof(other), "%s@" OTHER_CITY, role_word(role));
	assert_int_equal(
	    ask_status(w, WORLD_NOBODY, method, target, NULL), 401);
	in.method = method;
	world_ask(w, &in, &a);
	assert_int_equal(a.status, 401);
	answer_free(&a);
	status = ask_status(w, other, method, target, NULL);
	if (status == 401 || (!may && status != 403))
		fail_msg("%s %s as %s: %d", method, target, other, status);
	ask_body(w, own, method, target, NULL, &a);
	if (may ? a.status == 401 || a.status == 403 : a.status != 403)
		fail_msg("%s %s as %s: %s", method, target, own, a.text);
	answer_free(&a);
}

/* What is a unit's belongs to 闻喜. */
static void
give_to_unit(struct world *w)
{
	static const enum coll colls[] = {COLL_CHANGES, COLL_FUNDFLOWS,
	    COLL_CHECKS, COLL_CASES, COLL_NOTICES};
	char id[64];

	for (size_t i = 0; i < COUNT(colls); i++) {
		snprintf(id, sizeof(id),
		    "0b1e2024-0000-4000-8000-00000000000%zu", i + 1);
		edit(w, colls[i], id, json_pack("{s:s}", "orgId", "140823"));
	}
}

static void
test_routes(void **state)
{
	struct hostile *h = *state;
	struct world *w = &h->world;
	const struct permits *permits = auth_permits(w->app.auth);
	size_t n = 0;

	world_key(w, "reporter@140823");
	give_to_unit(w);
	for (enum role role = 0; role < ROLE__MAX; role++) {
		char as[64], id[64], expired[256];

		snprintf(as, sizeof(as), "%s@140827", role_word(role));
		snprintf(expired, sizeof(expired), "%s", world_key(w, as));
		world_user_id(as, id);
		edit(w, COLL_APIKEYS, id,
		    json_pack("{s:o}", "expiresAt", instant(-1)));
		for (size_t i = 0; i < api_nroutes; i++) {
			const struct route *route = &api_routes[i];

			if ((route->flags & ROUTE_PUBLIC) != 0)
				continue;
			check_route(w, route, role,
			    permits_find(permits, route->permission), expired);
			n += 4;
		}
	}
	print_message("%zu requests\n", n);
}

/* ---- on the next request ---- */

struct session {
	char *cookie;
	struct local_request in;
};

/* Sign in on this machine; false: refused. */
static bool
sign_in(
    struct world *w, const char *user, const char *password, struct session *s)
{
	char body[256];
	struct local_request in = {
	    .method = "POST",
	    .target = "/api/v1/session",
	    .content_type = "application/json",
	    .host = "localhost",
	    .body = body,
	};
	struct answer a;

	snprintf(body, sizeof(body), "{\"user\":\"%s\",\"password\":\"%s\"}",
	    user, password);
	in.body_len = strlen(body);
	world_ask_as(w, WORLD_NOBODY, &in, &a);
	s->cookie = answer_header(&a, "Set-Cookie");
	s->in = (struct local_request){
	    .method = "GET", .host = "localhost", .cookie = s->cookie};
	answer_free(&a);
	return s->cookie != NULL;
}

static int
by_session(struct world *w, const struct session *s, const char *target,
    struct answer *a)
{
	struct local_request in = s->in;

	in.target = target;
	world_ask_as(w, WORLD_NOBODY, &in, a);
	return a->status;
}

static void
give_password(struct world *w, const char *id)
{
	char target[128];

	snprintf(target, sizeof(target), "/api/v1/users/%s:password", id);
	assert_int_equal(
	    ask_status(w, WORLD_MASTER, "POST", target,
		"{\"password\":\"" PASSWORD "\",\"temporary\":false}"),
	    200);
}

static void
patch_user(struct world *w, const char *id, const char *patch)
{
	char target[128];

	snprintf(target, sizeof(target), "/api/v1/users/%s", id);
	assert_int_equal(
	    ask_status(w, WORLD_MASTER, "PATCH", target, patch), 200);
}

/* By key and by session: both say the same. */
static void
both(struct world *w, const struct session *s, const char *target, int status)
{
	struct answer a;

	assert_int_equal(
	    ask_status(w, "office@140823", "GET", target, NULL), status);
	assert_int_equal(by_session(w, s, target, &a), status);
	answer_free(&a);
}

static void
test_next_request(void **state)
{
	static const char reports[] = "/api/v1/reports?plan=140800-2019";
	const char *me = "office.140823";
	struct hostile *h = *state;
	struct world *w = &h->world;
	struct session s;
	struct answer a;

	world_key(w, "office@140823");
	give_password(w, me);
	assert_true(sign_in(w, me, PASSWORD, &s));
	both(w, &s, reports, 200);
	/* demoted */
	patch_user(w, me, "{\"roles\":[\"admin\"]}");
	both(w, &s, reports, 403);
	patch_user(w, me, "{\"roles\":[\"office\"]}");
	both(w, &s, reports, 200);
	/* moved */
	patch_user(w, me, "{\"orgId\":\"140829\"}");
	assert_int_equal(by_session(w, &s, "/api/v1/session", &a), 200);
	assert_string_equal(json_peek_str(a.json, "orgId"), "140829");
	answer_free(&a);
	ask_body(w, "office@140823", "GET", "/api/v1/session", NULL, &a);
	assert_string_equal(json_peek_str(a.json, "division"), "140829");
	answer_free(&a);
	/* the unit itself is moved */
	edit(
	    w, COLL_ORGS, "140829", json_pack("{s:s}", "division", OTHER_CITY));
	by_session(w, &s, "/api/v1/session", &a);
	assert_string_equal(json_peek_str(a.json, "division"), OTHER_CITY);
	answer_free(&a);
	/* disabled */
	patch_user(w, me, "{\"disabled\":true}");
	both(w, &s, reports, 401);
	/* enabled again: the key lives, the session has ended */
	patch_user(w, me, "{\"disabled\":false}");
	assert_int_equal(
	    ask_status(w, "office@140823", "GET", reports, NULL), 200);
	assert_int_equal(by_session(w, &s, reports, &a), 401);
	answer_free(&a);
	free(s.cookie);
}

/* ---- sessions end ---- */

static char *
session_id(const struct session *s)
{
	char *hash = malloc(SHA256_HEX + 1);

	assert_non_null(hash);
	sha256_hex(strchr(s->cookie, '=') + 1, 64, hash);
	return hash;
}

static void
test_session_ends(void **state)
{
	struct hostile *h = *state;
	struct world *w = &h->world;
	const char *me = "leader.140800";
	struct session s;
	struct answer a;
	char *id;

	world_key(w, "leader@140800");
	give_password(w, me);
	assert_true(sign_in(w, me, PASSWORD, &s));
	id = session_id(&s);
	edit(w, COLL_SESSIONS, id, json_pack("{s:o}", "seenAt", instant(-29)));
	assert_int_equal(by_session(w, &s, "/api/v1/session", &a), 200);
	answer_free(&a);
	/* It was seen just now, and that is written down. */
	for (int i = 0; i < 100; i++) {
		struct timespec t = {.tv_nsec = 20000000};
		struct err e;
		json_t *doc, *ago = instant(-1);
		bool seen;

		err_init(&e);
		doc = store_get_json(w->store, COLL_SESSIONS, id, &e);
		seen = strcmp(json_peek_str(doc, "seenAt"),
			   json_string_value(ago)) > 0;
		json_decref(doc);
		json_decref(ago);
		if (seen)
			break;
		nanosleep(&t, NULL);
		assert_true(i < 99);
	}
	edit(w, COLL_SESSIONS, id, json_pack("{s:o}", "seenAt", instant(-31)));
	assert_int_equal(by_session(w, &s, "/api/v1/session", &a), 401);
	answer_free(&a);
	free(s.cookie);
	free(id);
	assert_true(sign_in(w, me, PASSWORD, &s));
	id = session_id(&s);
	edit(
	    w, COLL_SESSIONS, id, json_pack("{s:o}", "expiresAt", instant(-1)));
	assert_int_equal(by_session(w, &s, "/api/v1/session", &a), 401);
	answer_free(&a);
	free(s.cookie);
	free(id);
}

/* ---- guessing ---- */

static int64_t
microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t
time_of_guess(struct world *w, const char *user)
{
	struct session s;
	int64_t start = microseconds();

	assert_false(sign_in(w, user, "wrong-Wrong-1", &s));
	return microseconds() - start;
}

static void
test_lockout(void **state)
{
	struct hostile *h = *state;
	struct world *w = &h->world;
	const char *me = "auditor.140800";
	int64_t known = 0, unknown = 0;
	struct session s;

	world_key(w, "auditor@140800");
	give_password(w, me);
	for (int i = 0; i < 4; i++)
		known += time_of_guess(w, me);
	assert_true(sign_in(w, me, PASSWORD, &s)); /* four are forgiven */
	free(s.cookie);
	for (int i = 0; i < 5; i++)
		known += time_of_guess(w, me);
	for (int i = 0; i < 9; i++)
		unknown += time_of_guess(w, "nobody.at.all");
	print_message("a wrong password %lld us, an unknown name %lld us\n",
	    (long long)known / 9, (long long)unknown / 9);
	assert_true(unknown > known / 2 && known > unknown / 4);
	assert_false(sign_in(w, me, PASSWORD, &s)); /* locked */
	edit(w, COLL_USERS, me,
	    json_pack("{s:{s:o}}", "lock", "until", instant(-1)));
	assert_true(sign_in(w, me, PASSWORD, &s));
	free(s.cookie);
}

static void
test_rate(void **state)
{
	struct hostile *h = *state;
	struct world *w = &h->world;
	static const char body[] = "{\"user\":\"x\",\"password\":\"y\"}";
	struct local_request in = {
	    .method = "POST",
	    .target = "/api/v1/session",
	    .content_type = "application/json",
	    .remote = "10.9.9.9",
	    .body = body,
	    .body_len = sizeof(body) - 1,
	};
	int refused = 0;

	w->cfg.login_rate = 3;
	/* Two minutes may be touched: at most twice three get through. */
	for (int i = 0; i < 8; i++) {
		struct answer a;
		char *wait;

		world_ask_as(w, WORLD_NOBODY, &in, &a);
		wait = answer_header(&a, "Retry-After");
		assert_true(a.status == 401 || a.status == 429);
		assert_int_equal(a.status == 429, wait != NULL);
		refused += a.status == 429;
		free(wait);
		answer_free(&a);
	}
	assert_true(refused >= 2);
}

/* ---- keys ---- */

static void
test_key_addresses(void **state)
{
	struct hostile *h = *state;
	struct world *w = &h->world;
	struct local_request in = {
	    .method = "GET", .target = "/api/v1/session", .remote = "10.0.0.1"};
	struct answer a;

	world_key(w, "leader@140800");
	edit(w, COLL_APIKEYS, "leader.140800",
	    json_pack("{s:[s,s]}", "ips", "10.0.0.2", "10.0.0.1"));
	world_ask_as(w, "leader@140800", &in, &a);
	assert_int_equal(a.status, 200);
	answer_free(&a);
	in.remote = "10.0.0.11";
	world_ask_as(w, "leader@140800", &in, &a);
	assert_int_equal(a.status, 401);
	answer_free(&a);
}

/* ---- telephone numbers ---- */

/* None stands in this repository: it is put together here. */
static void
make_number(char out[12])
{
	snprintf(out, 12, "1%d%08d", 39, 1234567);
}

static bool
shows(struct world *w, const char *as, const char *target, const char *number)
{
	struct answer a;
	bool found;

	ask_body(w, as, "GET", target, NULL, &a);
	assert_int_equal(a.status / 100, a.status == 403 ? 4 : 2);
	found = strstr(a.text, number) != NULL;
	if (found || a.status != 200)
		assert_true(found == false || strstr(as, "office") != NULL ||
			    strstr(as, "lead@140800-fulian") != NULL);
	answer_free(&a);
	return found;
}

static void
test_masking(void **state)
{
	static const char task[] = "/api/v1/tasks/140800-2019-03";
	static const struct {
		const char *as;
		bool sees;
	} people[] = {
	    {"admin@140800", false},
	    {"office@140800-dcs", true},
	    {"office@440300", false},
	    {"lead@140800-fulian", true},
	    {"lead@140800-wjw", false},
	    {"reporter@140823", false},
	    {"confirmer@140823", false},
	    {"leader@140800", false},
	    {"auditor@140800", false},
	};
	struct hostile *h = *state;
	struct world *w = &h->world;
	char number[12], body[512], target[TARGET_BYTES], *tag, *other;
	size_t bodies = 0;
	struct answer a;

	make_number(number);
	world_key(w, "reporter@140823");
	edit(w, COLL_TASKS, "140800-2019-03",
	    json_pack("{s:{s:[{s:s,s:s}]}}", "lead", "contacts", "name", "景红",
		"phone", number));
	snprintf(body, sizeof(body), "{\"phone\":\"%s\"}", number);
	patch_user(w, "reporter.140823", body);
	for (size_t i = 0; i < COUNT(people); i++) {
		assert_int_equal(
		    shows(w, people[i].as, task, number), people[i].sees);
		assert_int_equal(shows(w, people[i].as,
				     "/api/v1/plans/140800-2019/tasks", number),
		    people[i].sees);
		for (size_t r = 0; r < api_nroutes; r++) {
			if (people[i].sees ||
			    api_routes[r].method != METHOD_GET)
				continue;
			target_of(&api_routes[r], target);
			ask_body(w, people[i].as, "GET", target, NULL, &a);
			/* One's own number is no secret. */
			if (strcmp(people[i].as, "reporter@140823") != 0 ||
			    strstr(target, "/users") == NULL)
				assert_null(strstr(a.text, number));
			answer_free(&a);
			bodies++;
		}
	}
	print_message("%zu bodies\n", bodies);
	/* Two views, two tags. */
	ask_body(w, "office@140800-dcs", "GET", task, NULL, &a);
	tag = answer_header(&a, "ETag");
	answer_free(&a);
	ask_body(w, "leader@140800", "GET", task, NULL, &a);
	other = answer_header(&a, "ETag");
	answer_free(&a);
	assert_string_not_equal(tag, other);
	free(tag);
	free(other);
	/* With a reason it is shown, and that stands in the audit. */
	snprintf(target, sizeof(target), "%s:reveal", task);
	assert_int_equal(ask_status(w, "reporter@140881", "POST", target,
			     "{\"reason\":\"无关\"}"),
	    403);
	ask_body(w, "reporter@140829", "POST", target,
	    "{\"reason\":\"核对进度\"}", &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.text, number));
	answer_free(&a);
	ask_body(w, "auditor@140800", "GET",
	    "/api/v1/audit?action=contact.reveal", NULL, &a);
	assert_int_equal(a.status, 200);
	assert_non_null(strstr(a.text, "核对进度"));
	assert_non_null(strstr(a.text, "reporter.140829"));
	assert_null(strstr(a.text, number));
	answer_free(&a);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, hostile_set_up, hostile_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_cells),
	    TEST(test_routes),
	    TEST(test_next_request),
	    TEST(test_session_ends),
	    TEST(test_lockout),
	    TEST(test_rate),
	    TEST(test_key_addresses),
	    TEST(test_masking),
	};

	return world_run_tests(tests, COUNT(tests), false, NULL, NULL);
}
