#include "http/route.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "http/internal.h"

#define PARAM_TABLE_MAX 64

static int
row_fail(const struct route *route, const char *why, struct err *e)
{
	return err_set(e, ERR_CONFIG, "路由表“%s %s”：%s",
	    method_name(route->method), route->pattern, why);
}

/* One piece of a pattern: {name}, or a literal a path can really hold. */
static int
add_segment(struct row *row, char *piece, struct err *e)
{
	size_t len = strlen(piece);

	if (row->nsegments == PATH_SEGMENTS)
		return row_fail(row->route, "分段过多", e);
	if (piece[0] != '{') {
		if (!id_valid(piece))
			return row_fail(row->route, "分段有误", e);
		row->segments[row->nsegments++] = piece;
		return 0;
	}
	if (len < 3 || strcspn(piece, "}") != len - 1)
		return row_fail(row->route, "花括号有误", e);
	row->segments[row->nsegments++] = NULL;
	return 0;
}

static int
split_verb(struct row *row, char *last, struct err *e)
{
	char *colon = strchr(last, ':');

	row->verb = "";
	if (colon == NULL)
		return 0;
	*colon = '\0';
	row->verb = colon + 1;
	if (!id_valid(row->verb))
		return row_fail(row->route, "冒号后的动作有误", e);
	return 0;
}

static int
compile_pattern(struct row *row, struct err *e)
{
	char *s = row->text;
	size_t nvalues = 0;

	if (*s != '/')
		return row_fail(row->route, "须以“/”开头", e);
	if (split_verb(row, strrchr(s, '/'), e) < 0)
		return -1;
	while (s != NULL && s[1] != '\0') {
		char *piece = s + 1;

		s = strchr(piece, '/');
		if (s != NULL)
			*s = '\0';
		if (add_segment(row, piece, e) < 0)
			return -1;
		nvalues += row->segments[row->nsegments - 1] == NULL;
	}
	if (s != NULL && row->nsegments > 0)
		return row_fail(row->route, "末尾多了“/”", e);
	if (nvalues > REQ_SEGMENTS)
		return row_fail(row->route, "花括号过多", e);
	return 0;
}

static int
allow_param(const struct http *h, struct row *row, const char *name, size_t len,
    struct err *e)
{
	for (size_t i = 0; i < h->nparams; i++)
		if (strlen(h->params[i].name) == len &&
		    memcmp(h->params[i].name, name, len) == 0) {
			row->params |= (uint64_t)1 << i;
			return 0;
		}
	return row_fail(row->route, "用了参数表中没有的参数", e);
}

static int
compile_params(const struct http *h, struct row *row, struct err *e)
{
	const char *s = row->route->params;

	while (s != NULL && *s != '\0') {
		size_t len = strcspn(s, " ");

		if (len > 0 && allow_param(h, row, s, len, e) < 0)
			return -1;
		s += len + (s[len] == ' ');
	}
	return 0;
}

static int
compile_row(const struct http *h, struct row *row, const struct route *route,
    struct err *e)
{
	row->route = route;
	row->text = strdup(route->pattern);
	if (row->text == NULL)
		abort();
	if (route->method >= METHOD__MAX || route->method == METHOD_HEAD ||
	    route->method == METHOD_OPTIONS)
		return row_fail(route, "方法不必登记", e);
	if (compile_pattern(row, e) < 0 || compile_params(h, row, e) < 0)
		return -1;
	if (route->schema == NULL)
		return 0;
	if (h->hooks.schema != NULL)
		row->schema = h->hooks.schema(route->schema);
	if (row->schema == NULL || h->hooks.check == NULL)
		return row_fail(route, "找不到请求体的模式文件", e);
	return 0;
}

/* Is there a path both rows match? */
static bool
rows_overlap(const struct row *a, const struct row *b)
{
	if (a->route->method != b->route->method ||
	    a->nsegments != b->nsegments || strcmp(a->verb, b->verb) != 0)
		return false;
	for (size_t i = 0; i < a->nsegments; i++)
		if (a->segments[i] != NULL && b->segments[i] != NULL &&
		    strcmp(a->segments[i], b->segments[i]) != 0)
			return false;
	return true;
}

static int
refuse_overlaps(const struct http *h, struct err *e)
{
	for (size_t i = 0; i < h->nrows; i++)
		for (size_t j = 0; j < i; j++)
			if (rows_overlap(&h->rows[i], &h->rows[j]))
				return row_fail(h->rows[i].route,
				    h->rows[j].route->pattern, e);
	return 0;
}

static int
by_segments(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;

	if (x->nsegments != y->nsegments)
		return x->nsegments < y->nsegments ? -1 : 1;
	return 0;
}

static void
index_rows(struct http *h)
{
	size_t row = 0;

	qsort(h->rows, h->nrows, sizeof(h->rows[0]), by_segments);
	for (size_t n = 0; n <= PATH_SEGMENTS + 1; n++) {
		while (row < h->nrows && h->rows[row].nsegments < n)
			row++;
		h->first[n] = row;
	}
}

static bool
row_matches(const struct row *row, const struct path *p)
{
	/* From the end: rows of one length differ there first. */
	for (size_t i = p->nsegments; i-- > 0;)
		if (row->segments[i] != NULL &&
		    strcmp(row->segments[i], p->segments[i]) != 0)
			return false;
	return strcmp(row->verb, p->verb) == 0;
}

void
route_match(const struct http *h, const struct path *p, struct match *m)
{
	memset(m, 0, sizeof(*m));
	for (size_t i = h->first[p->nsegments]; i < h->first[p->nsegments + 1];
	     i++) {
		const struct row *row = &h->rows[i];

		if (!row_matches(row, p))
			continue;
		m->rows[row->route->method] = row;
		m->any = true;
	}
	m->rows[METHOD_HEAD] = m->rows[METHOD_GET];
}

struct http *
http_new(const struct route *routes, size_t nroutes, const struct param *params,
    size_t nparams, struct http_limits limits, const struct http_hooks *hooks,
    void *app, struct err *e)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL)
		abort();
	assert(nparams <= PARAM_TABLE_MAX);
	h->rows = calloc(nroutes + 1, sizeof(h->rows[0]));
	if (h->rows == NULL)
		abort();
	h->routes = routes;
	h->params = params;
	h->nparams = nparams;
	h->limits = limits;
	h->hooks = *hooks;
	h->app = app;
	h->metrics = metrics_new(nroutes);
	for (size_t i = 0; i < nroutes; i++) {
		h->nrows++;
		if (compile_row(h, &h->rows[i], &routes[i], e) < 0)
			goto fail;
	}
	index_rows(h);
	if (refuse_overlaps(h, e) < 0)
		goto fail;
	return h;
fail:
	http_free(h);
	return NULL;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->nrows; i++)
		free(h->rows[i].text);
	free(h->rows);
	metrics_free(h->metrics);
	free(h);
}

void
http_set_clock(struct http *h, instant_t (*clock)(void *arg), void *arg)
{
	h->clock = clock;
	h->clock_arg = arg;
}

void
http_set_today(struct http *h, civil_t today)
{
	atomic_store(&h->today, today);
}

void
http_set_wake(struct http *h, void (*wake)(void *arg, struct req *r), void *arg)
{
	h->wake = wake;
	h->wake_arg = arg;
}

void
http_set_slow(struct http *h, void (*slow)(struct req *r))
{
	h->slow = slow;
}
