#include "schema/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "schema/uri.h"

/* A schema that nests deeper than this is not one anybody wrote. */
#define SCAN_DEPTH 200

struct scan {
	struct schema_set *set;
	struct err *e;
	int depth;
};

static int scan_value(
    struct scan *sc, struct resource *res, const json_t *v, const char *where);

struct schema *
set_find_node(const struct schema_set *set, const json_t *v)
{
	return map_get(&set->nodes, &v, sizeof(v));
}

struct resource *
set_new_resource(
    struct schema_set *set, const char *uri, const json_t *root, struct err *e)
{
	struct resource *res = map_get(&set->resources, uri, strlen(uri));

	if (res && res->root != root) {
		err_set(e, ERR_CONFIG, "模式的地址重复：%s", uri);
		return NULL;
	}
	if (res)
		return res;
	res = arena_alloc(&set->arena, sizeof(*res));
	res->uri = arena_strdup(&set->arena, uri);
	res->root = root;
	map_put(&set->resources, &set->arena, uri, strlen(uri), res);
	return res;
}

static int
add_anchor(struct scan *sc, struct schema *s, const char *name)
{
	struct schema_set *set = sc->set;
	char *full = arena_printf(&set->arena, "%s#%s", s->res->uri, name);
	struct schema *old = map_get(&set->anchors, full, strlen(full));

	if (old && old != s)
		return err_set(sc->e, ERR_CONFIG, "模式的锚点重复：%s", full);
	map_put(&set->anchors, &set->arena, full, strlen(full), s);
	return 0;
}

static int
add_anchors(struct scan *sc, struct schema *s)
{
	const char *name = json_peek_str(s->src, "$anchor");
	const char *dynamic = json_peek_str(s->src, "$dynamicAnchor");
	struct anchor *a;

	if (name && add_anchor(sc, s, name) < 0)
		return -1;
	if (!dynamic)
		return 0;
	if (add_anchor(sc, s, dynamic) < 0)
		return -1;
	a = arena_alloc(&sc->set->arena, sizeof(*a));
	a->name = arena_strdup(&sc->set->arena, dynamic);
	a->schema = s;
	a->next = s->res->dynamic;
	s->res->dynamic = a;
	return 0;
}

/* "$id" below the root begins a resource of its own. */
static int
enter_resource(
    struct scan *sc, struct resource **res, const json_t *v, const char **where)
{
	const char *id = json_peek_str(v, "$id");
	struct resource *inner;
	char *uri;

	if (!id || (*res)->root == v)
		return 0;
	uri = uri_resolve(&sc->set->arena, (*res)->uri, id);
	if (*uri_cut_fragment(uri))
		return err_set(
		    sc->e, ERR_CONFIG, "模式的$id不能带片段：%s", id);
	inner = set_new_resource(sc->set, uri, v, sc->e);
	if (!inner)
		return -1;
	inner->parent = *res;
	*res = inner;
	*where = "";
	return 0;
}

/* One step of a JSON pointer, escaped. */
static char *
pointer_add(struct arena *a, const char *where, const char *name)
{
	char *out = arena_alloc(a, strlen(where) + strlen(name) * 2 + 2);
	char *p = out + strlen(where);

	memcpy(out, where, strlen(where));
	*p++ = '/';
	for (; *name; name++) {
		if (*name == '~' || *name == '/') {
			*p++ = '~';
			*p++ = *name == '~' ? '0' : '1';
		} else {
			*p++ = *name;
		}
	}
	return out;
}

static int
scan_map(
    struct scan *sc, struct resource *res, const json_t *v, const char *where)
{
	const char *name;
	json_t *sub;

	json_object_foreach (json_lend(v), name, sub)
		if (scan_value(sc, res, sub,
			pointer_add(&sc->set->arena, where, name)) < 0)
			return -1;
	return 0;
}

static int
scan_list(
    struct scan *sc, struct resource *res, const json_t *v, const char *where)
{
	for (size_t i = 0; i < json_array_size(v); i++)
		if (scan_value(sc, res, json_array_get(v, i),
			arena_printf(&sc->set->arena, "%s/%zu", where, i)) < 0)
			return -1;
	return 0;
}

static int
scan_keywords(
    struct scan *sc, struct resource *res, const json_t *v, const char *where)
{
	const struct keyword *kw;

	for (kw = schema_keywords; kw->name; kw++) {
		const json_t *sub = json_object_get(v, kw->name);
		const char *at;
		int rc = 0;

		if (!sub || kw->shape == SHAPE_NONE)
			continue;
		at = pointer_add(&sc->set->arena, where, kw->name);
		if (kw->shape == SHAPE_ONE)
			rc = scan_value(sc, res, sub, at);
		else if (kw->shape == SHAPE_LIST)
			rc = scan_list(sc, res, sub, at);
		else
			rc = scan_map(sc, res, sub, at);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/*
 * Values of a wrong type are passed over here: the compile functions refuse
 * them, with the keyword they stand in.
 */
static int
scan_value(
    struct scan *sc, struct resource *res, const json_t *v, const char *where)
{
	struct schema *s;
	int rc;

	if (!json_is_object(v) || set_find_node(sc->set, v))
		return 0;
	if (sc->depth >= SCAN_DEPTH)
		return err_set(sc->e, ERR_CONFIG, "模式嵌套过深：%s", res->uri);
	if (enter_resource(sc, &res, v, &where) < 0)
		return -1;
	s = arena_alloc(&sc->set->arena, sizeof(*s));
	s->res = res;
	s->src = v;
	s->where = where;
	s->fixed = -1;
	s->title = json_peek_str(v, "title");
	s->message = json_peek_str(v, "x-message");
	map_put(&sc->set->nodes, &sc->set->arena, &v, sizeof(v), s);
	if (add_anchors(sc, s) < 0)
		return -1;
	sc->depth++;
	rc = scan_keywords(sc, res, v, where);
	sc->depth--;
	return rc;
}

int
set_scan(struct schema_set *set, struct resource *res, const json_t *v,
    const char *where, struct err *e)
{
	struct scan sc = {.set = set, .e = e};

	return scan_value(&sc, res, v, where);
}
