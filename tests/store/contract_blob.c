/* Blobs. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "store/contract.h"

struct sample {
	char *data;
	size_t len;
	char sha256[SHA256_HEX + 1];
};

static void
sample_make(struct sample *b, struct rnd *r, size_t len)
{
	b->data = malloc(len + 1);
	assert_non_null(b->data);
	b->len = len;
	for (size_t i = 0; i < len; i++)
		b->data[i] = (char)(unsigned char)(rnd_next(r) & 0xff);
	sha256_hex(b->data, len, b->sha256);
}

static enum err_code
put(struct store *s, const struct sample *b)
{
	struct err e;

	err_init(&e);
	if (store_blob_put(s, b->sha256, b->data, b->len, &e) == 0)
		return ERR_NONE;
	assert_true(strlen(e.detail) > 0);
	return e.code;
}

/* Read it; what is read is what was put. */
static enum err_code
get(struct store *s, const struct sample *b)
{
	struct arena a;
	const void *data = NULL;
	size_t len = 0;
	struct err e;

	err_init(&e);
	arena_init(&a);
	if (store_blob_get(s, b->sha256, &a, &data, &len, &e) == 0) {
		assert_int_equal(len, b->len);
		assert_memory_equal(data, b->data, len);
		e.code = ERR_NONE;
	}
	arena_fini(&a);
	return e.code;
}

static void
reopen(struct fixture *f)
{
	store_close(f->s);
	f->s = NULL;
	fixture_open(f);
}

#define KB 1024U

void
test_blobs(void **state)
{
	/* Around the size of a chunk, and the largest. */
	static const size_t sizes[] = {0, 1, 255 * KB - 1, 255 * KB,
	    255 * KB + 1, 300 * KB, 510 * KB, STORE_BLOB_MAX};
	struct fixture *f = *state;
	struct sample b[COUNT(sizes)];
	struct rnd r;

	rnd_init(&r, "blobs");
	for (size_t i = 0; i < COUNT(sizes); i++) {
		sample_make(&b[i], &r, sizes[i]);
		assert_int_equal(get(f->s, &b[i]), ERR_NOTFOUND);
		assert_int_equal(put(f->s, &b[i]), ERR_NONE);
		assert_int_equal(get(f->s, &b[i]), ERR_NONE);
	}
	assert_int_equal(verify_all(f->s, true, NULL), 0);
	reopen(f);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(get(f->s, &b[i]), ERR_NONE);
		free(b[i].data);
	}
}

void
test_blob_refused(void **state)
{
	static const char *const names[] = {"", "abc",
	    "../../../../../../../../../../../../../../../../../../etc/passwd",
	    "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ae"};
	struct fixture *f = *state;
	struct sample b;
	struct rnd r;
	struct arena a;
	const void *data;
	size_t len;
	struct err e;

	arena_init(&a);
	for (size_t i = 0; i < COUNT(names); i++) {
		err_init(&e);
		assert_int_equal(
		    store_blob_put(f->s, names[i], "abc", 3, &e), -1);
		assert_int_equal(e.code, ERR_INVALID);
		err_init(&e);
		assert_int_equal(
		    store_blob_get(f->s, names[i], &a, &data, &len, &e), -1);
		assert_int_equal(e.code, ERR_NOTFOUND);
	}
	arena_fini(&a);
	rnd_init(&r, "blobs too big");
	sample_make(&b, &r, STORE_BLOB_MAX + 1);
	assert_int_equal(put(f->s, &b), ERR_TOOBIG);
	assert_int_equal(get(f->s, &b), ERR_NOTFOUND);
	free(b.data);
	assert_int_equal(blob_count(&f->cfg), 0);
}

void
test_blob_twice(void **state)
{
	struct fixture *f = *state;
	struct sample b;
	struct rnd r;

	rnd_init(&r, "blob twice");
	sample_make(&b, &r, 300 * KB);
	assert_int_equal(put(f->s, &b), ERR_NONE);
	size_t n = blob_count(&f->cfg);

	assert_true(n > 0);
	assert_int_equal(put(f->s, &b), ERR_NONE);
	reopen(f);
	assert_int_equal(put(f->s, &b), ERR_NONE);
	assert_int_equal(blob_count(&f->cfg), n);
	/* Nothing was written: what somebody spoilt is spoilt still. */
	blob_damage(&f->cfg, b.sha256, false);
	assert_int_equal(put(f->s, &b), ERR_NONE);
	assert_int_equal(get(f->s, &b), ERR_INTERNAL);
	free(b.data);
}

#define THREADS 4
#define ROUNDS 5

struct putter {
	struct store *s;
	const struct sample *b;
	pthread_barrier_t *start;
	enum err_code code;
};

static void *
put_at_once(void *arg)
{
	struct putter *p = arg;

	pthread_barrier_wait(p->start);
	p->code = put(p->s, p->b);
	return NULL;
}

void
test_blob_at_once(void **state)
{
	struct fixture *f = *state;
	struct putter p[THREADS];
	pthread_t t[THREADS];
	pthread_barrier_t start;
	struct sample b;
	struct rnd r;
	size_t one = 0;

	rnd_init(&r, "equal blobs");
	pthread_barrier_init(&start, NULL, THREADS);
	for (size_t n = 1; n <= ROUNDS; n++) {
		sample_make(&b, &r, 300 * KB);
		for (size_t i = 0; i < THREADS; i++) {
			p[i] = (struct putter){f->s, &b, &start, ERR_NONE};
			assert_int_equal(
			    pthread_create(&t[i], NULL, put_at_once, &p[i]), 0);
		}
		for (size_t i = 0; i < THREADS; i++)
			pthread_join(t[i], NULL);
		for (size_t i = 0; i < THREADS; i++)
			assert_int_equal(p[i].code, ERR_NONE);
		assert_int_equal(get(f->s, &b), ERR_NONE);
		free(b.data);
		if (n == 1)
			one = blob_count(&f->cfg);
		assert_int_equal(blob_count(&f->cfg), n * one);
	}
	pthread_barrier_destroy(&start);
	/* A file, or an entry and two chunks. */
	assert_true(one == 1 || one == 3);
	assert_int_equal(verify_all(f->s, false, NULL), 0);
}

void
test_blob_damaged(void **state)
{
	struct fixture *f = *state;
	struct sample b[3];
	struct rnd r;

	rnd_init(&r, "damaged blobs");
	for (size_t i = 0; i < COUNT(b); i++) {
		sample_make(&b[i], &r, 1000);
		assert_int_equal(put(f->s, &b[i]), ERR_NONE);
	}
	blob_damage(&f->cfg, b[0].sha256, false);
	assert_int_equal(get(f->s, &b[0]), ERR_INTERNAL);
	assert_int_equal(verify_all(f->s, false, NULL), 1);
	blob_damage(&f->cfg, b[1].sha256, true);
	assert_int_equal(get(f->s, &b[1]), ERR_INTERNAL);
	assert_int_equal(get(f->s, &b[2]), ERR_NONE);
	/* A repair does not throw away what may be worth something. */
	assert_int_equal(verify_all(f->s, true, NULL), 2);
	assert_int_equal(verify_all(f->s, false, NULL), 2);
	for (size_t i = 0; i < COUNT(b); i++)
		free(b[i].data);
}

void
test_blob_unfinished(void **state)
{
	struct fixture *f = *state;
	struct sample b[2];
	struct rnd r;

	rnd_init(&r, "unfinished blobs");
	sample_make(&b[0], &r, 300 * KB);
	sample_make(&b[1], &r, 300 * KB);
	blob_leave(&f->cfg, b[0].sha256);
	blob_leave(&f->cfg, b[1].sha256);
	assert_int_equal(blob_count(&f->cfg), 2);
	assert_int_equal(get(f->s, &b[0]), ERR_NOTFOUND);
	assert_int_equal(verify_all(f->s, false, NULL), 0);

	/* It is not in the way of the next attempt. */
	assert_int_equal(put(f->s, &b[0]), ERR_NONE);
	assert_int_equal(get(f->s, &b[0]), ERR_NONE);
	reopen(f);
	assert_int_equal(verify_all(f->s, true, NULL), 0);
	size_t n = blob_count(&f->cfg);

	assert_true(n == 1 || n == 3);
	assert_int_equal(get(f->s, &b[0]), ERR_NONE);
	assert_int_equal(get(f->s, &b[1]), ERR_NOTFOUND);
	free(b[0].data);
	free(b[1].data);
}

void
test_blob_reader(void **state)
{
	struct fixture *f = *state;
	struct sample b[2];
	struct rnd r;
	struct err e;

	err_init(&e);
	rnd_init(&r, "blobs beside");
	sample_make(&b[0], &r, 1000);
	sample_make(&b[1], &r, 1000);
	assert_int_equal(put(f->s, &b[0]), ERR_NONE);
	struct store *reader = store_open_reader(&f->cfg, &e);

	assert_non_null(reader);
	assert_int_equal(get(reader, &b[0]), ERR_NONE);
	assert_int_equal(put(reader, &b[1]), ERR_LOCKED);
	assert_int_equal(get(f->s, &b[1]), ERR_NOTFOUND);
	assert_int_equal(verify_all(reader, false, NULL), 0);
	store_close(reader);
	free(b[0].data);
	free(b[1].data);
}
