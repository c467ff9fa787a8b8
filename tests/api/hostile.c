#include "api/hostile.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "schema/registry.h"
#include "schema/schema.h"

#define SHOWN_MAX 40
/* tests/fuzz/corpus/image/jpeg */
#define PHOTO "41aa494ab3d4341ab23cd58e0044a70d8f687ffbbc6bf36f0711e8c73fc58ec4"

static void
import_sample(struct hostile *h, const char *plan, const char *dir)
{
	json_t *bundle = source_bundle(dir);
	char *text = json_dumps(bundle, JSON_COMPACT);
	char target[128];
	struct answer a;
	struct local_request in = {
	    .method = "POST",
	    .target = target,
	    .content_type = "application/json",
	    .body = text,
	    .body_len = strlen(text),
	};

	snprintf(target, sizeof(target), "/api/v1/plans/%s:import", plan);
	world_ask(&h->world, &in, &a);
	if (a.status != 200)
		fail_msg("%s: %s", target, a.text);
	answer_free(&a);
	free(text);
	json_decref(bundle);
}

/* A frozen month, so that there is one to ask for. */
static void
put_month(struct hostile *h)
{
	static const char body[] = "{\"answers\":{}}";
	char hash[SHA256_HEX + 1];
	struct write_set ws;
	struct err e;

	err_init(&e);
	sha256_hex(body, strlen(body), hash);
	assert_int_equal(
	    store_blob_put(h->world.store, hash, body, strlen(body), &e), 0);
	write_set_init(&ws, 0);
	write_insert(&ws, COLL_SNAPSHOTS,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:s, s:i}",
		"_id", "140800-2019.2019-05", "planId", "140800-2019", "month",
		"2019-05", "asOf", "2019-05-31", "knownAt",
		"2019-06-08T02:00:00.000Z", "frozenAt",
		"2019-06-10T02:00:00.000Z", "by", "userId", "u-office", "name",
		"督查室", "blob", hash, "size", (int)strlen(body)));
	json_decref(ws.v[0].doc);
	assert_int_equal(store_write(h->world.store, &ws, &e), 0);
	write_set_fini(&ws);
}

static void
upload_photo(struct hostile *h)
{
	struct answer a;
	struct local_request in = {
	    .method = "PUT",
	    .target = "/api/v1/blobs/" PHOTO,
	    .content_type = "image/jpeg",
	};
	char *bytes = source_file("tests/fuzz/corpus/image/jpeg", &in.body_len);

	in.body = bytes;
	world_ask(&h->world, &in, &a);
	if (a.status != 201)
		fail_msg("%s", a.text);
	answer_free(&a);
	free(bytes);
}

/* A webhook, so that there is one to ask for. */
static void
put_webhook(struct hostile *h)
{
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, 0);
	write_insert(&ws, COLL_WEBHOOKS,
	    json_pack("{s:s, s:s, s:s, s:[s], s:[{s:s, s:s, s:n}], s:n}", "_id",
		"whk-hostile", "name", "市政府OA", "url",
		"https://oa.example.gov.cn/", "types", "*", "secrets", "sealed",
		"s1.AAAA", "createdAt", "2019-04-05T01:00:00.000Z", "expiresAt",
		"disabled"));
	json_decref(ws.v[0].doc);
	assert_int_equal(store_write(h->world.store, &ws, &e), 0);
	write_set_fini(&ws);
}

/* A page of a sync, likewise. */
static void
put_sync(struct hostile *h)
{
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, 0);
	write_insert(&ws, COLL_SYNCS,
	    json_pack("{s:s, s:s, s:i, s:i}", "_id", "users.20191123-1.0001",
		"kind", "users", "page", 1, "pages", 2));
	json_decref(ws.v[0].doc);
	write_insert(&ws, COLL_OATODOS,
	    json_pack("{s:s, s:{s:s, s:s, s:s}, s:s, s:s, s:s, s:i}", "_id",
		"oat-0123456789abcdef", "recipient", "userId", "zhangsan",
		"oaId", "U1", "orgId", "140823", "kind", "notice_answer",
		"title", "通知待答复", "state", "todo", "stamp", 1));
	json_decref(ws.v[1].doc);
	assert_int_equal(store_write(h->world.store, &ws, &e), 0);
	write_set_fini(&ws);
}

/* Documents that are through, so that there is one of each to ask for. */
static void
put_examples(struct hostile *h)
{
	static const struct {
		enum coll coll;
		const char *file;
		const char *id;
		const char *state;
	} all[] = {
	    {COLL_CHANGES, "change/valid/approved", "1", NULL},
	    {COLL_FUNDFLOWS, "fundFlow/valid/received", "2", NULL},
	    {COLL_CHECKS, "check/valid/concluded", "3", NULL},
	    {COLL_CASES, "case/valid/answered", "4", "dismissed"},
	    {COLL_NOTICES, "notice/valid/open", "5", "closed"},
	};
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, 0);
	for (size_t i = 0; i < COUNT(all); i++) {
		char path[128], id[64];
		json_t *doc;

		snprintf(path, sizeof(path), "schemas/examples/%s.json",
		    all[i].file);
		snprintf(id, sizeof(id),
		    "0b1e2024-0000-4000-8000-00000000000%s", all[i].id);
		doc = source_json(path);
		json_put_str(doc, "_id", id);
		if (all[i].state != NULL)
			json_put_str(doc, "state", all[i].state);
		write_insert(&ws, all[i].coll, doc);
		json_decref(doc);
	}
	assert_int_equal(store_write(h->world.store, &ws, &e), 0);
	write_set_fini(&ws);
}

void
hostile_open(struct hostile *h)
{
	memset(h, 0, sizeof(*h));
	world_open(&h->world, world_engine, NULL);
	import_sample(h, "140800-2019", "scripts/sample/140800-2019");
	import_sample(h, "999900-2024", "scripts/sample/second-city");
	put_month(h);
	put_examples(h);
	upload_photo(h);
	put_webhook(h);
	put_sync(h);
	h->before = world_dump(&h->world);
}

void
hostile_close(struct hostile *h)
{
	json_decref(h->before);
	world_close(&h->world);
}

void
hostile_settle(struct hostile *h, const char *what)
{
	json_t *after = world_dump(&h->world);

	print_message("%s: %zu hostile requests\n", what, h->ran);
	assert_true(h->ran > 0);
	if (h->bad > 0)
		fail_msg("%zu of %zu were not refused as they should be",
		    h->bad, h->ran);
	if (!json_equal(h->before, after))
		fail_msg("documents have changed");
	assert_int_equal(world_differences(&h->world), 0);
	json_decref(after);
	h->ran = 0;
}

/* ---- a refusal ---- */

/* Chinese: some byte begins a character of U+4E00..U+9FFF. */
static bool
is_chinese(const char *s)
{
	for (; s != NULL && *s != '\0'; s++) {
		if ((unsigned char)*s >= 0xE4 && (unsigned char)*s <= 0xE9)
			return true;
	}
	return false;
}

static bool
is_known_code(const json_t *problem)
{
	const char *code = json_peek_str(problem, "code");

	for (int c = ERR_NONE + 1; code != NULL && c < ERR__MAX; c++) {
		if (strcmp(err_slug((enum err_code)c), code) == 0)
			return err_status((enum err_code)c) ==
			       json_peek_int(problem, "status", 0);
	}
	return false;
}

static const char *
wrong_items(const json_t *problem, unsigned flags)
{
	const json_t *items = json_peek_array(problem, "errors");
	size_t i;
	json_t *item;

	if ((flags & HOSTILE_POINTER) != 0 && json_array_size(items) == 0)
		return "no pointer";
	json_array_foreach (items, i, item) {
		if (!is_chinese(json_peek_str(item, "detail")))
			return "an item without a Chinese sentence";
	}
	return NULL;
}

/* NULL, or what is wrong. */
static const char *
wrong_with(const struct answer *a, unsigned flags)
{
	struct err e;

	if (a->status < 400 || a->status > 499)
		return "not refused with 4xx";
	if (strstr(a->text, "Content-Type: application/problem+json\r\n") ==
	    NULL)
		return "not application/problem+json";
	if (!json_is_object(a->json))
		return "no JSON object";
	if (json_peek_int(a->json, "status", 0) != a->status ||
	    !is_known_code(a->json))
		return "status or code is not of the table";
	if (!is_chinese(json_peek_str(a->json, "detail")))
		return "no Chinese sentence";
	err_init(&e);
	if (schema_check(schema_registry_peek("problem.json"), a->json, &e) < 0)
		return "not as problem.json says";
	return wrong_items(a->json, flags);
}

void
hostile_ask(struct hostile *h, const struct local_request *in, unsigned flags)
{
	struct answer a;
	const char *wrong;

	world_ask(&h->world, in, &a);
	h->ran++;
	wrong = wrong_with(&a, flags);
	if (wrong != NULL && h->bad++ < SHOWN_MAX)
		print_error(
		    "%s: %.20s %.200s [If-Match %.40s] %.300s\n%.700s\n", wrong,
		    in->method, in->target,
		    in->if_match != NULL ? in->if_match : "-",
		    in->body != NULL ? in->body : "", a.text);
	answer_free(&a);
}

/* ---- good parts of bad requests ---- */

static const struct {
	const char *name;
	const char *value;
} ids[] = {
    {"plan", "140800-2019"},
    {"task", "140800-2019-03"},
    {"org", "140829"},
    {"set", "140800.counties"},
    {"finding", "03.QUOTA_MISSING.i1"},
    {"user", "admin.office.lead.reporter.confirmer.leader.auditor.000000"},
    {"key", "admin.office.lead.reporter.confirmer.leader.auditor.000000"},
    {"milestone", "m1"},
    {"change", "0b1e2024-0000-4000-8000-000000000001"},
    {"flow", "0b1e2024-0000-4000-8000-000000000002"},
    {"check", "0b1e2024-0000-4000-8000-000000000003"},
    {"case", "0b1e2024-0000-4000-8000-000000000004"},
    {"notice", "0b1e2024-0000-4000-8000-000000000005"},
    {"report", "5eed2024-0000-4000-8000-000000000001"},
    {"month", "2019-05"},
    {"blob", PHOTO},
    {"webhook", "whk-hostile"},
    {"sync", "users.20191123-1"},
    {"todo", "oat-0123456789abcdef"},
};

static const char *
good_id(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(ids); i++) {
		if (strlen(ids[i].name) == len &&
		    strncmp(ids[i].name, name, len) == 0)
			return ids[i].value;
	}
	fail_msg("no example of {%.*s}: add it to ids", (int)len, name);
	return NULL;
}

bool
hostile_target(const struct route *route, size_t n, const char *value,
    char *out, size_t size)
{
	struct buf b;
	size_t seen = 0;

	buf_init(&b, 0);
	for (const char *p = route->pattern; *p != '\0';) {
		size_t len;

		if (*p != '{') {
			buf_addc(&b, *p++);
			continue;
		}
		len = strcspn(p + 1, "}");
		buf_add(&b,
		    value != NULL && seen == n ? value : good_id(p + 1, len));
		seen++;
		p += len + 2;
	}
	assert_true(b.len < size);
	memcpy(out, b.data, b.len + 1);
	buf_fini(&b);
	return seen > n;
}

void
hostile_conditions(const struct route *route, struct local_request *in)
{
	in->method = method_name(route->method);
	if ((route->flags & ROUTE_PUT_NEW) != 0 ||
	    (route->flags & ROUTE_IF_MATCH) != 0)
		in->if_match = "*";
	if (hostile_schema(route) != NULL)
		in->content_type = "application/json";
}

const char *
hostile_schema(const struct route *route)
{
	if (route->schema != NULL)
		return route->schema;
	if ((route->flags & ROUTE_PATCH) == 0)
		return NULL;
	if (strstr(route->pattern, "/users/") != NULL)
		return "userPut.json";
	return strstr(route->pattern, "/tasks/") != NULL ? "taskPut.json"
							 : "planPost.json";
}

json_t *
hostile_example(const char *schema)
{
	char pattern[256];
	glob_t files;
	json_t *v;

	snprintf(pattern, sizeof(pattern),
	    MS_SOURCE_DIR "/schemas/examples/%.*s/valid/*.json",
	    (int)strcspn(schema, "."), schema);
	if (glob(pattern, 0, NULL, &files) != 0)
		fail_msg("no examples: %s", pattern);
	v = source_json(files.gl_pathv[0] + strlen(MS_SOURCE_DIR "/"));
	globfree(&files);
	return v;
}

int
hostile_set_up(void **state)
{
	struct hostile *h = calloc(1, sizeof(*h));

	if (h == NULL)
		abort();
	hostile_open(h);
	*state = h;
	return 0;
}

int
hostile_tear_down(void **state)
{
	hostile_close(*state);
	free(*state);
	return 0;
}
