/*
 * The record of changes: each change has one entry, what is refused or only
 * read has none, no entry holds a secret, and whatever is done to the entries
 * afterwards is found out.
 */
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/anchor.h"
#include "api/audit.h"
#include "api/audit_verify.h"
#include "api/conversation.h"
#include "base/json.h"
#include "base/mask.h"
#include "http/route.h"
#include "schema/registry.h"
#include "schema/schema.h"

/* ---- tampering ---- */

#define ENTRIES 9
#define VICTIM 4 /* from 0 */

/* new: the entries in their order. */
static json_t *
read_entries(struct store *s)
{
	struct store_query q = {
	    .coll = COLL_AUDIT,
	    .sort = FIELD_AUDIT_SEQ,
	    .limit = STORE_LIMIT_MAX,
	};
	struct err e;
	json_t *all;

	err_init(&e);
	all = store_find_json(s, &q, 100000, &e);
	assert_non_null(all);
	return all;
}

static void
put_org(struct world *w, int i)
{
	char target[64], body[200];
	struct local_request in = {
	    .method = "PUT",
	    .target = target,
	    .if_none_match = "*",
	    .body = body,
	    .content_type = "application/json",
	};
	struct answer a;

	snprintf(target, sizeof(target), "/api/v1/orgs/o-%d", i);
	in.body_len = (size_t)snprintf(body, sizeof(body),
	    "{\"_id\":\"o-%d\",\"name\":\"单位%d\","
	    "\"division\":\"140800\",\"kind\":\"county\"}",
	    i, i);
	world_ask(w, &in, &a);
	assert_int_equal(a.status, 201);
	answer_free(&a);
}

/* What somebody found out. */
struct finding {
	char kinds[400];
	int64_t first;
};

static void
note_fault(void *arg, const char *kind, int64_t seq, const char *line)
{
	struct finding *f = arg;
	size_t n = strlen(f->kinds);

	if (n == 0)
		f->first = seq;
	snprintf(f->kinds + n, sizeof(f->kinds) - n, "%s ", kind);
	assert_true(strlen(line) > 10);
}

static struct finding
verify(struct store *s, const struct cfg *cfg)
{
	struct audit_verdict v;
	struct finding f = {"", 0};
	struct err e;

	err_init(&e);
	if (audit_verify(s, cfg, note_fault, &f, &v, &e) < 0)
		fail_msg("%s", e.detail);
	assert_int_equal(v.faults > 0, f.kinds[0] != '\0');
	return f;
}

/*
 * A store that holds these entries, looked at with the anchors of w: what is
 * found.
 */
static struct finding
verify_copy(struct world *w, const json_t *entries)
{
	struct finding f = {"refused ", 0};
	struct write_set ws;
	struct world copy;
	struct err e;
	size_t i;
	json_t *doc;

	err_init(&e);
	world_open(&copy, w->engine, NULL);
	write_set_init(&ws, instant_now());
	json_array_foreach (entries, i, doc)
		write_load(&ws, COLL_AUDIT, doc);
	/* A database that checks documents itself may not take them. */
	if (store_write(copy.store, &ws, &e) == 0)
		f = verify(copy.store, &w->cfg);
	else if (e.code != ERR_INVALID)
		fail_msg("%s", e.detail);
	write_set_fini(&ws);
	world_close(&copy);
	return f;
}

static void
must_find(struct world *w, const json_t *entries, const char *what,
    const char *kind, int64_t at)
{
	struct finding f = verify_copy(w, entries);

	if (strstr(f.kinds, kind) == NULL || f.first != at)
		fail_msg("%s: found \"%s\" at %lld", what, f.kinds,
		    (long long)f.first);
}

/* Make every hash from the i-th entry on again, as somebody might. */
static void
rechain(json_t *entries, size_t i)
{
	struct chain_head head;

	chain_head_init(&head);
	if (i > 0)
		assert_true(
		    chain_head_of(&head, json_array_get(entries, i - 1)));
	for (; i < json_array_size(entries); i++) {
		json_t *doc = json_array_get(entries, i);
		char digest[SHA256_HEX + 1];
		struct chain_link link;

		chain_clear(doc);
		chain_digest(doc, digest);
		chain_append(&head, digest, &link);
		chain_put(doc, &link);
	}
}

/* One member is another one, at every depth; false past the last. */
static bool
change_one(json_t *v, size_t *n, char *name, size_t size)
{
	const char *key;
	json_t *item;
	void *at;

	for (at = json_object_iter(v); at != NULL;
	     at = json_object_iter_next(v, at)) {
		key = json_object_iter_key(at);
		item = json_object_iter_value(at);
		if (json_is_object(item) && json_object_size(item) > 0) {
			if (change_one(item, n, name, size))
				return true;
			continue;
		}
		if ((*n)-- > 0)
			continue;
		snprintf(name, size, "%s", key);
		if (strcmp(key, "_id") == 0)
			item = json_string("0196a1b2c3d4-5e6f70818293-1");
		else if (strcmp(key, "createdAt") == 0)
			item = json_string("2019-04-04T01:02:03.004Z");
		else if (json_is_integer(item))
			item = json_integer(json_integer_value(item) + 100);
		else if (json_is_string(item))
			item = json_sprintf("%sx", json_string_value(item));
		else
			item = json_integer(1);
		json_object_iter_set_new(v, at, item);
		return true;
	}
	return false;
}

static void
test_members(struct world *w, const json_t *entries)
{
	size_t n = 0;

	for (;; n++) {
		json_t *copy = json_deep_copy(entries);
		size_t left = n;
		char name[64];

		if (!change_one(json_array_get(copy, VICTIM), &left, name,
			sizeof(name))) {
			json_decref(copy);
			break;
		}
		struct finding f = verify_copy(w, copy);

		if (f.kinds[0] == '\0')
			fail_msg("%s was edited and nobody saw it", name);
		json_decref(copy);
	}
	print_message("%zu members edited\n", n);
	assert_true(n > 15);
}

static void
exchange(json_t *a, json_t *b, const char *key)
{
	json_t *x = json_incref(json_object_get(a, key));

	json_put(a, key, json_incref(json_object_get(b, key)));
	json_put(b, key, x);
}

static void
test_places(struct world *w, const json_t *entries)
{
	static const char *const links[] = {"seq", "prev", "hash"};
	json_t *copy = json_deep_copy(entries);
	json_t *one, *other;

	json_array_remove(copy, VICTIM);
	must_find(w, copy, "removed", "removed", VICTIM + 1);
	/* With the numbers closed up again. */
	for (size_t i = VICTIM; i < json_array_size(copy); i++)
		json_put_int(json_array_get(copy, i), "seq", (int64_t)i + 1);
	must_find(w, copy, "closed up", "edited", VICTIM + 1);
	json_decref(copy);

	copy = json_deep_copy(entries);
	one = json_array_get(copy, VICTIM);
	other = json_array_get(copy, VICTIM + 1);
	exchange(one, other, "seq");
	must_find(w, copy, "numbers swapped", "edited", VICTIM + 1);
	exchange(one, other, "seq");
	for (size_t i = 0; i < COUNT(links); i++)
		exchange(one, other, links[i]);
	must_find(w, copy, "places swapped", "edited", VICTIM + 1);
	json_decref(copy);

	copy = json_deep_copy(entries);
	json_object_del(json_array_get(copy, VICTIM), "reason");
	json_put_str(json_array_get(copy, VICTIM), "more", "x");
	must_find(w, copy, "a member more", "edited", VICTIM + 1);
	json_decref(copy);
}

/* What only the anchors show. */
static void
test_ends(struct world *w, const json_t *entries)
{
	json_t *copy = json_deep_copy(entries);
	json_t *added;
	struct finding f;

	json_array_remove(copy, ENTRIES - 1);
	json_array_remove(copy, ENTRIES - 2);
	must_find(w, copy, "tail cut", "cut", ENTRIES - 1);
	json_decref(copy);

	copy = json_array();
	must_find(w, copy, "all gone", "cut", 1);
	json_decref(copy);

	copy = json_deep_copy(entries);
	json_put_str(json_array_get(copy, VICTIM), "action", "org.other");
	must_find(w, copy, "edited", "edited", VICTIM + 1);
	rechain(copy, VICTIM);
	must_find(w, copy, "rechained", "rechained", ENTRIES);
	json_decref(copy);

	copy = json_deep_copy(entries);
	added = json_deep_copy(json_array_get(copy, VICTIM));
	json_put_str(added, "_id", "0196a1b2c3d4-5e6f70818293-2");
	json_array_insert_new(copy, VICTIM, added);
	rechain(copy, VICTIM);
	must_find(w, copy, "inserted and rechained", "rechained", ENTRIES);
	json_decref(copy);

	copy = json_deep_copy(entries);
	f = verify_copy(w, copy);
	assert_string_equal(f.kinds, "");
	json_decref(copy);
}

static void
test_tampering(void **state)
{
	struct chain_head head;
	struct world w;
	json_t *entries;
	struct err e;

	(void)state;
	err_init(&e);
	world_open(&w, world_engine, NULL);
	fixture_set(&w.cfg.data, w.dir);
	for (int i = 0; i < ENTRIES; i++)
		put_org(&w, i);
	entries = read_entries(w.store);
	assert_int_equal(json_array_size(entries), ENTRIES);
	assert_string_equal(verify(w.store, &w.cfg).kinds, "");
	assert_int_equal(chain_head_read(w.store, COLL_AUDIT, &head, &e), 0);
	assert_int_equal(head.seq, ENTRIES);
	assert_int_equal(anchor_write(&w.cfg, &head, instant_now(), &e), 0);
	test_members(&w, entries);
	test_places(&w, entries);
	test_ends(&w, entries);
	json_decref(entries);
	world_close(&w);
}

/* ---- one entry for each change ---- */

static struct {
	json_t *before; /* documents, but those of people */
	int64_t seq;
	size_t steps, changes;
	bool seen[400]; /* routes that made a change */
} watched;

/* All that is stored but entries and what comes and goes with the asking. */
static json_t *
dump(struct world *w)
{
	/* What the OA is to be told is derived: nobody changes it. */
	static const enum coll left_out[] = {COLL_AUDIT, COLL_USERS,
	    COLL_APIKEYS, COLL_SESSIONS, COLL_OATODOS, COLL_OUTBOX};
	json_t *all = world_dump(w);

	for (size_t i = 0; i < COUNT(left_out); i++)
		json_object_del(all, coll_name(left_out[i]));
	return all;
}

static int64_t
last_seq(struct world *w)
{
	struct chain_head head;
	struct err e;

	err_init(&e);
	assert_int_equal(chain_head_read(w->store, COLL_AUDIT, &head, &e), 0);
	return head.seq;
}

/* Does the pattern of a route fit a target, whose ids may be ${names}? */
static bool
fits(const char *pattern, const char *target)
{
	for (; *pattern != '\0'; pattern++) {
		if (*pattern != '{') {
			if (*target++ != *pattern)
				return false;
			continue;
		}
		pattern = strchr(pattern, '}');
		target += strncmp(target, "${", 2) == 0
			      ? strcspn(target, "}") + 1
			      : strcspn(target, "/:?");
	}
	return *target == '\0' || *target == '?';
}

static void
mark_route(const char *method, const char *target)
{
	for (size_t i = 0; i < api_nroutes; i++)
		if (strcmp(method_name(api_routes[i].method), method) == 0 &&
		    fits(api_routes[i].pattern, target))
			watched.seen[i] = true;
}

static void
check_entry(const char *where, const json_t *entry)
{
	char *text = json_dumps(entry, JSON_COMPACT);
	struct err e;

	err_init(&e);
	if (schema_check(schema_registry_peek("audit.json"), entry, &e) < 0)
		fail_msg("%s: %s %s: %s", where, e.items[0].pointer,
		    e.items[0].detail, text);
	if (mask_finds(text) || strstr(text, "$y$") != NULL ||
	    strstr(text, "msk_") != NULL || strstr(text, "whsec_") != NULL)
		fail_msg("%s: a secret in %s", where, text);
	free(text);
}

static void
judge(struct world *w, const char *where, const char *method, int status,
    bool changed, bool rows, int64_t entries)
{
	/* A sync is many changes in one request: each row has its entry. */
	if (entries > 1 && !rows)
		fail_msg("%s: %lld entries", where, (long long)entries);
	if (changed && entries == 0)
		fail_msg("%s: a change without an entry", where);
	if (status >= 400 && entries > 0)
		fail_msg("%s: refused, and yet an entry", where);
	if (strcmp(method, "GET") == 0 && entries > 0)
		fail_msg("%s: read, and yet an entry", where);
	if (entries == 0)
		return;
	json_t *all = read_entries(w->store);

	check_entry(where, json_array_get(all, json_array_size(all) - 1));
	json_decref(all);
	watched.changes++;
}

static void
watch(struct world *w, const char *where, const char *method,
    const char *target, int status)
{
	json_t *now = dump(w);
	int64_t seq = last_seq(w);

	if (status > 0) {
		watched.steps++;
		judge(w, where, method, status,
		    !json_equal(now, watched.before),
		    strstr(target, ":sync") != NULL, seq - watched.seq);
		if (seq > watched.seq)
			mark_route(method, target);
	}
	json_decref(watched.before);
	watched.before = now;
	watched.seq = seq;
}

/* So many routes may be shown by tests of their own only. */
#define UNSHOWN_MAX 8

/* Routes that change nothing that is to be written down. */
static const char *const silent[] = {NULL};

static bool
is_silent(const struct route *route)
{
	bool reads = route->method == METHOD_GET;

	for (size_t i = 0; silent[i] != NULL; i++)
		reads = reads || strcmp(silent[i], route->pattern) == 0;
	return reads;
}

static void
test_each_change(void **state)
{
	size_t missing = 0;
	glob_t files;

	(void)state;
	if (world_engine != &contract_engines[0])
		skip(); /* engines answer alike: test_conversations */
	memset(&watched, 0, sizeof(watched));
	assert_true(api_nroutes <= COUNT(watched.seen));
	assert_int_equal(
	    glob(MS_SOURCE_DIR "/tests/api/[0-9]*.json", 0, NULL, &files), 0);
	conversation_watch = watch;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path =
		    files.gl_pathv[i] + strlen(MS_SOURCE_DIR "/");

		free(conversation_run(path, world_engine));
		json_decref(watched.before);
		watched.before = NULL;
	}
	conversation_watch = NULL;
	globfree(&files);
	for (size_t i = 0; i < api_nroutes; i++) {
		if (is_silent(&api_routes[i]) || watched.seen[i])
			continue;
		print_message("no conversation changes anything by %s %s\n",
		    method_name(api_routes[i].method), api_routes[i].pattern);
		missing++;
	}
	print_message(
	    "%zu steps, %zu changes\n", watched.steps, watched.changes);
	assert_true(missing <= UNSHOWN_MAX);
	assert_true(watched.changes > 40);
}

/* ---- secrets ---- */

static void
test_clean(void **state)
{
	json_t *dirty = json_pack("{s:s, s:[s, s], s:{s:s, s:[{s:s}]}, s:s}",
	    "password", "$y$j9T$abc", "secrets", "a", "b", "lead", "token", "t",
	    "contacts", "phone", "13900000100", "text", "请电13900000100");
	json_t *clean = audit_clean(NULL, dirty);
	json_t *same = json_pack("{s:s, s:n}", "name", "景红", "password");
	char *text = json_dumps(clean, JSON_COMPACT);

	(void)state;
	assert_string_equal(text,
	    "{\"password\":\"***\",\"secrets\":\"***\",\"lead\":{"
	    "\"token\":\"***\",\"contacts\":[{\"phone\":\"139****0100\"}]},"
	    "\"text\":\"请电139****0100\"}");
	free(text);
	json_decref(clean);
	clean = audit_clean(NULL, same);
	assert_ptr_equal(clean, same);
	json_decref(clean);
	json_decref(same);
	json_decref(dirty);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_tampering),
	    cmocka_unit_test(test_each_change),
	};

	return world_run_tests(tests, COUNT(tests), false, NULL, NULL);
}
