#include "http/problem.h"

#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "http/internal.h"

#define TRACE_ID_AT 3
#define TRACE_ID_LEN 32
#define RETRY_AFTER "5" /* seconds */

bool
header_safe(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7F)
			return false;
	return true;
}

bool
request_id_safe(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return n >= 1 && n <= 64 && s[n] == '\0';
}

bool
traceparent_valid(const char *s)
{
	static const char shape[] =
	    "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";

	if (strlen(s) != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == 'x' ? strchr("0123456789abcdef", s[i]) == NULL
				    : s[i] != shape[i])
			return false;
	return strspn(s + TRACE_ID_AT, "0") < TRACE_ID_LEN;
}

static void
add_member(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, ",\"%s\":", name);
	buf_add_json_string(b, value, strlen(value));
}

static void
add_item(struct buf *b, const struct err_item *it)
{
	buf_add(b, "{\"pointer\":");
	buf_add_json_string(b, it->pointer, strlen(it->pointer));
	add_member(b, "keyword", it->keyword);
	add_member(b, "detail", it->detail);
	buf_addc(b, '}');
}

static void
add_items(struct buf *b, const struct err *e)
{
	buf_add(b, ",\"errors\":[");
	for (size_t i = 0; i < e->nitems; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_item(b, &e->items[i]);
	}
	buf_addc(b, ']');
	if (e->nmore > 0)
		buf_addf(b, ",\"more\":%zu", e->nmore);
}

static const char *
trace_id(struct req *r)
{
	if (r->traceparent == NULL)
		return r->id;
	return arena_strndup(
	    &r->arena, r->traceparent + TRACE_ID_AT, TRACE_ID_LEN);
}

void
res_problem(struct req *r, const struct err *e)
{
	struct buf *b = &r->res.body;

	res_restart(r);
	r->res.status = err_status(e->code);
	r->res.type = PROBLEM_TYPE;
	if ((r->res.status == 503 || r->res.status == 507 ||
		r->res.status == 429) &&
	    res_header_peek(r, "Retry-After") == NULL)
		res_header(r, "Retry-After", RETRY_AFTER);
	buf_addf(b, "{\"type\":\"" PROBLEM_BASE "%s\",\"status\":%d",
	    err_slug(e->code), r->res.status);
	add_member(b, "title", err_title(e->code));
	add_member(
	    b, "detail", e->detail[0] != '\0' ? e->detail : err_title(e->code));
	add_member(b, "code", err_slug(e->code));
	add_member(b, "traceId", trace_id(r));
	add_items(b, e);
	if (e->code == ERR_STALE && r->current != NULL) {
		buf_add(b, ",\"current\":");
		json_print(b, r->current);
	}
	buf_addc(b, '}');
}
