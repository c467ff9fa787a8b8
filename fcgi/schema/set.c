#include "schema/set.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/json.h"
#include "schema/regex.h"
#include "schema/uri.h"
#include "schema/value.h"

struct regex_list {
	struct regex_list *next;
	struct regex *re;
};

const struct schema schema_true = {.fixed = 1};
const struct schema schema_false = {.fixed = 0};

static const struct {
	const char *uri;
	bool dflt;
} vocabs[VOCAB__MAX] = {
#define VOCAB(name, uri, dflt) [VOCAB_##name] = {uri, dflt},
#include "schema/vocab.def"
#undef VOCAB
};

/* The meta-schemas are ours: that they load is tested, not hoped for. */
static void
add_own(struct schema_set *set)
{
	const struct embed_file *f;
	struct err e;

	err_init(&e);
	for (f = embed_meta; f->name; f++) {
		json_t *doc = json_read_own(f->data, f->len, &e);

		if (!doc || schema_set_add(set, NULL, doc, &e) < 0) {
			fprintf(stderr, "%s: %s\n", f->name, e.detail);
			abort();
		}
		json_decref(doc);
	}
}

struct schema_set *
schema_set_new(void)
{
	struct schema_set *set = calloc(1, sizeof(*set));

	if (!set)
		abort();
	value_hash_init();
	arena_init(&set->arena);
	set->docs = json_array();
	add_own(set);
	return set;
}

void
schema_set_free(struct schema_set *set)
{
	if (!set)
		return;
	for (struct regex_list *it = set->regexes; it; it = it->next)
		regex_free(it->re);
	json_decref(set->docs);
	arena_fini(&set->arena);
	free(set);
}

/* The address of a document: its "$id" against where it was found. */
static char *
document_uri(
    struct schema_set *set, const char *uri, const json_t *doc, struct err *e)
{
	const char *id = json_peek_str(doc, "$id");
	char *full;

	if (!id && !uri) {
		err_set(e, ERR_CONFIG, "模式既没有$id也没有地址");
		return NULL;
	}
	full = uri_resolve(&set->arena, uri ? uri : "", id ? id : "");
	if (*uri_cut_fragment(full)) {
		err_set(
		    e, ERR_CONFIG, "模式的地址不能带片段：%s", id ? id : uri);
		return NULL;
	}
	return full;
}

int
schema_set_add(
    struct schema_set *set, const char *uri, json_t *doc, struct err *e)
{
	struct resource *res;
	char *full;

	if (!json_is_object(doc) && !json_is_boolean(doc))
		return err_set(e, ERR_CONFIG, "模式应为对象或true、false：%s",
		    uri ? uri : "");
	full = document_uri(set, uri, doc, e);
	if (!full)
		return -1;
	res = set_new_resource(set, full, doc, e);
	if (!res)
		return -1;
	json_array_append(set->docs, doc);
	if (uri && strcmp(uri, full) != 0)
		map_put(&set->resources, &set->arena, uri, strlen(uri), res);
	return set_scan(set, res, doc, "", e);
}

void *
set_alloc(struct schema_set *set, size_t n)
{
	return arena_alloc(&set->arena, n);
}

bool
set_uses(const struct schema *s, enum vocab v)
{
	return s->res->vocabs & 1u << v;
}

static void
push(struct schema_set *set, struct schema *s)
{
	if (s->queued)
		return;
	s->queued = true;
	s->next = set->queue;
	set->queue = s;
}

/*
 * A $dynamicRef may lead to any dynamic anchor of a resource that a check
 * passes through, so those are compiled with it.
 */
void
set_queue(struct schema_set *set, struct schema *s)
{
	push(set, s);
	if (s->res->reached)
		return;
	s->res->reached = true;
	for (struct anchor *a = s->res->dynamic; a; a = a->next)
		push(set, a->schema);
}

const struct schema *
set_schema_at(struct schema_set *set, const json_t *v)
{
	struct schema *s;

	if (json_is_boolean(v))
		return json_is_true(v) ? &schema_true : &schema_false;
	s = set_find_node(set, v);
	assert(s);
	set_queue(set, s);
	return s;
}

int
set_fail(const struct key *k, struct err *e, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return err_set(e, ERR_CONFIG, "模式 %s#%s 的 %s %s", k->owner->res->uri,
	    k->owner->where, k->kw->name, why);
}

struct regex *
set_regex(
    struct schema_set *set, const struct key *k, const char *s, struct err *e)
{
	struct regex_list *it;
	size_t at;
	struct regex *re = regex_new(s, &at);

	if (!re) {
		set_fail(k, e, "中的正则表达式有误（第%zu字节处）：%s", at, s);
		return NULL;
	}
	it = set_alloc(set, sizeof(*it));
	it->re = re;
	it->next = set->regexes;
	set->regexes = it;
	return re;
}

static unsigned
default_vocabs(void)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < VOCAB__MAX; i++)
		if (vocabs[i].dflt)
			bits |= 1u << i;
	return bits;
}

/* The bits of "$vocabulary"; an unknown one may only be optional. */
static int
read_vocabulary(const json_t *list, unsigned *bits, struct err *e)
{
	const char *uri;
	json_t *must;

	*bits = 1u << VOCAB_CORE;
	json_object_foreach (json_lend(list), uri, must) {
		unsigned i = 0;

		while (i < VOCAB__MAX && strcmp(vocabs[i].uri, uri) != 0)
			i++;
		if (i < VOCAB__MAX)
			*bits |= 1u << i;
		else if (json_is_true(must))
			return err_set(
			    e, ERR_CONFIG, "不认识模式的词汇：%s", uri);
	}
	return 0;
}

int
set_read_dialect(struct schema_set *set, struct resource *res, struct err *e)
{
	const char *dialect = json_peek_str(res->root, "$schema");
	const struct resource *meta;
	const json_t *list;

	if (res->vocabs)
		return 0;
	if (!dialect && res->parent) {
		if (set_read_dialect(set, res->parent, e) < 0)
			return -1;
		res->vocabs = res->parent->vocabs;
		return 0;
	}
	res->vocabs = default_vocabs();
	if (!dialect || strcmp(dialect, SCHEMA_DRAFT) == 0)
		return 0;
	meta = map_get(&set->resources, dialect, strlen(dialect));
	if (!meta)
		return err_set(e, ERR_CONFIG, "模式 %s 的$schema无法识别：%s",
		    res->uri, dialect);
	list = json_object_get(meta->root, "$vocabulary");
	return list ? read_vocabulary(list, &res->vocabs, e) : 0;
}
