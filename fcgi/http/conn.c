#include "http/conn.h"

#include <assert.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/internal.h"

/* A peer that stops in the middle of a record does not keep a worker. */
#define READ_TIMEOUT_S 10
#define WRITE_TIMEOUT_S 30
#define RAW_KEEP ((size_t)64 << 10)
#define RAW_FIRST ((size_t)8 << 10)
/* Read away so much of a body that is too big, so that the peer listens. */
#define DRAIN_MAX ((size_t)64 << 20)
#define HEAD_LIMIT ((size_t)64 << 10)

enum wire {
#define WIRE(name, variable) WIRE_##name,
#include "http/wire.def"
#undef WIRE
	WIRE__MAX
};

static const struct {
	const char *name;
	size_t len;
} wires[WIRE__MAX] = {
#define WIRE(name, variable) [WIRE_##name] = {#name, sizeof(#name) - 1},
#include "http/wire.def"
#undef WIRE
};

void
conns_init(struct conns *all, struct http *h, int epoll, size_t max_body)
{
	memset(all, 0, sizeof(*all));
	all->http = h;
	all->epoll = epoll;
	all->max_body = max_body;
	pthread_mutex_init(&all->lock, NULL);
}

static void
job_free(struct job *j)
{
	req_fini(&j->req);
	buf_fini(&j->head);
	free(j->raw);
	free(j);
}

static struct job *
job_new(void)
{
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		abort();
	req_init(&j->req);
	buf_init(&j->head, HEAD_LIMIT);
	return j;
}

/* The job used last goes first: its memory is warm. */
static void
job_begin(struct conn *c)
{
	struct conns *all = c->all;
	struct job *fresh = NULL;

	pthread_mutex_lock(&all->lock);
	if (all->rest == NULL) {
		pthread_mutex_unlock(&all->lock);
		fresh = job_new();
		pthread_mutex_lock(&all->lock);
		fresh->next = all->rest;
		all->rest = fresh;
	}
	c->job = all->rest;
	all->rest = c->job->next;
	pthread_mutex_unlock(&all->lock);
	c->job->conn = c;
	c->job->next = NULL;
}

static void
job_reset(struct job *j)
{
	req_reset(&j->req);
	buf_reset(&j->head);
	if (j->raw_cap > RAW_KEEP) {
		free(j->raw);
		j->raw = NULL;
		j->raw_cap = 0;
	}
}

static void
job_end(struct conn *c)
{
	struct conns *all = c->all;
	struct job *j = c->job;

	job_reset(j);
	pthread_mutex_lock(&all->lock);
	c->job = NULL;
	j->next = all->rest;
	all->rest = j;
	pthread_mutex_unlock(&all->lock);
}

/* The socket is closed already, or closes here. */
static void
conn_free(struct conn *c)
{
	struct conns *all = c->all;

	pthread_mutex_lock(&all->lock);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		all->head = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	all->count--;
	pthread_mutex_unlock(&all->lock);
	FCGX_Free(&c->fcgi, c->fcgi.ipcFd >= 0);
	free(c);
}

void
conns_fini(struct conns *all)
{
	while (all->head != NULL)
		conn_free(all->head);
	while (all->rest != NULL) {
		struct job *j = all->rest;

		all->rest = j->next;
		job_free(j);
	}
	pthread_mutex_destroy(&all->lock);
}

size_t
conns_count(struct conns *all)
{
	size_t n;

	pthread_mutex_lock(&all->lock);
	n = all->count;
	pthread_mutex_unlock(&all->lock);
	return n;
}

void
conns_cut(struct conns *all, bool spare_new)
{
	pthread_mutex_lock(&all->lock);
	for (struct conn *c = all->head; c != NULL; c = c->next)
		if (c->job == NULL && (c->used || !spare_new))
			(void)shutdown(c->fcgi.ipcFd, SHUT_RD);
	pthread_mutex_unlock(&all->lock);
}

static void
set_options(const struct conns *all, int fd)
{
	struct timeval in = {.tv_sec = READ_TIMEOUT_S};
	struct timeval out = {.tv_sec = WRITE_TIMEOUT_S};
	int on = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &in, sizeof(in));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &out, sizeof(out));
	if (all->tcp)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void
conn_start(struct conns *all, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLONESHOT};
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	set_options(all, fd);
	FCGX_InitRequest(&c->fcgi, -1, 0);
	c->fcgi.ipcFd = fd;
	c->fcgi.keepConnection = 1;
	/* Else libfcgi select()s on closing, with room for 1024 sockets. */
	FCGX_Detach(&c->fcgi);
	c->all = all;
	ev.data.ptr = c;
	pthread_mutex_lock(&all->lock);
	c->next = all->head;
	if (all->head != NULL)
		all->head->prev = c;
	all->head = c;
	all->count++;
	pthread_mutex_unlock(&all->lock);
	if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		conn_free(c);
}

/* nginx sends them in our order, so the search mostly hits at once. */
static void
read_wires(char **envp, const char *values[WIRE__MAX])
{
	size_t at = 0;

	for (; *envp != NULL; envp++) {
		const char *equals = strchr(*envp, '=');
		size_t len = equals != NULL ? (size_t)(equals - *envp) : 0;

		for (size_t tries = 0; tries < WIRE__MAX; tries++) {
			size_t i = (at + tries) % WIRE__MAX;

			if (wires[i].len != len ||
			    memcmp(wires[i].name, *envp, len) != 0)
				continue;
			values[i] = equals + 1;
			at = i + 1;
			break;
		}
	}
}

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

static const char *
or_null(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

static void
fill(struct req *r, const char *const values[WIRE__MAX])
{
	const char *uri = or_empty(values[WIRE_REQUEST_URI]);
	size_t len = strcspn(uri, "?");

	r->method_text = or_empty(values[WIRE_REQUEST_METHOD]);
	r->path = arena_strndup(&r->arena, uri, len);
	r->query = uri + len + (uri[len] == '?');
	r->remote = or_empty(values[WIRE_REMOTE_ADDR]);
	r->https = or_null(values[WIRE_HTTPS]) != NULL;
	r->host = or_null(values[WIRE_HTTP_HOST]);
	r->fetch_site = or_null(values[WIRE_HTTP_SEC_FETCH_SITE]);
	r->requested_with = or_null(values[WIRE_HTTP_X_REQUESTED_WITH]);
	r->content_type = or_null(values[WIRE_CONTENT_TYPE]);
	r->if_match = or_null(values[WIRE_HTTP_IF_MATCH]);
	r->if_none_match = or_null(values[WIRE_HTTP_IF_NONE_MATCH]);
	r->idempotency_key = or_null(values[WIRE_HTTP_IDEMPOTENCY_KEY]);
	r->origin = or_null(values[WIRE_HTTP_ORIGIN]);
	r->authorization = or_null(values[WIRE_HTTP_AUTHORIZATION]);
	r->cookie = or_null(values[WIRE_HTTP_COOKIE]);
	r->accept = or_null(values[WIRE_HTTP_ACCEPT]);
	r->request_id_in = or_null(values[WIRE_HTTP_X_REQUEST_ID]);
	r->traceparent = or_null(values[WIRE_HTTP_TRACEPARENT]);
	r->sign.key = or_null(values[WIRE_HTTP_X_MS_KEY]);
	r->sign.timestamp = or_null(values[WIRE_HTTP_X_MS_TIMESTAMP]);
	r->sign.nonce = or_null(values[WIRE_HTTP_X_MS_NONCE]);
	r->sign.signature = or_null(values[WIRE_HTTP_X_MS_SIGNATURE]);
}

/* false: not a number, or one nobody means. */
static bool
parse_length(const char *s, size_t *n)
{
	size_t digits = strspn(s, "0123456789");

	*n = 0;
	if (digits > 15 || s[digits] != '\0')
		return false;
	for (; *s != '\0'; s++)
		*n = *n * 10 + (size_t)(*s - '0');
	return true;
}

static void
raw_reserve(struct job *j, size_t n)
{
	char *raw;
	size_t cap = j->raw_cap != 0 ? j->raw_cap : RAW_FIRST;

	if (n <= j->raw_cap)
		return;
	while (cap < n)
		cap *= 2;
	raw = realloc(j->raw, cap);
	if (raw == NULL)
		abort();
	j->raw = raw;
	j->raw_cap = cap;
}

/* Read until the stream ends, keep at most the limit.  Returns all bytes. */
static size_t
read_stream(struct job *j, size_t announced)
{
	FCGX_Stream *in = j->conn->fcgi.in;
	size_t limit = j->conn->all->max_body;
	struct req *r = &j->req;
	size_t total = 0;
	char rest[8192];

	if (announced > limit && http_lend(r->http, r, announced))
		limit = announced;
	if (announced > 0 && announced <= limit)
		raw_reserve(j, announced);
	while (total < DRAIN_MAX) {
		int got = FCGX_GetStr(rest, sizeof(rest), in);

		if (got <= 0)
			break;
		total += (size_t)got;
		if (total <= limit) {
			raw_reserve(j, total);
			memcpy(j->raw + r->raw_len, rest, (size_t)got);
			r->raw_len = total;
		}
		if ((size_t)got < sizeof(rest))
			break;
	}
	r->raw_cut = total > limit;
	return total;
}

/* false: the peer broke off, there is nobody to answer. */
static bool
read_body(struct job *j, const char *length)
{
	size_t announced = 0;
	size_t total;

	if (length != NULL && !parse_length(length, &announced))
		return false;
	if (announced > RAW_FIRST)
		req_slow(&j->req);
	total = read_stream(j, announced);
	if (j->raw != NULL)
		j->req.raw = j->raw;
	if (FCGX_GetError(j->conn->fcgi.in) != 0)
		return false;
	/* More is to come than we read away: answer, then hang up. */
	if (total >= DRAIN_MAX)
		j->conn->fcgi.keepConnection = 0;
	else if (length != NULL && total != announced)
		return false;
	return true;
}

static void
conn_drop(struct conn *c)
{
	log_line(LOG_LEVEL_WARN, "dropped a connection", "why=%s",
	    "incomplete request");
	c->fcgi.keepConnection = 0;
	FCGX_Finish_r(&c->fcgi);
	job_end(c);
	conn_free(c);
}

static void
put(FCGX_Stream *out, const char *s, size_t n)
{
	while (n > 0) {
		int piece = n > INT_MAX ? INT_MAX : (int)n;

		if (FCGX_PutStr(s, piece, out) < 0)
			return;
		s += piece;
		n -= (size_t)piece;
	}
}

/* The answer stands: send it, and wait for the next request. */
static void
finish(struct req *r)
{
	struct conn *c = r->transport;
	struct job *j = c->job;
	struct epoll_event ev = {.events = EPOLLIN | EPOLLONESHOT};
	const char *body;
	size_t len;

	res_print_head(r, &j->head);
	body = res_bytes(r, &len);
	put(c->fcgi.out, j->head.data, j->head.len);
	put(c->fcgi.out, body, len);
	if (atomic_load(&c->all->closing))
		c->fcgi.keepConnection = 0;
	FCGX_Finish_r(&c->fcgi);
	c->used = true;
	if (c->fcgi.ipcFd < 0) {
		job_end(c);
		conn_free(c);
		return;
	}
	/* After job_end, c is touched no more; after the last line, it may be
	 * another worker's. */
	int epoll = c->all->epoll;
	int fd = c->fcgi.ipcFd;

	ev.data.ptr = c;
	job_end(c);
	(void)epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &ev);
}

void
conn_serve(struct conn *c)
{
	const char *values[WIRE__MAX] = {NULL};
	struct req *r;

	job_begin(c);
	/* Fails when the peer has closed, or does not speak FastCGI. */
	if (FCGX_Accept_r(&c->fcgi) < 0) {
		job_end(c);
		conn_free(c);
		return;
	}
	r = &c->job->req;
	r->transport = c;
	r->finish = finish;
	r->http = c->all->http;
	read_wires(c->fcgi.envp, values);
	fill(r, values);
	if (!read_body(c->job, values[WIRE_CONTENT_LENGTH])) {
		conn_drop(c);
		return;
	}
	http_dispatch(c->all->http, r);
}
