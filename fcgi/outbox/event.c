#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "outbox/outbox.h"

static const struct {
	const char *action;
	const char *type;
	const char *title;
} events[] = {
#define EVENT(action, type, title) {action, type, title},
#include "outbox/events.def"
#undef EVENT
};
#define NEVENTS (sizeof(events) / sizeof(events[0]))

const char *
event_type(size_t i, const char **title)
{
	if (i >= NEVENTS)
		return NULL;
	*title = events[i].title;
	return events[i].type;
}

static const char *
type_of(const char *action)
{
	for (size_t i = 0; i < NEVENTS; i++)
		if (strcmp(events[i].action, action) == 0)
			return events[i].type;
	return NULL;
}

json_t *
event_make(const char *action, const json_t *target, instant_t at)
{
	const char *type = type_of(action);
	char id[4 + UUID_LEN + 1] = "evt_";
	char text[INSTANT_LEN + 1];
	json_t *event, *object, *rev;

	if (type == NULL)
		return NULL;
	uuid_random(id + 4);
	event = json_object();
	json_put_str(event, "_id", id);
	json_put_str(event, "type", type);
	json_put_str(event, "at", instant_format(at, text));
	object = json_object();
	json_put_str(object, "coll", json_peek_str(target, "coll"));
	json_put_str(object, "id", json_peek_str(target, "id"));
	if ((rev = json_object_get(target, "rev")) != NULL)
		json_put(object, "rev", json_incref(rev));
	json_put(event, "object", object);
	json_put_str(event, "planId", json_peek_str(target, "planId"));
	json_put_str(event, "orgId", json_peek_str(target, "orgId"));
	return event;
}

void
event_print(struct buf *out, const json_t *event)
{
	static const char *const shown[] = {
	    "type", "at", "object", "planId", "orgId", "seq"};

	buf_add(out, "{\"id\":");
	json_print(out, json_object_get(event, "_id"));
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const json_t *v = json_object_get(event, shown[i]);

		buf_addf(out, ",\"%s\":", shown[i]);
		if (v != NULL)
			json_print(out, v);
		else
			buf_add(out, "null");
	}
	buf_addc(out, '}');
}

bool
event_listed(const json_t *patterns, const char *type)
{
	size_t i;
	json_t *v;

	json_array_foreach (json_iterable(patterns), i, v) {
		const char *p = json_string_value(v);
		size_t n = p != NULL ? strlen(p) : 0;

		if (n == 0)
			continue;
		if (p[n - 1] == '*' && strncmp(p, type, n - 1) == 0)
			return true;
		if (strcmp(p, type) == 0)
			return true;
	}
	return false;
}

int
event_last(struct store *s, int64_t *seq, struct err *e)
{
	struct store_query q = {.coll = COLL_OUTBOX,
	    .sort = FIELD_OUTBOX_SEQ,
	    .desc = true,
	    .limit = 1};
	struct store_page page;
	struct arena a;
	json_t *doc = NULL;
	int rc = -1;

	*seq = 0;
	arena_init(&a);
	if (store_find(s, &q, &a, &page, e) < 0)
		goto out;
	rc = 0;
	if (page.ndocs == 0)
		goto out;
	doc = json_read_own(page.docs[0].text, page.docs[0].len, e);
	if (doc == NULL)
		rc = -1;
	else
		*seq = json_peek_int(doc, "seq", 0);
out:
	json_decref(doc);
	arena_fini(&a);
	return rc;
}

json_t *
hook_state_new(const char *id, int64_t cursor)
{
	json_t *state = json_object();

	json_put_str(state, "_id", id);
	json_put_int(state, "cursor", cursor);
	json_put_int(state, "delivered", 0);
	json_put_int(state, "failed", 0);
	json_put_int(state, "dead", 0);
	json_put_int(state, "pending", 0);
	json_put_int(state, "failing", 0);
	json_put(state, "lease", json_null());
	return state;
}

void
delivery_id(const char *hook, int64_t seq, char out[80])
{
	/* Of fixed width, so that they sort by number. */
	snprintf(out, 80, "%.40s.%012lld", hook, (long long)seq);
}
