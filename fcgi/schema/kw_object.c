#include <string.h>

#include "schema/check.h"
#include "schema/keywords.h"
#include "schema/value.h"

bool
check_required(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;

	(void)seen;
	if (!json_is_object(v))
		return true;
	for (size_t i = 0; i < k->n; i++) {
		if (json_object_get(v, k->names[i]))
			continue;
		ok = check_fail(c, k, "缺少必填项“%s”", k->names[i]);
		if (check_may_stop(c))
			return false;
	}
	return ok;
}

static bool
check_dependents(
    struct check *c, const struct key *k, const json_t *v, const char *name)
{
	const json_t *list = json_object_get(k->value, name);
	bool ok = true;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *need = json_string_value(json_array_get(list, i));

		if (!json_object_get(v, need))
			ok = check_fail(
			    c, k, "填了“%s”就必须填“%s”", name, need);
	}
	return ok;
}

bool
check_dep_required(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;

	(void)seen;
	if (!json_is_object(v))
		return true;
	for (size_t i = 0; i < k->n; i++)
		if (json_object_get(v, k->names[i]) &&
		    !check_dependents(c, k, v, k->names[i]))
			ok = false;
	return ok;
}

bool
check_min_properties(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n = json_object_size(v);

	(void)seen;
	return !json_is_object(v) || n >= k->min ||
	       check_fail(c, k, "至少要填%zu项（现有%zu项）", k->min, n);
}

bool
check_max_properties(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n = json_object_size(v);

	(void)seen;
	return !json_is_object(v) || n <= k->min ||
	       check_fail(c, k, "最多填%zu项（现有%zu项）", k->min, n);
}

bool
check_property_names(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	const struct schema *node = k->nodes[0];
	bool ok = true;
	const char *name;
	json_t *sub;

	(void)seen;
	if (!json_is_object(v))
		return true;
	json_object_foreach (json_lend(v), name, sub) {
		json_t *s = json_string_nocheck(name);
		bool fits = check_quietly(c, k, node, s, NULL);

		json_decref(s);
		if (fits)
			continue;
		ok = false;
		if (node->message)
			check_fail_member(c, k, name, "%s", node->message);
		else
			check_fail_member(
			    c, k, name, "项的名称“%s”不符合要求", name);
		if (check_may_stop(c))
			return false;
	}
	return ok;
}

bool
check_properties(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;

	if (!json_is_object(v))
		return true;
	for (size_t i = 0; i < k->n; i++) {
		void *it = json_object_iter_at(json_lend(v), k->names[i]);
		const char *name;

		if (!it)
			continue;
		name = json_object_iter_key(it);
		seen_key(seen, name);
		if (!check_member(
			c, k, k->nodes[i], json_object_iter_value(it), name))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	return ok;
}

bool
check_pattern_properties(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;
	const char *name;
	json_t *sub;

	if (!json_is_object(v))
		return true;
	json_object_foreach (json_lend(v), name, sub)
		for (size_t i = 0; i < k->n; i++) {
			if (!check_regex(c, k->regexes[i], name, strlen(name)))
				continue;
			seen_key(seen, name);
			if (!check_member(c, k, k->nodes[i], sub, name))
				ok = false;
			if (!ok && check_may_stop(c))
				return false;
		}
	return ok;
}

static bool
is_additional(struct check *c, const struct key *k, const char *name)
{
	if (k->named && json_object_get(k->named, name))
		return false;
	if (k->patterns)
		for (size_t i = 0; i < k->patterns->n; i++)
			if (check_regex(
				c, k->patterns->regexes[i], name, strlen(name)))
				return false;
	return true;
}

bool
check_additional(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;
	const char *name;
	json_t *sub;

	if (!json_is_object(v))
		return true;
	json_object_foreach (json_lend(v), name, sub) {
		if (!is_additional(c, k, name))
			continue;
		seen_key(seen, name);
		if (!check_member(c, k, k->nodes[0], sub, name))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	return ok;
}

/* A schema with this keyword has a list of its own: seen is never NULL. */
bool
check_unevaluated_properties(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;
	const char *name;
	json_t *sub;

	if (!json_is_object(v))
		return true;
	seen_sort(seen);
	json_object_foreach (json_lend(v), name, sub) {
		if (seen_has_key(seen, name))
			continue;
		if (!check_member(c, k, k->nodes[0], sub, name))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	seen->all_keys = true;
	return ok;
}
