#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cfg.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secrets.h"
#include "outbox/adapter.h"
#include "outbox/hook.h"
#include "outbox/outbox.h"

void
items_init(struct items *l)
{
	l->head = NULL;
	l->tail = &l->head;
	l->n = 0;
}

void
items_push(struct items *l, struct item *t)
{
	t->next = NULL;
	*l->tail = t;
	l->tail = &t->next;
	l->n++;
}

void
item_free(struct item *t)
{
	free(t->event_id);
	free(t->object_id);
	free(t->body);
	free(t);
}

void
items_free(struct items *l)
{
	while (l->head != NULL) {
		struct item *t = l->head;

		l->head = t->next;
		if (t->sending != NULL)
			sender_cancel(t->hook->worker->sender, t->sending);
		item_free(t);
	}
	items_init(l);
}

void
hook_free(struct hook *h)
{
	if (h == NULL)
		return;
	items_free(&h->stored);
	items_free(&h->fresh);
	secrets_free(h->secrets, h->nsecrets);
	json_decref(h->doc);
	json_decref(h->state);
	free(h);
}

static char *
copy_text(const char *s)
{
	char *copy = strdup(s);

	if (copy == NULL)
		abort();
	return copy;
}

/* new: an item of a stored event. */
static struct item *
item_new(struct hook *h, const json_t *event)
{
	const json_t *object = json_peek_object(event, "object");
	const char *id = json_peek_str(object, "id");
	struct item *t = calloc(1, sizeof(*t));
	struct buf body;

	if (t == NULL)
		abort();
	buf_init(&body, 0);
	event_print(&body, event);
	t->hook = h;
	t->seq = json_peek_int(event, "seq", 0);
	t->event_id = copy_text(json_peek_str(event, "_id"));
	t->body = buf_take(&body);
	t->object_id = copy_text(id);
	t->object = hash_text(json_peek_str(object, "coll"));
	t->object = hash_more(t->object, id, strlen(id));
	if (!event_listed(
		json_peek_array(h->doc, "types"), json_peek_str(event, "type")))
		t->state = ITEM_PASSED;
	/* An OA with a shape of its own hears of to-dos only. */
	if (adapter_of(h->doc) != NULL &&
	    strcmp(json_peek_str(object, "coll"), coll_name(COLL_OATODOS)) != 0)
		t->state = ITEM_PASSED;
	return t;
}

/* ---- what waits for another attempt ---- */

static int
read_delivery(struct hook *h, const json_t *delivery, struct err *e)
{
	const char *event_id = json_peek_str(delivery, "eventId");
	const char *at = json_peek_str(delivery, "nextAt");
	json_t *event =
	    store_get_json(h->worker->store, COLL_OUTBOX, event_id, e);
	struct item *t;

	if (event == NULL)
		return -1;
	t = item_new(h, event);
	json_decref(event);
	t->state = ITEM_WAITS;
	t->stored = true;
	t->attempts = (int)json_peek_int(delivery, "attempts", 0);
	if (at == NULL || !instant_parse(at, &t->next_at))
		t->next_at = 0;
	items_push(&h->stored, t);
	return 0;
}

static int
read_deliveries(struct hook *h, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_DELIVERIES,
	    .filters = {{.field = FIELD_DELIVERIES_HOOK,
			    .op = OP_EQ,
			    .text = h->id},
		{.field = FIELD_DELIVERIES_STATE,
		    .op = OP_EQ,
		    .text = "pending"}},
	    .nfilters = 2,
	    .sort = FIELD_DELIVERIES_SEQ,
	    .limit = STORE_LIMIT_MAX,
	};
	/* A replay may bring more than a worker would add. */
	json_t *all = store_find_json(h->worker->store, &q, 100000, e);
	size_t i;
	json_t *v;
	int rc = all != NULL ? 0 : -1;

	json_array_foreach (all, i, v) {
		rc = read_delivery(h, v, e);
		if (rc < 0)
			break;
	}
	json_decref(all);
	return rc;
}

/* ---- the lease ---- */

static bool
is_free(const struct hook *h, instant_t now)
{
	const json_t *lease = json_object_get(h->state, "lease");
	const char *worker = json_peek_str(lease, "worker");
	const char *until = json_peek_str(lease, "until");
	instant_t end;

	return worker == NULL || strcmp(worker, h->worker->id) == 0 ||
	       until == NULL || !instant_parse(until, &end) || end <= now;
}

void
hook_put_lease(struct hook *h, instant_t until)
{
	char text[INSTANT_LEN + 1];
	json_t *lease = json_null();

	if (until != 0) {
		lease = json_object();
		json_put_str(lease, "worker", h->worker->id);
		json_put_str(lease, "until", instant_format(until, text));
	}
	json_put(h->state, "lease", lease);
	h->until = until;
}

/* 1: it is ours; 0: somebody else's; -1. */
static int
take_lease(struct hook *h, struct err *e)
{
	instant_t now = instant_now();
	struct write_set ws;
	int rc;

	h->state = store_get_json(h->worker->store, COLL_HOOKSTATES, h->id, e);
	if (h->state == NULL)
		return -1;
	if (!is_free(h, now))
		return 0;
	hook_put_lease(h, now + h->worker->cfg->worker_lease);
	write_set_init(&ws, now);
	write_replace(
	    &ws, COLL_HOOKSTATES, h->state, json_peek_int(h->state, "rev", 0));
	rc = store_write(h->worker->store, &ws, e);
	write_set_fini(&ws);
	if (rc < 0)
		return e->code == ERR_STALE ? 0 : -1;
	return 1;
}

struct hook *
hook_acquire(struct worker *w, json_t *doc, struct err *e)
{
	struct hook *h = calloc(1, sizeof(*h));
	int rc;

	if (h == NULL)
		abort();
	h->worker = w;
	h->doc = doc;
	strcpy(h->id, json_peek_str(doc, "_id"));
	items_init(&h->stored);
	items_init(&h->fresh);
	rc = take_lease(h, e);
	if (rc > 0 && (hook_replay(h, e) < 0 ||
			  secrets_open(json_peek_array(doc, "secrets"), w->seal,
			      h->id, instant_now(), h->secrets, HOOK_SECRETS,
			      &h->nsecrets, e) < 0 ||
			  read_deliveries(h, e) < 0))
		rc = -1;
	if (rc <= 0) {
		hook_free(h);
		return NULL;
	}
	h->read = json_peek_int(h->state, "cursor", 0);
	h->failing = json_peek_int(h->state, "failing", 0);
	h->more = true;
	return h;
}

/* ---- events ---- */

int
hook_read(struct hook *h, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_OUTBOX,
	    .filters = {{.field = FIELD_OUTBOX_SEQ,
		.op = OP_GE,
		.n = h->read + 1}},
	    .nfilters = 1,
	    .sort = FIELD_OUTBOX_SEQ,
	};
	struct store_page page;
	struct arena a;
	int rc = -1;

	if (h->fresh.n > HOOK_WINDOW / 2 || h->stored.n >= HOOK_STORED_MAX)
		return 0;
	q.limit = HOOK_WINDOW - h->fresh.n;
	arena_init(&a);
	if (store_find(h->worker->store, &q, &a, &page, e) < 0)
		goto out;
	h->more = page.next != NULL;
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *event =
		    json_read_own(page.docs[i].text, page.docs[i].len, e);

		if (event == NULL)
			goto out;
		items_push(&h->fresh, item_new(h, event));
		h->read = json_peek_int(event, "seq", 0);
		json_decref(event);
	}
	rc = 0;
out:
	arena_fini(&a);
	return rc;
}
