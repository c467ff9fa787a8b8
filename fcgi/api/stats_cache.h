#ifndef API_STATS_CACHE_H
#define API_STATS_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Rendered answers of statistics, by question and change stamp: what is
 * found is never older than the stamp it is asked for.  Bounded in bytes;
 * safe from any thread.
 */
struct stats_cache;
struct stats_entry;

/* new.  limit 0: keeps nothing. */
struct stats_cache *stats_cache_new(size_t limit);
void stats_cache_free(struct stats_cache *c);

/*
 * `hash` is hash_text(key), which callers have anyway.
 * The answer to `key` made at `stamp`, pinned until stats_cache_unpin; NULL
 * when there is none.
 */
struct stats_entry *stats_cache_get(
    struct stats_cache *c, const char *key, uint64_t hash, int64_t stamp);
/* Keep a copy of the text; what was there for the key goes. */
void stats_cache_put(struct stats_cache *c, const char *key, uint64_t hash,
    int64_t stamp, const char *text, size_t len);
/* void * so that it can be a request's release function. */
void stats_cache_unpin(void *entry);

/* borrowed until unpinned. */
const char *stats_entry_text(const struct stats_entry *en, size_t *len);

/* For /metrics. */
void stats_cache_metrics(struct stats_cache *c, struct buf *out);

#endif
