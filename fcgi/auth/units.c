#include "auth/units.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "store/store.h"

#define SLOTS 1024U
#define LEVELS_MAX 16 /* of units above each other; circles end here */

struct unit {
	char id[ID_MAX + 1]; /* "": the slot is free */
	char parent[ID_MAX + 1];
	char division[DIVISION_LEN + 1];
};

struct units {
	struct store *store;
	pthread_mutex_t mutex;
	int64_t stamp; /* of what is kept */
	struct unit slots[SLOTS];
};

struct units *
units_new(struct store *store)
{
	struct units *u = calloc(1, sizeof(*u));

	if (u == NULL)
		abort();
	u->store = store;
	u->stamp = -1;
	pthread_mutex_init(&u->mutex, NULL);
	return u;
}

void
units_free(struct units *u)
{
	if (u == NULL)
		return;
	pthread_mutex_destroy(&u->mutex);
	free(u);
}

int
units_refresh(struct units *u, struct err *e)
{
	struct store_stamp now;

	if (store_stamp_get(u->store, NULL, 0, &now, e) < 0)
		return -1;
	pthread_mutex_lock(&u->mutex);
	if (u->stamp != now.seq) {
		for (size_t i = 0; i < SLOTS; i++)
			u->slots[i].id[0] = '\0';
		u->stamp = now.seq;
	}
	pthread_mutex_unlock(&u->mutex);
	return 0;
}

static struct unit *
find_slot(struct units *u, const char *id)
{
	return &u->slots[hash_text(id) % SLOTS];
}

static bool
is_division(const char *s)
{
	return strspn(s, "0123456789") == DIVISION_LEN &&
	       s[DIVISION_LEN] == '\0';
}

static void
copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text != NULL ? text : "");
}

static int
read_unit(struct units *u, const char *id, struct unit *out, struct err *e)
{
	json_t *doc = store_get_json(u->store, COLL_ORGS, id, e);

	memset(out, 0, sizeof(*out));
	copy(out->id, sizeof(out->id), id);
	if (doc == NULL && e->code != ERR_NOTFOUND)
		return -1;
	if (doc != NULL) {
		copy(out->parent, sizeof(out->parent),
		    json_peek_str(doc, "parentId"));
		copy(out->division, sizeof(out->division),
		    json_peek_str(doc, "division"));
	} else {
		err_init(e);
		if (is_division(id))
			copy(out->division, sizeof(out->division), id);
	}
	json_decref(doc);
	return 0;
}

/* A copy of what is known of a unit. */
static int
get_unit(struct units *u, const char *id, struct unit *out, struct err *e)
{
	struct unit *slot = find_slot(u, id);
	int64_t stamp;
	bool found;

	pthread_mutex_lock(&u->mutex);
	stamp = u->stamp;
	found = strcmp(slot->id, id) == 0;
	if (found)
		*out = *slot;
	pthread_mutex_unlock(&u->mutex);
	if (found)
		return 0;
	if (read_unit(u, id, out, e) < 0)
		return -1;
	pthread_mutex_lock(&u->mutex);
	if (stamp == u->stamp)
		*slot = *out;
	pthread_mutex_unlock(&u->mutex);
	return 0;
}

int
units_division(struct units *u, const char *org_id, char out[DIVISION_LEN + 1],
    struct err *e)
{
	struct unit unit;

	if (get_unit(u, org_id, &unit, e) < 0)
		return -1;
	memcpy(out, unit.division, sizeof(unit.division));
	return 0;
}

int
units_within(
    struct units *u, const char *top, const char *org_id, struct err *e)
{
	struct unit unit;

	for (int i = 0; i < LEVELS_MAX && org_id[0] != '\0'; i++) {
		if (strcmp(top, org_id) == 0)
			return 1;
		if (get_unit(u, org_id, &unit, e) < 0)
			return -1;
		org_id = unit.parent;
	}
	return 0;
}

bool
division_within(const char *top, const char *division)
{
	size_t n = strlen(top);

	if (!is_division(top) || !is_division(division))
		return false;
	while (n >= 2 && top[n - 1] == '0' && top[n - 2] == '0')
		n -= 2;
	return strncmp(top, division, n) == 0;
}
