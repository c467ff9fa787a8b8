#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "http/internal.h"

enum body_kind {
	BODY_NONE,
	BODY_JSON,
	BODY_CSV,
	BODY_RAW,
};

/* What a body of ROUTE_RAW may say it is. */
static const char *const raw_types[] = {
    "image/jpeg", "image/png", "image/webp"};

static bool
wants_json(const struct route *route)
{
	return route->schema != NULL || (route->flags & ROUTE_PATCH) != 0;
}

static bool
wants_body(const struct route *route)
{
	return wants_json(route) ||
	       (route->flags & (ROUTE_CSV | ROUTE_RAW)) != 0;
}

static bool
is_raw_type(const char *type)
{
	for (size_t i = 0; i < sizeof(raw_types) / sizeof(raw_types[0]); i++)
		if (media_is(type, raw_types[i]))
			return true;
	return false;
}

static enum body_kind
body_kind(const struct req *r)
{
	const char *type = r->content_type;
	const struct route *route = r->route;

	if (type == NULL)
		return BODY_NONE;
	if (wants_json(route) && media_is(type, "application/json"))
		return BODY_JSON;
	if ((route->flags & ROUTE_PATCH) != 0 &&
	    media_is(type, "application/merge-patch+json"))
		return BODY_JSON;
	if ((route->flags & ROUTE_CSV) != 0 && media_is(type, "text/csv"))
		return BODY_CSV;
	if ((route->flags & ROUTE_RAW) != 0 && is_raw_type(type))
		return BODY_RAW;
	return BODY_NONE;
}

static const char *
accepted(const struct route *route)
{
	if ((route->flags & ROUTE_RAW) != 0)
		return "image/jpeg, image/png, image/webp";
	if (!wants_json(route))
		return "text/csv";
	if ((route->flags & ROUTE_CSV) != 0)
		return "application/json, text/csv";
	if ((route->flags & ROUTE_PATCH) != 0)
		return "application/merge-patch+json, application/json";
	return "application/json";
}

static int
refuse_type(struct req *r, struct err *e)
{
	const char *types = accepted(r->route);

	return err_set(e, ERR_MEDIATYPE, "内容类型须为：%s%s", types,
	    (r->route->flags & ROUTE_RAW) != 0 ? "" : "（UTF-8）");
}

/* What is wrong with a body as a whole has a place too: the whole. */
static int
refuse_whole(struct err *e, const char *keyword)
{
	char why[sizeof(e->detail)];

	if (e->nitems > 0)
		return -1;
	snprintf(why, sizeof(why), "%s", e->detail);
	return err_add(e, e->code, "", keyword, "%s", why);
}

static int
refuse_size(size_t limit, struct err *e)
{
	err_set(e, ERR_TOOBIG, "请求体不得超过%zu字节", limit);
	return refuse_whole(e, "maxLength");
}

/* r->raw is what the handler wants. */
static int
raw_read(struct req *r, struct err *e)
{
	size_t limit = r->http->limits.raw;

	if (r->raw_len == 0 && !r->raw_cut && !r->raw_busy)
		return err_set(e, ERR_BADREQUEST, "缺少请求体：应是照片的内容");
	if (r->content_type == NULL || body_kind(r) != BODY_RAW)
		return refuse_type(r, e);
	if (r->raw_busy)
		return err_set(e, ERR_UNAVAILABLE,
		    "同时上传的大照片太多，请稍后再试，已上传的不受影响");
	if (r->raw_cut || r->raw_len > limit)
		return refuse_size(limit, e);
	return 0;
}

bool
http_lend(struct http *h, struct req *r, size_t len)
{
	struct err ignored;
	struct match match;
	struct path path;
	const struct row *row;

	err_init(&ignored);
	if (len > h->limits.raw || strcmp(r->method_text, "PUT") != 0 ||
	    path_split(arena_strdup(&r->arena, r->path), &path, &ignored) < 0)
		return false;
	route_match(h, &path, &match);
	row = match.rows[METHOD_PUT];
	if (row == NULL || (row->route->flags & ROUTE_RAW) == 0)
		return false;
	r->http = h;
	r->raw_lent = atomic_fetch_add(&h->raw_now, 1) < h->limits.raw_at_once;
	r->raw_busy = !r->raw_lent;
	if (r->raw_busy)
		atomic_fetch_sub(&h->raw_now, 1);
	return r->raw_lent;
}

int
body_read(struct req *r, const struct row *row, struct err *e)
{
	enum body_kind kind = BODY_NONE;
	bool sent = r->raw_len > 0 || r->raw_cut;
	size_t limit = r->http->limits.body;

	if (!wants_body(r->route)) {
		if (!sent)
			return 0;
		return err_set(e, ERR_BADREQUEST, "此请求不接受请求体");
	}
	if ((r->route->flags & ROUTE_RAW) != 0)
		return raw_read(r, e);
	if (sent && (kind = body_kind(r)) == BODY_NONE)
		return refuse_type(r, e);
	if (r->raw_cut || r->raw_len > limit)
		return refuse_size(limit, e);
	if (!sent)
		return err_add(e, ERR_BADJSON, "", "json", "缺少请求体");
	if (kind == BODY_CSV)
		return 0;
	if (r->raw_len > 4096)
		req_slow(r);
	r->body = json_read(r->raw, r->raw_len, limit, e);
	if (r->body == NULL)
		return refuse_whole(e, "json");
	if (row->schema == NULL)
		return 0;
	return r->http->hooks.check(row->schema, r->body, e);
}
