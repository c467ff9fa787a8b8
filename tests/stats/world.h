#ifndef STATS_WORLD_H
#define STATS_WORLD_H

#include <jansson.h>
#include <stdint.h>

#include "base/civil.h"
#include "stats/stats.h"

struct store;

/* Documents as they are stored, by collection. */
struct world {
	json_t *plans;
	json_t *orgs;
	json_t *tasks;
	json_t *reports;
	json_t *states;
};

void world_init(struct world *w);
void world_fini(struct world *w);
/* The files of a folder of sample data; 0, or -1 when one is missing. */
int world_read(struct world *w, const char *folder);

/* A fresh store of the engine under test in a folder of its own. */
struct store *world_store_open(void);
/* Closes it and removes the folder. */
void world_store_close(struct store *s);
/* Insert every document of the world in one write set. */
void world_put(struct store *s, const struct world *w);

/* Ask about all plans of the world.  new; fails the test on errors. */
json_t *world_ask(struct store *s, const struct world *w,
    enum stats_family family, const char *by, const char *as_of,
    const char *known_at);
/* The same, with the error told: new, or NULL. */
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
