#include "api/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

/* One conversation under way. */
struct talk {
	const char *path;
	struct world world;
	json_t *vars; /* what steps saved, by name */
	struct buf transcript;
	size_t step;
	const char *name; /* of the step */
	struct answer answer;
};

/* The test fails here, with all that helps to see why. */
#define REFUSE(t, ...)                                                        \
	do {                                                                  \
		print_error(                                                  \
		    "%s, step %zu (%s):\n", (t)->path, (t)->step, (t)->name); \
		print_error(__VA_ARGS__);                                     \
		print_error("\nanswer: %.3000s\n", (t)->answer.text);         \
		fail();                                                       \
	} while (0)

/* ---- ${name} ---- */

/* new: the text with every ${name} put in; a whole value stays its type. */
static json_t *
fill_text(struct talk *t, const char *s)
{
	struct buf b;
	const char *at;
	json_t *v;

	buf_init(&b, 0);
	while ((at = strstr(s, "${")) != NULL) {
		char name[64];
		size_t n = strcspn(at + 2, "}");

		assert_true(n < sizeof(name) && at[2 + n] == '}');
		memcpy(name, at + 2, n);
		name[n] = '\0';
		v = json_object_get(t->vars, name);
		if (v == NULL)
			REFUSE(t, "nothing was saved as %s", name);
		if (at == s && at[2 + n + 1] == '\0' && b.len == 0) {
			buf_fini(&b);
			return json_deep_copy(v);
		}
		buf_addn(&b, s, (size_t)(at - s));
		if (json_is_string(v))
			buf_add(&b, json_string_value(v));
		else
			json_print(&b, v);
		s = at + 2 + n + 1;
	}
	buf_add(&b, s);
	v = json_stringn(b.data, b.len);
	buf_fini(&b);
	return v;
}

/* new: v with all its texts filled. */
static json_t *
fill(struct talk *t, const json_t *v)
{
	json_t *out, *member;
	const char *key;
	size_t i;

	if (json_is_string(v))
		return fill_text(t, json_string_value(v));
	if (json_is_array(v)) {
		out = json_array();
		json_array_foreach (v, i, member)
			json_push(out, fill(t, member));
		return out;
	}
	if (!json_is_object(v))
		return json_deep_copy(v);
	out = json_object();
	json_object_foreach (json_iterable(v), key, member)
		json_put(out, key, fill(t, member));
	return out;
}

/* ---- the request ---- */

/* {"before": ..., "repeat": {"text": ..., "times": n}, "after": ...} */
static void
add_repeated(struct buf *b, const json_t *rq)
{
	const json_t *repeat = json_object_get(rq, "repeat");
	const char *text = json_peek_str(repeat, "text");
	const char *before = json_peek_str(rq, "before");
	const char *after = json_peek_str(rq, "after");

	buf_add(b, before != NULL ? before : "");
	for (int64_t n = json_peek_int(repeat, "times", 0); n > 0; n--)
		buf_add(b, text);
	buf_add(b, after != NULL ? after : "");
}

/* A file of the checkout, with pieces of it replaced. */
static void
add_file(struct talk *t, struct buf *b, const json_t *rq)
{
	const json_t *replace = json_peek_object(rq, "replace");
	size_t len;
	char *text = source_file(json_peek_str(rq, "file"), &len);
	const char *old;
	json_t *new;

	json_object_foreach (json_iterable(replace), old, new) {
		char *at = memmem(text, len, old, strlen(old));
		struct buf changed;

		if (at == NULL)
			REFUSE(t, "the file does not hold %s", old);
		buf_init(&changed, 0);
		buf_addn(&changed, text, (size_t)(at - text));
		buf_add(&changed, json_string_value(new));
		at += strlen(old);
		buf_addn(&changed, at, (size_t)(text + len - at));
		free(text);
		len = changed.len;
		text = buf_take(&changed);
	}
	buf_addn(b, text, len);
	free(text);
}

static void
add_bundle(struct buf *b, const json_t *rq)
{
	json_t *bundle = source_bundle(json_peek_str(rq, "bundle"));
	const json_t *only = json_object_get(rq, "only");
	json_t *part = json_object();
	size_t i;
	json_t *name;

	json_array_foreach (only, i, name)
		json_put(part, json_string_value(name),
		    json_incref(
			json_object_get(bundle, json_string_value(name))));
	if (only == NULL)
		json_object_update(part, bundle);
	json_decref(bundle);
	bundle = json_merge_patch(part, json_peek_object(rq, "with"));
	json_print(b, bundle);
	json_decref(bundle);
	json_decref(part);
}

/* The body; returns its content type unless a header says it. */
static const char *
make_body(struct talk *t, struct buf *b, const json_t *rq)
{
	if (json_object_get(rq, "body") != NULL)
		json_print(b, json_object_get(rq, "body"));
	else if (json_object_get(rq, "bundle") != NULL)
		add_bundle(b, rq);
	else if (json_object_get(rq, "file") != NULL)
		add_file(t, b, rq);
	else if (json_object_get(rq, "text") != NULL)
		buf_add(b, json_peek_str(rq, "text"));
	else if (json_object_get(rq, "repeat") != NULL)
		add_repeated(b, rq);
	else
		return NULL;
	return "application/json";
}

static void
make_headers(struct talk *t, struct local_request *in, const json_t *headers)
{
	const struct {
		const char *name;
		const char **field;
	} known[] = {
	    {"Accept", &in->accept},
	    {"Content-Type", &in->content_type},
	    {"If-Match", &in->if_match},
	    {"If-None-Match", &in->if_none_match},
	    {"Idempotency-Key", &in->idempotency_key},
	    {"Authorization", &in->authorization},
	    {"Cookie", &in->cookie},
	    {"Host", &in->host},
	    {"Origin", &in->origin},
	    {"Sec-Fetch-Site", &in->fetch_site},
	    {"X-Requested-With", &in->requested_with},
	    {"X-Request-Id", &in->request_id},
	    {"Traceparent", &in->traceparent},
	};
	const char *name;
	json_t *v;

	json_object_foreach (json_iterable(headers), name, v) {
		size_t i = 0;

		while (i < COUNT(known) && strcmp(known[i].name, name) != 0)
			i++;
		if (i == COUNT(known))
			REFUSE(t, "no way to send the header %s", name);
		*known[i].field = json_string_value(v);
	}
}

static void
ask(struct talk *t, const json_t *step)
{
	json_t *rq = fill(t, json_object_get(step, "request"));
	struct local_request in = {
	    .method = json_peek_str(rq, "method"),
	    .target = json_peek_str(rq, "target"),
	};
	struct buf body;

	if (in.method == NULL)
		in.method = "GET";
	buf_init(&body, 0);
	in.content_type = make_body(t, &body, rq);
	if (in.content_type != NULL) {
		in.body = body.data;
		in.body_len = body.len;
	}
	make_headers(t, &in, json_peek_object(rq, "headers"));
	if (json_peek_str(step, "now") != NULL)
		world_set_now(&t->world, json_peek_str(step, "now"));
	if (json_peek_str(step, "as") != NULL)
		world_ask_as(
		    &t->world, json_peek_str(step, "as"), &in, &t->answer);
	else
		world_ask(&t->world, &in, &t->answer);
	buf_fini(&body);
	json_decref(rq);
}

/* ---- what is expected ---- */

static void
expect_header(struct talk *t, const char *name, const json_t *wanted)
{
	char *got = answer_header(&t->answer, name);

	if (json_is_null(wanted) && got != NULL)
		REFUSE(t, "header %s is there", name);
	if (!json_is_null(wanted) &&
	    (got == NULL || strcmp(got, json_string_value(wanted)) != 0))
		REFUSE(t, "header %s is %s, not %s", name,
		    got != NULL ? got : "absent", json_string_value(wanted));
	free(got);
}

/* Problem: the code, a sentence, and the pointers in their order. */
static void
expect_problem(struct talk *t, const char *code)
{
	const char *got = json_peek_str(t->answer.json, "code");
	const char *detail = json_peek_str(t->answer.json, "detail");
	char *type = answer_header(&t->answer, "Content-Type");

	if (got == NULL || strcmp(got, code) != 0)
		REFUSE(t, "code is not %s", code);
	if (type == NULL || strcmp(type, "application/problem+json") != 0)
		REFUSE(t, "not a problem document");
	if (detail == NULL || detail[0] == '\0')
		REFUSE(t, "no detail");
	free(type);
}

static void
expect_equal(struct talk *t, const char *pointer, const json_t *wanted)
{
	json_t *got = pointer_find(t->answer.json, pointer);

	if (got == NULL || !json_equal(got, wanted)) {
		char *text = json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT);
		char *want = json_dumps(wanted, JSON_ENCODE_ANY | JSON_COMPACT);

		REFUSE(t, "%s is %s\nnot %s", pointer,
		    text != NULL ? text : "absent", want);
	}
	json_decref(got);
}

static void
expect_contains(struct talk *t, const char *pointer, const json_t *wanted)
{
	json_t *got = pointer_find(t->answer.json, pointer);

	if (!json_is_string(got) ||
	    strstr(json_string_value(got), json_string_value(wanted)) == NULL)
		REFUSE(t, "%s does not say %s", pointer,
		    json_string_value(wanted));
	json_decref(got);
}

static void
expect_count(struct talk *t, const char *pointer, const json_t *wanted)
{
	json_t *got = pointer_find(t->answer.json, pointer);
	size_t n =
	    json_is_array(got) ? json_array_size(got) : json_object_size(got);

	if (got == NULL || (json_int_t)n != json_integer_value(wanted))
		REFUSE(t, "%s has %zu members, not %lld", pointer, n,
		    (long long)json_integer_value(wanted));
	json_decref(got);
}

static void
expect_absent(struct talk *t, const json_t *pointers)
{
	size_t i;
	json_t *p;

	json_array_foreach (pointers, i, p) {
		json_t *got =
		    pointer_find(t->answer.json, json_string_value(p));

		if (got != NULL)
			REFUSE(t, "%s is there", json_string_value(p));
	}
}

static void
expect_body(struct talk *t, const json_t *ex)
{
	const char *body = json_peek_str(ex, "body");
	const char *other = json_peek_str(ex, "otherBody");
	const char *part = json_peek_str(ex, "text");

	if (body != NULL && strcmp(body, t->answer.body) != 0)
		REFUSE(t, "the body is not the same bytes as:\n%s", body);
	if (other != NULL && strcmp(other, t->answer.body) == 0)
		REFUSE(t, "the body has not changed");
	if (part != NULL && strstr(t->answer.body, part) == NULL)
		REFUSE(t, "the body does not hold %s", part);
}

static void
expect_each(struct talk *t, const json_t *ex, const char *member,
    void (*check)(struct talk *t, const char *key, const json_t *wanted))
{
	const char *key;
	json_t *wanted;

	json_object_foreach (
	    json_iterable(json_peek_object(ex, member)), key, wanted)
		check(t, key, wanted);
}

static void
expect(struct talk *t, const json_t *step)
{
	json_t *ex = fill(t, json_object_get(step, "expect"));
	int64_t status = json_peek_int(ex, "status", 200);

	if (t->answer.status != status)
		REFUSE(t, "status %d, not %lld", t->answer.status,
		    (long long)status);
	expect_each(t, ex, "headers", expect_header);
	if (json_peek_str(ex, "code") != NULL)
		expect_problem(t, json_peek_str(ex, "code"));
	if (json_object_get(ex, "pointers") != NULL)
		expect_equal(
		    t, "/errors/*/pointer", json_object_get(ex, "pointers"));
	expect_each(t, ex, "json", expect_equal);
	expect_each(t, ex, "contains", expect_contains);
	expect_each(t, ex, "count", expect_count);
	expect_absent(t, json_peek_array(ex, "absent"));
	expect_body(t, ex);
	json_decref(ex);
}

/* ---- what is kept ---- */

/* "header:ETag", "body", or a pointer. */
static json_t *
take(struct talk *t, const char *from)
{
	json_t *v;
	char *s;

	if (strcmp(from, "body") == 0)
		return json_stringn(t->answer.body, t->answer.len);
	if (strncmp(from, "header:", strlen("header:")) != 0)
		return pointer_find(t->answer.json, from);
	s = answer_header(&t->answer, from + strlen("header:"));
	v = s != NULL ? json_string(s) : NULL;
	free(s);
	return v;
}

static void
save(struct talk *t, const json_t *step)
{
	const char *name;
	json_t *from;

	json_object_foreach (
	    json_iterable(json_peek_object(step, "save")), name, from) {
		json_t *v = take(t, json_string_value(from));

		if (v == NULL)
			REFUSE(t, "nothing at %s", json_string_value(from));
		json_put(t->vars, name, v);
	}
}

/* ---- the whole ---- */

void (*conversation_watch)(struct world *w, const char *where,
    const char *method, const char *target, int status);

static void
watch(struct talk *t, const json_t *step, int status)
{
	const json_t *request = json_peek_object(step, "request");
	const char *method = json_peek_str(request, "method");
	char where[256];

	if (conversation_watch == NULL)
		return;
	snprintf(where, sizeof(where), "%s: %s", t->path, t->name);
	conversation_watch(&t->world, where, method != NULL ? method : "GET",
	    json_peek_str(request, "target"), status);
}

static void
carry_out(struct talk *t, const json_t *step)
{
	t->name = json_peek_str(step, "name");
	if (t->name == NULL)
		t->name = "";
	watch(t, step, 0);
	ask(t, step);
	watch(t, step, t->answer.status);
	expect(t, step);
	save(t, step);
	transcript_add(&t->transcript, &t->answer);
	answer_free(&t->answer);
}

char *
conversation_run(const char *path, const struct contract_engine *engine)
{
	struct talk t = {.path = path, .vars = json_object()};
	json_t *file = source_json(path);
	json_t *step;

	buf_init(&t.transcript, 0);
	world_open(&t.world, engine, json_peek_str(file, "today"));
	if (json_peek_str(file, "now") != NULL)
		world_set_now(&t.world, json_peek_str(file, "now"));
	json_array_foreach (json_object_get(file, "steps"), t.step, step)
		carry_out(&t, step);
	assert_true(t.step > 0);
	if (world_differences(&t.world) != 0)
		fail_msg("%s: the store does not verify", path);
	world_close(&t.world);
	json_decref(t.vars);
	json_decref(file);
	return buf_take(&t.transcript);
}
