#include "http/req.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "http/internal.h"
#include "http/problem.h"

/* A big answer does not stay with the connection that once sent it. */
#define BODY_KEEP ((size_t)256 << 10)

struct owned {
	void (*release)(void *);
	void *thing;
	struct owned *next;
};

static const char *const methods[METHOD__MAX] = {
    [METHOD_GET] = "GET",
    [METHOD_HEAD] = "HEAD",
    [METHOD_OPTIONS] = "OPTIONS",
    [METHOD_POST] = "POST",
    [METHOD_PUT] = "PUT",
    [METHOD_PATCH] = "PATCH",
    [METHOD_DELETE] = "DELETE",
};

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
#define STATUS(number, phrase) {number, phrase},
#include "http/status.def"
#undef STATUS
};

/* Headers an error answer keeps from the answer it replaces. */
static const char *const kept[] = {"Allow", "Retry-After", "WWW-Authenticate"};

const char *
method_name(enum method m)
{
	return m < METHOD__MAX ? methods[m] : "?";
}

const char *
status_phrase(int status)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

static void
set_defaults(struct req *r)
{
	r->method_text = "";
	r->path = "";
	r->query = "";
	r->remote = "";
	r->raw = "";
	r->id = "";
	r->method = METHOD__MAX;
	r->res.status = 200;
	r->res.type = "application/json";
}

void
req_init(struct req *r)
{
	memset(r, 0, sizeof(*r));
	arena_init(&r->arena);
	buf_init(&r->res.body, 0);
	set_defaults(r);
}

static void
release_all(struct req *r)
{
	for (struct owned *o = r->owned; o != NULL; o = o->next)
		o->release(o->thing);
	r->owned = NULL;
	json_decref(r->body);
	r->body = NULL;
	if (r->raw_lent)
		atomic_fetch_sub(&r->http->raw_now, 1);
	r->raw_lent = false;
}

void
req_reset(struct req *r)
{
	struct arena arena = r->arena;
	struct buf body = r->res.body;

	release_all(r);
	arena_reset(&arena);
	if (body.cap > BODY_KEEP)
		buf_fini(&body);
	buf_reset(&body);
	memset(r, 0, sizeof(*r));
	r->arena = arena;
	r->res.body = body;
	set_defaults(r);
}

void
req_fini(struct req *r)
{
	release_all(r);
	arena_fini(&r->arena);
	buf_fini(&r->res.body);
}

bool
req_is_signed(const struct req *r)
{
	return r->sign.key != NULL || r->sign.timestamp != NULL ||
	       r->sign.nonce != NULL || r->sign.signature != NULL;
}

const char *
req_param(const struct req *r, const char *name)
{
	for (size_t i = 0; i < r->nparams; i++)
		if (strcmp(r->params[i].name, name) == 0)
			return r->params[i].value;
	return NULL;
}

int64_t
req_param_int(const struct req *r, const char *name, int64_t dflt)
{
	const char *s = req_param(r, name);
	int64_t n = 0;

	if (s == NULL)
		return dflt;
	bool minus = *s == '-';

	for (s += minus; *s != '\0'; s++) {
		int digit = *s - '0';

		if (digit < 0 || digit > 9 ||
		    __builtin_mul_overflow(n, (int64_t)10, &n) ||
		    __builtin_add_overflow(n, minus ? -digit : digit, &n))
			return dflt;
	}
	return n;
}

void
req_own(struct req *r, void *thing, void (*release)(void *))
{
	struct owned *o = arena_alloc(&r->arena, sizeof(*o));

	o->thing = thing;
	o->release = release;
	o->next = r->owned;
	r->owned = o;
}

static void
release_json(void *v)
{
	json_decref(v);
}

json_t *
req_own_json(struct req *r, json_t *v)
{
	if (v != NULL)
		req_own(r, v, release_json);
	return v;
}

void
req_slow(struct req *r)
{
	if (r->http != NULL && r->http->slow != NULL)
		r->http->slow(r);
}

void
res_json(struct req *r, int status, const json_t *v)
{
	buf_reset(&r->res.body);
	r->res.borrowed = NULL;
	r->res.status = status;
	r->res.type = "application/json";
	json_print(&r->res.body, v);
}

void
res_text(
    struct req *r, int status, const char *type, const char *text, size_t len)
{
	assert(header_safe(type));
	r->res.status = status;
	r->res.type = type;
	r->res.borrowed = text;
	r->res.borrowed_len = len;
}

void
res_header(struct req *r, const char *name, const char *value)
{
	size_t i = 0;

	assert(header_safe(name) && header_safe(value));
	while (i < r->res.nheaders && strcmp(r->res.headers[i].name, name) != 0)
		i++;
	assert(i < REQ_HEADERS);
	r->res.headers[i].name = name;
	r->res.headers[i].value = arena_strdup(&r->arena, value);
	if (i == r->res.nheaders)
		r->res.nheaders++;
}

const char *
res_header_peek(const struct req *r, const char *name)
{
	for (size_t i = 0; i < r->res.nheaders; i++)
		if (strcmp(r->res.headers[i].name, name) == 0)
			return r->res.headers[i].value;
	return NULL;
}

bool
res_etag(struct req *r, const char *tag)
{
	size_t len = strlen(tag);
	char *quoted = arena_alloc(&r->arena, len + 3);

	quoted[0] = quoted[len + 1] = '"';
	memcpy(quoted + 1, tag, len);
	res_header(r, "ETag", quoted);
	if (r->method != METHOD_GET && r->method != METHOD_HEAD)
		return false;
	if (r->if_none_match == NULL || !etag_listed(r->if_none_match, tag))
		return false;
	r->res.status = 304;
	return true;
}

void
res_restart(struct req *r)
{
	struct name_value keep[REQ_HEADERS];
	size_t nkeep = 0;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const char *value = res_header_peek(r, kept[i]);

		if (value == NULL)
			continue;
		keep[nkeep].name = kept[i];
		keep[nkeep++].value = value;
	}
	memcpy(r->res.headers, keep, nkeep * sizeof(keep[0]));
	r->res.nheaders = nkeep;
	r->res.borrowed = NULL;
	buf_reset(&r->res.body);
}

static bool
has_body(const struct req *r)
{
	return r->res.status != 204 && r->res.status != 304;
}

static void
add_number(struct buf *out, size_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n != 0);
	buf_addn(out, digits + i, sizeof(digits) - i);
}

static void
add_header(struct buf *out, const char *name, const char *value)
{
	buf_add(out, name);
	buf_add(out, ": ");
	buf_add(out, value);
	buf_add(out, "\r\n");
}

void
res_print_head(const struct req *r, struct buf *out)
{
	size_t len =
	    r->res.borrowed != NULL ? r->res.borrowed_len : r->res.body.len;

	buf_add(out, "Status: ");
	add_number(out, (size_t)r->res.status);
	buf_addc(out, ' ');
	buf_add(out, status_phrase(r->res.status));
	buf_add(out, "\r\n");
	if (has_body(r)) {
		add_header(out, "Content-Type", r->res.type);
		buf_add(out, "Content-Length: ");
		add_number(out, len);
		buf_add(out, "\r\n");
	}
	for (size_t i = 0; i < r->res.nheaders; i++)
		add_header(
		    out, r->res.headers[i].name, r->res.headers[i].value);
	if (res_header_peek(r, "Cache-Control") == NULL)
		buf_add(out, "Cache-Control: no-store\r\n");
	add_header(out, "X-Request-Id", r->id);
	buf_add(out, "\r\n");
}

const char *
res_bytes(const struct req *r, size_t *n)
{
	*n = 0;
	if (!has_body(r) || r->method == METHOD_HEAD)
		return "";
	if (r->res.borrowed != NULL) {
		*n = r->res.borrowed_len;
		return r->res.borrowed;
	}
	*n = r->res.body.len;
	return r->res.body.data;
}

void
req_park(struct req *r, int (*resume)(struct req *r, struct err *e))
{
	assert(atomic_load(&r->parked) == PARK_NONE);
	r->resume = resume;
	atomic_store(&r->parked, PARK_ASKED);
}

void
req_park_cancel(struct req *r)
{
	assert(atomic_load(&r->parked) == PARK_ASKED);
	atomic_store(&r->parked, PARK_NONE);
}

void
req_unpark(struct req *r)
{
	int state = PARK_ASKED;

	if (atomic_compare_exchange_strong(&r->parked, &state, PARK_DUE))
		return;
	assert(state == PARK_WAITING);
	struct http *h = r->http;

	if (h->wake != NULL)
		h->wake(h->wake_arg, r);
	else
		http_resume(r);
}
