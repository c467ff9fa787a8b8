#include "api/audit.h"

#include <assert.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/access.h"
#include "api/app.h"
#include "base/id.h"
#include "base/json.h"
#include "base/text.h"
#include "outbox/outbox.h"

/* Of a set with more documents the rest is counted. */
#define ALSO_MAX 100

/* Whose ids are secrets: hashes of tokens, keys of clients. */
static bool
is_hidden(enum coll c)
{
	return c == COLL_SESSIONS || c == COLL_IDEMPOTENCY;
}

/* Drawn from other documents of the same set: nothing new is said there. */
static bool
is_derived(enum coll c)
{
	return c == COLL_SERIES || c == COLL_FUNDSERIES || c == COLL_BLOBUSES;
}

/* ---- who ---- */

static char operator_name[96];

static void
find_operator(void)
{
	const struct passwd *pw = getpwuid(getuid());

	if (pw != NULL)
		snprintf(operator_name, sizeof(operator_name),
		    "本机操作员（%.60s）", pw->pw_name);
	else
		snprintf(operator_name, sizeof(operator_name),
		    "本机操作员（%ld）", (long)getuid());
}

/* The operator by the name the machine knows. */
static const char *
local_name(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_operator);
	return operator_name;
}

static json_t *
make_actor(const struct who *who)
{
	json_t *o = json_object();
	bool local = who == NULL || who->via == VIA_LOCAL;
	const char *org = local || who->org_id[0] == '\0' ? NULL : who->org_id;

	json_put_str(o, "id", local ? "local" : who->id);
	json_put_str(o, "name", local ? local_name() : who->name);
	json_put_str(o, "orgId", org);
	json_put_str(o, "via", who_via_word(local ? VIA_LOCAL : who->via));
	return o;
}

/* ---- what ---- */

static bool
is_managed(const char *key)
{
	return strcmp(key, "_id") == 0 || strcmp(key, "rev") == 0 ||
	       strcmp(key, "createdAt") == 0 || strcmp(key, "updatedAt") == 0;
}

/* The members of a that b lacks or has otherwise; null for no document. */
static json_t *
differing(const json_t *a, const json_t *b)
{
	json_t *out, *v;
	const char *key;

	if (a == NULL)
		return json_null();
	out = json_object();
	json_object_foreach (json_iterable(a), key, v)
		if (!is_managed(key) && !json_equal(json_object_get(b, key), v))
			json_put(out, key, audit_clean(key, v));
	return out;
}

static const json_t *
doc_of(const struct write *w)
{
	return w->op == WRITE_REMOVE ? NULL : w->doc;
}

static json_t *
make_changes(const struct write *w)
{
	json_t *o = json_object();

	json_put(o, "before", differing(w->before, doc_of(w)));
	json_put(o, "after", differing(doc_of(w), w->before));
	return o;
}

/* The revision it will have; 0: none, or not known yet. */
static int64_t
rev_after(const struct write *w)
{
	if (w->op == WRITE_INSERT)
		return 1;
	if (w->op == WRITE_REMOVE)
		return 0;
	if (w->rev == 0 && w->before == NULL)
		return 0;
	return (w->rev > 0 ? w->rev : json_peek_int(w->before, "rev", 0)) + 1;
}

static json_t *
name_doc(const struct write *w)
{
	json_t *o = json_object();
	int64_t rev = rev_after(w);

	json_put_str(o, "coll", coll_name(w->coll));
	if (is_hidden(w->coll))
		return o;
	json_put_str(o, "id", w->id);
	if (rev > 0)
		json_put_int(o, "rev", rev);
	return o;
}

static void
put_known(json_t *o, const char *key, const char *value)
{
	if (value != NULL)
		json_put_str(o, key, value);
}

/* Where the document belongs, to find the entry by. */
static json_t *
make_target(const struct write *w)
{
	const json_t *doc = w->op == WRITE_REMOVE ? w->before : w->doc;
	const char *org = json_peek_str(doc, "orgId");
	json_t *o = name_doc(w);

	if (org == NULL)
		org = json_peek_str(json_object_get(doc, "lead"), "orgId");
	put_known(o, "planId",
	    w->coll == COLL_PLANS ? w->id : json_peek_str(doc, "planId"));
	put_known(o, "orgId", w->coll == COLL_ORGS ? w->id : org);
	return o;
}

static void
put_also(json_t *entry, const struct write_set *ws, const struct write *main)
{
	json_t *list = NULL;
	int64_t more = 0;

	for (size_t i = 0; i < ws->n; i++) {
		const struct write *w = &ws->v[i];
		json_t *item;

		if (w == main || is_hidden(w->coll))
			continue;
		if (list == NULL)
			list = json_array();
		if (json_array_size(list) == ALSO_MAX) {
			more++;
			continue;
		}
		item = name_doc(w);
		if (w->before != NULL && !is_derived(w->coll))
			json_put(item, "changes", make_changes(w));
		json_push(list, item);
	}
	if (list != NULL)
		json_put(entry, "also", list);
	if (more > 0)
		json_put_int(entry, "alsoMore", more);
}

/* The more, the likelier it is what was meant: an import is of a plan. */
static int
weight_of(const struct write *w)
{
	return w->coll == COLL_PLANS ? 2 : !is_hidden(w->coll);
}

/* The write of the document that was meant. */
static const struct write *
find_main(const struct write_set *ws, const json_t *answer)
{
	const struct write *first = NULL;

	for (size_t i = 0; i < ws->n; i++) {
		const struct write *w = &ws->v[i];

		if (answer != NULL && w->doc == answer)
			return w;
		if (first == NULL || weight_of(w) > weight_of(first))
			first = w;
	}
	return first;
}

/* ---- the entry ---- */

/* Ids in the order of time; threads do not meet. */
static void
make_id(instant_t now, char out[ID_MAX + 1])
{
	static _Thread_local unsigned char own[6];
	static _Thread_local uint32_t count;
	char *p = out;

	if (count++ == 0)
		random_bytes(own, sizeof(own));
	p = text_print_hex_of(p, (uint64_t)now, 12);
	*p++ = '-';
	for (size_t i = 0; i < sizeof(own); i++)
		p = text_print_hex_of(p, own[i], 2);
	*p++ = '-';
	p = text_print_hex_of(p, count, 8);
	*p = '\0';
}

static json_t *
make_entry(const struct write_set *ws, const struct audit_act *act)
{
	char id[ID_MAX + 1], at[INSTANT_LEN + 1];
	json_t *o = json_object();

	make_id(ws->now, id);
	instant_format(ws->now, at);
	json_put_str(o, "_id", id);
	json_put_str(o, "at", at);
	json_put_str(o, "action", act->action);
	json_put(o, "actor", make_actor(act->who));
	return o;
}

/* Who listens is told of the same change, by the same set. */
static void
add_event(
    struct write_set *ws, const struct audit_act *act, const json_t *entry)
{
	json_t *event =
	    event_make(act->action, json_object_get(entry, "target"), ws->now);

	if (event == NULL)
		return;
	write_append(ws, COLL_OUTBOX, event);
	json_decref(event);
}

/* Complete the entry and hand it over. */
static void
append(struct write_set *ws, const struct audit_act *act, json_t *entry)
{
	json_t *reason;

	if (act->reason != NULL) {
		reason = json_string(act->reason);
		json_put(entry, "reason", audit_clean(NULL, reason));
		json_decref(reason);
	}
	put_known(entry, "requestId", act->request_id);
	write_append(ws, COLL_AUDIT, entry);
	json_decref(entry);
}

static bool
has_entry(const struct write_set *ws)
{
	for (size_t i = 0; i < ws->n; i++)
		if (ws->v[i].coll == COLL_AUDIT)
			return true;
	return false;
}

void
audit_add(
    struct write_set *ws, const struct audit_act *act, const json_t *answer)
{
	const struct write *main = find_main(ws, answer);
	json_t *entry;

	if (main == NULL || has_entry(ws))
		return;
	entry = make_entry(ws, act);
	json_put(entry, "target", make_target(main));
	json_put(entry, "changes", make_changes(main));
	put_also(entry, ws, main);
	add_event(ws, act, entry);
	append(ws, act, entry);
}

void
audit_each(struct write_set *ws, const struct audit_act *act)
{
	size_t n = ws->n;

	for (size_t i = 0; i < n; i++) {
		json_t *entry;

		if (is_hidden(ws->v[i].coll))
			continue;
		entry = make_entry(ws, act);
		json_put(entry, "target", make_target(&ws->v[i]));
		json_put(entry, "changes", make_changes(&ws->v[i]));
		add_event(ws, act, entry);
		append(ws, act, entry);
	}
}

void
audit_note(struct write_set *ws, const struct audit_act *act, enum coll c,
    const char *id)
{
	json_t *entry = make_entry(ws, act);
	json_t *target = json_object();
	json_t *changes = json_object();

	json_put_str(target, "coll", coll_name(c));
	put_known(target, "id", id);
	json_put(changes, "before", json_null());
	json_put(changes, "after", json_null());
	json_put(entry, "target", target);
	json_put(entry, "changes", changes);
	append(ws, act, entry);
}

/*
 * "plan.write"; with a verb in the address the permission's object and the
 * verb: "plan.import".
 */
static const char *
action_of(struct req *r)
{
	const char *permission = r->route->permission;
	const char *last = strrchr(r->route->pattern, '/');
	const char *verb = last != NULL ? strrchr(last, ':') : NULL;

	if (verb == NULL)
		return permission;
	return arena_printf(&r->arena, "%.*s.%s", (int)strcspn(permission, "."),
	    permission, verb + 1);
}

void
audit_act_of(struct req *r, struct audit_act *act)
{
	static const struct who nobody = {
	    .id = "-", .name = "未登录", .org_id = "", .via = VIA_SESSION};

	*act = (struct audit_act){
	    .who = r->who != NULL ? r->who : &nobody,
	    .action = action_of(r),
	    .reason = r->reason,
	    .request_id = r->id,
	};
}
