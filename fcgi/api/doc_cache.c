#include "api/doc_cache.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"

#define SLOTS 256U

struct slot {
	pthread_mutex_t mutex;
	enum coll coll;
	int64_t rev;
	json_t *doc; /* NULL: free */
};

struct doc_cache {
	struct slot slots[SLOTS];
};

struct doc_cache *
doc_cache_new(void)
{
	struct doc_cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	for (unsigned i = 0; i < SLOTS; i++)
		pthread_mutex_init(&c->slots[i].mutex, NULL);
	return c;
}

void
doc_cache_free(struct doc_cache *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < SLOTS; i++) {
		json_decref(c->slots[i].doc);
		pthread_mutex_destroy(&c->slots[i].mutex);
	}
	free(c);
}

/* new reference, or NULL. */
static json_t *
look_up(struct slot *s, enum coll coll, const char *id, int64_t rev)
{
	json_t *doc = NULL;

	pthread_mutex_lock(&s->mutex);
	if (s->doc != NULL && s->coll == coll && s->rev == rev &&
	    strcmp(json_peek_str(s->doc, "_id"), id) == 0)
		doc = json_incref(s->doc);
	pthread_mutex_unlock(&s->mutex);
	return doc;
}

static void
keep(struct slot *s, enum coll coll, json_t *doc)
{
	json_t *old;

	pthread_mutex_lock(&s->mutex);
	old = s->doc;
	s->coll = coll;
	s->rev = json_peek_int(doc, "rev", 0);
	s->doc = json_incref(doc);
	pthread_mutex_unlock(&s->mutex);
	json_decref(old);
}

json_t *
doc_cache_get(struct doc_cache *c, struct store *store, enum coll coll,
    const char *id, struct err *e)
{
	struct slot *s = &c->slots[hash_text(id) % SLOTS];
	json_t *doc;
	int64_t rev;

	if (store_get_rev(store, coll, id, &rev, e) < 0)
		return NULL;
	doc = look_up(s, coll, id, rev);
	if (doc != NULL)
		return doc;
	doc = store_get_json(store, coll, id, e);
	if (doc != NULL)
		keep(s, coll, doc);
	return doc;
}
