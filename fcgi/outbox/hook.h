#ifndef OUTBOX_HOOK_H
#define OUTBOX_HOOK_H

/* What the worker's files share; nobody else includes it. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/civil.h"
#include "base/err.h"
#include "base/id.h"
#include "outbox/sender.h"
#include "store/store.h"

struct cfg;
struct seal;

/* Events that are read before those in front of them are settled. */
#define HOOK_WINDOW 64
/* Events that wait for another attempt, at most: then no more are read. */
#define HOOK_STORED_MAX 1000
/* Requests to one receiver at once; one only while it fails. */
#define HOOK_SENDING 8
#define HOOK_FAILING 10
#define HOOK_SECRETS 2
/* Attempts, the first one too. */
#define HOOK_ATTEMPTS 10

enum item_state {
	ITEM_WAITS,
	ITEM_SENDING,
	ITEM_OK,     /* delivered */
	ITEM_PASSED, /* the webhook does not want this type */
	ITEM_FAILED, /* to be written down, and tried again later */
};

/* One event on its way to one receiver. */
struct item {
	struct hook *hook;
	int64_t seq;
	char *event_id;
	char *object_id;
	char *body;
	uint64_t object; /* the hash of its name: order holds inside */
	enum item_state state;
	bool stored; /* there is a document of it in `deliveries` */
	int attempts;
	instant_t next_at;
	struct sent_result result;
	struct sending *sending;
	struct item *next;
};

struct items {
	struct item *head;
	struct item **tail;
	size_t n;
};

/*
 * A webhook this worker holds the lease of.  `stored` are the events at or
 * before the cursor that wait for another attempt; `fresh` are those behind
 * it, in memory only: whoever comes after a crash reads them again.
 */
struct hook {
	struct worker *worker;
	char id[ID_MAX + 1];
	json_t *doc;   /* the webhook */
	json_t *state; /* its document in webhookStates */
	char *secrets[HOOK_SECRETS];
	size_t nsecrets;
	struct items stored;
	struct items fresh;
	int64_t read; /* the last event that was read */
	bool more;    /* there are more behind it */
	size_t sending;
	int64_t failing; /* failures since the last success */
	bool changed;    /* the state is to be written */
	bool gone;       /* 410: nobody wants them any more */
	bool lost;       /* the lease is somebody else's: forget it */
	instant_t until; /* of the lease */
	struct hook *next;
};

struct clock;

struct worker {
	struct store *store;
	const struct cfg *cfg;
	struct seal *seal;
	struct sender *sender;
	char id[UUID_LEN + 1];
	struct hook *hooks;
	struct clock *clock; /* NULL: the system's */
	instant_t polled;
	instant_t swept;
};

/* ---- hook.c: what is read ---- */

/*
 * Take the lease of a webhook (takes doc) and read where it stands.  new;
 * NULL: somebody else holds it, or e says why not.
 */
struct hook *hook_acquire(struct worker *w, json_t *doc, struct err *e);
/* Break off what is under way and forget; nothing is written. */
void hook_free(struct hook *h);
/* Read further events, as many as there is room for. */
int hook_read(struct hook *h, struct err *e) MUST_CHECK;

/* ---- hook_send.c ---- */

/* Start what is due.  The instant when more will be, or INT64_MAX. */
instant_t hook_send(struct hook *h, instant_t now);
/* Is this one behind another of the same object?  h's own item. */
bool hook_blocked(const struct hook *h, const struct item *t);

/* ---- hook_settle.c: what is written ---- */

/*
 * Write down what has happened, and that the lease goes on.  Nothing when
 * there is nothing to say.  A lease lost is h->lost.
 */
void hook_settle(struct hook *h, instant_t now);
/* The same for the last time: the lease is given back. */
void hook_release(struct hook *h, instant_t now);
/* The state as it would be with a lease until `until`; 0: without. */
void hook_put_lease(struct hook *h, instant_t until);

/* ---- items ---- */
void items_init(struct items *l);
void items_push(struct items *l, struct item *t);
void items_free(struct items *l);
void item_free(struct item *t);

/* ---- replay.c ---- */

/* Do what was asked of a webhook by :replay, once.  State is written. */
int hook_replay(struct hook *h, struct err *e) MUST_CHECK;

#endif
