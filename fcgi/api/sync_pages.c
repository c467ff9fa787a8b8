#include "api/sync_pages.h"

#include <string.h>

#include "api/app.h"
#include "api/audit.h"
#include "api/handlers.h"
#include "api/sync.h"
#include "base/cfg.h"
#include "base/json.h"

#define PAGES_MAX 500
#define LIVE_MAX 500000
/* So long a sync may take, and its pages be asked about. */
#define KEEP_MS ((int64_t)7 * 24 * 3600 * 1000)

static const char *
head_id(const struct sync *s, const struct sync_page *p)
{
	return arena_printf(&s->r->arena, "%s.%s", s->kind->name, p->sync_id);
}

static const char *
page_id(const struct sync *s, const struct sync_page *p)
{
	return arena_printf(&s->r->arena, "%s.%s.%04lld", s->kind->name,
	    p->sync_id, (long long)p->page);
}

/* The stored document, owned by the request; NULL: none (e is empty). */
static json_t *
get_known(struct sync *s, const char *id, struct err *e)
{
	json_t *doc = store_get_json(api_store(s->r), COLL_SYNCS, id, e);

	if (doc != NULL)
		return req_own_json(s->r, doc);
	if (e->code == ERR_NOTFOUND)
		err_init(e);
	return NULL;
}

static void
hash_rows(struct sync_page *p, const json_t *body)
{
	struct buf b;

	buf_init(&b, 0);
	json_print_canonical(&b, json_object_get(body, "rows"));
	sha256_hex(b.data, b.len, p->hash);
	buf_fini(&b);
}

int
sync_page_begin(struct sync *s, struct sync_page *p, struct err *e)
{
	const json_t *body = s->r->body;
	bool full = strcmp(json_peek_str(body, "mode"), "full") == 0;

	*p = (struct sync_page){
	    .sync_id = full ? json_peek_str(body, "syncId") : NULL,
	    .page = json_peek_int(body, "page", 1),
	    .pages = json_peek_int(body, "pages", 1),
	};
	if (!full)
		return 0;
	if (p->page > p->pages)
		return err_add(e, ERR_INVALID, "/page", "maximum",
		    "第%lld页超出了总页数%lld", (long long)p->page,
		    (long long)p->pages);
	hash_rows(p, body);
	p->head = get_known(s, head_id(s, p), e);
	if (p->head == NULL && e->code != ERR_NONE)
		return -1;
	p->old = get_known(s, page_id(s, p), e);
	if (p->old == NULL && e->code != ERR_NONE)
		return -1;
	if (p->old != NULL && json_peek_int(p->old, "pages", 0) != p->pages)
		return err_set(e, ERR_CONFLICT, "这次同步（%s）以前说共%lld页",
		    p->sync_id, (long long)json_peek_int(p->old, "pages", 0));
	if (p->old != NULL &&
	    strcmp(json_peek_str(p->old, "hash"), p->hash) == 0)
		p->results = json_object_get(p->old, "results");
	else if (p->head != NULL)
		return err_set(e, ERR_CONFLICT,
		    "这次同步（%s）已经结束，请用新的syncId", p->sync_id);
	return 0;
}

static json_t *
named_by(const json_t *rows)
{
	json_t *list = json_array();
	const json_t *v;
	size_t i;

	/* Also those refused: the OA has them. */
	json_array_foreach (json_iterable(rows), i, v)
		if (json_peek_str(v, "oaId") != NULL)
			json_push(list, json_string(json_peek_str(v, "oaId")));
	return list;
}

static void
put_until(json_t *doc, instant_t now)
{
	char at[INSTANT_LEN + 1];

	json_put_str(doc, "expiresAt", instant_format(now + KEEP_MS, at));
}

/* Write a document of a sync, and that it was done, as one set. */
static int
keep(struct sync *s, const json_t *old, json_t *doc, struct err *e)
{
	struct write_set *ws = api_write_set(s->r);
	struct audit_act act;

	put_until(doc, s->r->now);
	audit_act_of(s->r, &act);
	if (old != NULL)
		write_replace(
		    ws, COLL_SYNCS, doc, json_peek_int(old, "rev", 0));
	else
		write_insert(ws, COLL_SYNCS, doc);
	audit_note(ws, &act, COLL_SYNCS, json_peek_str(doc, "_id"));
	if (store_write(api_store(s->r), ws, e) == 0)
		return 0;
	if (e->code == ERR_EXISTS || e->code == ERR_STALE)
		return err_set(
		    e, ERR_CONFLICT, "同一页同时送了两次，请再送一次");
	return -1;
}

int
sync_page_keep(
    struct sync *s, struct sync_page *p, json_t *results, struct err *e)
{
	json_t *doc;

	if (p->sync_id == NULL)
		return 0;
	doc = req_own_json(s->r, json_object());
	json_put_str(doc, "_id", page_id(s, p));
	json_put_str(doc, "kind", s->kind->name);
	json_put_int(doc, "page", p->page);
	json_put_int(doc, "pages", p->pages);
	json_put_str(doc, "hash", p->hash);
	json_put(doc, "oaIds", named_by(json_peek_array(s->r->body, "rows")));
	json_put(doc, "results", json_incref(results));
	return keep(s, p->old, doc, e);
}

/* ---- the end ---- */

/* All pages that were written down, by store's order. */
static json_t *
load_pages(struct sync *s, const struct sync_page *p, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_SYNCS,
	    .filters = {{.field = FIELD_ID,
		.op = OP_PREFIX,
		.text = arena_printf(&s->r->arena, "%s.", head_id(s, p))}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *all = store_find_json(api_store(s->r), &q, PAGES_MAX, e);

	return all != NULL ? req_own_json(s->r, all) : NULL;
}

static json_t *
missing_pages(const json_t *all, int64_t pages)
{
	json_t *list = json_array();
	const json_t *v;
	size_t i;

	for (int64_t n = 1; n <= pages; n++) {
		bool there = false;

		json_array_foreach (json_iterable(all), i, v)
			there = there || json_peek_int(v, "page", 0) == n;
		if (!there)
			json_push(list, json_integer(n));
	}
	return list;
}

/* new: {oaId: true} of all pages; *since: when the first was written. */
static json_t *
named_of(const json_t *all, const char **since)
{
	json_t *named = json_object();
	const json_t *page, *id;
	size_t i, k;

	*since = NULL;
	json_array_foreach (json_iterable(all), i, page) {
		const char *at = json_peek_str(page, "createdAt");

		if (*since == NULL || strcmp(at, *since) < 0)
			*since = at;
		json_array_foreach (json_peek_array(page, "oaIds"), k, id)
			json_put(named, json_string_value(id), json_true());
	}
	return named;
}

/* The documents of an OA that count as there: *nlive; those not named. */
static json_t *
find_missing(struct sync *s, const json_t *named, const char *since,
    int64_t *nlive, struct err *e)
{
	struct store_query q = {
	    .coll = s->kind->coll, .sort = FIELD_ID, .limit = STORE_LIMIT_MAX};
	json_t *all = store_find_json(api_store(s->r), &q, LIVE_MAX, e);
	json_t *missing, *doc;
	size_t i;

	if (all == NULL)
		return NULL;
	req_own_json(s->r, all);
	missing = req_own_json(s->r, json_array());
	*nlive = 0;
	json_array_foreach (all, i, doc) {
		const char *oa = json_peek_str(doc, "oaId");

		if (oa == NULL || !s->kind->is_live(s, doc))
			continue;
		++*nlive;
		/* Who came after the sync began is not in it. */
		if (json_object_get(named, oa) == NULL &&
		    strcmp(json_peek_str(doc, "createdAt"), since) < 0)
			json_push(missing, json_incref(doc));
	}
	return missing;
}

static int
keep_head(
    struct sync *s, const struct sync_page *p, int64_t ended, struct err *e)
{
	json_t *doc = req_own_json(s->r, json_object());

	json_put_str(doc, "_id", head_id(s, p));
	json_put_str(doc, "kind", s->kind->name);
	json_put_int(doc, "pages", p->pages);
	json_put_int(doc, "ended", ended);
	return keep(s, NULL, doc, e);
}

static json_t *
make_finish(const char *state, int64_t disabled)
{
	json_t *v = json_object();

	json_put_str(v, "state", state);
	json_put_int(v, "disabled", disabled);
	return v;
}

static json_t *
make_held(int64_t n, int64_t nlive, int64_t limit, const char *what)
{
	json_t *v = make_finish("held", 0);
	char text[256];

	snprintf(text, sizeof(text),
	    "这次同步没有提到%lld个在用的%s（共%lld个），超过%lld%%，没有停用；"
	    "确认无误后，把最后一页连同force再送一次",
	    (long long)n, what, (long long)nlive, (long long)limit);
	json_put_int(v, "wouldDisable", n);
	json_put_int(v, "of", nlive);
	json_put_str(v, "detail", text);
	return v;
}

/* All pages are there: end what none of them names. */
static int
finish(struct sync *s, struct sync_page *p, const json_t *all, json_t *answer,
    struct err *e)
{
	const struct app *app = s->r->app;
	int64_t limit = app->cfg->sync_disable_percent;
	bool force = json_peek_bool(s->r->body, "force", false);
	const char *since;
	json_t *named = req_own_json(s->r, named_of(all, &since));
	int64_t nlive, n;
	json_t *missing = find_missing(s, named, since, &nlive, e);

	if (missing == NULL)
		return -1;
	n = (int64_t)json_array_size(missing);
	if (!force && n * 100 > nlive * limit) {
		json_put(answer, "finish",
		    make_held(n, nlive, limit, s->kind->what));
		return 0;
	}
	if (sync_end_missing(s, missing, e) < 0 || keep_head(s, p, n, e) < 0)
		return -1;
	json_put(answer, "finish", make_finish("done", n));
	return 0;
}

int
sync_page_finish(
    struct sync *s, struct sync_page *p, json_t *answer, struct err *e)
{
	json_t *all = load_pages(s, p, e);
	json_t *missing;

	if (all == NULL)
		return -1;
	missing = missing_pages(all, p->pages);
	json_put_str(answer, "syncId", p->sync_id);
	json_put(answer, "missingPages", missing);
	if (p->head != NULL) {
		json_put(answer, "finish",
		    make_finish("done", json_peek_int(p->head, "ended", 0)));
		return 0;
	}
	if (json_array_size(missing) > 0) {
		json_put(answer, "finish", make_finish("waiting", 0));
		return 0;
	}
	return finish(s, p, all, answer, e);
}

/* ---- where it stands ---- */

int
sync_get(struct req *r, struct err *e)
{
	const char *id = r->segments[0];
	struct store_query q = {
	    .coll = COLL_SYNCS,
	    .filters = {{.field = FIELD_ID,
		.op = OP_PREFIX,
		.text = arena_printf(&r->arena, "%s.", id)}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *all = store_find_json(api_store(r), &q, PAGES_MAX, e);
	json_t *answer = req_own_json(r, json_object());
	int64_t rev, pages;
	bool done;

	if (all == NULL)
		return -1;
	req_own_json(r, all);
	if (strchr(id, '.') == NULL || json_array_size(all) == 0)
		return err_set(e, ERR_NOTFOUND, "没有这次同步：%s", id);
	done = store_get_rev(api_store(r), COLL_SYNCS, id, &rev, e) == 0;
	if (!done && e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	pages = json_peek_int(json_array_get(all, 0), "pages", 0);
	json_put_str(answer, "state", done ? "done" : "waiting");
	json_put_int(answer, "pages", pages);
	json_put(answer, "missingPages", missing_pages(all, pages));
	res_json(r, 200, answer);
	return 0;
}
