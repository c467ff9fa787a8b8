#include <stdlib.h>
#include <string.h>

#include "base/cfg.h"
#include "base/json.h"
#include "base/log.h"
#include "outbox/hook.h"
#include "outbox/outbox.h"

/* Before each attempt, in seconds after the one before. */
static const int64_t waits[HOOK_ATTEMPTS] = {
    0,
    5,
    5 * 60,
    30 * 60,
    2 * 3600,
    5 * 3600,
    10 * 3600,
    14 * 3600,
    20 * 3600,
    24 * 3600,
};

static const char *
word_of(enum sent how)
{
	switch (how) {
	case SENT_OK:
		return "ok";
	case SENT_STATUS:
		return "status";
	case SENT_TIMEOUT:
		return "timeout";
	case SENT_TOOBIG:
		return "too-big";
	case SENT_REFUSED:
		return "refused";
	case SENT_FAILED:
		break;
	}
	return "failed";
}

/* A tenth more or less: receivers that come back are not overrun. */
static int64_t
wait_ms(const struct hook *h, int attempts)
{
	int64_t ms = waits[attempts] * h->worker->cfg->webhook_retry_permille;
	uint32_t r;

	random_bytes(&r, sizeof(r));
	return ms - ms / 10 + (int64_t)(r % 1000) * (ms / 5) / 1000;
}

/* Add n to a number of the state. */
static void
count(struct hook *h, const char *key, int64_t n)
{
	json_put_int(h->state, key, json_peek_int(h->state, key, 0) + n);
}

static json_t *
delivery_of(const struct item *t, bool dead)
{
	char id[80], at[INSTANT_LEN + 1];
	json_t *d = json_object();

	delivery_id(t->hook->id, t->seq, id);
	json_put_str(d, "_id", id);
	json_put_str(d, "webhookId", t->hook->id);
	json_put_int(d, "seq", t->seq);
	json_put_str(d, "eventId", t->event_id);
	json_put_str(d, "state", dead ? "dead" : "pending");
	json_put_int(d, "attempts", t->attempts);
	json_put_str(d, "nextAt", instant_format(t->next_at, at));
	if (t->attempts > 0) {
		json_put_int(d, "lastStatus", t->result.status);
		json_put_str(d, "lastError", word_of(t->result.how));
	}
	return d;
}

/* Write an item down.  false: it was the last attempt, it is over. */
static bool
keep(struct hook *h, struct write_set *ws, struct item *t, instant_t now)
{
	bool dead = false;
	json_t *doc;

	if (t->state == ITEM_FAILED) {
		count(h, "failed", 1);
		dead = ++t->attempts >= HOOK_ATTEMPTS;
		t->next_at = dead ? now : now + wait_ms(h, t->attempts);
		t->state = ITEM_WAITS;
	}
	if (dead) {
		count(h, "dead", 1);
		log_line(LOG_LEVEL_WARN, "an event could not be delivered",
		    "webhook=%s event=%s", h->id, t->event_id);
	}
	doc = delivery_of(t, dead);
	if (t->stored)
		write_replace(ws, COLL_DELIVERIES, doc, 0);
	else
		write_insert(ws, COLL_DELIVERIES, doc);
	json_decref(doc);
	t->stored = true;
	return !dead;
}

/* The events that wait for another attempt: what has become of them? */
static void
settle_stored(struct hook *h, struct write_set *ws, instant_t now)
{
	struct items old = h->stored;
	struct item *t, *next;

	items_init(&h->stored);
	for (t = old.head; t != NULL; t = next) {
		bool stays = true;
		char id[80];

		next = t->next;
		if (t->state == ITEM_OK) {
			delivery_id(h->id, t->seq, id);
			write_remove(ws, COLL_DELIVERIES, id, 0);
			count(h, "delivered", 1);
			stays = false;
		} else if (t->state == ITEM_FAILED) {
			stays = keep(h, ws, t, now);
		}
		if (stays)
			items_push(&h->stored, t);
		else
			item_free(t);
	}
}

/* Behind one that waits for another attempt: wait there as well. */
static bool
waits_behind(const struct hook *h, const struct item *t)
{
	if (t->state != ITEM_WAITS || h->stored.n >= HOOK_STORED_MAX)
		return false;
	for (const struct item *s = h->stored.head; s != NULL; s = s->next)
		if (s->object == t->object)
			return true;
	return false;
}

/* The cursor goes over what is through, or written down. */
static void
settle_fresh(struct hook *h, struct write_set *ws, instant_t now)
{
	struct item *t;

	while ((t = h->fresh.head) != NULL) {
		bool stays = false;

		if (t->state == ITEM_SENDING ||
		    (t->state == ITEM_WAITS && !waits_behind(h, t)))
			break;
		h->fresh.head = t->next;
		h->fresh.n--;
		json_put_int(h->state, "cursor", t->seq);
		h->changed = true;
		if (t->state == ITEM_OK)
			count(h, "delivered", 1);
		else if (t->state != ITEM_PASSED)
			stays = keep(h, ws, t, now);
		if (stays)
			items_push(&h->stored, t);
		else
			item_free(t);
	}
	if (h->fresh.head == NULL)
		h->fresh.tail = &h->fresh.head;
}

/* 410: it says itself that nobody is there any more. */
static void
disable(struct hook *h, struct write_set *ws, instant_t now)
{
	char at[INSTANT_LEN + 1];
	json_t *why = json_object();

	json_put_str(why, "at", instant_format(now, at));
	json_put_str(why, "reason", "对方回答410，不再接收");
	json_put(h->doc, "disabled", why);
	write_replace(
	    ws, COLL_WEBHOOKS, h->doc, json_peek_int(h->doc, "rev", 0));
	log_line(LOG_LEVEL_WARN, "webhook disabled", "webhook=%s", h->id);
}

static void
write_state(struct hook *h, struct write_set *ws)
{
	struct err e;

	err_init(&e);
	json_put_int(h->state, "pending", (json_int_t)h->stored.n);
	json_put_int(h->state, "failing", h->failing);
	write_replace(
	    ws, COLL_HOOKSTATES, h->state, json_peek_int(h->state, "rev", 0));
	if (store_write(h->worker->store, ws, &e) == 0)
		return;
	/* Whatever the outcome was: read again where it stands. */
	h->lost = true;
	if (e.code != ERR_STALE && e.code != ERR_NOTFOUND)
		log_line(LOG_LEVEL_WARN, "outbox could not write",
		    "webhook=%s code=%s", h->id, err_slug(e.code));
}

static void
settle(struct hook *h, instant_t now, instant_t until)
{
	struct write_set ws;

	write_set_init(&ws, now);
	settle_stored(h, &ws, now);
	settle_fresh(h, &ws, now);
	if (h->gone)
		disable(h, &ws, now);
	hook_put_lease(h, until);
	write_state(h, &ws);
	write_set_fini(&ws);
	h->changed = false;
	if (h->gone)
		h->lost = true;
}

void
hook_settle(struct hook *h, instant_t now)
{
	int64_t lease = h->worker->cfg->worker_lease;
	bool passed =
	    h->fresh.head != NULL && h->fresh.head->state == ITEM_PASSED;

	if (h->changed || passed || h->until - now < lease - lease / 3)
		settle(h, now, now + lease);
}

void
hook_release(struct hook *h, instant_t now)
{
	if (!h->lost)
		settle(h, now, 0);
}
