#include <string.h>

#include "schema/check.h"
#include "schema/keywords.h"

/*
 * Keywords that apply schemas to the value itself: references, boolean
 * combinations, conditions.
 */

bool
check_ref(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	return check_node(c, k, k->nodes[0], v, seen);
}

static const struct schema *
find_dynamic(const struct resource *res, const char *name)
{
	for (const struct anchor *a = res->dynamic; a; a = a->next)
		if (strcmp(a->name, name) == 0)
			return a->schema;
	return NULL;
}

/* The outermost resource on the way here that has the anchor decides. */
bool
check_dyn_ref(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	const struct schema *node = k->nodes[0];

	if (k->anchor)
		for (const struct scope *it = c->scope; it; it = it->up) {
			const struct schema *s =
			    find_dynamic(it->res, k->anchor);

			node = s ? s : node;
		}
	return check_node(c, k, node, v, seen);
}

bool
check_all_of(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;

	for (size_t i = 0; i < k->n; i++) {
		if (!check_node(c, k, k->nodes[i], v, seen))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	return ok;
}

/* Every branch is tried when somebody asks what they have looked at. */
bool
check_any_of(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool any = false;

	for (size_t i = 0; i < k->n; i++) {
		if (check_quietly(c, k, k->nodes[i], v, seen))
			any = true;
		if (any && !seen)
			return true;
	}
	return any || check_fail_branches(c, k, v, seen);
}

bool
check_one_of(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		if (check_quietly(c, k, k->nodes[i], v, seen) && ++n > 1)
			return check_fail_own(
			    c, k, "同时符合两种写法，只能符合其中一种");
	return n == 1 || check_fail_branches(c, k, v, seen);
}

bool
check_not(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	if (!check_quietly(c, k, k->nodes[0], v, NULL))
		return true;
	return check_fail_own(c, k, "不允许这样填写");
}

/* nodes: if, then, else; the latter two may be NULL. */
bool
check_if(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool yes = check_quietly(c, k, k->nodes[0], v, seen);
	const struct schema *next = k->nodes[yes ? 1 : 2];

	return !next || check_node(c, k, next, v, seen);
}

bool
check_dep_schemas(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;

	if (!json_is_object(v))
		return true;
	for (size_t i = 0; i < k->n; i++) {
		if (json_object_get(v, k->names[i]) &&
		    !check_node(c, k, k->nodes[i], v, seen))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	return ok;
}
