#include "schema/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "schema/uri.h"

/* Where a JSON pointer has come to: the value and the resource it is in. */
struct spot {
	const json_t *v;
	struct resource *res;
};

static const char *
unescape(char *token)
{
	char *out = token;

	for (char *p = token; *p; p++) {
		if (p[0] == '~' && (p[1] == '0' || p[1] == '1'))
			*out++ = *++p == '0' ? '~' : '/';
		else
			*out++ = *p;
	}
	*out = '\0';
	return token;
}

static const json_t *
array_step(const json_t *v, const char *token)
{
	size_t i = 0;

	if (*token == '\0' || strlen(token) > 9)
		return NULL;
	for (; *token; token++) {
		if (*token < '0' || *token > '9')
			return NULL;
		i = i * 10 + (size_t)(*token - '0');
	}
	return json_array_get(v, i);
}

static struct spot
step(const struct schema_set *set, struct spot at, char *token)
{
	const struct schema *node;

	if (json_is_array(at.v))
		at.v = array_step(at.v, token);
	else
		at.v = json_object_get(at.v, unescape(token));
	node = at.v ? set_find_node(set, at.v) : NULL;
	if (node)
		at.res = node->res;
	return at;
}

/* `pointer` is "/a/b"; it is cut into tokens on the way. */
static struct spot
walk(const struct schema_set *set, struct resource *res, char *pointer)
{
	struct spot at = {res->root, res};
	char *next;

	for (char *p = *pointer ? pointer : NULL; at.v && p; p = next) {
		char *token = p + 1;

		next = strchr(token, '/');
		if (next)
			*next = '\0';
		at = step(set, at, token);
		if (next)
			*next = '/';
	}
	return at;
}

static const struct schema *
lookup_pointer(struct schema_set *set, struct resource *res,
    const char *pointer, struct err *e)
{
	char *tokens = arena_strdup(&set->arena, pointer);
	struct spot at = walk(set, res, tokens);

	if (at.v && json_is_boolean(at.v))
		return json_is_true(at.v) ? &schema_true : &schema_false;
	if (!at.v || !json_is_object(at.v)) {
		err_set(e, ERR_CONFIG, "找不到模式：%s#%s", res->uri, pointer);
		return NULL;
	}
	/* Below an unknown keyword nothing was scanned: it is a schema now. */
	if (!set_find_node(set, at.v) &&
	    set_scan(set, at.res, at.v, arena_strdup(&set->arena, pointer), e) <
		0)
		return NULL;
	return set_schema_at(set, at.v);
}

const struct schema *
set_lookup(struct schema_set *set, const char *uri, struct err *e)
{
	char *base = arena_strdup(&set->arena, uri);
	const char *fragment = uri_cut_fragment(base);
	struct resource *res = map_get(&set->resources, base, strlen(base));
	struct schema *s;
	const char *key;

	if (!res) {
		err_set(e, ERR_CONFIG, "找不到模式：%s", uri);
		return NULL;
	}
	if (fragment[0] == '/' || fragment[0] == '\0')
		return lookup_pointer(set, res, fragment, e);
	/* The resource may be known under a second address as well. */
	key = arena_printf(&set->arena, "%s#%s", res->uri, fragment);
	s = map_get(&set->anchors, key, strlen(key));
	if (!s) {
		err_set(e, ERR_CONFIG, "找不到模式的锚点：%s", uri);
		return NULL;
	}
	set_queue(set, s);
	return s;
}

static bool
has_dynamic_anchor(const struct schema *s, const char *name)
{
	const char *own = json_peek_str(s->src, "$dynamicAnchor");

	return own && name[0] && strcmp(own, name) == 0;
}

const struct schema *
set_resolve(struct schema_set *set, const struct schema *from, const char *ref,
    const char **anchor, struct err *e)
{
	char *uri = uri_resolve(&set->arena, from->res->uri, ref);
	const struct schema *s = set_lookup(set, uri, e);
	const char *fragment = uri_cut_fragment(uri);

	*anchor = NULL;
	if (s && s->fixed < 0 && has_dynamic_anchor(s, fragment))
		*anchor = fragment;
	return s;
}
