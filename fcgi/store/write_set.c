#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "store/engine.h"

void
write_set_init(struct write_set *ws, instant_t now)
{
	/* Not the ten kilobytes that tell of a failure. */
	memset(ws, 0, offsetof(struct write_set, e));
	ws->failed = 0;
	ws->now = now;
	err_init(&ws->e);
}

void
write_set_fini(struct write_set *ws)
{
	for (size_t i = 0; i < ws->n; i++) {
		assert(ws->v[i].prepared == NULL);
		json_decref(ws->v[i].doc);
		json_decref(ws->v[i].before);
		free(ws->v[i].digest);
	}
	free(ws->v);
	ws->v = NULL;
	ws->n = ws->cap = 0;
}

static struct write *
add_write(struct write_set *ws, enum write_op op, enum coll c)
{
	if (ws->n == ws->cap) {
		ws->cap = ws->cap == 0 ? 4 : 2 * ws->cap;
		ws->v = realloc(ws->v, ws->cap * sizeof(*ws->v));
		if (ws->v == NULL)
			abort();
	}
	struct write *w = &ws->v[ws->n++];

	memset(w, 0, sizeof(*w));
	w->op = op;
	w->coll = c;
	return w;
}

static struct write *
add_doc(struct write_set *ws, enum write_op op, enum coll c, json_t *doc)
{
	struct write *w = add_write(ws, op, c);

	w->id = json_peek_str(doc, "_id");
	assert(w->id != NULL);
	w->doc = json_incref(doc);
	return w;
}

void
write_insert(struct write_set *ws, enum coll c, json_t *doc)
{
	assert(coll_chain_field(c) == FIELD__MAX);
	add_doc(ws, WRITE_INSERT, c, doc);
}

void
write_append(struct write_set *ws, enum coll c, json_t *doc)
{
	assert(coll_chain_field(c) != FIELD__MAX);
	add_doc(ws, WRITE_APPEND, c, doc);
}

void
write_load(struct write_set *ws, enum coll c, json_t *doc)
{
	assert(json_peek_int(doc, "rev", 0) >= 1);
	assert(json_peek_str(doc, "createdAt") != NULL);
	assert(json_peek_str(doc, "updatedAt") != NULL);
	add_doc(ws, WRITE_INSERT, c, doc)->as_is = true;
}

void
write_replace(struct write_set *ws, enum coll c, json_t *doc, int64_t rev)
{
	assert(rev >= 0 && coll_chain_field(c) == FIELD__MAX);
	add_doc(ws, WRITE_REPLACE, c, doc)->rev = rev;
}

void
write_remove(struct write_set *ws, enum coll c, const char *id, int64_t rev)
{
	struct write *w = add_write(ws, WRITE_REMOVE, c);

	assert(rev >= 0 && coll_chain_field(c) == FIELD__MAX);
	/* The set's own: whoever named it may be gone before it is written. */
	w->doc = json_string_nocheck(id);
	if (w->doc == NULL)
		abort();
	w->id = json_string_value(w->doc);
	w->rev = rev;
}

void
write_last_first(struct write_set *ws)
{
	struct write last = ws->v[ws->n - 1];

	memmove(&ws->v[1], &ws->v[0], (ws->n - 1) * sizeof(*ws->v));
	ws->v[0] = last;
}

void
write_foresee(struct write_set *ws)
{
	for (size_t i = 0; i < ws->n; i++) {
		struct write *w = &ws->v[i];
		const char *at = json_peek_str(
		    w->before != NULL ? w->before : w->doc, "createdAt");
		struct store_head head = {.rev = w->rev};

		if (w->op == WRITE_INSERT)
			write_complete(w, NULL, ws->now);
		if (w->op != WRITE_REPLACE || at == NULL)
			continue;
		snprintf(head.created_at, sizeof(head.created_at), "%s", at);
		write_complete(w, &head, ws->now);
	}
}

void
write_keep_old(struct write_set *ws, const json_t *old)
{
	struct write *w = &ws->v[ws->n - 1];

	assert(ws->n > 0 && w->before == NULL && w->doc != old);
	w->before = json_incref(json_iterable(old));
}

/*
 * A document's _id stands first: where some engines put it anyway, so that
 * all of them give back the same text.
 */
static void
put_id_first(json_t *doc)
{
	const char *first = json_object_iter_key(json_object_iter(doc));

	if (strcmp(first, "_id") == 0)
		return;
	json_t *copy = json_copy(doc);
	const char *key;
	json_t *v;

	json_object_clear(doc);
	json_put(doc, "_id", json_incref(json_object_get(copy, "_id")));
	json_object_foreach (copy, key, v)
		if (strcmp(key, "_id") != 0)
			json_put(doc, key, json_incref(v));
	json_decref(copy);
}

void
write_complete(struct write *w, const struct store_head *head, instant_t now)
{
	char at[INSTANT_LEN + 1];
	int64_t before = w->rev;

	put_id_first(w->doc);
	instant_format(now, at);
	if (before == 0 && head != NULL)
		before = head->rev;
	if (w->as_is)
		return;
	json_put_int(w->doc, "rev", before + 1);
	json_put_str(w->doc, "createdAt", head != NULL ? head->created_at : at);
	json_put_str(w->doc, "updatedAt", at);
}
