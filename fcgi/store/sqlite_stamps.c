#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "store/sqlite.h"

#define FIRST_SLOTS 64

struct stamp {
	char *plan; /* NULL: free */
	uint64_t hash;
	struct store_stamp v;
};

void
stamps_init(struct stamps *t)
{
	pthread_rwlock_init(&t->lock, NULL);
	t->nslots = FIRST_SLOTS;
	t->used = 0;
	t->slots = calloc(t->nslots, sizeof(*t->slots));
	if (t->slots == NULL)
		abort();
}

void
stamps_fini(struct stamps *t)
{
	for (size_t i = 0; i < t->nslots; i++)
		free(t->slots[i].plan);
	free(t->slots);
	pthread_rwlock_destroy(&t->lock);
}

/* The plan's slot, or the free one where it belongs. */
static struct stamp *
find_slot(const struct stamps *t, const char *plan, uint64_t hash)
{
	size_t i = (size_t)hash & (t->nslots - 1);

	while (
	    t->slots[i].plan != NULL &&
	    (t->slots[i].hash != hash || strcmp(t->slots[i].plan, plan) != 0))
		i = (i + 1) & (t->nslots - 1);
	return &t->slots[i];
}

static void
grow(struct stamps *t)
{
	struct stamp *old = t->slots;
	size_t nold = t->nslots;

	t->nslots *= 2;
	t->slots = calloc(t->nslots, sizeof(*t->slots));
	if (t->slots == NULL)
		abort();
	for (size_t i = 0; i < nold; i++)
		if (old[i].plan != NULL)
			*find_slot(t, old[i].plan, old[i].hash) = old[i];
	free(old);
}

void
stamps_put(struct stamps *t, const char *plan, const struct store_stamp *v)
{
	uint64_t hash = hash_text(plan);

	pthread_rwlock_wrlock(&t->lock);
	if (t->used * 2 >= t->nslots)
		grow(t);
	struct stamp *slot = find_slot(t, plan, hash);

	if (slot->plan == NULL) {
		char *copy = strdup(plan);

		if (copy == NULL)
			abort();
		*slot = (struct stamp){.plan = copy, .hash = hash};
		t->used++;
	}
	slot->v = *v;
	pthread_rwlock_unlock(&t->lock);
}

static void
combine(struct store_stamp *sum, const struct store_stamp *v)
{
	sum->seq += v->seq;
	if (v->at > sum->at)
		sum->at = v->at;
}

void
stamps_get(struct stamps *t, const char *const *plans, size_t nplans,
    struct store_stamp *out)
{
	pthread_rwlock_rdlock(&t->lock);
	*out = find_slot(t, "", hash_text(""))->v;
	for (size_t i = 0; i < nplans; i++)
		combine(out, &find_slot(t, plans[i], hash_text(plans[i]))->v);
	pthread_rwlock_unlock(&t->lock);
}

int
stamps_load(struct stamps *t, struct conn *c, struct err *e)
{
	sqlite3_stmt *st = conn_stmt(c, SQL_PLAIN, PLAIN_STAMP_LIST, e);
	int step, rc = 0;

	if (st == NULL)
		return -1;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		struct store_stamp v = {
		    .seq = sqlite3_column_int64(st, 1),
		    .at = sqlite3_column_int64(st, 2),
		};

		stamps_put(t, (const char *)sqlite3_column_text(st, 0), &v);
	}
	if (step != SQLITE_DONE)
		rc = conn_fail(c, "stamps", e);
	sqlite3_reset(st);
	return rc;
}

static int
read_one(
    struct conn *c, const char *plan, struct store_stamp *sum, struct err *e)
{
	sqlite3_stmt *st = conn_stmt(c, SQL_PLAIN, PLAIN_STAMP_GET, e);
	int rc = 0;

	if (st == NULL)
		return -1;
	conn_bind_text(st, 1, plan);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW: {
		struct store_stamp v = {
		    .seq = sqlite3_column_int64(st, 0),
		    .at = sqlite3_column_int64(st, 1),
		};

		combine(sum, &v);
		break;
	}
	case SQLITE_DONE:
		break;
	default:
		rc = conn_fail(c, "stamp", e);
		break;
	}
	sqlite3_reset(st);
	return rc;
}

int
stamps_read(struct conn *c, const char *const *plans, size_t nplans,
    struct store_stamp *out, struct err *e)
{
	out->seq = 0;
	out->at = 0;
	if (read_one(c, "", out, e) < 0)
		return -1;
	for (size_t i = 0; i < nplans; i++)
		if (read_one(c, plans[i], out, e) < 0)
			return -1;
	return 0;
}

int
stamps_renew(struct conn *c, struct err *e)
{
	sqlite3_stmt *st = conn_stmt_text(c,
	    "INSERT INTO stamps(plan_id, seq, at) VALUES('', ?1, ?2)"
	    " ON CONFLICT(plan_id) DO UPDATE SET seq = max(seq + 1, ?1),"
	    " at = max(at, ?2)",
	    e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, instant_now() * 1000);
	sqlite3_bind_int64(st, 2, instant_now());
	return conn_run(c, st, e);
}
