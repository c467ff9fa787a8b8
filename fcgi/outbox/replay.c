#include <string.h>

#include "base/json.h"
#include "outbox/hook.h"
#include "outbox/outbox.h"

#define BATCH 500

/* Deliveries of the webhook: those that are dead, or those after an event. */
static json_t *
find_some(struct hook *h, bool dead, int64_t after, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_DELIVERIES,
	    .filters = {{.field = FIELD_DELIVERIES_HOOK,
		.op = OP_EQ,
		.text = h->id}},
	    .nfilters = 2,
	    .sort = FIELD_DELIVERIES_SEQ,
	};

	if (dead)
		q.filters[1] =
		    (struct store_filter){.field = FIELD_DELIVERIES_STATE,
			.op = OP_EQ,
			.text = "dead"};
	else
		q.filters[1] = (struct store_filter){
		    .field = FIELD_DELIVERIES_SEQ, .op = OP_GE, .n = after + 1};
	return store_find_json(h->worker->store, &q, 100000, e);
}

/* Again from the beginning, at once. */
static void
revive(struct write_set *ws, json_t *d, instant_t now)
{
	char at[INSTANT_LEN + 1];

	json_put_str(d, "state", "pending");
	json_put_int(d, "attempts", 0);
	json_put_str(d, "nextAt", instant_format(now, at));
	write_replace(ws, COLL_DELIVERIES, d, 0);
}

/* In pieces; each proves that the lease is still ours. */
static int
write_some(struct hook *h, json_t *all, bool dead, size_t from, struct err *e)
{
	instant_t now = instant_now();
	struct write_set ws;
	int rc;

	write_set_init(&ws, now);
	for (size_t i = from; i < from + BATCH && i < json_array_size(all);
	     i++) {
		json_t *d = json_array_get(all, i);

		if (dead)
			revive(&ws, d, now);
		else
			write_remove(
			    &ws, COLL_DELIVERIES, json_peek_str(d, "_id"), 0);
	}
	write_replace(
	    &ws, COLL_HOOKSTATES, h->state, json_peek_int(h->state, "rev", 0));
	rc = store_write(h->worker->store, &ws, e);
	write_set_fini(&ws);
	return rc;
}

/*
 * Only when all is prepared does the state say that it is done: whoever takes
 * over in the middle begins anew, and nothing is left out.
 */
int
hook_replay(struct hook *h, struct err *e)
{
	const json_t *replay = json_object_get(h->doc, "replay");
	const char *at = json_peek_str(replay, "at");
	const char *done = json_peek_str(h->state, "replayedAt");
	int64_t after = json_peek_int(replay, "after", -1);
	int64_t cursor = json_peek_int(h->state, "cursor", 0);
	bool dead = after < 0;
	json_t *all;
	int rc = 0;

	if (at == NULL || (done != NULL && strcmp(at, done) == 0))
		return 0;
	all = find_some(h, dead, after, e);
	if (all == NULL)
		return -1;
	for (size_t i = 0; rc == 0 && i + BATCH < json_array_size(all);
	     i += BATCH)
		rc = write_some(h, all, dead, i, e);
	json_put_str(h->state, "replayedAt", at);
	json_put_int(h->state, "failing", 0);
	if (!dead && after < cursor)
		json_put_int(h->state, "cursor", after);
	if (rc == 0)
		rc = write_some(
		    h, all, dead, json_array_size(all) / BATCH * BATCH, e);
	json_decref(all);
	return rc;
}
