#include "outbox/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/embed.h"
#include "base/json.h"

#define NAME_MAX_LEN 64
#define SHANGHAI_MS ((int64_t)8 * 3600 * 1000)

struct rendering {
	json_t *values; /* {name: text} */
	const json_t *words;
};

const char *
adapter_of(const json_t *webhook)
{
	return json_peek_str(webhook, "adapter");
}

/* ---- the values ---- */

/* "2019-06-03 10:00:00", as clocks in Shanghai show it. */
static void
put_clock(json_t *values, const char *name, instant_t at)
{
	char text[INSTANT_LEN + 1];

	instant_format(at + SHANGHAI_MS, text);
	text[10] = ' ';
	text[19] = '\0';
	json_put_str(values, name, text);
}

static void
put_text(json_t *values, const char *name, const char *text)
{
	json_put_str(values, name, text != NULL ? text : "");
}

/* new: what a template may name. */
static json_t *
values_of(const json_t *row, const char *base)
{
	const json_t *to = json_object_get(row, "recipient");
	const char *link = json_peek_str(row, "link");
	const char *created = json_peek_str(row, "createdAt");
	int64_t stamp = json_peek_int(row, "stamp", 0);
	json_t *v = json_object();
	instant_t at = 0;
	struct buf b;

	buf_init(&b, 0);
	put_text(v, "id", json_peek_str(row, "_id"));
	put_text(v, "title", json_peek_str(row, "title"));
	put_text(v, "kind", json_peek_str(row, "kind"));
	put_text(v, "dueOn", json_peek_str(row, "dueOn"));
	put_text(v, "receiver", json_peek_str(to, "oaId"));
	put_text(v, "user", json_peek_str(to, "userId"));
	buf_addf(&b, "%s%s", base, link != NULL ? link : "");
	put_text(v, "url", b.data);
	buf_fini(&b);
	buf_init(&b, 0);
	buf_addf(&b, "%lld", (long long)stamp);
	put_text(v, "stamp", b.data);
	buf_fini(&b);
	if (created != NULL && instant_parse(created, &at))
		put_clock(v, "createdAt", at);
	put_clock(v, "changedAt", stamp);
	return v;
}

static const char *
value_of(const struct rendering *x, const char *name)
{
	static const char words[] = "words.";
	const char *text;

	if (strncmp(name, words, sizeof(words) - 1) == 0)
		text = json_peek_str(x->words, name + sizeof(words) - 1);
	else
		text = json_peek_str(x->values, name);
	return text != NULL ? text : "";
}

/* ---- the template ---- */

/* One {{...}}, its name without the braces. */
static void
add_value(const struct rendering *x, struct buf *out, const char *name)
{
	const char *text;

	if (strncmp(name, "json:", 5) == 0) {
		text = value_of(x, name + 5);
		buf_add_json_string(out, text, strlen(text));
	} else {
		buf_add(out, value_of(x, name));
	}
}

static void
fill_text(const struct rendering *x, const char *s, struct buf *out)
{
	const char *open, *end;
	char name[NAME_MAX_LEN];

	while ((open = strstr(s, "{{")) != NULL &&
	       (end = strstr(open, "}}")) != NULL) {
		buf_addn(out, s, (size_t)(open - s));
		snprintf(name, sizeof(name), "%.*s", (int)(end - open - 2),
		    open + 2);
		add_value(x, out, name);
		s = end + 2;
	}
	buf_add(out, s);
}

/* new: the value with its texts filled. */
static json_t *
fill(const struct rendering *x, const json_t *v)
{
	const char *s = json_string_value(v);
	struct buf b;
	json_t *made;

	if (s == NULL)
		return json_incref(json_iterable(v));
	buf_init(&b, 0);
	if (strncmp(s, "{{int:", 6) == 0) {
		buf_addn(&b, s + 6, strcspn(s + 6, "}"));
		made = json_integer(strtoll(value_of(x, b.data), NULL, 10));
	} else {
		fill_text(x, s, &b);
		made = json_string(b.data);
	}
	buf_fini(&b);
	return made;
}

static void
fill_members(const struct rendering *x, const json_t *from, json_t *to)
{
	const char *key;
	json_t *v;

	json_object_foreach (json_iterable(from), key, v)
		json_put(to, key, fill(x, v));
}

static json_t *
load_template(const char *adapter, struct err *e)
{
	const struct embed_file *file;
	char name[NAME_MAX_LEN];

	snprintf(name, sizeof(name), "%.32s.json", adapter);
	file = embed_find(embed_adapters, name);
	if (file == NULL) {
		err_set(e, ERR_CONFIG, "没有这种待办接口：%s", adapter);
		return NULL;
	}
	return json_read_own(file->data, file->len, e);
}

int
adapter_render(const json_t *webhook, const json_t *row, const char *base,
    struct buf *url, struct buf *body, struct err *e)
{
	json_t *template = load_template(adapter_of(webhook), e);
	struct rendering x = {.words = json_object_get(webhook, "words")};
	const json_t *state;
	json_t *made;

	if (template == NULL)
		return -1;
	state = json_object_get(
	    json_object_get(template, "states"), json_peek_str(row, "state"));
	x.values = values_of(row, base);
	made = json_object();
	fill_members(&x, json_object_get(template, "body"), made);
	fill_members(&x, json_object_get(state, "set"), made);
	fill_text(&x, json_peek_str(state, "path"), url);
	json_print(body, made);
	json_decref(made);
	json_decref(x.values);
	json_decref(template);
	return 0;
}
