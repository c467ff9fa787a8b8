#include "api/org_cache.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/import.h"
#include "base/hash.h"
#include "store/store.h"

#define SLOTS 64U

struct slot {
	char *division; /* NULL: free */
	int64_t stamp;  /* of every plan, read before the orgs were */
	json_t *orgs;
};

struct org_cache {
	pthread_mutex_t mutex;
	struct slot slots[SLOTS];
};

struct org_cache *
org_cache_new(void)
{
	struct org_cache *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	pthread_mutex_init(&c->mutex, NULL);
	return c;
}

void
org_cache_free(struct org_cache *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < SLOTS; i++) {
		free(c->slots[i].division);
		json_decref(c->slots[i].orgs);
	}
	pthread_mutex_destroy(&c->mutex);
	free(c);
}

static struct slot *
find_slot(struct org_cache *c, const char *division)
{
	return &c->slots[hash_text(division) % SLOTS];
}

/* new reference, or NULL. */
static json_t *
look_up(struct org_cache *c, const char *division, int64_t stamp)
{
	struct slot *s = find_slot(c, division);
	json_t *orgs = NULL;

	pthread_mutex_lock(&c->mutex);
	if (s->division != NULL && s->stamp == stamp &&
	    strcmp(s->division, division) == 0)
		orgs = json_incref(s->orgs);
	pthread_mutex_unlock(&c->mutex);
	return orgs;
}

static void
keep(struct org_cache *c, const char *division, int64_t stamp, json_t *orgs)
{
	struct slot *s = find_slot(c, division);
	struct slot old;
	char *name = strdup(division);

	if (name == NULL)
		abort();
	pthread_mutex_lock(&c->mutex);
	old = *s;
	*s = (struct slot){name, stamp, json_incref(orgs)};
	pthread_mutex_unlock(&c->mutex);
	free(old.division);
	json_decref(old.orgs);
}

/*
 * The stamp is read first: orgs that change meanwhile are kept under the
 * stamp of the past, which is not asked for again.
 */
json_t *
org_cache_get(struct org_cache *c, struct store *store, const char *division,
    struct err *e)
{
	struct store_stamp stamp;
	json_t *orgs, *sets;

	if (store_stamp_get(store, NULL, 0, &stamp, e) < 0)
		return NULL;
	orgs = look_up(c, division, stamp.seq);
	if (orgs != NULL)
		return orgs;
	if (import_known_orgs(store, division, &orgs, &sets, e) < 0)
		return NULL;
	json_decref(sets);
	keep(c, division, stamp.seq, orgs);
	return orgs;
}
