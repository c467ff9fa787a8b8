#include <string.h>

#include "base/buf.h"
#include "base/cfg.h"
#include "base/json.h"
#include "base/log.h"
#include "outbox/adapter.h"
#include "outbox/hook.h"
#include "outbox/hook_sign.h"

/* An earlier one of the same object that is not through yet. */
static bool
stands_before(
    const struct item *head, const struct item *end, const struct item *t)
{
	for (; head != NULL && head != end; head = head->next)
		if (head->object == t->object && head->state != ITEM_OK &&
		    head->state != ITEM_PASSED && head->seq < t->seq)
			return true;
	return false;
}

bool
hook_blocked(const struct hook *h, const struct item *t)
{
	return stands_before(h->stored.head, t, t) ||
	       (!t->stored && stands_before(h->fresh.head, t, t));
}

static void
sent(void *arg, const struct sent_result *result)
{
	struct item *t = arg;
	struct hook *h = t->hook;

	t->sending = NULL;
	t->result = *result;
	t->state = result->how == SENT_OK ? ITEM_OK : ITEM_FAILED;
	h->sending--;
	h->changed = true;
	h->failing = result->how == SENT_OK ? 0 : h->failing + 1;
	if (result->status == 410) {
		h->gone = true;
		t->state = ITEM_WAITS;
	}
}

/* What an OA with a shape of its own is sent: how the row is now. */
static int
adapt(const struct hook *h, const struct item *t, struct buf *url,
    struct buf *body, struct err *e)
{
	json_t *row =
	    store_get_json(h->worker->store, COLL_OATODOS, t->object_id, e);
	int rc = -1;

	buf_add(url, json_peek_str(h->doc, "url"));
	if (row != NULL)
		rc = adapter_render(
		    h->doc, row, h->worker->cfg->public_url, url, body, e);
	json_decref(row);
	return rc;
}

static void
start(struct hook *h, struct item *t, instant_t now)
{
	struct sender_request q = {
	    .url = json_peek_str(h->doc, "url"),
	    .id = t->event_id,
	    .seconds = now / 1000,
	    .body = t->body,
	};
	const char *secrets[HOOK_SECRETS] = {h->secrets[0], h->secrets[1]};
	struct buf signature, url, body;
	struct err e;
	int rc = 0;

	err_init(&e);
	buf_init(&signature, 0);
	buf_init(&url, 0);
	buf_init(&body, 0);
	if (adapter_of(h->doc) != NULL) {
		rc = adapt(h, t, &url, &body, &e);
		q.url = url.data;
		q.body = body.data;
	}
	if (rc < 0 || hook_sign(&signature, secrets, h->nsecrets, q.id,
			  q.seconds, q.body, &e) < 0) {
		log_line(LOG_LEVEL_ERROR, "webhook is not signed",
		    "webhook=%s detail=%s", h->id, e.detail);
		t->next_at = now + 60000;
	} else {
		q.signature = signature.data;
		t->state = ITEM_SENDING;
		h->sending++;
		t->sending = sender_start(h->worker->sender, &q, sent, t);
	}
	buf_fini(&signature);
	buf_fini(&url);
	buf_fini(&body);
}

/* Start what is due in a list; the next instant when something will be. */
static instant_t
send_list(struct hook *h, struct items *l, size_t most, instant_t now)
{
	instant_t next = INT64_MAX;

	for (struct item *t = l->head; t != NULL && h->sending < most;
	     t = t->next) {
		if (t->state != ITEM_WAITS || hook_blocked(h, t))
			continue;
		if (t->next_at <= now)
			start(h, t, now);
		else if (t->next_at < next)
			next = t->next_at;
	}
	return next;
}

instant_t
hook_send(struct hook *h, instant_t now)
{
	size_t most = h->failing >= HOOK_FAILING ? 1 : HOOK_SENDING;
	instant_t next;

	if (h->gone || h->lost || now >= h->until)
		return INT64_MAX;
	next = send_list(h, &h->stored, most, now);
	send_list(h, &h->fresh, most, now);
	return next;
}
