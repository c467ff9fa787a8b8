#include "plan/orgs.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

struct entry {
	const char *key; /* normalized name, or an id */
	const json_t *doc;
	bool set;
};

struct org_index {
	struct arena arena;
	size_t nentries;
	struct entry *entries; /* by key, then by document */
};

/* Endings that do not change whom a name means. */
static const char *const endings[] = {
    "人民政府", "政府", "管理委员会", "管委会"};

static void
add_char(struct buf *b, uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E) /* full-width forms of ASCII */
		c -= 0xFEE0;
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x3000 ||
	    c == 0xA0)
		return;
	if (c == ',')
		buf_add(b, "、");
	else if (c >= 'A' && c <= 'Z')
		buf_addc(b, (char)(c - 'A' + 'a'));
	else if (c < 0x80)
		buf_addc(b, (char)c);
	else if (c < 0x800)
		buf_addf(
		    b, "%c%c", (int)(0xC0 | c >> 6), (int)(0x80 | (c & 0x3F)));
	else if (c < 0x10000)
		buf_addf(b, "%c%c%c", (int)(0xE0 | c >> 12),
		    (int)(0x80 | (c >> 6 & 0x3F)), (int)(0x80 | (c & 0x3F)));
	else
		buf_addf(b, "%c%c%c%c", (int)(0xF0 | c >> 18),
		    (int)(0x80 | (c >> 12 & 0x3F)),
		    (int)(0x80 | (c >> 6 & 0x3F)), (int)(0x80 | (c & 0x3F)));
}

void
org_name_normalize(struct buf *b, const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end)
		add_char(b, utf8_next(&s, end));
}

/* Cut a meaningless ending off; false when there is none. */
static bool
cut_ending(struct buf *b)
{
	size_t n;

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		n = strlen(endings[i]);
		if (b->len > n &&
		    memcmp(b->data + b->len - n, endings[i], n) == 0) {
			b->len -= n;
			b->data[b->len] = '\0';
			return true;
		}
	}
	return false;
}

static void
add_entry(struct org_index *x, const char *key, const json_t *doc, bool is_set)
{
	struct entry *en = &x->entries[x->nentries++];

	en->key = arena_strdup(&x->arena, key);
	en->doc = doc;
	en->set = is_set;
}

/* Under the name as printed and under the name without its ending. */
static void
add_name(struct org_index *x, const char *name, const json_t *doc, bool is_set)
{
	struct buf b;

	if (name == NULL)
		return;
	buf_init(&b, 0);
	org_name_normalize(&b, name, strlen(name));
	add_entry(x, b.data, doc, is_set);
	if (cut_ending(&b))
		add_entry(x, b.data, doc, is_set);
	buf_fini(&b);
}

static void
add_docs(struct org_index *x, const json_t *docs, bool is_set)
{
	const json_t *doc, *alias;
	const char *id;
	size_t i, k;

	json_array_foreach (docs, i, doc) {
		id = json_peek_str(doc, "_id");
		if (id == NULL)
			continue;
		add_entry(x, id, doc, is_set);
		add_name(x, json_peek_str(doc, "name"), doc, is_set);
		json_array_foreach (json_peek_array(doc, "aliases"), k, alias)
			add_name(x, json_string_value(alias), doc, is_set);
	}
}

static size_t
count_names(const json_t *docs)
{
	const json_t *doc;
	size_t i, n = 0;

	json_array_foreach (docs, i, doc)
		n += 3 + 2 * json_array_size(json_peek_array(doc, "aliases"));
	return n;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->key, y->key);
}

struct org_index *
org_index_new(const json_t *orgs, const json_t *orgsets)
{
	struct org_index *x = calloc(1, sizeof(*x));
	size_t room = count_names(orgs) + count_names(orgsets);

	if (x == NULL)
		abort();
	arena_init(&x->arena);
	x->entries = arena_alloc(&x->arena, (room + 1) * sizeof(x->entries[0]));
	add_docs(x, orgs, false);
	add_docs(x, orgsets, true);
	qsort(x->entries, x->nentries, sizeof(x->entries[0]), compare_entries);
	return x;
}

void
org_index_free(struct org_index *x)
{
	if (x == NULL)
		return;
	arena_fini(&x->arena);
	free(x);
}

/* The first entry whose key is not before this one. */
static size_t
lower_bound(const struct org_index *x, const char *key)
{
	size_t lo = 0, hi = x->nentries, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(x->entries[mid].key, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct org_match
find_key(const struct org_index *x, const char *key)
{
	struct org_match m = {ORG_NONE, NULL};
	const struct entry *en;

	for (size_t i = lower_bound(x, key); i < x->nentries; i++) {
		en = &x->entries[i];
		if (strcmp(en->key, key) != 0)
			break;
		if (m.doc != NULL && m.doc != en->doc)
			return (struct org_match){ORG_AMBIGUOUS, NULL};
		m.doc = en->doc;
		m.kind = en->set ? ORG_SET : ORG_UNIT;
	}
	return m;
}

struct org_match
org_index_find(const struct org_index *x, const char *s, size_t n)
{
	struct org_match m;
	struct buf b;

	buf_init(&b, 0);
	org_name_normalize(&b, s, n);
	m = find_key(x, b.data);
	if (m.kind == ORG_NONE && cut_ending(&b))
		m = find_key(x, b.data);
	buf_fini(&b);
	return m;
}

const json_t *
org_index_unit(const struct org_index *x, const char *id)
{
	struct org_match m = find_key(x, id);
	const char *found;

	if (m.kind != ORG_UNIT)
		return NULL;
	found = json_peek_str(m.doc, "_id");
	return found != NULL && strcmp(found, id) == 0 ? m.doc : NULL;
}

const char *
org_index_name(const struct org_index *x, const char *id)
{
	const json_t *doc = org_index_unit(x, id);
	const char *name = doc != NULL ? json_peek_str(doc, "name") : NULL;

	return name != NULL ? name : id;
}

/* new: the members a phrase stands for; NULL when it stands for nothing. */
static json_t *
expand(const struct org_index *x, const char *phrase)
{
	struct org_match m = org_index_find(x, phrase, strlen(phrase));
	json_t *members;

	if (m.kind == ORG_SET)
		return json_deep_copy(json_peek_array(m.doc, "members"));
	if (m.kind != ORG_UNIT)
		return NULL;
	members = json_array();
	json_push(members, json_string(json_peek_str(m.doc, "_id")));
	return members;
}

static int
fill_section(
    json_t *task, const char *section, const struct org_index *x, struct err *e)
{
	json_t *row, *members;
	const char *phrase;
	char pointer[64];
	int rc = 0;
	size_t i;

	json_array_foreach (json_object_get(task, section), i, row) {
		phrase = json_peek_str(row, "orgSet");
		if (phrase == NULL)
			continue;
		members = expand(x, phrase);
		if (members == NULL) {
			(void)snprintf(pointer, sizeof(pointer),
			    "/%s/%zu/orgSet", section, i);
			rc = err_add(e, ERR_INVALID, pointer, "orgSet",
			    "不知道“%s”指哪些单位，请先在单位组里登记。",
			    phrase);
			members = json_array();
		}
		json_put(row, "orgs", members);
	}
	return rc;
}

int
orgs_fill_task(json_t *task, const struct org_index *x, struct err *e)
{
	static const char *const sections[] = {
	    "funding", "subtasks", "milestones"};
	int rc = 0;

	for (size_t i = 0; i < 3; i++) {
		if (fill_section(task, sections[i], x, e) < 0)
			rc = -1;
	}
	return rc;
}
