#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "http/internal.h"
#include "http/problem.h"

#define SLOW_US 500000 /* a read that takes longer is worth a line */

/* What the steps hand to each other. */
struct course {
	struct req *r;
	struct match match;
	struct path path;
	const struct row *row;
	bool answered; /* there is an answer: no further steps */
};

/* A unique id without a system call for each: a random part and a count. */
static const char *
make_id(struct arena *a)
{
	static _Thread_local char prefix[17];
	static _Thread_local uint64_t count;

	if (prefix[0] == '\0') {
		unsigned char r[8];

		random_bytes(r, sizeof(r));
		for (size_t i = 0; i < sizeof(r); i++)
			snprintf(prefix + 2 * i, 3, "%02x", r[i]);
	}
	char text[sizeof(prefix) + TEXT_HEX + 1];

	memcpy(text, prefix, sizeof(prefix) - 1);
	text[sizeof(prefix) - 1] = '-';
	*text_print_hex(text + sizeof(prefix), ++count) = '\0';
	return arena_strdup(a, text);
}

static int
step_identify(struct course *c, struct err *e)
{
	struct req *r = c->r;

	(void)e;
	if (r->request_id_in != NULL && request_id_safe(r->request_id_in))
		r->id = r->request_id_in;
	else
		r->id = make_id(&r->arena);
	log_set_request(r->id);
	if (r->traceparent != NULL && !traceparent_valid(r->traceparent))
		r->traceparent = NULL;
	return 0;
}

static int
step_method(struct course *c, struct err *e)
{
	struct req *r = c->r;

	(void)e;
	for (enum method m = 0; m < METHOD__MAX; m++)
		if (strcmp(r->method_text, method_name(m)) == 0)
			r->method = m;
	return 0;
}

static int
step_limits(struct course *c, struct err *e)
{
	size_t query_max = c->r->http->limits.query;

	if (strnlen(c->r->path, PATH_MAX_BYTES + 1) > PATH_MAX_BYTES)
		return err_set(
		    e, ERR_URITOOLONG, "路径不得超过%d字节", PATH_MAX_BYTES);
	if (strnlen(c->r->query, query_max + 1) > query_max)
		return err_set(
		    e, ERR_URITOOLONG, "查询参数不得超过%zu字节", query_max);
	return 0;
}

static int
step_path(struct course *c, struct err *e)
{
	struct req *r = c->r;

	if (path_split(arena_strdup(&r->arena, r->path), &c->path, e) < 0)
		return -1;
	route_match(r->http, &c->path, &c->match);
	if (!c->match.any)
		return err_set(e, ERR_NOROUTE, "没有这个地址：%.200s", r->path);
	return 0;
}

static void
set_allow(struct course *c)
{
	char allow[64] = "OPTIONS";

	for (enum method m = 0; m < METHOD__MAX; m++)
		if (c->match.rows[m] != NULL) {
			strcat(allow, ", ");
			strcat(allow, method_name(m));
		}
	res_header(c->r, "Allow", allow);
}

static int
step_options(struct course *c, struct err *e)
{
	(void)e;
	if (c->r->method != METHOD_OPTIONS)
		return 0;
	set_allow(c);
	c->r->res.status = 204;
	c->answered = true;
	return 0;
}

static int
step_route(struct course *c, struct err *e)
{
	struct req *r = c->r;

	if (r->method != METHOD__MAX)
		c->row = c->match.rows[r->method];
	if (c->row == NULL) {
		set_allow(c);
		return err_set(
		    e, ERR_METHOD, "此地址不支持%.16s方法", r->method_text);
	}
	r->route = c->row->route;
	return 0;
}

static int
step_segments(struct course *c, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < c->path.nsegments; i++) {
		if (c->row->segments[i] != NULL)
			continue;
		if (!id_valid(c->path.segments[i]))
			return err_set(e, ERR_BADPATH,
			    "路径中的“%.64s”不是合法的编号",
			    c->path.segments[i]);
		c->r->segments[n++] = c->path.segments[i];
	}
	return 0;
}

static int
step_query(struct course *c, struct err *e)
{
	return query_read(c->r, c->row, e);
}

static int
step_credentials(struct course *c, struct err *e)
{
	if (c->r->authorization != NULL && c->r->cookie != NULL)
		return err_set(
		    e, ERR_BADREQUEST, "Authorization和Cookie不能同时使用");
	if (req_is_signed(c->r) &&
	    (c->r->authorization != NULL || c->r->cookie != NULL))
		return err_set(e, ERR_BADREQUEST,
		    "签名请求不能同时使用Authorization或Cookie");
	return 0;
}

static int
step_authorize(struct course *c, struct err *e)
{
	struct http *h = c->r->http;

	if (h->hooks.authorize == NULL)
		return 0;
	return h->hooks.authorize(c->r, c->r->route, e);
}

static int
step_headers(struct course *c, struct err *e)
{
	return headers_check(c->r, e);
}

static int
step_body(struct course *c, struct err *e)
{
	return body_read(c->r, c->row, e);
}

static int
step_handle(struct course *c, struct err *e)
{
	struct http *h = c->r->http;

	if (h->hooks.handle != NULL)
		return h->hooks.handle(c->r, e);
	return c->r->route->handler(c->r, e);
}

/* The life of a request, in this order. */
static int (*const steps[])(struct course *c, struct err *e) = {
    step_identify,
    step_method,
    step_limits,
    step_path,
    step_options,
    step_route,
    step_segments,
    step_query,
    step_credentials,
    step_authorize,
    step_headers,
    step_body,
    step_handle,
};

/*
 * Reads that went well stand in the web server's log already (buffered, so
 * ten times cheaper there): here they are for debugging.
 */
static enum log_level
access_level(const struct req *r, int64_t us)
{
	bool reads = r->method == METHOD_GET || r->method == METHOD_HEAD;

	if (r->route != NULL && (r->route->flags & ROUTE_NO_LOG) != 0)
		return LOG_LEVEL_DEBUG;
	return reads && r->res.status < 400 && us < SLOW_US ? LOG_LEVEL_DEBUG
							    : LOG_LEVEL_INFO;
}

static void
log_access(const struct req *r, int64_t us)
{
	size_t n;

	(void)res_bytes(r, &n);
	log_line(access_level(r, us), "request",
	    "method=%s path=%s status=%d bytes=%zu us=%lld remote=%s",
	    r->method_text, r->path, r->res.status, n, (long long)us,
	    r->remote);
}

/*
 * A read has an answer of one type; is it one the client can use?  What was
 * written is answered in any case.
 */
static int
check_accept(const struct req *r, struct err *e)
{
	bool reads = r->method == METHOD_GET || r->method == METHOD_HEAD;

	if (!reads || r->res.status != 200 ||
	    accept_takes(r->accept, r->res.type))
		return 0;
	return err_set(e, ERR_NOTACCEPT, "这个地址给出的是%s，Accept里没有它",
	    r->res.type);
}

/* The answer stands: count it, log it, send it.  r is gone afterwards. */
static void
complete(struct req *r, int rc, struct err *e)
{
	struct http *h = r->http;
	size_t route = h->nrows;
	int64_t us;

	if (rc == 0 && !buf_ok(&r->res.body))
		rc = err_set(e, ERR_BADQUERY, "结果过大，请缩小查询范围");
	if (rc == 0)
		rc = check_accept(r, e);
	if (rc != 0)
		res_problem(r, e);
	if (r->res.status >= 500)
		log_line(LOG_LEVEL_ERROR, "request failed", "code=%s detail=%s",
		    err_slug(e->code), e->detail);
	if (r->route != NULL)
		route = (size_t)(r->route - h->routes);
	us = clock_us() - r->started_us;
	metrics_end(h->metrics, route, r->res.status, us);
	log_access(r, us);
	log_set_request(NULL);
	r->finish(r);
}

/*
 * A handler or resume returned: its answer goes out, or the request waits,
 * or (unparked meanwhile) goes on at once.
 */
static void
settle(struct req *r, int rc, struct err *e)
{
	struct http *h = r->http;

	while (atomic_load(&r->parked) != PARK_NONE) {
		int state = PARK_ASKED;

		assert(rc == 0); /* a failed handler cancels its parking */
		metrics_park(h->metrics, 1);
		if (atomic_compare_exchange_strong(
			&r->parked, &state, PARK_WAITING)) {
			log_set_request(NULL);
			return;
		}
		metrics_park(h->metrics, -1);
		atomic_store(&r->parked, PARK_NONE);
		err_init(e);
		rc = r->resume(r, e);
	}
	complete(r, rc, e);
}

void
http_dispatch(struct http *h, struct req *r)
{
	struct course c = {.r = r};
	struct err e;
	int rc = 0;
	civil_t pinned = atomic_load_explicit(&h->today, memory_order_relaxed);

	err_init(&e);
	r->http = h;
	r->app = h->app;
	r->started_us = clock_us();
	r->now = h->clock != NULL ? h->clock(h->clock_arg) : instant_now();
	r->today = pinned != 0 ? pinned : instant_civil(r->now);
	metrics_begin(h->metrics);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if ((rc = steps[i](&c, &e)) != 0 || c.answered)
			break;
	}
	settle(r, rc, &e);
}

void
http_resume(struct req *r)
{
	struct err e;
	int rc;

	err_init(&e);
	log_set_request(r->id);
	metrics_park(r->http->metrics, -1);
	atomic_store(&r->parked, PARK_NONE);
	rc = r->resume(r, &e);
	settle(r, rc, &e);
}
