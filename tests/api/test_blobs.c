#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/world.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "unit/pictures.h"

#define REPORTER "reporter@140823"
#define PLAN "140800-2019"

static struct world w;

/* ---- asking ---- */

static void
ask(const char *as, const char *method, const char *target, const char *type,
    const struct buf *body, struct answer *a)
{
	struct local_request in = {
	    .method = method,
	    .target = target,
	    .content_type = type,
	    .body = body != NULL ? body->data : NULL,
	    .body_len = body != NULL ? body->len : 0,
	};

	world_ask_as(&w, as, &in, a);
}

static void
address(const struct buf *b, const char *query, char out[160])
{
	char hash[SHA256_HEX + 1];

	sha256_hex(b->data, b->len, hash);
	snprintf(out, 160, "/api/v1/blobs/%s%s", hash, query);
}

static const char *
type_of(const struct buf *b)
{
	return b->len > 1 && b->data[1] == 'P'   ? "image/png"
	       : b->len > 1 && b->data[1] == 'I' ? "image/webp"
						 : "image/jpeg";
}

/* The status; the code of a problem, if wanted, is compared. */
static int
put(const char *as, const struct buf *b, const char *query, const char *code)
{
	char target[160];
	struct answer a;
	int status;

	address(b, query, target);
	ask(as, "PUT", target, type_of(b), b, &a);
	status = a.status;
	if (code != NULL)
		assert_string_equal(json_peek_str(a.json, "code"), code);
	answer_free(&a);
	return status;
}

static int
get(const char *as, const struct buf *b, const char *query, struct answer *a)
{
	char target[160];

	address(b, query, target);
	ask(as, "GET", target, NULL, NULL, a);
	return a->status;
}

static int
get_status(const char *as, const struct buf *b)
{
	struct answer a;
	int status = get(as, b, "", &a);

	answer_free(&a);
	return status;
}

static void
photo(struct buf *b, uint64_t seed)
{
	struct picture p = {.width = 400, .height = 300, .seed = seed};

	buf_init(b, 0);
	picture_jpeg(&p, b);
}

static int
set_up(void **state)
{
	json_t *bundle = source_bundle("scripts/sample/" PLAN);
	char *text = json_dumps(bundle, JSON_COMPACT);
	struct buf body;
	struct answer a;

	(void)state;
	world_open(&w, world_engine, "2019-07-01");
	buf_init(&body, 0);
	buf_add(&body, text);
	ask(WORLD_MASTER, "POST", "/api/v1/plans/" PLAN ":import",
	    "application/json", &body, &a);
	assert_int_equal(a.status, 200);
	answer_free(&a);
	buf_fini(&body);
	free(text);
	json_decref(bundle);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(world_differences(&w), 0);
	world_close(&w);
	return 0;
}

/* ---- what is put is got ---- */

static void
check_header(const struct answer *a, const char *name, const char *value)
{
	char *got = answer_header(a, name);

	if (got == NULL || strcmp(got, value) != 0)
		fail_msg("%s: %s", name, got != NULL ? got : "-");
	free(got);
}

static void
test_round_trip(void **state)
{
	struct picture p = {.width = 500, .height = 300, .seed = 11};
	void (*const make[])(const struct picture *p, struct buf *out) = {
	    picture_jpeg, picture_png, picture_webp};
	struct answer a;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(make); i++) {
		buf_init(&b, 0);
		make[i](&p, &b);
		assert_int_equal(put(REPORTER, &b, "", NULL), 201);
		assert_int_equal(put(REPORTER, &b, "", NULL), 200);
		assert_int_equal(get(REPORTER, &b, "", &a), 200);
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.body, b.data, b.len);
		check_header(&a, "Content-Type", type_of(&b));
		check_header(&a, "X-Content-Type-Options", "nosniff");
		check_header(&a, "Cache-Control",
		    "private, max-age=31536000, immutable");
		check_header(&a, "Content-Security-Policy",
		    "default-src 'none'; sandbox; frame-ancestors 'none'");
		answer_free(&a);
		assert_int_equal(get(REPORTER, &b, "?size=thumb", &a), 200);
		check_header(&a, "Content-Type", "image/jpeg");
		assert_true(a.len > 0);
		answer_free(&a);
		buf_fini(&b);
	}
}

static void
test_etag(void **state)
{
	char target[160], tag[80];
	struct local_request in = {
	    .method = "GET", .target = target, .if_none_match = tag};
	struct answer a;
	struct buf b;

	(void)state;
	photo(&b, 12);
	assert_int_equal(put(REPORTER, &b, "", NULL), 201);
	address(&b, "", target);
	snprintf(tag, sizeof(tag), "\"%.64s\"", strrchr(target, '/') + 1);
	world_ask_as(&w, REPORTER, &in, &a);
	assert_int_equal(a.status, 304);
	answer_free(&a);
	/* Not for somebody who may not see it, though he knows the hash. */
	world_ask_as(&w, "reporter@140829", &in, &a);
	assert_int_equal(a.status, 404);
	answer_free(&a);
	in.method = "HEAD";
	in.if_none_match = NULL;
	world_ask_as(&w, REPORTER, &in, &a);
	assert_int_equal(a.status, 200);
	assert_int_equal(a.len, 0);
	answer_free(&a);
	buf_fini(&b);
}

static void
test_refused(void **state)
{
	static const char *const queries[] = {
	    "?position=no", "?size=thumb", "?x=1"};
	struct answer a;
	struct buf b;

	(void)state;
	photo(&b, 13);
	for (size_t i = 0; i < COUNT(queries); i++)
		assert_int_equal(
		    put(REPORTER, &b, queries[i], "bad-query"), 400);
	ask(REPORTER, "PUT",
	    "/api/v1/blobs/"
	    "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
	    "image/jpeg", &b, &a);
	assert_int_equal(a.status, 422);
	assert_string_equal(json_peek_str(a.json, "code"), "invalid");
	answer_free(&a);
	/* Half of it: the address is the whole one's. */
	char target[160];

	address(&b, "", target);
	b.len /= 2;
	ask(REPORTER, "PUT", target, "image/jpeg", &b, &a);
	assert_int_equal(a.status, 422);
	answer_free(&a);
	b.len *= 2;
	assert_int_equal(put("leader@140800", &b, "", "forbidden"), 403);
	assert_int_equal(put("auditor@140800", &b, "", "forbidden"), 403);
	assert_int_equal(put(WORLD_NOBODY, &b, "", "unauthorized"), 401);
	address(&b, "", target);
	ask(REPORTER, "PUT", target, "text/html", &b, &a);
	assert_int_equal(a.status, 415);
	answer_free(&a);
	ask(REPORTER, "PUT", target, "image/png", &b, &a);
	assert_int_equal(a.status, 422);
	assert_string_equal(json_peek_str(a.json, "code"), "bad-image");
	answer_free(&a);
	assert_int_equal(get_status(REPORTER, &b), 404);
	buf_fini(&b);
}

/* ---- hostile ones ---- */

static void
refused(const struct buf *b, const char *keyword)
{
	char target[160];
	struct answer a;

	address(b, "", target);
	ask(REPORTER, "PUT", target, type_of(b), b, &a);
	if (a.status != 422 ||
	    strcmp(json_peek_str(
		       json_array_get(json_object_get(a.json, "errors"), 0),
		       "keyword"),
		keyword) != 0)
		fail_msg("%s", a.text);
	answer_free(&a);
	assert_int_equal(get_status(REPORTER, b), 404);
}

static void
test_hostile_pictures(void **state)
{
	static const char *const texts[] = {
	    "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
	    "<html><script>alert(1)</script></html>", "GIF89a;", "x"};
	struct picture p = {.width = 64, .height = 64, .seed = 9};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		buf_init(&b, 0);
		buf_add(&b, texts[i]);
		refused(&b, "format");
		buf_fini(&b);
	}
	photo(&b, 14);
	b.len -= 20;
	refused(&b, "decode");
	buf_fini(&b);
	buf_init(&b, 0);
	picture_png(&p, &b);
	picture_claim_size(&b, 10000, 10000);
	refused(&b, "dimensions");
	buf_fini(&b);
	buf_init(&b, 0);
	picture_png(&p, &b);
	picture_claim_size(&b, 7000, 7000);
	refused(&b, "decode");
	buf_fini(&b);
}

/* What hides behind a picture, or in its comments, is not passed on. */
static void
test_polyglot(void **state)
{
	static const char page[] = "<html><script>alert(1)</script></html>";
	struct answer a;
	struct buf b;

	(void)state;
	photo(&b, 15);
	picture_add_segment(&b, 0xFE, page, sizeof(page) - 1);
	buf_add(&b, page);
	assert_int_equal(put(REPORTER, &b, "", NULL), 201);
	assert_int_equal(get(REPORTER, &b, "", &a), 200);
	check_header(&a, "Content-Type", "image/jpeg");
	assert_true(a.len > 0 && a.len < b.len);
	assert_null(memmem(a.body, a.len, "script", 6));
	answer_free(&a);
	buf_fini(&b);
}

static void
test_sizes(void **state)
{
	struct buf b;
	char target[160] = "";
	struct answer a;

	(void)state;
	photo(&b, 16);
	/* Behind the end of the picture: still the same picture. */
	while (b.len < ((size_t)8 << 20))
		buf_addn(&b, target,
		    sizeof(target) < ((size_t)8 << 20) - b.len
			? sizeof(target)
			: ((size_t)8 << 20) - b.len);
	assert_int_equal(put(REPORTER, &b, "", NULL), 201);
	buf_addc(&b, 'x');
	assert_int_equal(put(REPORTER, &b, "", "too-big"), 413);
	buf_reset(&b);
	address(&b, "", target);
	ask(REPORTER, "PUT", target, "image/jpeg", &b, &a);
	assert_int_equal(a.status, 400);
	answer_free(&a);
	buf_fini(&b);
}

static void
test_position(void **state)
{
	struct answer a;
	struct buf b;

	(void)state;
	photo(&b, 17);
	picture_add_exif(&b, 6, true);
	assert_int_equal(put(REPORTER, &b, "", "exif-gps"), 422);
	assert_int_equal(get_status(REPORTER, &b), 404);
	assert_int_equal(put(REPORTER, &b, "?position=keep", NULL), 201);
	assert_int_equal(get(REPORTER, &b, "", &a), 200);
	assert_memory_equal(a.body, b.data, b.len);
	answer_free(&a);
	/* Somebody else who has not said so has it refused all the same. */
	assert_int_equal(put("reporter@140829", &b, "", "exif-gps"), 422);
	buf_fini(&b);
	photo(&b, 18);
	picture_add_exif(&b, 6, false);
	assert_int_equal(put(REPORTER, &b, "", NULL), 201);
	buf_fini(&b);
}

/* ---- who may see it ---- */

static void
add_report(const char *id, const char *org, const char *task, const char *as_of,
    const struct buf *const *photos, size_t n)
{
	char hash[SHA256_HEX + 1];
	json_t *report, *hashes = json_array();
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, instant_now());
	report = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:i}, s:s, s:s, s:i, s:o}",
	    "_id", id, "planId", PLAN, "taskId", task, "indicatorId", "i1",
	    "orgId", org, "asOf", as_of, "value", "kind", "number", "n", 5,
	    "state", "accepted", "acceptedAt", "2019-06-03T02:00:00.000Z",
	    "revision", 1, "attachments", hashes);
	assert_non_null(report);
	write_insert(&ws, COLL_REPORTS, report);
	for (size_t i = 0; i < n; i++) {
		char use[128];
		json_t *row;

		sha256_hex(photos[i]->data, photos[i]->len, hash);
		json_push(hashes, json_string(hash));
		snprintf(use, sizeof(use), "%s.%s", id, hash);
		row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
		    "_id", use, "blob", hash, "kind", "reports", "targetId", id,
		    "planId", PLAN, "taskId", task, "orgId", org, "indicatorId",
		    "i1", "asOf", as_of);
		write_insert(&ws, COLL_BLOBUSES, row);
		json_decref(row);
	}
	if (store_write(w.store, &ws, &e) < 0)
		fail_msg("%s", e.detail);
	write_set_fini(&ws);
	json_decref(report);
}

#define REPORT "5eed2019-0000-4000-8000-0000000000"

static void
test_who_may_see(void **state)
{
	static const struct {
		const char *as;
		int alone;
		int used;
	} cases[] = {
	    {REPORTER, 200, 200},
	    {"confirmer@140823", 404, 200}, /* of the unit */
	    {"reporter@140829", 404, 404},
	    {"lead@140800-fulian", 404, 200}, /* leads the task */
	    {"lead@140800-wlj", 404, 404},
	    {"office@140800-dcs", 404, 200},
	    {"leader@140800", 404, 200},
	    {"auditor@140800", 404, 200},
	    {"admin@140800", 403, 403},
	    {WORLD_NOBODY, 401, 401},
	};
	const struct buf *photos[1];
	struct buf b;

	(void)state;
	photo(&b, 20);
	photos[0] = &b;
	assert_int_equal(put(REPORTER, &b, "", NULL), 201);
	for (size_t i = 0; i < COUNT(cases); i++)
		if (get_status(cases[i].as, &b) != cases[i].alone)
			fail_msg(
			    "%s: %d", cases[i].as, get_status(cases[i].as, &b));
	add_report(REPORT "31", "140823", PLAN "-03", "2019-05-31", photos, 1);
	for (size_t i = 0; i < COUNT(cases); i++)
		if (get_status(cases[i].as, &b) != cases[i].used)
			fail_msg("%s, used: %d", cases[i].as,
			    get_status(cases[i].as, &b));
	/* Who has the bytes himself may see them. */
	assert_int_equal(put("reporter@140829", &b, "", NULL), 200);
	assert_int_equal(get_status("reporter@140829", &b), 200);
	buf_fini(&b);
}

/* ---- reports ---- */

static void
test_missing(void **state)
{
	const struct buf *photos[2];
	struct buf b[2];
	struct answer a;
	const json_t *rows;

	(void)state;
	photo(&b[0], 21);
	photo(&b[1], 22);
	photos[0] = &b[0];
	photos[1] = &b[1];
	assert_int_equal(put(REPORTER, &b[0], "", NULL), 201);
	add_report(REPORT "32", "140823", PLAN "-03", "2019-06-30", photos, 2);
	ask(REPORTER, "GET", "/api/v1/reports/" REPORT "32/evidence", NULL,
	    NULL, &a);
	assert_int_equal(a.status, 200);
	rows = json_object_get(a.json, "attachments");
	assert_int_equal(json_array_size(rows), 2);
	assert_int_equal(
	    json_peek_int(json_array_get(rows, 0), "width", 0), 400);
	assert_true(json_peek_bool(json_array_get(rows, 1), "missing", false));
	assert_int_equal(
	    json_array_size(json_object_get(a.json, "missing")), 1);
	assert_null(json_object_get(a.json, "flags"));
	answer_free(&a);
	ask("reporter@140829", "GET", "/api/v1/reports/" REPORT "32/evidence",
	    NULL, NULL, &a);
	assert_int_equal(a.status, 403);
	answer_free(&a);
	/* It comes later, from who promised it. */
	assert_int_equal(put(REPORTER, &b[1], "", NULL), 201);
	assert_int_equal(get_status("office@140800-dcs", &b[1]), 200);
	buf_fini(&b[0]);
	buf_fini(&b[1]);
}

static json_t *
duplicates(void)
{
	struct answer a;
	json_t *items;

	ask("office@140800-dcs", "GET",
	    "/api/v1/plans/" PLAN "/duplicate-evidence", NULL, NULL, &a);
	assert_int_equal(a.status, 200);
	items = json_incref(json_object_get(a.json, "items"));
	answer_free(&a);
	return items;
}

static void
check_group(const json_t *items, size_t i, const char *match, const char *why,
    size_t uses)
{
	const json_t *g = json_array_get(items, i);
	char *text = json_dumps(json_object_get(g, "why"), JSON_COMPACT);

	assert_string_equal(json_peek_str(g, "match"), match);
	assert_string_equal(text, why);
	assert_int_equal(json_array_size(json_object_get(g, "uses")), uses);
	free(text);
}

/* The same again, smaller and in another format, and by another unit. */
static void
test_duplicates(void **state)
{
	struct picture small = {
	    .width = 300, .height = 225, .seed = 30, .quality = 60};
	struct buf b[4];
	const struct buf *one[1];
	json_t *items = duplicates();
	struct answer a;

	(void)state;
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	for (size_t i = 0; i < 3; i++)
		photo(&b[i], 30 + i);
	buf_init(&b[3], 0);
	picture_webp(&small, &b[3]);
	for (size_t i = 0; i < 4; i++)
		put(REPORTER, &b[i], "", NULL);
	one[0] = &b[0];
	add_report(REPORT "41", "140823", PLAN "-03", "2019-05-31", one, 1);
	one[0] = &b[3];
	add_report(REPORT "42", "140829", PLAN "-03", "2019-05-31", one, 1);
	one[0] = &b[1];
	add_report(REPORT "43", "140823", PLAN "-03", "2019-04-30", one, 1);
	add_report(REPORT "44", "140823", PLAN "-03", "2019-06-30", one, 1);
	one[0] = &b[2];
	/* A correction of the same report: no duplicate. */
	add_report(REPORT "45", "140823", PLAN "-04", "2019-06-30", one, 1);
	add_report(REPORT "46", "140823", PLAN "-04", "2019-06-30", one, 1);
	items = duplicates();
	assert_int_equal(json_array_size(items), 2);
	check_group(items, 0, "alike", "[\"unit\"]", 2);
	check_group(items, 1, "same", "[\"period\"]", 2);
	json_decref(items);
	ask("office@140800-dcs", "GET", "/api/v1/reports/" REPORT "42/evidence",
	    NULL, NULL, &a);
	assert_int_equal(json_array_size(json_object_get(a.json, "flags")), 1);
	answer_free(&a);
	ask(REPORTER, "GET", "/api/v1/plans/" PLAN "/duplicate-evidence", NULL,
	    NULL, &a);
	assert_int_equal(a.status, 403);
	answer_free(&a);
	for (size_t i = 0; i < 4; i++)
		buf_fini(&b[i]);
}

/* ---- at once ---- */

#define AT_ONCE 50

static struct buf shared;
static int statuses[AT_ONCE];

static void *
put_shared(void *arg)
{
	size_t i = (size_t)(int *)arg - (size_t)statuses;
	char target[160];
	struct local_request in = {
	    .method = "PUT",
	    .target = target,
	    .content_type = "image/jpeg",
	    .authorization = world_key(
		&w, i / sizeof(int) % 2 == 0 ? REPORTER : "reporter@140829"),
	    .body = shared.data,
	    .body_len = shared.len,
	};
	struct buf out;

	address(&shared, "", target);
	buf_init(&out, 0);
	*(int *)arg = local_request(w.app.http, &in, &out);
	buf_fini(&out);
	return NULL;
}

static void
test_at_once(void **state)
{
	pthread_t threads[AT_ONCE];
	size_t made = 0;
	json_t *blob;
	char target[160];
	struct err e;

	(void)state;
	photo(&shared, 50);
	world_key(&w, "reporter@140829");
	for (size_t i = 0; i < AT_ONCE; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, put_shared, &statuses[i]),
		    0);
	for (size_t i = 0; i < AT_ONCE; i++) {
		pthread_join(threads[i], NULL);
		made += statuses[i] == 201;
		if (statuses[i] != 200 && statuses[i] != 201)
			fail_msg("%d", statuses[i]);
	}
	assert_int_equal(made, 1);
	err_init(&e);
	address(&shared, "", target);
	blob =
	    store_get_json(w.store, COLL_BLOBS, strrchr(target, '/') + 1, &e);
	assert_non_null(blob);
	assert_int_equal(
	    json_array_size(json_object_get(blob, "uploaders")), 2);
	json_decref(blob);
	buf_fini(&shared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_round_trip),
	    cmocka_unit_test(test_etag),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_hostile_pictures),
	    cmocka_unit_test(test_polyglot),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_position),
	    cmocka_unit_test(test_who_may_see),
	    cmocka_unit_test(test_missing),
	    cmocka_unit_test(test_duplicates),
	    cmocka_unit_test(test_at_once),
	};

	return world_run_tests(tests, COUNT(tests), false, set_up, tear_down);
}
