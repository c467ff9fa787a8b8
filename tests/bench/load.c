/*
 * An open-loop load generator for one address: requests leave at a fixed
 * rate, whatever the server does, and each one's latency counts from the
 * moment it was due, not from the moment a free connection let it leave.  So
 * a server that stalls is charged for everybody who waited (wrk stops asking
 * while it waits, which hides just that).
 *
 *	load -p PORT -r RATE [-c CONNS] [-d SECONDS] [-w WARM_UP] [-H HEADER]
 *	    PATH
 *	load -p PORT -r RATE ... -f FILE
 *
 * The second form submits the lines of FILE (writes.py), one after another.
 * Prints one JSON object; latencies in microseconds.  Requests still without
 * an answer GRACE_S after the end are errors and count with that age.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX 4096
#define HEAD_MAX 4096
#define GRACE_S 2

struct conn {
	int fd;
	bool busy;
	int64_t due; /* of the request under way */
	char head[HEAD_MAX];
	size_t head_len;
	bool in_body;
	int64_t body_left;
};

static struct {
	int port;
	int nconns;
	double rate;
	double seconds;
	double warm_up;
	const char *header;
	const char *path;
	FILE *lines; /* NULL: the same request again and again */
} opt = {.nconns = 64, .seconds = 5, .warm_up = 1, .header = ""};

static struct {
	int ep;
	struct conn *conns;
	struct conn **idle; /* a stack */
	int nidle;
	char request[2048];
	size_t request_len;
	int64_t start;    /* when request 0 is due */
	int64_t measured; /* the first request that counts */
	int64_t total;    /* how many there will be */
	int64_t sent;
	int64_t answered;
	int64_t errors;
	uint32_t *latencies;
	size_t nlatencies;
} run;

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t
due_ns(int64_t i)
{
	return run.start + (int64_t)((double)i * 1e9 / opt.rate);
}

/* ---- connections ---- */

static void
conn_open(struct conn *c)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)opt.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		fail("socket");
	if (connect(c->fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		fail("connect");
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0)
		fail("fcntl");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(run.ep, EPOLL_CTL_ADD, c->fd, &ev) < 0)
		fail("epoll_ctl");
	c->head_len = 0;
	c->in_body = false;
	c->busy = false;
	run.idle[run.nidle++] = c;
}

/* One request is over; it counts when it was due after the warm-up. */
static void
count(const struct conn *c, bool ok)
{
	int64_t us = (now_ns() - c->due) / 1000;

	if (c->due < due_ns(run.measured))
		return;
	run.answered++;
	if (!ok)
		run.errors++;
	run.latencies[run.nlatencies++] =
	    us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static void
conn_fail(struct conn *c)
{
	if (c->busy)
		count(c, false);
	else
		for (int i = 0; i < run.nidle; i++)
			if (run.idle[i] == c)
				run.idle[i] = run.idle[--run.nidle];
	close(c->fd);
	conn_open(c);
}

/* Path, who asks, body: the next request. */
static void
next_line(void)
{
	static char line[sizeof(run.request)];
	char *at = line;
	const char *path, *who;
	int n;

	if (fgets(line, sizeof(line), opt.lines) == NULL) {
		fputs("load: no more lines\n", stderr);
		exit(1);
	}
	path = strsep(&at, "\t");
	who = strsep(&at, "\t");
	if (at == NULL || (at[strcspn(at, "\n")] = '\0', *at == '\0')) {
		fputs("load: not a line of three parts\n", stderr);
		exit(1);
	}
	n = snprintf(run.request, sizeof(run.request),
	    "PUT %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    path, opt.port, who, strlen(at), at);
	if (n < 0 || (size_t)n >= sizeof(run.request)) {
		fputs("load: the request is too long\n", stderr);
		exit(1);
	}
	run.request_len = (size_t)n;
}

static void
conn_send(struct conn *c, int64_t due)
{
	ssize_t n;

	if (opt.lines != NULL)
		next_line();
	c->busy = true;
	c->due = due;
	n = send(c->fd, run.request, run.request_len, MSG_NOSIGNAL);
	if (n != (ssize_t)run.request_len)
		conn_fail(c);
}

/* ---- answers ---- */

static void
conn_done(struct conn *c, bool ok)
{
	count(c, ok);
	c->busy = false;
	c->in_body = false;
	c->head_len = 0;
	run.idle[run.nidle++] = c;
}

static int
head_status(const struct conn *c)
{
	if (strncmp(c->head, "HTTP/1.1 ", 9) != 0)
		return 0;
	return atoi(c->head + 9);
}

/* The length of the body, or -1 when the head does not say. */
static int64_t
head_body_len(const struct conn *c, int status)
{
	const char *line = strcasestr(c->head, "\r\ncontent-length:");

	if (status == 304 || status == 204)
		return 0;
	return line != NULL ? strtoll(line + 17, NULL, 10) : -1;
}

/* Take bytes of the head; returns how many were taken, -1: not HTTP. */
static ssize_t
take_head(struct conn *c, const char *data, size_t len)
{
	size_t old = c->head_len;
	size_t n = len < HEAD_MAX - 1 - old ? len : HEAD_MAX - 1 - old;
	const char *end;

	memcpy(c->head + old, data, n);
	c->head_len += n;
	c->head[c->head_len] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	if (end == NULL)
		return c->head_len == HEAD_MAX - 1 ? -1 : (ssize_t)n;
	c->in_body = true;
	c->body_left = head_body_len(c, head_status(c));
	if (c->body_left < 0)
		return -1;
	return end + 4 - c->head - (ssize_t)old;
}

static bool
take(struct conn *c, const char *data, size_t len)
{
	int status;

	while (len > 0 && !c->in_body) {
		ssize_t n = take_head(c, data, len);

		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	if ((int64_t)len > c->body_left)
		return false;
	c->body_left -= (int64_t)len;
	if (!c->in_body || c->body_left > 0)
		return true;
	status = head_status(c);
	conn_done(c, status >= 200 && status < 400);
	return true;
}

static void
conn_read(struct conn *c)
{
	static char data[65536];
	ssize_t n = recv(c->fd, data, sizeof(data), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || !c->busy || !take(c, data, (size_t)n))
		conn_fail(c);
}

/* ---- the run ---- */

/* Send what is due; returns when the next one is, or is waited for. */
static int64_t
send_due(void)
{
	int64_t now = now_ns();

	while (
	    run.sent < run.total && run.nidle > 0 && due_ns(run.sent) <= now) {
		int64_t due = due_ns(run.sent++);

		conn_send(run.idle[--run.nidle], due);
	}
	if (run.sent == run.total || run.nidle == 0)
		return now + 100000000;
	return due_ns(run.sent);
}

static void
wait_events(int64_t until)
{
	struct epoll_event ev[256];
	int64_t ns = until - now_ns();
	struct timespec ts = {0};
	int n;

	if (ns > 0) {
		ts.tv_sec = ns / 1000000000;
		ts.tv_nsec = ns % 1000000000;
	}
	n = epoll_pwait2(run.ep, ev, 256, &ts, NULL);
	for (int i = 0; i < n; i++)
		conn_read(ev[i].data.ptr);
}

/* Whoever was due and has no answer is an error of that age. */
static void
count_unanswered(void)
{
	for (int i = 0; i < opt.nconns; i++)
		if (run.conns[i].busy)
			count(&run.conns[i], false);
	while (run.sent < run.total) {
		struct conn c = {.due = due_ns(run.sent++)};

		count(&c, false);
	}
}

static int
compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static unsigned
percentile(double p)
{
	size_t i = (size_t)((double)run.nlatencies * p / 100);

	if (run.nlatencies == 0)
		return 0;
	return run.latencies[i < run.nlatencies ? i : run.nlatencies - 1];
}

static void
print_result(double seconds)
{
	qsort(run.latencies, run.nlatencies, sizeof(*run.latencies), compare);
	printf("{\"asked\": %.0f, \"rate\": %.0f, \"requests\": %lld, "
	       "\"errors\": %lld, \"p50\": %u, \"p90\": %u, \"p99\": %u, "
	       "\"p999\": %u, \"max\": %u}\n",
	    opt.rate, (double)run.answered / seconds, (long long)run.answered,
	    (long long)run.errors, percentile(50), percentile(90),
	    percentile(99), percentile(99.9), percentile(100));
}

static FILE *
open_lines(const char *name)
{
	FILE *f = fopen(name, "r");

	if (f == NULL)
		fail(name);
	return f;
}

static void
read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "p:r:c:d:w:H:f:")) != -1) {
		if (c == 'p')
			opt.port = atoi(optarg);
		else if (c == 'r')
			opt.rate = atof(optarg);
		else if (c == 'c')
			opt.nconns = atoi(optarg);
		else if (c == 'd')
			opt.seconds = atof(optarg);
		else if (c == 'w')
			opt.warm_up = atof(optarg);
		else if (c == 'H')
			opt.header = optarg;
		else if (c == 'f')
			opt.lines = open_lines(optarg);
		else
			exit(2);
	}
	if (optind + (opt.lines == NULL) != argc || opt.port <= 0 ||
	    opt.port > 65535 || !(opt.rate > 0) || opt.nconns < 1 ||
	    opt.nconns > CONNS_MAX) {
		fputs("usage: load -p PORT -r RATE [-c CONNS] [-d SECONDS]"
		      " [-w WARM_UP] [-H HEADER] PATH | -f FILE\n",
		    stderr);
		exit(2);
	}
	opt.path = opt.lines == NULL ? argv[optind] : "";
}

static void
prepare(void)
{
	int n = snprintf(run.request, sizeof(run.request),
	    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s\r\n", opt.path,
	    opt.port, opt.header, opt.header[0] != '\0' ? "\r\n" : "");

	if (n < 0 || (size_t)n >= sizeof(run.request)) {
		fputs("load: the request is too long\n", stderr);
		exit(2);
	}
	run.request_len = (size_t)n;
	run.measured = (int64_t)(opt.rate * opt.warm_up);
	run.total = run.measured + (int64_t)(opt.rate * opt.seconds);
	run.latencies = calloc(
	    (size_t)(run.total - run.measured) + 1, sizeof(*run.latencies));
	run.conns = calloc((size_t)opt.nconns, sizeof(*run.conns));
	run.idle = calloc((size_t)opt.nconns, sizeof(struct conn *));
	run.ep = epoll_create1(EPOLL_CLOEXEC);
	if (run.latencies == NULL || run.conns == NULL || run.idle == NULL ||
	    run.ep < 0)
		fail("load");
	for (int i = 0; i < opt.nconns; i++)
		conn_open(&run.conns[i]);
}

int
main(int argc, char **argv)
{
	int64_t end;

	read_options(argc, argv);
	prepare();
	run.start = now_ns() + 10000000;
	end = due_ns(run.total) + (int64_t)GRACE_S * 1000000000;
	while (now_ns() < end &&
	       (run.sent < run.total || run.nidle < opt.nconns)) {
		int64_t next = send_due();

		wait_events(next < end ? next : end);
	}
	count_unanswered();
	print_result((double)(run.total - run.measured) / opt.rate);
	return 0;
}
