#include "api/sync.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/audit.h"
#include "api/sync_pages.h"
#include "base/crypto.h"
#include "base/hash.h"
#include "base/json.h"
#include "schema/registry.h"
#include "schema/schema.h"

#define ORGS_MAX 50000
/* Rows that are written together: a set stays small. */
#define SET_ROWS 50
#define TRIES_MAX 16

int
sync_refuse(struct sync *s, struct sync_row *row, const char *code,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	row->result = "refused";
	row->code = code;
	row->detail = arena_strdup(&s->r->arena, text);
	row->doc = NULL;
	return 0;
}

const char *
sync_make_id(const struct sync *s, const char *prefix, const char *oa_id)
{
	char hash[SHA256_HEX + 1];

	sha256_hex(oa_id, strlen(oa_id), hash);
	return arena_printf(&s->r->arena, "%s%.16s", prefix, hash);
}

const json_t *
sync_org(const struct sync *s, const json_t *row, const char *oa_member,
    const char *id_member)
{
	const char *oa = json_peek_str(row, oa_member);
	const char *id = json_peek_str(row, id_member);

	if (oa != NULL)
		return json_object_get(s->orgs_by_oa, oa);
	return id != NULL ? json_object_get(s->orgs, id) : NULL;
}

/* ---- what is there ---- */

static int
load_orgs(struct sync *s, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_ORGS, .sort = FIELD_ID, .limit = STORE_LIMIT_MAX};
	json_t *all = store_find_json(api_store(s->r), &q, ORGS_MAX, e);
	json_t *org;
	size_t i;

	if (all == NULL)
		return -1;
	s->orgs = req_own_json(s->r, json_object());
	s->orgs_by_oa = req_own_json(s->r, json_object());
	json_array_foreach (all, i, org) {
		const char *oa = json_peek_str(org, "oaId");

		json_put(s->orgs, json_peek_str(org, "_id"), json_incref(org));
		if (oa != NULL)
			json_put(s->orgs_by_oa, oa, json_incref(org));
	}
	json_decref(all);
	return 0;
}

/* All sets of a kind go one after another: an oaId is made once. */
static int
load_guard(struct sync *s, struct err *e)
{
	s->guard =
	    store_get_json(api_store(s->r), COLL_SYNCS, s->kind->name, e);
	if (s->guard == NULL) {
		if (e->code != ERR_NOTFOUND)
			return -1;
		err_init(e);
		return 0;
	}
	req_own_json(s->r, s->guard);
	return 0;
}

static int
reload(struct sync *s, struct err *e)
{
	if (load_guard(s, e) < 0)
		return -1;
	return load_orgs(s, e);
}

/* ---- judging ---- */

/* The document with this oaId.  More than one: nobody knows which. */
static int
find_old(struct sync *s, struct sync_row *row, struct err *e)
{
	struct store_query q = {
	    .coll = s->kind->coll,
	    .filters = {{.field = s->kind->oa_id,
		.op = OP_EQ,
		.text = row->oa_id}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = 2,
	};
	struct store_page page;
	json_t *old;

	if (store_find(api_store(s->r), &q, &s->r->arena, &page, e) < 0)
		return -1;
	if (page.ndocs > 1)
		return sync_refuse(s, row, "ambiguous",
		    "有多个%s的oaId是%s，请先在本系统里改正", s->kind->what,
		    row->oa_id);
	if (page.ndocs == 0)
		return 0;
	old = json_read_own(page.docs[0].text, page.docs[0].len, e);
	if (old == NULL)
		return -1;
	row->old = req_own_json(s->r, old);
	row->id = json_peek_str(old, "_id");
	return 0;
}

/* Its form.  A row that is no object has no oaId to be told by. */
static void
check_form(struct sync *s, struct sync_row *row)
{
	const struct schema *schema = schema_registry_peek(s->kind->schema);
	struct err why;

	err_init(&why);
	row->oa_id = json_peek_str(row->in, "oaId");
	if (schema_check(schema, row->in, &why) < 0)
		sync_refuse(s, row, "invalid", "%s：%s",
		    why.nitems > 0 ? why.items[0].pointer : "",
		    why.nitems > 0 ? why.items[0].detail : why.detail);
}

static int
judge_row(struct sync *s, json_t *seen, json_t *taken, struct sync_row *row,
    struct err *e)
{
	check_form(s, row);
	if (row->result != NULL)
		return 0;
	if (json_object_get(seen, row->oa_id) != NULL)
		return sync_refuse(
		    s, row, "duplicate", "这一批里有两行是同一个oaId");
	if (find_old(s, row, e) < 0)
		return -1;
	if (row->result == NULL && s->kind->judge(s, row, e) < 0)
		return -1;
	if (row->doc == NULL)
		return 0;
	if (json_object_get(taken, row->id) != NULL)
		return sync_refuse(
		    s, row, "duplicate", "这一批里有两行要用编号%s", row->id);
	json_put(seen, row->oa_id, json_true());
	json_put(taken, row->id, json_true());
	return 0;
}

static bool
waits_for_parent(const struct sync_row *row)
{
	return row->code != NULL && strcmp(row->code, "parent-unknown") == 0;
}

static void
forget_verdict(struct sync_row *row)
{
	const json_t *in = row->in;

	*row = (struct sync_row){.in = in};
}

/*
 * Judge all rows from `first` on; a parent may stand behind its child, so
 * rounds go on while they bring anything.
 */
static int
judge_rows(struct sync *s, size_t first, struct err *e)
{
	json_t *seen = req_own_json(s->r, json_object());
	json_t *taken = req_own_json(s->r, json_object());
	size_t waiting = s->nrows + 1, before;

	do {
		before = waiting;
		waiting = 0;
		for (size_t i = first; i < s->nrows; i++) {
			struct sync_row *row = &s->rows[i];

			if (waits_for_parent(row))
				forget_verdict(row);
			if (row->result == NULL &&
			    judge_row(s, seen, taken, row, e) < 0)
				return -1;
			waiting += waits_for_parent(row);
		}
	} while (waiting > 0 && waiting < before);
	return 0;
}

/* ---- writing ---- */

static void
put_guard(struct sync *s, struct write_set *ws)
{
	json_t *doc = req_own_json(s->r, json_object());

	json_put_str(doc, "_id", s->kind->name);
	json_put_str(doc, "kind", s->kind->name);
	json_put_int(doc, "sets", json_peek_int(s->guard, "sets", 0) + 1);
	if (s->guard == NULL)
		write_insert(ws, COLL_SYNCS, doc);
	else
		write_replace(
		    ws, COLL_SYNCS, doc, json_peek_int(s->guard, "rev", 0));
	s->guard = doc;
}

static int
put_row(struct sync *s, struct write_set *ws, const struct sync_row *row,
    struct err *e)
{
	if (row->old == NULL) {
		write_insert(ws, s->kind->coll, row->doc);
		return 0;
	}
	api_replace(s->r, ws, s->kind->coll, row->old, row->doc);
	return s->kind->ended(s, ws, row->doc, e);
}

static bool
is_change(const struct sync_row *row)
{
	return row->doc != NULL && strcmp(row->result, "same") != 0;
}

/* 1: written; 0: somebody came between; -1. */
static int
write_rows(struct sync *s, size_t from, size_t to, struct err *e)
{
	struct write_set *ws = api_write_set(s->r);
	struct audit_act act;
	bool any = false;

	for (size_t i = from; i < to; i++) {
		if (!is_change(&s->rows[i]))
			continue;
		any = true;
		if (put_row(s, ws, &s->rows[i], e) < 0)
			return -1;
	}
	if (!any)
		return 1;
	audit_act_of(s->r, &act);
	audit_each(ws, &act);
	put_guard(s, ws);
	if (store_write(api_store(s->r), ws, e) == 0)
		return 1;
	if (e->code != ERR_STALE && e->code != ERR_EXISTS &&
	    e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	return 0;
}

/*
 * Judge and write what is in rows.  Whoever came between is read, and the
 * rest judged anew; what is written stays.
 */
static int
keep_rows(struct sync *s, struct err *e)
{
	size_t done = 0;
	int tries = 0;

	while (done < s->nrows) {
		if (reload(s, e) < 0 || judge_rows(s, done, e) < 0)
			return -1;
		for (int ok = 1; ok != 0 && done < s->nrows;) {
			size_t to = done + SET_ROWS < s->nrows ? done + SET_ROWS
							       : s->nrows;

			ok = write_rows(s, done, to, e);
			if (ok < 0)
				return -1;
			if (ok > 0)
				done = to;
		}
		if (done < s->nrows && ++tries > TRIES_MAX)
			return err_set(e, ERR_CONFLICT,
			    "同时有人在修改%"
			    "s，已保存的保留，请把这一批再送一次",
			    s->kind->what);
		for (size_t i = done; i < s->nrows; i++)
			forget_verdict(&s->rows[i]);
	}
	return 0;
}

int
sync_end_missing(struct sync *s, json_t *docs, struct err *e)
{
	size_t n = json_array_size(docs), i;
	json_t *old;

	s->nrows = n;
	s->rows = arena_alloc(&s->r->arena, (n + 1) * sizeof(*s->rows));
	json_array_foreach (docs, i, old) {
		json_t *doc = req_own_json(s->r, json_deep_copy(old));

		s->kind->end(s, doc);
		s->rows[i] = (struct sync_row){.old = old,
		    .doc = doc,
		    .oa_id = json_peek_str(old, "oaId"),
		    .id = json_peek_str(old, "_id"),
		    .result = "disabled"};
	}
	if (load_guard(s, e) < 0)
		return -1;
	for (i = 0; i < n; i += SET_ROWS) {
		int ok =
		    write_rows(s, i, i + SET_ROWS < n ? i + SET_ROWS : n, e);

		if (ok < 0)
			return -1;
		if (ok == 0)
			return err_set(e, ERR_CONFLICT,
			    "同时有人在修改%"
			    "s，停用没有做完，请把这一页再送一次",
			    s->kind->what);
	}
	return 0;
}

/* ---- the answer ---- */

static json_t *
view_row(const struct sync_row *row)
{
	json_t *v = json_object();

	json_put_str(v, "oaId", row->oa_id);
	json_put_str(v, "result", row->result);
	if (row->code != NULL) {
		json_put_str(v, "code", row->code);
		json_put_str(v, "detail", row->detail);
	} else {
		json_put_str(v, "id", row->id);
	}
	return v;
}

static json_t *
view_rows(const struct sync *s)
{
	json_t *list = req_own_json(s->r, json_array());

	for (size_t i = 0; i < s->nrows; i++)
		json_push(list, view_row(&s->rows[i]));
	return list;
}

json_t *
sync_count(const json_t *results)
{
	json_t *counts = json_object();
	const json_t *v;
	size_t i;

	json_array_foreach (json_iterable(results), i, v) {
		const char *result = json_peek_str(v, "result");

		json_put_int(
		    counts, result, json_peek_int(counts, result, 0) + 1);
	}
	return counts;
}

static void
take_rows(struct sync *s)
{
	const json_t *list = json_peek_array(s->r->body, "rows");
	const json_t *v;
	size_t i;

	s->nrows = json_array_size(list);
	s->rows = arena_alloc(&s->r->arena, (s->nrows + 1) * sizeof(*s->rows));
	json_array_foreach (json_iterable(list), i, v)
		s->rows[i] = (struct sync_row){.in = v};
}

int
sync_run(struct req *r, const struct sync_kind *kind, struct err *e)
{
	struct sync s = {.r = r, .kind = kind};
	json_t *answer = req_own_json(r, json_object());
	struct sync_page page;
	json_t *results;

	req_slow(r);
	if (sync_page_begin(&s, &page, e) < 0)
		return -1;
	results = page.results;
	if (results == NULL) {
		take_rows(&s);
		if (keep_rows(&s, e) < 0)
			return -1;
		results = view_rows(&s);
		if (sync_page_keep(&s, &page, results, e) < 0)
			return -1;
	}
	json_put(answer, "results", json_incref(results));
	json_put(answer, "counts", sync_count(results));
	if (page.sync_id != NULL && sync_page_finish(&s, &page, answer, e) < 0)
		return -1;
	res_json(r, 200, answer);
	return 0;
}
