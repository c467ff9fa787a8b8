#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cfg.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "outbox/guard.h"
#include "outbox/hook.h"
#include "outbox/outbox.h"

#define HOOKS_MAX 1000
#define SWEEP_MS 60000
#define SWEEP_BATCH 500

struct outbox {
	struct worker worker;
	struct guard *guard;
	pthread_t thread;
	atomic_bool stop;
};

static struct hook *
find_hook(const struct worker *w, const char *id)
{
	struct hook *h = w->hooks;

	while (h != NULL && strcmp(h->id, id) != 0)
		h = h->next;
	return h;
}

/* Those whose lease is lost, or that have changed, are read again. */
static void
drop_lost(struct worker *w)
{
	struct hook **at = &w->hooks;

	while (*at != NULL) {
		struct hook *h = *at;

		if (!h->lost) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		hook_free(h);
	}
}

static void
tell_failure(const char *what, const struct err *e)
{
	if (e->code != ERR_NONE)
		log_line(LOG_LEVEL_WARN, what, "code=%s detail=%s",
		    err_slug(e->code), e->detail);
}

static void
acquire(struct worker *w, json_t *doc)
{
	struct hook *h;
	struct err e;

	err_init(&e);
	h = hook_acquire(w, json_incref(doc), &e);
	if (h == NULL) {
		if (e.code != ERR_STALE)
			tell_failure("webhook cannot be read", &e);
		return;
	}
	h->next = w->hooks;
	w->hooks = h;
}

static void
look_at(struct worker *w, json_t *doc)
{
	struct hook *h = find_hook(w, json_peek_str(doc, "_id"));
	bool off = !json_is_null(json_object_get(doc, "disabled")) &&
		   json_object_get(doc, "disabled") != NULL;

	if (h != NULL &&
	    json_peek_int(h->doc, "rev", 0) == json_peek_int(doc, "rev", -1))
		return;
	if (h != NULL) {
		hook_settle(h, instant_now());
		h->lost = true;
		drop_lost(w);
	}
	if (!off)
		acquire(w, doc);
}

/* Which webhooks are there, and whose? */
static void
poll_hooks(struct worker *w)
{
	struct store_query q = {
	    .coll = COLL_WEBHOOKS, .sort = FIELD_ID, .limit = 1};
	struct err e;
	json_t *all, *doc;
	size_t i;

	err_init(&e);
	all = store_find_json(w->store, &q, HOOKS_MAX, &e);
	if (all == NULL) {
		tell_failure("outbox cannot read", &e);
		return;
	}
	for (struct hook *h = w->hooks; h != NULL; h = h->next) {
		h->more = true;
		h->lost = true;
		json_array_foreach (all, i, doc)
			if (strcmp(json_peek_str(doc, "_id"), h->id) == 0)
				h->lost = false;
	}
	drop_lost(w);
	json_array_foreach (all, i, doc)
		look_at(w, doc);
	json_decref(all);
}

/* What ends by itself, and the field that says when. */
static const struct {
	enum coll coll;
	enum field until;
} ending[] = {
    {COLL_NONCES, FIELD_NONCES_UNTIL},
    {COLL_SESSIONS, FIELD_SESSIONS_UNTIL},
    {COLL_SYNCS, FIELD_SYNCS_UNTIL},
};

static void
sweep(struct worker *w, enum coll c, enum field until, instant_t now)
{
	char at[INSTANT_LEN + 1];
	struct store_query q = {
	    .coll = c,
	    .filters = {{.field = until,
		.op = OP_LE,
		.text = instant_format(now, at)}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = SWEEP_BATCH,
	};
	struct store_page page;
	struct write_set ws;
	struct arena a;
	struct err e;

	err_init(&e);
	arena_init(&a);
	write_set_init(&ws, now);
	if (store_find(w->store, &q, &a, &page, &e) == 0 && page.ndocs > 0) {
		for (size_t i = 0; i < page.ndocs; i++)
			write_remove(&ws, c, page.docs[i].id, 0);
		/* Another worker may have been faster. */
		if (store_write(w->store, &ws, &e) < 0 &&
		    e.code == ERR_NOTFOUND)
			err_init(&e);
		else if (page.next != NULL)
			w->swept = 0;
	}
	tell_failure("what has ended cannot be removed", &e);
	write_set_fini(&ws);
	arena_fini(&a);
}

/*
 * What ends, ends by the time that its maker was told: in a played year a
 * session of that year is not over.
 */
static void
sweep_all(struct worker *w)
{
	instant_t now = w->clock != NULL ? clock_read(w->clock) : instant_now();

	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sweep(w, ending[i].coll, ending[i].until, now);
}

/* One turn: poll, read, send, write; the next instant of interest. */
static instant_t
turn(struct worker *w)
{
	instant_t now = instant_now();
	instant_t next;

	if (now - w->polled >= w->cfg->worker_poll || now < w->polled) {
		w->polled = now;
		poll_hooks(w);
	}
	if (now - w->swept >= SWEEP_MS || now < w->swept) {
		w->swept = now;
		sweep_all(w);
	}
	next = w->polled + w->cfg->worker_poll;
	for (struct hook *h = w->hooks; h != NULL; h = h->next) {
		struct err e;
		instant_t due;

		err_init(&e);
		if (h->more && hook_read(h, &e) < 0) {
			tell_failure("events cannot be read", &e);
			h->lost = true;
			continue;
		}
		due = hook_send(h, instant_now());
		if (due < next)
			next = due;
		hook_settle(h, instant_now());
		/* All is settled, and there is more to read: no waiting. */
		if (h->more && h->fresh.n == 0 && !h->lost &&
		    h->stored.n < HOOK_STORED_MAX)
			next = now;
	}
	drop_lost(w);
	return next;
}

static void *
run(void *arg)
{
	struct outbox *o = arg;
	struct worker *w = &o->worker;

	while (!atomic_load(&o->stop)) {
		instant_t wait = turn(w) - instant_now();

		if (wait > w->cfg->worker_poll)
			wait = w->cfg->worker_poll;
		sender_run(w->sender, wait > 0 ? (int)wait : 0);
	}
	while (w->hooks != NULL) {
		struct hook *h = w->hooks;

		w->hooks = h->next;
		hook_release(h, instant_now());
		hook_free(h);
	}
	return NULL;
}

static void
outbox_free(struct outbox *o)
{
	sender_free(o->worker.sender);
	clock_free(o->worker.clock);
	guard_free(o->guard);
	free(o);
}

struct outbox *
outbox_start(struct store *store, const struct cfg *cfg, struct seal *seal,
    struct err *e)
{
	struct outbox *o = calloc(1, sizeof(*o));

	if (o == NULL)
		abort();
	o->guard = guard_new(cfg->webhook_allow, e);
	if (o->guard == NULL) {
		outbox_free(o);
		return NULL;
	}
	o->worker.store = store;
	o->worker.cfg = cfg;
	o->worker.seal = seal;
	if (cfg->clock[0] != '\0')
		o->worker.clock = clock_new(cfg->clock);
	o->worker.sender = sender_new(o->guard, cfg->webhook_timeout);
	uuid_random(o->worker.id);
	if (pthread_create(&o->thread, NULL, run, o) != 0) {
		err_set(e, ERR_UNAVAILABLE, "推送线程没有起来");
		outbox_free(o);
		return NULL;
	}
	return o;
}

void
outbox_stop(struct outbox *o)
{
	if (o == NULL)
		return;
	atomic_store(&o->stop, true);
	sender_wake(o->worker.sender);
	pthread_join(o->thread, NULL);
	outbox_free(o);
}

/* ---- measures ---- */

static void
print_measure(struct buf *out, const json_t *states, const char *name,
    const char *kind, const char *key)
{
	size_t i;
	json_t *s;

	buf_addf(out, "# TYPE minsheng_webhook_%s %s\n", name, kind);
	json_array_foreach (json_iterable(states), i, s)
		buf_addf(out, "minsheng_webhook_%s{webhook=\"%s\"} %lld\n",
		    name, json_peek_str(s, "_id"),
		    (long long)json_peek_int(s, key, 0));
}

int
outbox_metrics(struct store *s, struct buf *out, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_HOOKSTATES, .sort = FIELD_ID, .limit = 1};
	int64_t last;
	json_t *states;

	if (event_last(s, &last, e) < 0)
		return -1;
	states = store_find_json(s, &q, HOOKS_MAX, e);
	if (states == NULL)
		return -1;
	buf_addf(out,
	    "# TYPE minsheng_events_total counter\n"
	    "minsheng_events_total %lld\n",
	    (long long)last);
	print_measure(out, states, "cursor", "gauge", "cursor");
	print_measure(out, states, "pending", "gauge", "pending");
	print_measure(out, states, "failing", "gauge", "failing");
	print_measure(out, states, "delivered_total", "counter", "delivered");
	print_measure(out, states, "failed_total", "counter", "failed");
	print_measure(out, states, "dead_total", "counter", "dead");
	json_decref(states);
	return 0;
}
