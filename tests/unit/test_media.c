#include "media/media.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "media/child.h"
#include "media/wire.h"
#include "unit/pictures.h"
#include "unit/support.h"

#define LONG_MS 20000

static void
make_jpeg(struct buf *b, uint64_t seed)
{
	struct picture p = {.width = 800, .height = 600, .seed = seed};

	buf_init(b, 0);
	picture_jpeg(&p, b);
}

/* new: a program that does this instead of decoding. */
static char *
script(const char *lines)
{
	char text[256];
	char *path;

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", lines);
	path = temp_file(text);
	assert_int_equal(chmod(path, 0700), 0);
	return path;
}

static enum verdict
ask(struct child *c, const struct buf *b, int ms)
{
	struct image im;
	enum verdict v;

	image_init(&im);
	v = child_ask(c, b->data, b->len, ms, &im);
	if (v == VERDICT_GOOD)
		assert_true(im.thumb.len > 0);
	image_fini(&im);
	return v;
}

static void
test_one_process_for_many(void **state)
{
	struct child c;
	struct buf b, bad;
	pid_t pid;

	(void)state;
	make_jpeg(&b, 1);
	buf_init(&bad, 0);
	buf_add(&bad, "<svg/>");
	child_init(&c, MS_PROGRAM);
	assert_int_equal(ask(&c, &b, LONG_MS), VERDICT_GOOD);
	pid = c.pid;
	assert_int_equal(ask(&c, &bad, LONG_MS), VERDICT_STRANGE);
	assert_int_equal(ask(&c, &b, LONG_MS), VERDICT_GOOD);
	assert_int_equal(c.pid, pid);
	child_stop(&c);
	assert_int_equal(kill(pid, 0), -1);
	buf_fini(&bad);
	buf_fini(&b);
}

/* Killed between two pictures: the next is not to blame. */
static void
test_killed(void **state)
{
	struct child c;
	struct buf b;

	(void)state;
	make_jpeg(&b, 1);
	child_init(&c, MS_PROGRAM);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(&c, &b, LONG_MS), VERDICT_GOOD);
		kill(c.pid, SIGKILL);
		assert_int_equal(ask(&c, &b, LONG_MS), VERDICT_GOOD);
	}
	assert_int_equal(ask(&c, &b, LONG_MS), VERDICT_GOOD);
	child_stop(&c);
	buf_fini(&b);
}

/* Killed in the middle of one. */
static void *
kill_soon(void *arg)
{
	struct timespec pause = {.tv_nsec = 30000000};

	nanosleep(&pause, NULL);
	kill(*(pid_t *)arg, SIGKILL);
	return NULL;
}

static void
test_killed_at_work(void **state)
{
	struct picture p = {.width = 6000, .height = 4000, .seed = 1};
	struct child c;
	struct buf b, big;
	pthread_t thread;
	char *killer;
	pid_t pid;

	(void)state;
	make_jpeg(&b, 1);
	buf_init(&big, 0);
	p.quality = 75;
	picture_progressive(&p, &big);
	assert_true(big.len < IMAGE_BYTES_MAX);
	child_init(&c, MS_PROGRAM);
	assert_int_equal(ask(&c, &b, LONG_MS), VERDICT_GOOD);
	pid = c.pid;
	pthread_create(&thread, NULL, kill_soon, &pid);
	assert_int_equal(ask(&c, &big, LONG_MS), VERDICT_GOOD);
	assert_int_not_equal(c.pid, pid);
	pthread_join(thread, NULL);
	/* The first picture of a process that kills it is refused. */
	child_stop(&c);
	c.program = killer =
	    script("printf 1HSM; exec dd of=/dev/null count=1");
	assert_int_equal(ask(&c, &b, LONG_MS), VERDICT_CRASHED);
	child_stop(&c);
	unlink(killer);
	free(killer);
	c.program = MS_PROGRAM;
	assert_int_equal(ask(&c, &b, LONG_MS), VERDICT_GOOD);
	child_stop(&c);
	buf_fini(&big);
	buf_fini(&b);
}

static void
test_retired(void **state)
{
	struct child c;
	struct buf bad;
	pid_t pid;

	(void)state;
	buf_init(&bad, 0);
	buf_add(&bad, "<svg/>");
	child_init(&c, MS_PROGRAM);
	assert_int_equal(ask(&c, &bad, LONG_MS), VERDICT_STRANGE);
	pid = c.pid;
	for (int i = 0; i < 200; i++)
		assert_int_equal(ask(&c, &bad, LONG_MS), VERDICT_STRANGE);
	assert_int_not_equal(c.pid, pid);
	child_stop(&c);
	buf_fini(&bad);
}

#define HELLO "printf '1HSM'; "

/* What else could be at the other end. */
static void
test_strange_helpers(void **state)
{
	static const struct {
		const char *lines;
		enum verdict wanted;
	} cases[] = {
	    {"exit 1", VERDICT_NO_HELPER},
	    {"echo nonsense", VERDICT_NO_HELPER},
	    {HELLO "exit 0", VERDICT_CRASHED},
	    {HELLO "kill -SEGV $$", VERDICT_CRASHED},
	    {HELLO "head -c 100 >/dev/null; exec sleep 100", VERDICT_TOO_SLOW},
	    {HELLO "exec sleep 100", VERDICT_TOO_SLOW},
	    {HELLO "exec cat", VERDICT_CRASHED},
	    {HELLO "exec cat /dev/zero", VERDICT_CRASHED},
	};
	struct child c;
	struct buf b;

	(void)state;
	make_jpeg(&b, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path = script(cases[i].lines);

		child_init(&c, path);
		assert_int_equal(ask(&c, &b, 500), cases[i].wanted);
		assert_int_equal(c.pid, 0);
		child_stop(&c);
		unlink(path);
		free(path);
	}
	child_init(&c, "/nonexistent/minsheng");
	assert_int_equal(ask(&c, &b, 500), VERDICT_NO_HELPER);
	buf_fini(&b);
}

static void
test_replies(void **state)
{
	static const struct wire_reply good = {.magic = WIRE_REPLY,
	    .width = 10,
	    .height = 10,
	    .thumb_len = 100,
	    .clean_len = 50};
	struct wire_reply r = good;

	(void)state;
	assert_true(wire_reply_valid(&r, 50));
	assert_false(wire_reply_valid(&r, 49));
#define WRONG(member, value) \
	r = good;            \
	r.member = value;    \
	assert_false(wire_reply_valid(&r, 50))
	WRONG(magic, 1);
	WRONG(verdict, VERDICT__MAX);
	WRONG(verdict, VERDICT_BROKEN);
	WRONG(type, IMAGE_TYPE__MAX);
	WRONG(width, 0);
	WRONG(width, IMAGE_SIDE_MAX + 1);
	WRONG(height, 0);
	WRONG(flags, 4);
	WRONG(thumb_len, 0);
	WRONG(thumb_len, THUMB_BYTES_MAX + 1);
#undef WRONG
}

/* ---- the pool ---- */

#define JOBS 24

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static size_t ended;

static void
on_done(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&lock);
	ended++;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}

static void
test_pool(void **state)
{
	static struct media_job jobs[JOBS];
	struct media *m = media_new(MS_PROGRAM, 2);
	struct buf b[2];
	struct err e;

	(void)state;
	err_init(&e);
	make_jpeg(&b[0], 1);
	buf_init(&b[1], 0);
	buf_add(&b[1], "GIF89a");
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i].data = b[i % 2].data;
		jobs[i].len = b[i % 2].len;
		jobs[i].done = on_done;
		assert_int_equal(media_submit(m, &jobs[i], &e), 0);
	}
	pthread_mutex_lock(&lock);
	while (ended < JOBS)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].verdict,
		    i % 2 == 0 ? VERDICT_GOOD : VERDICT_STRANGE);
		image_fini(&jobs[i].image);
	}
	media_free(m);
	media_free(media_new("", 1));
	buf_fini(&b[0]);
	buf_fini(&b[1]);
}

static void
test_pool_is_full(void **state)
{
	static struct media_job jobs[200];
	char *path = script("exec sleep 1");
	struct media *m = media_new(path, 1);
	size_t taken = 0;
	struct err e;

	(void)state;
	err_init(&e);
	for (; taken < COUNT(jobs); taken++) {
		jobs[taken].data = "";
		jobs[taken].done = on_done;
		if (media_submit(m, &jobs[taken], &e) < 0)
			break;
	}
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_in_range(taken, 64, 65);
	/* All that was taken is answered, though there is no helper. */
	ended = 0;
	unlink(path);
	media_free(m);
	for (size_t i = 0; i < taken; i++) {
		assert_int_equal(jobs[i].verdict, VERDICT_NO_HELPER);
		image_fini(&jobs[i].image);
	}
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_process_for_many),
	    cmocka_unit_test(test_killed),
	    cmocka_unit_test(test_killed_at_work),
	    cmocka_unit_test(test_retired),
	    cmocka_unit_test(test_strange_helpers),
	    cmocka_unit_test(test_replies),
	    cmocka_unit_test(test_pool),
	    cmocka_unit_test(test_pool_is_full),
	};

	log_set_level(LOG_LEVEL__MAX);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
