#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "http/internal.h"

#define CLASSES 5
#define BUCKETS 8

static const struct {
	int64_t us;
	const char *le;
} buckets[BUCKETS] = {
    {500, "0.0005"},
    {2000, "0.002"},
    {5000, "0.005"},
    {20000, "0.02"},
    {100000, "0.1"},
    {500000, "0.5"},
    {2500000, "2.5"},
    {INT64_MAX, "+Inf"},
};

struct route_metrics {
	atomic_uint_fast64_t classes[CLASSES]; /* 1xx is [0] */
	atomic_uint_fast64_t buckets[BUCKETS];
	atomic_uint_fast64_t us;
};

struct metrics {
	atomic_int_fast64_t in_flight;
	atomic_int_fast64_t parked;
	size_t nroutes;
	struct route_metrics routes[]; /* the last one: no route */
};

int64_t
clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct metrics *
metrics_new(size_t nroutes)
{
	struct metrics *m = calloc(
	    1, sizeof(*m) + (nroutes + 1) * sizeof(struct route_metrics));

	if (m == NULL)
		abort();
	m->nroutes = nroutes;
	return m;
}

void
metrics_free(struct metrics *m)
{
	free(m);
}

static void
count(atomic_uint_fast64_t *n, uint64_t by)
{
	atomic_fetch_add_explicit(n, by, memory_order_relaxed);
}

static uint64_t
value(const atomic_uint_fast64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

void
metrics_begin(struct metrics *m)
{
	atomic_fetch_add_explicit(&m->in_flight, 1, memory_order_relaxed);
}

void
metrics_end(struct metrics *m, size_t route, int status, int64_t us)
{
	struct route_metrics *rm = &m->routes[route];
	size_t b = 0;

	while (us > buckets[b].us)
		b++;
	count(&rm->classes[status / 100 - 1], 1);
	count(&rm->buckets[b], 1);
	count(&rm->us, (uint64_t)us);
	atomic_fetch_sub_explicit(&m->in_flight, 1, memory_order_relaxed);
}

void
metrics_park(struct metrics *m, int by)
{
	atomic_fetch_add_explicit(&m->parked, by, memory_order_relaxed);
}

/* What tells the rows of one route from the others: {method=..,route=.. */
static void
add_labels(struct buf *out, const struct http *h, size_t i)
{
	if (i == h->metrics->nroutes) {
		buf_add(out, "{method=\"\",route=\"\"");
		return;
	}
	buf_addf(out, "{method=\"%s\",route=\"%s\"",
	    method_name(h->routes[i].method), h->routes[i].pattern);
}

static void
add_counts(struct buf *out, const struct http *h, size_t i)
{
	for (size_t c = 0; c < CLASSES; c++) {
		uint64_t n = value(&h->metrics->routes[i].classes[c]);

		if (n == 0)
			continue;
		buf_add(out, "minsheng_requests_total");
		add_labels(out, h, i);
		buf_addf(out, ",class=\"%zuxx\"} %llu\n", c + 1,
		    (unsigned long long)n);
	}
}

static void
add_durations(struct buf *out, const struct http *h, size_t i)
{
	const struct route_metrics *rm = &h->metrics->routes[i];
	uint64_t sum = 0;
	uint64_t us = value(&rm->us);

	for (size_t c = 0; c < CLASSES; c++)
		sum += value(&rm->classes[c]);
	if (sum == 0)
		return;
	sum = 0;
	for (size_t b = 0; b < BUCKETS; b++) {
		sum += value(&rm->buckets[b]);
		buf_add(out, "minsheng_request_seconds_bucket");
		add_labels(out, h, i);
		buf_addf(out, ",le=\"%s\"} %llu\n", buckets[b].le,
		    (unsigned long long)sum);
	}
	buf_add(out, "minsheng_request_seconds_sum");
	add_labels(out, h, i);
	buf_addf(out, "} %llu.%06llu\n", (unsigned long long)(us / 1000000),
	    (unsigned long long)(us % 1000000));
	buf_add(out, "minsheng_request_seconds_count");
	add_labels(out, h, i);
	buf_addf(out, "} %llu\n", (unsigned long long)sum);
}

static void
add_gauge(struct buf *out, const char *name, const char *help, int64_t n)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, help,
	    name, name, (long long)n);
}

void
http_metrics(struct http *h, struct buf *out)
{
	struct metrics *m = h->metrics;

	add_gauge(out, "minsheng_requests_in_flight",
	    "Requests begun and not answered.",
	    atomic_load_explicit(&m->in_flight, memory_order_relaxed));
	add_gauge(out, "minsheng_requests_parked",
	    "Requests that wait for their write.",
	    atomic_load_explicit(&m->parked, memory_order_relaxed));
	buf_add(out, "# HELP minsheng_requests_total Answered requests.\n"
		     "# TYPE minsheng_requests_total counter\n");
	for (size_t i = 0; i <= m->nroutes; i++)
		add_counts(out, h, i);
	buf_add(out, "# HELP minsheng_request_seconds "
		     "Time from the request to its answer.\n"
		     "# TYPE minsheng_request_seconds histogram\n");
	for (size_t i = 0; i <= m->nroutes; i++)
		add_durations(out, h, i);
}
