#include "media/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "media/wire.h"

#define HELLO_MS 10000
/* A process works so long, in pictures and in time; then a fresh one does. */
#define ANSWERS_MAX 200
#define SPENT_MAX_MS 30000

static int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
child_init(struct child *c, const char *program)
{
	memset(c, 0, sizeof(*c));
	c->program = program;
	c->to = -1;
	c->from = -1;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
child_stop(struct child *c)
{
	close_fd(&c->to);
	close_fd(&c->from);
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	child_init(c, c->program);
}

/* ---- starting ---- */

static int
set_actions(posix_spawn_file_actions_t *a, int in, int out)
{
	if (posix_spawn_file_actions_adddup2(a, in, STDIN_FILENO) != 0 ||
	    posix_spawn_file_actions_adddup2(a, out, STDOUT_FILENO) != 0 ||
	    posix_spawn_file_actions_addopen(
		a, STDERR_FILENO, "/dev/null", O_WRONLY, 0) != 0)
		return -1;
	return posix_spawn_file_actions_addclosefrom_np(a, STDERR_FILENO + 1);
}

/* A group of its own: what stops the server does not stop it half-way. */
static int
set_attributes(posix_spawnattr_t *a)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
		      POSIX_SPAWN_SETPGROUP;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawnattr_setflags(a, flags) != 0 ||
	    posix_spawnattr_setsigmask(a, &none) != 0 ||
	    posix_spawnattr_setpgroup(a, 0) != 0)
		return -1;
	return posix_spawnattr_setsigdefault(a, &all);
}

/* Never a fork: this process has threads. */
static int
spawn(struct child *c, int in, int out)
{
	char name[] = "minsheng", command[] = "decode-helper";
	char *argv[] = {name, command, NULL}, *env[] = {NULL};
	const char *program =
	    c->program != NULL ? c->program : "/proc/self/exe";
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int rc = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	if (set_actions(&actions, in, out) == 0 && set_attributes(&attr) == 0)
		rc = posix_spawn(&c->pid, program, &actions, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0)
		c->pid = 0;
	return rc == 0 ? 0 : -1;
}

static int
connect_child(struct child *c)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	int rc = -1;

	if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
	    fcntl(in[1], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(out[0], F_SETFL, O_NONBLOCK) == 0)
		rc = spawn(c, in[0], out[1]);
	close_fd(&in[0]);
	close_fd(&out[1]);
	c->to = in[1];
	c->from = out[0];
	return rc;
}

/* ---- talking ---- */

/* VERDICT_GOOD: the descriptor is ready, or at its end. */
static enum verdict
wait_for(int fd, short events, int64_t until)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = until - clock_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);

		if (n > 0)
			return VERDICT_GOOD;
		if (n == 0)
			return VERDICT_TOO_SLOW;
		if (errno != EINTR)
			return VERDICT_CRASHED;
	}
}

static enum verdict
put(struct child *c, const void *from, size_t n, int64_t until)
{
	const char *p = from;
	enum verdict v = VERDICT_GOOD;

	while (n > 0 && v == VERDICT_GOOD) {
		ssize_t done = write(c->to, p, n);

		if (done >= 0) {
			p += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN) {
			v = wait_for(c->to, POLLOUT, until);
		} else if (errno != EINTR) {
			v = VERDICT_CRASHED;
		}
	}
	return v;
}

static enum verdict
get(struct child *c, void *to, size_t n, int64_t until)
{
	char *p = to;
	enum verdict v = VERDICT_GOOD;

	while (n > 0 && v == VERDICT_GOOD) {
		ssize_t got = read(c->from, p, n);

		if (got > 0) {
			p += got;
			n -= (size_t)got;
		} else if (got < 0 && errno == EAGAIN) {
			v = wait_for(c->from, POLLIN, until);
		} else if (got == 0 || errno != EINTR) {
			v = VERDICT_CRASHED;
		}
	}
	return v;
}

static enum verdict
get_buf(struct child *c, struct buf *b, size_t n, int64_t until)
{
	char block[16384];
	enum verdict v = VERDICT_GOOD;

	while (n > 0 && v == VERDICT_GOOD) {
		size_t step = n < sizeof(block) ? n : sizeof(block);

		v = get(c, block, step, until);
		if (v == VERDICT_GOOD)
			buf_addn(b, block, step);
		n -= step;
	}
	return v == VERDICT_GOOD && !buf_ok(b) ? VERDICT_CRASHED : v;
}

static int
start(struct child *c)
{
	uint32_t hello = 0;

	if (connect_child(c) < 0 ||
	    get(c, &hello, sizeof(hello), clock_ms() + HELLO_MS) !=
		VERDICT_GOOD ||
	    hello != WIRE_HELLO) {
		log_line(LOG_LEVEL_ERROR, "no decoding process",
		    "program=%s pid=%d", c->program != NULL ? c->program : "-",
		    (int)c->pid);
		child_stop(c);
		return -1;
	}
	return 0;
}

static enum verdict
exchange(struct child *c, const void *data, size_t len, int64_t until,
    struct image *im)
{
	struct wire_ask ask = {.magic = WIRE_ASK, .len = (uint32_t)len};
	struct wire_reply reply;
	enum verdict v = put(c, &ask, sizeof(ask), until);

	if (v == VERDICT_GOOD)
		v = put(c, data, len, until);
	if (v == VERDICT_GOOD)
		v = get(c, &reply, sizeof(reply), until);
	if (v != VERDICT_GOOD)
		return v;
	if (!wire_reply_valid(&reply, len))
		return VERDICT_CRASHED;
	wire_reply_take(&reply, im);
	v = get_buf(c, &im->thumb, reply.thumb_len, until);
	if (v == VERDICT_GOOD)
		v = get_buf(c, &im->clean, reply.clean_len, until);
	return v == VERDICT_GOOD ? (enum verdict)reply.verdict : v;
}

/* One picture to the process there is. */
static enum verdict
ask_once(struct child *c, const void *data, size_t len, int timeout_ms,
    struct image *im)
{
	int64_t began = clock_ms();
	enum verdict v = exchange(c, data, len, began + timeout_ms, im);

	c->answers++;
	c->spent_ms += clock_ms() - began;
	if (v == VERDICT_CRASHED || v == VERDICT_TOO_SLOW)
		log_line(LOG_LEVEL_WARN, "decoding process ended",
		    "why=%s pid=%d bytes=%zu",
		    v == VERDICT_CRASHED ? "crash" : "timeout", (int)c->pid,
		    len);
	if (v == VERDICT_CRASHED || v == VERDICT_TOO_SLOW ||
	    c->answers >= ANSWERS_MAX || c->spent_ms >= SPENT_MAX_MS)
		child_stop(c);
	return v;
}

enum verdict
child_ask(struct child *c, const void *data, size_t len, int timeout_ms,
    struct image *im)
{
	bool fresh = c->pid == 0;
	enum verdict v;

	if (len > IMAGE_BYTES_MAX)
		return VERDICT_BROKEN;
	if (fresh && start(c) < 0)
		return VERDICT_NO_HELPER;
	v = ask_once(c, data, len, timeout_ms, im);
	/* Perhaps an earlier picture's doing, or somebody's: once more. */
	if (v != VERDICT_CRASHED || fresh)
		return v;
	image_fini(im);
	image_init(im);
	if (start(c) < 0)
		return VERDICT_NO_HELPER;
	return ask_once(c, data, len, timeout_ms, im);
}
