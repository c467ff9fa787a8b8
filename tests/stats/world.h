#ifndef STATS_WORLD_H
#define STATS_WORLD_H

#include <jansson.h>
#include <stdint.h>

#include "base/civil.h"
#include "stats/stats.h"
#include "store/fixture.h"

struct store;

/* Documents as they are stored, by collection. */
struct world {
	json_t *plans;
	json_t *orgs;
	json_t *tasks;
	json_t *reports;
	json_t *states;
	json_t *checks;
	json_t *flows;
};

void world_init(struct world *w);
void world_fini(struct world *w);
/* The files of a folder of sample data; 0, or -1 when one is missing. */
int world_read(struct world *w, const char *folder);

/* A fresh store in a folder of its own. */
void world_store_open(struct fixture *f, const struct contract_engine *engine);

/* One of each engine that is here, but not of those that read alike. */
struct world_stores {
	struct fixture v[4];
	size_t n;
};
/* Skips the test when MINSHENG_TEST_ENGINE leaves none. */
void world_stores_open(struct world_stores *all);
void world_stores_close(struct world_stores *all);
/* Insert every document of the world in one write set. */
void world_put(struct store *s, const struct world *w);

/* Ask about all plans of the world.  new; fails the test on errors. */
json_t *world_ask(struct store *s, const struct world *w,
    enum stats_family family, const char *by, const char *as_of,
    const char *known_at);
/*
 * Ask all stores, whose answers must be the same bytes: new, the first one's.
 */
json_t *world_ask_all(struct world_stores *all, const struct world *w,
    enum stats_family family, const char *by, const char *as_of,
    const char *known_at);
/* The same for each grouping of a family; how many there are. */
size_t world_ask_bys(struct world_stores *all, const struct world *w,
    enum stats_family family, const char *as_of, const char *known_at);
/* Of one store, with the error told: new, or NULL. */
json_t *world_try(struct store *s, const struct world *w,
    enum stats_family family, const char *by, const char *as_of,
    const char *known_at, struct err *e);

/* A small generator (splitmix64); the same seed, the same run. */
struct rnd {
	uint64_t state;
};
/* From MINSHENG_TEST_SEED or the clock; prints it. */
void rnd_seed(struct rnd *r, const char *name);
uint64_t rnd_next(struct rnd *r);
/* 0 .. n-1 */
int64_t rnd_below(struct rnd *r, int64_t n);

/*
 * Add a random plan with its tasks, units, reports and milestone states; n
 * makes its ids unique.
 */
void gen_plan(struct world *w, struct rnd *r, int n);
/* A random day and instant worth asking about this world. */
void gen_question(const struct world *w, struct rnd *r,
    char as_of[CIVIL_LEN + 1], char known_at[INSTANT_LEN + 1]);

#endif
