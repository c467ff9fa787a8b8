#include "schema/map.h"

#include <stdint.h>
#include <string.h>

#include "base/hash.h"

#define MAP_SLOTS 64

struct map_entry {
	struct map_entry *next;
	uint64_t hash;
	size_t len;
	void *value;
	char key[];
};

static uint64_t
hash_key(const void *key, size_t len)
{
	uint64_t h = hash_more(HASH_START, key, len);

	return h ^ (h >> 29);
}

static struct map_entry *
find(const struct map *m, uint64_t hash, const void *key, size_t len)
{
	struct map_entry *it;

	if (m->nslots == 0)
		return NULL;
	for (it = m->slots[hash % m->nslots]; it; it = it->next)
		if (it->hash == hash && it->len == len &&
		    memcmp(it->key, key, len) == 0)
			return it;
	return NULL;
}

static void
grow(struct map *m, struct arena *a)
{
	size_t nslots = m->nslots ? m->nslots * 2 : MAP_SLOTS;
	struct map_entry **slots = arena_alloc(a, nslots * sizeof(*slots));

	for (size_t i = 0; i < m->nslots; i++)
		for (struct map_entry *it = m->slots[i], *next; it; it = next) {
			next = it->next;
			it->next = slots[it->hash % nslots];
			slots[it->hash % nslots] = it;
		}
	m->slots = slots;
	m->nslots = nslots;
}

void *
map_get(const struct map *m, const void *key, size_t len)
{
	struct map_entry *it = find(m, hash_key(key, len), key, len);

	return it ? it->value : NULL;
}

void
map_put(
    struct map *m, struct arena *a, const void *key, size_t len, void *value)
{
	uint64_t hash = hash_key(key, len);
	struct map_entry *it = find(m, hash, key, len);

	if (it) {
		it->value = value;
		return;
	}
	if (m->n >= m->nslots)
		grow(m, a);
	it = arena_alloc(a, sizeof(*it) + len);
	it->hash = hash;
	it->len = len;
	it->value = value;
	memcpy(it->key, key, len);
	it->next = m->slots[hash % m->nslots];
	m->slots[hash % m->nslots] = it;
	m->n++;
}
