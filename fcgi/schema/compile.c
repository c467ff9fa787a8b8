#include <string.h>

#include "base/json.h"
#include "schema/format.h"
#include "schema/keywords.h"
#include "schema/set.h"
#include "schema/value.h"

/* The functions that read a keyword's value, and the loop that calls them. */

int
compile_any(struct schema_set *set, struct key *k, struct err *e)
{
	(void)set;
	(void)k;
	(void)e;
	return 0;
}

int
compile_array(struct schema_set *set, struct key *k, struct err *e)
{
	(void)set;
	return json_is_array(k->value) ? 0 : set_fail(k, e, "应为列表");
}

int
compile_bool(struct schema_set *set, struct key *k, struct err *e)
{
	(void)set;
	return json_is_boolean(k->value) ? 0
					 : set_fail(k, e, "应为true或false");
}

int
compile_number(struct schema_set *set, struct key *k, struct err *e)
{
	(void)set;
	return json_is_number(k->value) ? 0 : set_fail(k, e, "应为数字");
}

int
compile_divisor(struct schema_set *set, struct key *k, struct err *e)
{
	(void)set;
	if (json_is_number(k->value) && json_number_value(k->value) > 0)
		return 0;
	return set_fail(k, e, "应为大于0的数字");
}

/* 3 and 3.0 alike. */
static bool
read_count(const json_t *v, size_t *n)
{
	double d = json_number_value(v);

	if (!json_is_number(v) || !(value_types(v) & TYPE_INTEGER) || d < 0 ||
	    d > 9e15)
		return false;
	*n = (size_t)d;
	return true;
}

int
compile_count(struct schema_set *set, struct key *k, struct err *e)
{
	(void)set;
	return read_count(k->value, &k->min) ? 0
					     : set_fail(k, e, "应为非负整数");
}

static int
add_type(struct key *k, const json_t *name, struct err *e)
{
	const char *s = json_string_value(name);
	unsigned bit = s ? value_type_bit(s) : 0;

	k->types |= bit;
	return bit ? 0 : set_fail(k, e, "中有不认识的类型：%s", s ? s : "");
}

int
compile_type(struct schema_set *set, struct key *k, struct err *e)
{
	(void)set;
	if (!json_is_array(k->value))
		return add_type(k, k->value, e);
	for (size_t i = 0; i < json_array_size(k->value); i++)
		if (add_type(k, json_array_get(k->value, i), e) < 0)
			return -1;
	return 0;
}

static int
check_strings(const struct key *k, const json_t *list, struct err *e)
{
	if (!json_is_array(list))
		return set_fail(k, e, "应为文字的列表");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!json_is_string(json_array_get(list, i)))
			return set_fail(k, e, "应为文字的列表");
	return 0;
}

int
compile_strings(struct schema_set *set, struct key *k, struct err *e)
{
	if (check_strings(k, k->value, e) < 0)
		return -1;
	k->n = json_array_size(k->value);
	k->names = set_alloc(set, (k->n + 1) * sizeof(*k->names));
	for (size_t i = 0; i < k->n; i++)
		k->names[i] = json_string_value(json_array_get(k->value, i));
	return 0;
}

int
compile_dep_required(struct schema_set *set, struct key *k, struct err *e)
{
	const char *name;
	json_t *list;

	if (!json_is_object(k->value))
		return set_fail(k, e, "应为对象");
	k->names = set_alloc(
	    set, (json_object_size(k->value) + 1) * sizeof(*k->names));
	json_object_foreach (json_lend(k->value), name, list) {
		if (check_strings(k, list, e) < 0)
			return -1;
		k->names[k->n++] = name;
	}
	return 0;
}

int
compile_pattern(struct schema_set *set, struct key *k, struct err *e)
{
	if (!json_is_string(k->value))
		return set_fail(k, e, "应为文字");
	k->n = 1;
	k->regexes = set_alloc(set, sizeof(*k->regexes));
	k->regexes[0] = set_regex(set, k, json_string_value(k->value), e);
	return k->regexes[0] ? 0 : -1;
}

int
compile_format(struct schema_set *set, struct key *k, struct err *e)
{
	const char *name = json_string_value(k->value);

	(void)set;
	k->format = name ? format_find(name) : NULL;
	return k->format
		   ? 0
		   : set_fail(k, e, "是不支持的格式：%s", name ? name : "");
}

static int
add_node(struct schema_set *set, struct key *k, const json_t *v,
    const char *name, struct err *e)
{
	if (!json_is_object(v) && !json_is_boolean(v))
		return set_fail(k, e, "里应为模式（对象或true、false）");
	k->names[k->n] = name;
	k->nodes[k->n++] = set_schema_at(set, v);
	return 0;
}

static int
add_list(struct schema_set *set, struct key *k, struct err *e)
{
	if (!json_is_array(k->value) || json_array_size(k->value) == 0)
		return set_fail(k, e, "应为非空的列表");
	for (size_t i = 0; i < json_array_size(k->value); i++)
		if (add_node(set, k, json_array_get(k->value, i), NULL, e) < 0)
			return -1;
	return 0;
}

static int
add_map(struct schema_set *set, struct key *k, struct err *e)
{
	const char *name;
	json_t *v;

	if (!json_is_object(k->value))
		return set_fail(k, e, "应为对象");
	json_object_foreach (json_lend(k->value), name, v)
		if (add_node(set, k, v, name, e) < 0)
			return -1;
	return 0;
}

int
compile_nodes(struct schema_set *set, struct key *k, struct err *e)
{
	size_t n = 1 + json_array_size(k->value) + json_object_size(k->value);

	k->nodes = set_alloc(set, n * sizeof(*k->nodes));
	k->names = set_alloc(set, n * sizeof(*k->names));
	if (k->kw->shape == SHAPE_LIST)
		return add_list(set, k, e);
	if (k->kw->shape == SHAPE_MAP)
		return add_map(set, k, e);
	return add_node(set, k, k->value, NULL, e);
}

int
compile_patterns(struct schema_set *set, struct key *k, struct err *e)
{
	if (compile_nodes(set, k, e) < 0)
		return -1;
	k->regexes = set_alloc(set, (k->n + 1) * sizeof(*k->regexes));
	for (size_t i = 0; i < k->n; i++) {
		k->regexes[i] = set_regex(set, k, k->names[i], e);
		if (!k->regexes[i])
			return -1;
	}
	return 0;
}

static const struct key *
find_key(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (strcmp(s->keys[i].kw->name, name) == 0)
			return &s->keys[i];
	return NULL;
}

int
compile_additional(struct schema_set *set, struct key *k, struct err *e)
{
	k->named = json_object_get(k->owner->src, "properties");
	k->patterns = find_key(k->owner, "patternProperties");
	return compile_nodes(set, k, e);
}

int
compile_items(struct schema_set *set, struct key *k, struct err *e)
{
	k->min = json_array_size(json_object_get(k->owner->src, "prefixItems"));
	return compile_nodes(set, k, e);
}

int
compile_contains(struct schema_set *set, struct key *k, struct err *e)
{
	const json_t *src = k->owner->src;

	k->min = 1;
	k->max = SIZE_MAX;
	if (set_uses(k->owner, VOCAB_VALIDATION)) {
		read_count(json_object_get(src, "minContains"), &k->min);
		read_count(json_object_get(src, "maxContains"), &k->max);
	}
	return compile_nodes(set, k, e);
}

/* nodes: if, then, else; NULL for what is not there. */
int
compile_if(struct schema_set *set, struct key *k, struct err *e)
{
	static const char *const names[] = {"if", "then", "else"};

	k->n = 3;
	k->nodes = set_alloc(set, k->n * sizeof(*k->nodes));
	for (size_t i = 0; i < k->n; i++) {
		const json_t *v = json_object_get(k->owner->src, names[i]);

		if (v && !json_is_object(v) && !json_is_boolean(v))
			return set_fail(k, e, "里应为模式");
		k->nodes[i] = v ? set_schema_at(set, v) : NULL;
	}
	return 0;
}

static int
resolve(
    struct schema_set *set, struct key *k, const char **anchor, struct err *e)
{
	struct err why;

	if (!json_is_string(k->value))
		return set_fail(k, e, "应为文字");
	k->n = 1;
	k->nodes = set_alloc(set, sizeof(*k->nodes));
	err_init(&why);
	k->nodes[0] = set_resolve(
	    set, k->owner, json_string_value(k->value), anchor, &why);
	return k->nodes[0] ? 0 : set_fail(k, e, "无法解析，%s", why.detail);
}

int
compile_ref(struct schema_set *set, struct key *k, struct err *e)
{
	const char *anchor;

	return resolve(set, k, &anchor, e);
}

int
compile_dyn_ref(struct schema_set *set, struct key *k, struct err *e)
{
	return resolve(set, k, &k->anchor, e);
}

static bool
is_known(const char *name)
{
	for (const struct keyword *kw = schema_keywords; kw->name; kw++)
		if (strcmp(kw->name, name) == 0)
			return true;
	return strncmp(name, "x-", 2) == 0;
}

static int
refuse_unknown(const struct schema *s, struct err *e)
{
	const char *name;
	json_t *v;

	json_object_foreach (json_lend(s->src), name, v)
		if (!is_known(name))
			return err_set(e, ERR_CONFIG,
			    "模式 %s#%s 里有不认识的关键字：%s", s->res->uri,
			    s->where, name);
	return 0;
}

/* Keywords without a check are compiled for their faults, then dropped. */
static int
compile_keys(struct schema_set *set, struct schema *s, struct err *e)
{
	const struct keyword *kw;

	s->keys =
	    set_alloc(set, (json_object_size(s->src) + 1) * sizeof(*s->keys));
	for (kw = schema_keywords; kw->name; kw++) {
		struct key *k = &s->keys[s->nkeys];
		const json_t *v = json_object_get(s->src, kw->name);

		if (!v || !kw->compile || !set_uses(s, kw->vocab))
			continue;
		*k = (struct key){.kw = kw, .owner = s, .value = v};
		if (kw->compile(set, k, e) < 0)
			return -1;
		if (kw->vocab == VOCAB_UNEVALUATED)
			s->unevaluated = true;
		s->nkeys += kw->check != NULL;
	}
	return 0;
}

static int
compile_schema(struct schema_set *set, struct schema *s, struct err *e)
{
	if (set_read_dialect(set, s->res, e) < 0)
		return -1;
	if (set_uses(s, VOCAB_STRICT) && refuse_unknown(s, e) < 0)
		return -1;
	return compile_keys(set, s, e);
}

const struct schema *
schema_set_compile(struct schema_set *set, const char *uri, struct err *e)
{
	const struct schema *root = set_lookup(set, uri, e);

	if (!root)
		return NULL;
	while (set->queue) {
		struct schema *s = set->queue;

		set->queue = s->next;
		if (compile_schema(set, s, e) < 0)
			return NULL;
	}
	return root;
}
