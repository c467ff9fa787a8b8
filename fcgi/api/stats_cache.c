#include "api/stats_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/*
 * Direct-mapped: a question has one slot, and two that share it take turns.
 * With a thousand slots and a handful of questions a day that is rare, and
 * there is no list to keep in order.
 */
#define SLOTS 1024U

struct stats_entry {
	atomic_int pins; /* one for the slot, one for each reader */
	int64_t stamp;
	size_t len;
	size_t keylen;
	char bytes[]; /* key, NUL, text, NUL */
};

struct stats_cache {
	pthread_mutex_t mutex;
	size_t limit;
	size_t used;
	unsigned hand; /* next slot to give up when space is short */
	uint64_t hits;
	uint64_t misses;
	struct stats_entry *slots[SLOTS];
};

static size_t
entry_size(const struct stats_entry *en)
{
	return sizeof(*en) + en->keylen + en->len + 2;
}

static unsigned
slot_of(uint64_t h)
{
	return (unsigned)(h ^ (h >> 32)) % SLOTS;
}

struct stats_cache *
stats_cache_new(size_t limit)
{
	struct stats_cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	pthread_mutex_init(&c->mutex, NULL);
	c->limit = limit;
	return c;
}

static void
slot_clear(struct stats_cache *c, unsigned i)
{
	struct stats_entry *en = c->slots[i];

	if (en == NULL)
		return;
	c->slots[i] = NULL;
	c->used -= entry_size(en);
	stats_cache_unpin(en);
}

void
stats_cache_free(struct stats_cache *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < SLOTS; i++)
		slot_clear(c, i);
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

struct stats_entry *
stats_cache_get(
    struct stats_cache *c, const char *key, uint64_t hash, int64_t stamp)
{
	struct stats_entry *en;

	pthread_mutex_lock(&c->mutex);
	en = c->slots[slot_of(hash)];
	if (en != NULL && en->stamp == stamp && strcmp(en->bytes, key) == 0) {
		atomic_fetch_add(&en->pins, 1);
		c->hits++;
	} else {
		en = NULL;
		c->misses++;
	}
	pthread_mutex_unlock(&c->mutex);
	return en;
}

static struct stats_entry *
entry_new(const char *key, int64_t stamp, const char *text, size_t len)
{
	size_t keylen = strlen(key);
	struct stats_entry *en = malloc(sizeof(*en) + keylen + len + 2);

	if (en == NULL)
		abort();
	atomic_init(&en->pins, 1);
	en->stamp = stamp;
	en->len = len;
	en->keylen = keylen;
	memcpy(en->bytes, key, keylen + 1);
	memcpy(en->bytes + keylen + 1, text, len);
	en->bytes[keylen + 1 + len] = '\0';
	return en;
}

void
stats_cache_put(struct stats_cache *c, const char *key, uint64_t hash,
    int64_t stamp, const char *text, size_t len)
{
	struct stats_entry *en;
	unsigned slot = slot_of(hash);

	if (len > c->limit / 8)
		return;
	en = entry_new(key, stamp, text, len);
	pthread_mutex_lock(&c->mutex);
	slot_clear(c, slot);
	while (c->used + entry_size(en) > c->limit && c->used > 0)
		slot_clear(c, c->hand++ % SLOTS);
	c->slots[slot] = en;
	c->used += entry_size(en);
	pthread_mutex_unlock(&c->mutex);
}

void
stats_cache_unpin(void *entry)
{
	struct stats_entry *en = entry;

	if (en != NULL && atomic_fetch_sub(&en->pins, 1) == 1)
		free(en);
}

const char *
stats_entry_text(const struct stats_entry *en, size_t *len)
{
	*len = en->len;
	return en->bytes + en->keylen + 1;
}

void
stats_cache_metrics(struct stats_cache *c, struct buf *out)
{
	pthread_mutex_lock(&c->mutex);
	buf_addf(out,
	    "# TYPE minsheng_stats_cache_hits_total counter\n"
	    "minsheng_stats_cache_hits_total %llu\n"
	    "# TYPE minsheng_stats_cache_misses_total counter\n"
	    "minsheng_stats_cache_misses_total %llu\n"
	    "# TYPE minsheng_stats_cache_bytes gauge\n"
	    "minsheng_stats_cache_bytes %zu\n",
	    (unsigned long long)c->hits, (unsigned long long)c->misses,
	    c->used);
	pthread_mutex_unlock(&c->mutex);
}
