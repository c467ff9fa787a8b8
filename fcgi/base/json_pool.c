#include "base/json_pool.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/*
 * A piece of kind k has k * STEP bytes, its head with them.  Kind 0 is
 * malloc's: what is too large, and what comes when the pool is used up.
 */
#define STEP 16U
#define KINDS 33U
#define CHUNK ((size_t)32 << 10)
#define CHUNKS_MAX 256
/* A thread that has more free pieces of a kind lets others have a bunch. */
#define OWN_MAX 2048U
#define BUNCH 1024U

struct piece {
	size_t kind; /* also while somebody has the piece; the rest is theirs */
	struct piece *next;
	/* of the first of a bunch */
	struct piece *next_bunch;
	size_t n;
};

#define HEAD offsetof(struct piece, next)

struct list {
	struct piece *first;
	size_t n;
};

/* What a thread has to itself. */
static _Thread_local struct own {
	struct list lists[KINDS];
	char *chunk; /* pieces are carved off it */
	size_t left;
	bool known; /* will be emptied when the thread ends */
} own;

static struct {
	pthread_mutex_t lock;
	struct piece *bunches[KINDS];
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_end;
static atomic_int nchunks;

static void
share(size_t kind, struct piece *first, size_t n)
{
	first->n = n;
	pthread_mutex_lock(&shared.lock);
	first->next_bunch = shared.bunches[kind];
	shared.bunches[kind] = first;
	pthread_mutex_unlock(&shared.lock);
}

/* A bunch of the others', if there is one. */
static void
borrow(struct list *l, size_t kind)
{
	pthread_mutex_lock(&shared.lock);
	l->first = shared.bunches[kind];
	if (l->first != NULL) {
		l->n = l->first->n;
		shared.bunches[kind] = l->first->next_bunch;
	}
	pthread_mutex_unlock(&shared.lock);
}

static void
share_all(void *arg)
{
	struct own *o = arg;

	for (size_t kind = 0; kind < KINDS; kind++) {
		struct list *l = &o->lists[kind];

		if (l->first != NULL)
			share(kind, l->first, l->n);
		*l = (struct list){NULL, 0};
	}
}

static void
init_once(void)
{
	if (pthread_key_create(&at_end, share_all) != 0)
		abort();
}

static void *
new_piece(size_t kind, size_t size)
{
	struct piece *p = malloc(size);

	if (p == NULL)
		return NULL;
	p->kind = kind;
	return &p->next;
}

static bool
new_chunk(void)
{
	if (atomic_load(&nchunks) >= CHUNKS_MAX)
		return false;
	own.chunk = malloc(CHUNK);
	own.left = own.chunk != NULL ? CHUNK : 0;
	if (own.chunk == NULL)
		return false;
	atomic_fetch_add(&nchunks, 1);
	if (!own.known) {
		pthread_once(&once, init_once);
		own.known = pthread_setspecific(at_end, &own) == 0;
	}
	return true;
}

static void *
carve(size_t kind)
{
	size_t size = kind * STEP;
	struct piece *p;

	if (own.left < size && !new_chunk())
		return new_piece(0, size);
	p = (void *)own.chunk;
	own.chunk += size;
	own.left -= size;
	p->kind = kind;
	return &p->next;
}

void *
json_pool_take(size_t n)
{
	size_t kind = (n + HEAD + STEP - 1) / STEP;
	struct list *l;
	struct piece *p;

	if (kind >= KINDS)
		return new_piece(0, n + HEAD);
	if (kind * STEP < sizeof(struct piece))
		kind = sizeof(struct piece) / STEP;
	l = &own.lists[kind];
	if (l->first == NULL)
		borrow(l, kind);
	p = l->first;
	if (p == NULL)
		return carve(kind);
	l->first = p->next;
	l->n--;
	return &p->next;
}

/* Half of a list that has grown long. */
static void
share_half(struct list *l, size_t kind)
{
	struct piece *first = l->first, *last = first;

	for (size_t i = 1; i < BUNCH; i++)
		last = last->next;
	l->first = last->next;
	l->n -= BUNCH;
	last->next = NULL;
	share(kind, first, BUNCH);
}

void
json_pool_give(void *thing)
{
	struct piece *p;
	struct list *l;

	if (thing == NULL)
		return;
	p = (void *)((char *)thing - HEAD);
	if (p->kind == 0) {
		free(p);
		return;
	}
	l = &own.lists[p->kind];
	p->next = l->first;
	l->first = p;
	if (++l->n > OWN_MAX)
		share_half(l, p->kind);
}

/* Somebody wants to see each piece. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WATCHED true
#else
#define WATCHED false
#endif

void
json_pool_use(void)
{
	if (!WATCHED)
		json_set_alloc_funcs(json_pool_take, json_pool_give);
}
