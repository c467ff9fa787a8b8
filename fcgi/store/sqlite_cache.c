#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "store/sqlite.h"

/*
 * Stored documents in memory, so that a hot one is read without SQLite and
 * without a system call.  A document is never older than the last write that
 * was acknowledged:
 *
 * - the writer, after the commit and before anybody is told of it, counts the
 *   stripe's generation up and replaces or erases what is kept;
 * - a reader notes the generation before it reads the file, and what it read
 *   is kept only when the generation is still the same.
 *
 * Each document has one place.  The stripes share nothing, so the bound of
 * all is the sum of theirs.
 */
#define STRIPES 16
#define SLOTS 256 /* of a stripe */
#define STRIPE_BYTES (CACHE_BYTES / STRIPES)
_Static_assert(CACHE_DOC_MAX * 2 <= STRIPE_BYTES, "room for the largest");

struct cached {
	struct stored doc; /* first: what readers see */
	atomic_uint refs;
	enum coll coll;
	size_t size;  /* of all this */
	char bytes[]; /* id, text */
};

struct slot {
	struct cached *d; /* NULL: free */
	bool used;        /* since the hand or a rival passed by */
};

struct stripe {
	pthread_mutex_t lock;
	uint64_t gen;
	uint64_t hits;
	size_t bytes;
	size_t hand; /* where the search for something to drop goes on */
	struct slot slots[SLOTS];
};

struct cache {
	struct stripe stripes[STRIPES];
};

struct cache *
cache_new(void)
{
	struct cache *k = calloc(1, sizeof(*k));

	if (k == NULL)
		abort();
	for (size_t i = 0; i < STRIPES; i++)
		pthread_mutex_init(&k->stripes[i].lock, NULL);
	return k;
}

void
cache_drop(const struct stored *doc)
{
	struct cached *d = (struct cached *)(uintptr_t)doc;

	if (atomic_fetch_sub(&d->refs, 1) == 1)
		free(d);
}

/* With the lock held. */
static void
erase(struct stripe *t, struct slot *at)
{
	if (at->d == NULL)
		return;
	t->bytes -= at->d->size;
	cache_drop(&at->d->doc);
	at->d = NULL;
}

void
cache_clear(struct cache *k)
{
	for (size_t i = 0; k != NULL && i < STRIPES; i++) {
		struct stripe *t = &k->stripes[i];

		pthread_mutex_lock(&t->lock);
		t->gen++;
		for (size_t n = 0; n < SLOTS; n++)
			erase(t, &t->slots[n]);
		pthread_mutex_unlock(&t->lock);
	}
}

void
cache_free(struct cache *k)
{
	if (k == NULL)
		return;
	cache_clear(k);
	for (size_t i = 0; i < STRIPES; i++)
		pthread_mutex_destroy(&k->stripes[i].lock);
	free(k);
}

/* Where a document is kept, if it is. */
struct where {
	struct stripe *t;
	struct slot *at;
};

static struct where
locate(struct cache *k, enum coll c, const char *id)
{
	uint64_t h = hash_more(HASH_START + (uint64_t)c, id, strlen(id));

	h ^= h >> 32;
	struct stripe *t = &k->stripes[h % STRIPES];

	return (struct where){t, &t->slots[h / STRIPES % SLOTS]};
}

static bool
holds(const struct slot *at, enum coll c, const char *id)
{
	return at->d != NULL && at->d->coll == c &&
	       strcmp(at->d->bytes, id) == 0;
}

const struct stored *
cache_take(struct cache *k, enum coll c, const char *id, uint64_t *gen)
{
	if (k == NULL)
		return NULL;
	struct where w = locate(k, c, id);
	struct cached *d = NULL;

	pthread_mutex_lock(&w.t->lock);
	*gen = w.t->gen;
	if (holds(w.at, c, id)) {
		d = w.at->d;
		atomic_fetch_add(&d->refs, 1);
		w.at->used = true;
		w.t->hits++;
	}
	pthread_mutex_unlock(&w.t->lock);
	return d != NULL ? &d->doc : NULL;
}

/* new, with one reference; NULL: too large. */
static struct cached *
copy_doc(enum coll c, const char *id, const struct stored *doc)
{
	size_t nid = strlen(id) + 1;
	size_t size = sizeof(struct cached) + nid + doc->len + 1;
	struct cached *d;

	if (size > CACHE_DOC_MAX)
		return NULL;
	d = malloc(size);
	if (d == NULL)
		abort();
	d->doc = *doc;
	atomic_init(&d->refs, 1);
	d->coll = c;
	d->size = size;
	memcpy(d->bytes, id, nid);
	memcpy(d->bytes + nid, doc->text, doc->len);
	d->bytes[nid + doc->len] = '\0';
	d->doc.text = d->bytes + nid;
	return d;
}

/* With the lock held: put d, after dropping what nobody used for a while. */
static void
place(struct stripe *t, struct slot *at, struct cached *d)
{
	erase(t, at);
	while (t->bytes + d->size > STRIPE_BYTES) {
		struct slot *old = &t->slots[t->hand++ % SLOTS];

		if (!old->used)
			erase(t, old);
		old->used = false;
	}
	t->bytes += d->size;
	at->d = d;
}

void
cache_put(struct cache *k, enum coll c, const char *id, uint64_t gen,
    const struct stored *doc)
{
	if (k == NULL)
		return;
	struct where w = locate(k, c, id);
	struct cached *d = copy_doc(c, id, doc);

	if (d == NULL)
		return;
	pthread_mutex_lock(&w.t->lock);
	if (w.t->gen != gen) {
		cache_drop(&d->doc); /* somebody wrote: it may be old */
	} else if (w.at->d != NULL && w.at->used && !holds(w.at, c, id)) {
		w.at->used = false; /* one more turn for a hot rival */
		cache_drop(&d->doc);
	} else {
		place(w.t, w.at, d);
	}
	pthread_mutex_unlock(&w.t->lock);
}

void
cache_settle(
    struct cache *k, enum coll c, const char *id, const struct stored *doc)
{
	if (k == NULL)
		return;
	struct where w = locate(k, c, id);

	pthread_mutex_lock(&w.t->lock);
	w.t->gen++;
	if (holds(w.at, c, id)) {
		struct cached *d = doc != NULL ? copy_doc(c, id, doc) : NULL;

		erase(w.t, w.at);
		if (d != NULL)
			place(w.t, w.at, d);
	}
	pthread_mutex_unlock(&w.t->lock);
}

void
cache_count(struct cache *k, size_t *bytes, uint64_t *hits)
{
	*bytes = 0;
	*hits = 0;
	for (size_t i = 0; k != NULL && i < STRIPES; i++) {
		struct stripe *t = &k->stripes[i];

		pthread_mutex_lock(&t->lock);
		*bytes += t->bytes;
		*hits += t->hits;
		pthread_mutex_unlock(&t->lock);
	}
}
