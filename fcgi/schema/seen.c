#include <stdlib.h>

#include "schema/check.h"

static void *
grow(void *list, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return list;
	*cap = *cap ? *cap * 2 : 16;
	list = realloc(list, *cap * size);
	if (!list)
		abort();
	return list;
}

void
seen_key(struct seen *s, const char *key)
{
	if (!s || s->all_keys)
		return;
	s->keys = grow(s->keys, s->nkeys, &s->capkeys, sizeof(*s->keys));
	s->keys[s->nkeys++] = key;
}

void
seen_item(struct seen *s, size_t index)
{
	if (!s || s->all_items || index < s->prefix)
		return;
	s->items = grow(s->items, s->nitems, &s->capitems, sizeof(*s->items));
	s->items[s->nitems++] = index;
}

void
seen_prefix(struct seen *s, size_t n)
{
	if (s && n > s->prefix)
		s->prefix = n;
}

static int
order_keys(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return (*x > *y) - (*x < *y);
}

static int
order_items(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
seen_sort(struct seen *s)
{
	if (s->nkeys > 1)
		qsort(s->keys, s->nkeys, sizeof(*s->keys), order_keys);
	if (s->nitems > 1)
		qsort(s->items, s->nitems, sizeof(*s->items), order_items);
}

bool
seen_has_key(const struct seen *s, const char *key)
{
	return s->all_keys ||
	       (s->nkeys > 0 && bsearch(&key, s->keys, s->nkeys,
				    sizeof(*s->keys), order_keys));
}

bool
seen_has_item(const struct seen *s, size_t index)
{
	return s->all_items || index < s->prefix ||
	       (s->nitems > 0 && bsearch(&index, s->items, s->nitems,
				     sizeof(*s->items), order_items));
}
