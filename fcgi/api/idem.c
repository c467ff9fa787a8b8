#include "api/idem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "auth/who.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

/* What one request is known by. */
struct idem {
	char id[SHA256_HEX + 1];      /* actor, route and key */
	char payload[SHA256_HEX + 1]; /* what was asked */
	int64_t old_rev;              /* of an expired record; 0: none */
	struct idem_table *table;     /* where it is under way; NULL: nowhere */
	struct idem *next;
};

struct idem_table {
	pthread_mutex_t lock;
	struct idem *first;
};

struct idem_table *
idem_table_new(void)
{
	struct idem_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

void
idem_table_free(struct idem_table *t)
{
	if (t == NULL)
		return;
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* ---- under way ---- */

static bool
enter(struct idem_table *t, struct idem *k)
{
	struct idem *other;

	pthread_mutex_lock(&t->lock);
	other = t->first;
	while (other != NULL && strcmp(other->id, k->id) != 0)
		other = other->next;
	if (other == NULL) {
		k->table = t;
		k->next = t->first;
		t->first = k;
	}
	pthread_mutex_unlock(&t->lock);
	return other == NULL;
}

static void
leave(void *arg)
{
	struct idem *k = arg;
	struct idem **at;

	if (k->table == NULL)
		return;
	pthread_mutex_lock(&k->table->lock);
	at = &k->table->first;
	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	pthread_mutex_unlock(&k->table->lock);
}

/* ---- what it is known by ---- */

/* Parted by NUL, which none of them holds. */
static void
add_part(struct buf *b, const char *s)
{
	buf_add(b, s != NULL ? s : "");
	buf_addc(b, '\0');
}

static struct idem *
make(struct req *r)
{
	struct idem *k = arena_alloc(&r->arena, sizeof(*k));
	struct buf b;

	memset(k, 0, sizeof(*k));
	buf_init(&b, 0);
	add_part(&b, r->who->id);
	add_part(&b, r->route->pattern);
	add_part(&b, r->idempotency_key);
	sha256_hex(b.data, b.len, k->id);
	buf_reset(&b);
	add_part(&b, r->path);
	add_part(&b, r->query);
	add_part(&b, r->content_type);
	add_part(&b, r->if_match);
	/* Not even the hash of a password is kept. */
	if ((r->route->flags & ROUTE_SECRET) == 0)
		buf_addn(&b, r->raw, r->raw_len);
	sha256_hex(b.data, b.len, k->payload);
	buf_fini(&b);
	return k;
}

/* ---- the answer again ---- */

static void
answer_again(struct req *r, const json_t *doc)
{
	const char *body = json_peek_str(doc, "body");
	const char *type = json_peek_str(doc, "type");
	const char *etag = json_peek_str(doc, "etag");
	const char *location = json_peek_str(doc, "location");

	if (etag != NULL)
		res_header(r, "ETag", etag);
	if (location != NULL)
		res_header(r, "Location", location);
	res_header(r, "Idempotency-Replayed", "true");
	res_text(r, (int)json_peek_int(doc, "status", 200),
	    arena_strdup(&r->arena, type), body, strlen(body));
}

static bool
has_expired(const json_t *doc)
{
	instant_t until;

	return !instant_parse(json_peek_str(doc, "expiresAt"), &until) ||
	       until <= instant_now();
}

/* 1 with the answer of before, 0 when there is none, or -1. */
static int
replay(struct req *r, struct idem *k, struct err *e)
{
	struct err why;
	json_t *doc;

	err_init(&why);
	doc = store_get_json(api_store(r), COLL_IDEMPOTENCY, k->id, &why);
	if (doc == NULL && why.code == ERR_NOTFOUND)
		return 0;
	if (doc == NULL) {
		*e = why;
		return -1;
	}
	req_own_json(r, doc);
	if (has_expired(doc)) {
		k->old_rev = json_peek_int(doc, "rev", 0);
		return 0;
	}
	if (strcmp(json_peek_str(doc, "payload"), k->payload) != 0)
		return err_set(e, ERR_INVALID,
		    "这个Idempotency-Key已经用于另一内容的请求，"
		    "新的请求请换一个");
	if (json_peek_str(doc, "body") == NULL)
		return err_set(e, ERR_CONFLICT,
		    "这个请求已经办过；回答里有密钥一类的内容，不再给出");
	answer_again(r, doc);
	return 1;
}

int
idem_handle(struct req *r, struct err *e)
{
	struct app *app = r->app;
	struct idem *k;
	int rc;

	if (r->method != METHOD_POST || r->idempotency_key == NULL ||
	    r->who == NULL)
		return r->route->handler(r, e);
	k = make(r);
	rc = replay(r, k, e);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	req_own(r, k, leave);
	if (!enter(app->idem, k)) {
		res_header(r, "Retry-After", "1");
		return err_set(e, ERR_CONFLICT,
		    "带同一个Idempotency-Key的请求正在办理，请稍后再试");
	}
	r->idem = k;
	return r->route->handler(r, e) == 0 ? 0 : idem_failed(r, e);
}

int
idem_failed(struct req *r, struct err *e)
{
	struct err why;

	err_init(&why);
	/* What stood in the way may be what an equal request has done. */
	if (r->idem == NULL || err_status(e->code) >= 500 ||
	    replay(r, r->idem, &why) <= 0)
		return -1;
	err_init(e);
	return 0;
}

/* ---- the record ---- */

static void
put_known(json_t *doc, const char *key, const char *value)
{
	if (value != NULL)
		json_put_str(doc, key, value);
}

static json_t *
make_record(struct req *r, const struct idem *k)
{
	char until[INSTANT_LEN + 1];
	json_t *doc = json_object();
	bool secret = (r->route->flags & ROUTE_SECRET) != 0;

	instant_format(instant_now() + IDEM_KEPT_MS, until);
	json_put_str(doc, "_id", k->id);
	json_put_str(doc, "payload", k->payload);
	json_put_str(doc, "expiresAt", until);
	json_put_int(doc, "status", r->res.status);
	json_put_str(doc, "type", r->res.type);
	put_known(doc, "etag", res_header_peek(r, "ETag"));
	put_known(doc, "location", res_header_peek(r, "Location"));
	if (secret)
		return doc;
	json_put(doc, "body",
	    r->res.borrowed != NULL
		? json_stringn(r->res.borrowed, r->res.borrowed_len)
		: json_stringn(r->res.body.data, r->res.body.len));
	return doc;
}

void
idem_keep(struct req *r, struct write_set *ws)
{
	json_t *doc;

	if (r->idem == NULL)
		return;
	doc = make_record(r, r->idem);
	if (r->idem->old_rev > 0)
		write_replace(ws, COLL_IDEMPOTENCY, doc, r->idem->old_rev);
	else
		write_insert(ws, COLL_IDEMPOTENCY, doc);
	json_decref(doc);
	write_last_first(ws);
}

/* ---- expiry ---- */

#define EXPIRE_AT_ONCE 500

int
idem_expire(struct store *s, struct err *e)
{
	char now[INSTANT_LEN + 1];
	struct store_query q = {
	    .coll = COLL_IDEMPOTENCY,
	    .filters = {{.field = FIELD_IDEMPOTENCY_UNTIL,
		.op = OP_LE,
		.text = instant_format(instant_now(), now)}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = EXPIRE_AT_ONCE,
	};
	struct store_page page;
	struct write_set ws;
	struct arena a;
	int rc;

	do {
		arena_init(&a);
		write_set_init(&ws, instant_now());
		rc = store_find(s, &q, &a, &page, e);
		for (size_t i = 0; rc == 0 && i < page.ndocs; i++)
			write_remove(&ws, COLL_IDEMPOTENCY, page.docs[i].id,
			    page.docs[i].rev);
		if (rc == 0 && ws.n > 0)
			rc = store_write(s, &ws, e);
		write_set_fini(&ws);
		arena_fini(&a);
	} while (rc == 0 && page.next != NULL);
	return rc;
}
