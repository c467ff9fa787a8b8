/* Pieces are the taker's alone, whichever thread gives them back. */
#include "base/json_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "unit/support.h"

#define THREADS 4
#define PIECES 6000 /* more than a thread keeps of a kind */
#define ROUNDS 20

struct thing {
	unsigned char *p;
	size_t n;
	unsigned char mark;
};

static struct thing things[THREADS][PIECES];
static pthread_barrier_t turn;

static void
take(struct thing *t, struct rnd *r)
{
	t->n = rnd_below(r, 20) == 0 ? rnd_below(r, 3000) : rnd_below(r, 90);
	t->mark = (unsigned char)rnd_next(r);
	t->p = json_pool_take(t->n);
	assert_non_null(t->p);
	assert_int_equal((uintptr_t)t->p % sizeof(void *), 0);
	memset(t->p, t->mark, t->n);
}

static void
give(struct thing *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->p[i] != t->mark)
			abort(); /* cmocka's asserts are the main thread's */
	json_pool_give(t->p);
}

/* Each takes its own and gives back its neighbour's. */
static void *
work(void *arg)
{
	size_t self = (size_t)arg;
	struct rnd r = {.state = self + 1};

	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < PIECES; i++)
			take(&things[self][i], &r);
		pthread_barrier_wait(&turn);
		for (size_t i = 0; i < PIECES; i++)
			give(&things[(self + 1) % THREADS][i]);
		pthread_barrier_wait(&turn);
	}
	return NULL;
}

static void
threads_do_not_meet(void **state)
{
	pthread_t t[THREADS];

	(void)state;
	pthread_barrier_init(&turn, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&t[i], NULL, work, (void *)i), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&turn);
}

static void
nothing_is_given(void **state)
{
	(void)state;
	json_pool_give(NULL);
	json_pool_give(json_pool_take(0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(threads_do_not_meet),
	    cmocka_unit_test(nothing_is_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
