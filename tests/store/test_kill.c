/*
 * P1: what was acknowledged is there after kill -9, and no set is there by
 * half.  ROUNDS=n for more of them, TEST_SEED=n for the same ones again.
 *
 * For powercut.sh:
 *   test_kill write DATA SYNC        writes for ever, acknowledges on stdout
 *   test_kill check DATA SYNC <acks  prints and judges what was lost
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "store/contract.h"

#define WRITERS 4
#define DEFAULT_ROUNDS 10
#define LIFE_MS 60 /* at most, after the first acknowledgement */
#define OPEN_MS 2000

static uint64_t seed;

static uint64_t
random_next(void)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15U;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return z ^ z >> 31;
}

static int
rounds(void)
{
	const char *s = getenv("ROUNDS");

	return s != NULL && atoi(s) > 0 ? atoi(s) : DEFAULT_ROUNDS;
}

/* ---- the process that is killed ---- */

struct writer {
	struct store *s;
	int out;
	int round;
	int no;
	bool hasty; /* acknowledge before it is durable: the control */
};

/* One set: a task, an org, a report, an audit entry, a counter of sets. */
static void
build_set(const struct writer *w, struct write_set *ws, int k)
{
	char id[32], counter[32];

	snprintf(id, sizeof(id), "%d.%d.%d", w->round, w->no, k);
	snprintf(counter, sizeof(counter), "c.%d.%d", w->round, w->no);
	json_t *docs[] = {make_task(id, "p", k), make_org(id, NULL, k),
	    make_report(id, "p", id, "140829", k), make_org(counter, NULL, k),
	    make_entry(id, k)};

	write_set_init(ws, instant_now());
	write_insert(ws, COLL_TASKS, docs[0]);
	write_insert(ws, COLL_ORGS, docs[1]);
	write_insert(ws, COLL_REPORTS, docs[2]);
	write_append(ws, COLL_AUDIT, docs[4]);
	if (k == 0)
		write_insert(ws, COLL_ORGS, docs[3]);
	else
		write_replace(ws, COLL_ORGS, docs[3], w->hasty ? 0 : k);
	for (size_t i = 0; i < COUNT(docs); i++)
		json_decref(docs[i]);
}

static void
acknowledge(const struct writer *w, int k)
{
	int line[3] = {w->round, w->no, k};

	if (write(w->out, line, sizeof(line)) != (ssize_t)sizeof(line))
		_exit(3);
}

static void
ignore_done(void *arg, const struct err *e)
{
	(void)arg;
	if (e != NULL)
		_exit(4);
}

/* Sets are not freed: the process is going to be killed. */
static void *
write_on(void *arg)
{
	struct writer *w = arg;
	struct err e;

	for (int k = 0;; k++) {
		struct write_set *ws = malloc(sizeof(*ws));

		if (ws == NULL)
			_exit(5);
		build_set(w, ws, k);
		err_init(&e);
		if (!w->hasty || k == 0) {
			if (store_write(w->s, ws, &e) < 0)
				_exit(6);
		} else if (store_submit(w->s, ws, ignore_done, NULL, &e) < 0) {
			_exit(7);
		}
		acknowledge(w, k);
		if (!w->hasty) {
			write_set_fini(ws);
			free(ws);
		}
	}
	return NULL;
}

static void
child_main(struct fixture *f, int out, int round, bool hasty)
{
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS];

	f->cfg.write_queue = 1000000;
	fixture_open(f);
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){f->s, out, round, i, hasty};
		if (pthread_create(&threads[i], NULL, write_on, &writers[i]) !=
		    0)
			_exit(8);
	}
	for (;;)
		pause();
}

/* ---- the one that kills it and looks ---- */

/* Which sets were acknowledged: the last of each writer, they come in order. */
struct acks {
	int last[WRITERS];
	size_t n;
};

static void
acks_init(struct acks *acks)
{
	for (int i = 0; i < WRITERS; i++)
		acks->last[i] = -1;
	acks->n = 0;
}

static void
read_acks(int in, struct acks *acks)
{
	int line[3];

	while (read(in, line, sizeof(line)) == (ssize_t)sizeof(line)) {
		assert_in_range(line[1], 0, WRITERS - 1);
		assert_int_equal(line[2], acks->last[line[1]] + 1);
		acks->last[line[1]] = line[2];
		acks->n++;
	}
}

static void
sleep_us(uint64_t us)
{
	struct timespec t = {
	    (time_t)(us / 1000000), (long)(us % 1000000) * 1000};

	nanosleep(&t, NULL);
}

/* Start a child, let it live for a moment, kill it. */
static void
run_and_kill(struct fixture *f, int round, bool hasty, struct acks *acks)
{
	struct pollfd p = {.events = POLLIN};
	int fds[2], status;

	acks_init(acks);
	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		child_main(f, fds[1], round, hasty);
	}
	close(fds[1]);
	p.fd = fds[0];
	assert_int_equal(poll(&p, 1, 60000), 1);
	uint64_t end = random_next() % (LIFE_MS * 1000);

	sleep_us(end);
	kill(pid, SIGKILL);
	read_acks(fds[0], acks);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	close(fds[0]);
}

/* How much of set k is stored: 0 nothing, 4 all of it. */
static int
parts_of(struct store *s, int round, int no, int k)
{
	char id[32];

	snprintf(id, sizeof(id), "%d.%d.%d", round, no, k);
	return is_stored(s, COLL_TASKS, id) + is_stored(s, COLL_ORGS, id) +
	       is_stored(s, COLL_REPORTS, id) + is_stored(s, COLL_AUDIT, id);
}

/* Sets that were acknowledged and are not there; halves are a failure. */
static int
count_lost(struct store *s, int round, const struct acks *acks)
{
	int lost = 0;

	for (int no = 0; no < WRITERS; no++) {
		char counter[32];
		int k = 0, parts;

		for (; (parts = parts_of(s, round, no, k)) != 0; k++)
			assert_int_equal(parts, 4);
		/* Sets come in order: nothing after the first gap. */
		assert_int_equal(parts_of(s, round, no, k + 1), 0);
		if (k <= acks->last[no])
			lost += acks->last[no] + 1 - k;
		snprintf(counter, sizeof(counter), "c.%d.%d", round, no);
		json_t *c = fetch(s, COLL_ORGS, counter);

		assert_int_equal(
		    c != NULL ? json_peek_int(c, "sortKey", -1) + 1 : 0, k);
		assert_int_equal(
		    c != NULL ? json_peek_int(c, "rev", -1) : 0, k);
		json_decref(c);
	}
	return lost;
}

static int64_t
open_ms(struct fixture *f)
{
	instant_t before = instant_now();

	fixture_open(f);
	return instant_now() - before;
}

/* Rounds on one store; the number of sets that were lost. */
static int
kill_rounds(bool hasty)
{
	struct fixture f;
	struct acks acks;
	int64_t entries = 0;
	size_t n = 0;
	int lost = 0;

	fixture_init(&f, &contract_engines[0]);
	for (int round = 0; round < rounds(); round++) {
		run_and_kill(&f, round, hasty, &acks);
		assert_true(open_ms(&f) <= OPEN_MS);
		lost += count_lost(f.s, round, &acks);
		assert_int_equal(verify_all(f.s, false, NULL), 0);
		entries = chain_walk(f.s, NULL);
		n += acks.n;
		store_close(f.s);
		f.s = NULL;
	}
	print_message("%s: %d rounds, %zu acknowledged, %d lost\n",
	    hasty ? "control" : "kill -9", rounds(), n, lost);
	print_message("a chain of %lld entries\n", (long long)entries);
	fixture_fini(&f);
	return lost;
}

static void
test_kill(void **state)
{
	(void)state;
	assert_int_equal(kill_rounds(false), 0);
}

/* Without waiting for the disk the same test must see the loss. */
static void
test_control(void **state)
{
	(void)state;
	assert_true(kill_rounds(true) > 0);
}

/* The store in a folder that somebody else has made. */
static void
use_folder(struct fixture *f, const char *data, const char *sync)
{
	fixture_init(f, &contract_engines[0]);
	rmdir(f->dir);
	fixture_set(&f->cfg.data, data);
	fixture_set(&f->cfg.sqlite_sync, sync);
}

static int
check_folder(const char *data, const char *sync)
{
	struct fixture f;
	struct acks acks;

	use_folder(&f, data, sync);
	acks_init(&acks);
	read_acks(STDIN_FILENO, &acks);
	fixture_open(&f);
	int lost = count_lost(f.s, 0, &acks);

	assert_int_equal(verify_all(f.s, false, NULL), 0);
	printf("%zu acknowledged, %d lost\n", acks.n, lost);
	fixture_fini(&f);
	return lost > 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kill),
	    cmocka_unit_test(test_control),
	};
	const char *s = getenv("TEST_SEED");
	struct fixture f;

	if (argc == 4 && strcmp(argv[1], "write") == 0) {
		use_folder(&f, argv[2], argv[3]);
		child_main(&f, STDOUT_FILENO, 0, false);
	}
	if (argc == 4 && strcmp(argv[1], "check") == 0)
		return check_folder(argv[2], argv[3]);
	seed = s != NULL ? strtoull(s, NULL, 10) : (uint64_t)time(NULL);
	print_message("TEST_SEED=%llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
