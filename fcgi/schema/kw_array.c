#include <stdlib.h>

#include "schema/check.h"
#include "schema/keywords.h"
#include "schema/value.h"

bool
check_min_items(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n = json_array_size(v);

	(void)seen;
	return !json_is_array(v) || n >= k->min ||
	       check_fail(c, k, "至少要有%zu项（现有%zu项）", k->min, n);
}

bool
check_max_items(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n = json_array_size(v);

	(void)seen;
	return !json_is_array(v) || n <= k->min ||
	       check_fail(c, k, "最多只能有%zu项（现有%zu项）", k->min, n);
}

struct hashed {
	uint64_t hash;
	size_t index;
};

static int
order_hashed(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Equal values have equal hashes, so they stand together once sorted. */
static bool
find_twins(const json_t *v, size_t *first, size_t *second)
{
	size_t n = json_array_size(v);
	struct hashed *list = calloc(n, sizeof(*list));
	bool found = false;

	if (!list)
		abort();
	for (size_t i = 0; i < n; i++)
		list[i] = (struct hashed){value_hash(json_array_get(v, i)), i};
	qsort(list, n, sizeof(*list), order_hashed);
	for (size_t i = 0; i < n && !found; i++)
		for (size_t j = i + 1; j < n && !found; j++) {
			if (list[i].hash != list[j].hash)
				break;
			*first = list[i].index;
			*second = list[j].index;
			found = value_equal(json_array_get(v, *first),
			    json_array_get(v, *second));
		}
	free(list);
	return found;
}

bool
check_unique_items(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t i = 0, j = 0;

	(void)seen;
	if (!json_is_array(v) || json_array_size(v) < 2 ||
	    !json_is_true(k->value) || !find_twins(v, &i, &j))
		return true;
	return check_fail(c, k, "第%zu项与第%zu项重复", i + 1, j + 1);
}

bool
check_prefix_items(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n = json_array_size(v) < k->n ? json_array_size(v) : k->n;
	bool ok = true;

	seen_prefix(seen, n);
	for (size_t i = 0; i < n; i++) {
		if (!check_item(c, k, k->nodes[i], json_array_get(v, i), i))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	return ok;
}

/* k->min: how many items prefixItems has taken. */
bool
check_items(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;

	for (size_t i = k->min; i < json_array_size(v); i++) {
		if (!check_item(c, k, k->nodes[0], json_array_get(v, i), i))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	seen_prefix(seen, json_array_size(v));
	return ok;
}

static bool
item_fits(struct check *c, const struct key *k, const json_t *v, size_t i)
{
	enum check_mode mode = c->mode;
	bool ok;

	c->mode = CHECK_QUIET;
	ok = check_item(c, k, k->nodes[0], json_array_get(v, i), i);
	c->mode = mode;
	return ok;
}

bool
check_contains(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n = 0;

	if (!json_is_array(v))
		return true;
	for (size_t i = 0; i < json_array_size(v); i++)
		if (item_fits(c, k, v, i)) {
			seen_item(seen, i);
			n++;
		}
	if (n < k->min)
		return check_fail_own(
		    c, k, "至少要有%zu项符合要求（现有%zu项）", k->min, n);
	if (n > k->max)
		return check_fail_own(
		    c, k, "这样的项最多只能有%zu个（现有%zu个）", k->max, n);
	return true;
}

/* A schema with this keyword has a list of its own: seen is never NULL. */
bool
check_unevaluated_items(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	bool ok = true;

	if (!json_is_array(v))
		return true;
	seen_sort(seen);
	for (size_t i = 0; i < json_array_size(v); i++) {
		if (seen_has_item(seen, i))
			continue;
		if (!check_item(c, k, k->nodes[0], json_array_get(v, i), i))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	seen->all_items = true;
	return ok;
}
