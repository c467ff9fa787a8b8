#include "api/app.h"

#include <assert.h>
#include <string.h>

#include "api/audit.h"
#include "api/idem.h"
#include "api/import.h"
#include "base/json.h"

static bool
answer_rev(struct req *r, int64_t rev)
{
	char tag[24];

	snprintf(tag, sizeof(tag), "%lld", (long long)rev);
	return res_etag(r, tag);
}

static int
doc_failed(const char *id, const char *what, struct err *e)
{
	if (e->code == ERR_NOTFOUND)
		err_set(e, ERR_NOTFOUND, "没有这个%s：%s", what, id);
	return -1;
}

int
api_answer_doc(
    struct req *r, enum coll c, const char *id, const char *what, struct err *e)
{
	struct store_doc doc;
	int64_t rev;

	/* Who has it already gets it without a copy of its text. */
	if (r->if_none_match != NULL) {
		if (store_get_rev(api_store(r), c, id, &rev, e) < 0)
			return doc_failed(id, what, e);
		if (answer_rev(r, rev))
			return 0;
	}
	if (store_get(api_store(r), c, id, &r->arena, &doc, e) < 0)
		return doc_failed(id, what, e);
	if (answer_rev(r, doc.rev))
		return 0;
	res_text(r, 200, "application/json", doc.text, doc.len);
	return 0;
}

/* What a store finds wrong with a question is its cursor. */
static int
page_failed(const struct store_query *q, struct err *e)
{
	char why[sizeof(e->detail)];

	if (e->code != ERR_BADQUERY || q->after == NULL || e->nitems > 0)
		return -1;
	snprintf(why, sizeof(why), "%s", e->detail);
	return err_add(e, ERR_BADQUERY, "/cursor", "cursor", "%s", why);
}

int
api_find_page(struct req *r, struct store_query *q, struct store_page *page,
    struct err *e)
{
	q->limit = (size_t)req_param_int(r, "limit", 50);
	q->after = req_param(r, "cursor");
	if (store_find(api_store(r), q, &r->arena, page, e) < 0)
		return page_failed(q, e);
	return 0;
}

int
api_answer_page(struct req *r, struct store_query *q, struct err *e)
{
	struct store_page page;

	if (api_find_page(r, q, &page, e) < 0)
		return -1;
	return api_print_page(r, &page, e);
}

int
api_print_page(struct req *r, const struct store_page *page, struct err *e)
{
	struct buf *b = &r->res.body;

	buf_add(b, "{\"items\":[");
	for (size_t i = 0; i < page->ndocs; i++) {
		if (i > 0)
			buf_addc(b, ',');
		buf_addn(b, page->docs[i].text, page->docs[i].len);
	}
	buf_add(b, "],\"nextCursor\":");
	if (page->next != NULL)
		buf_add_json_string(b, page->next, strlen(page->next));
	else
		buf_add(b, "null");
	buf_addc(b, '}');
	if (!buf_ok(b))
		return err_set(e, ERR_TOOBIG, "这一页过大，请用更小的limit");
	return 0;
}

void
api_filter(const struct req *r, struct store_query *q, const char *param,
    enum field field, enum store_op op)
{
	const char *value = req_param(r, param);

	if (value == NULL)
		return;
	q->filters[q->nfilters++] = (struct store_filter){
	    .field = field,
	    .op = op,
	    .text = value,
	    .n = req_param_int(r, param, 0),
	};
}

json_t *
api_get(
    struct req *r, enum coll c, const char *id, const char *what, struct err *e)
{
	json_t *doc = store_get_json(api_store(r), c, id, e);

	if (doc == NULL && e->code == ERR_NOTFOUND)
		err_set(e, ERR_NOTFOUND, "没有这个%s：%s", what, id);
	return doc != NULL ? req_own_json(r, doc) : NULL;
}

#define PLAN_TASKS_MAX 1000

json_t *
api_plan_tasks(struct req *r, const char *plan_id, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_TASKS,
	    .filters = {{.field = FIELD_TASKS_PLAN,
		.op = OP_EQ,
		.text = plan_id}},
	    .nfilters = 1,
	    .sort = FIELD_TASKS_NO,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *all = store_find_json(api_store(r), &q, PLAN_TASKS_MAX, e);

	return all != NULL ? req_own_json(r, all) : NULL;
}

int
api_plan_orgs(struct req *r, const json_t *plan, json_t **orgs,
    json_t **orgsets, struct err *e)
{
	if (import_known_orgs(api_store(r), json_peek_str(plan, "division"),
		orgs, orgsets, e) < 0)
		return -1;
	req_own_json(r, *orgs);
	req_own_json(r, *orgsets);
	return 0;
}

/* ---- writing ---- */

static void
release_write_set(void *ws)
{
	write_set_fini(ws);
}

struct write_set *
api_write_set(struct req *r)
{
	struct write_set *ws = arena_alloc(&r->arena, sizeof(*ws));

	write_set_init(ws, r->now);
	req_own(r, ws, release_write_set);
	return ws;
}

void
api_replace(struct req *r, struct write_set *ws, enum coll c, const json_t *old,
    json_t *doc)
{
	(void)r;
	write_replace(ws, c, doc, json_peek_int(old, "rev", 0));
	write_keep_old(ws, old);
}

void
api_remove(struct req *r, struct write_set *ws, enum coll c, const json_t *old)
{
	(void)r;
	write_remove(
	    ws, c, json_peek_str(old, "_id"), json_peek_int(old, "rev", 0));
	write_keep_old(ws, old);
}

void
api_reason(struct req *r, const char *text)
{
	r->reason = text != NULL ? arena_strdup(&r->arena, text) : NULL;
}

void
api_note(struct req *r, struct write_set *ws, enum coll c, const char *id)
{
	struct audit_act act;

	audit_act_of(r, &act);
	audit_note(ws, &act, c, id);
}

/* Of one document several may write at a time; each round one gets through. */
#define TRIES_MAX 64

/* A commit under way: what to say when its outcome is known. */
struct commit {
	struct write_set *ws;
	json_t *answer;
	int status;
	bool failed;
	struct api_outcome then; /* instead of answer and status */
};

/* A 412 carries the current copy, so that nobody has to ask again. */
static void
show_current(struct req *r, const struct write *w)
{
	struct err ignored;
	json_t *doc;

	err_init(&ignored);
	doc = store_get_json(api_store(r), w->coll, w->id, &ignored);
	r->current = doc != NULL ? req_own_json(r, doc) : NULL;
}

/*
 * 412 is for what the client itself asked for: this revision of this
 * document.  Where the program's own reading was overtaken, the client has
 * nothing to mend and asks again.
 */
static int
commit_failed(struct req *r, const struct commit *c, struct err *e)
{
	const struct write *w = &c->ws->v[c->ws->failed];
	bool asked = r->match_rev != MATCH_ANY && w->doc == c->answer;
	bool overtaken = e->code == ERR_STALE ||
			 (e->code == ERR_NOTFOUND && w->op != WRITE_INSERT);

	if (overtaken && !asked)
		return err_set(e, ERR_CONFLICT,
		    "同时有人在修改“%s”，这次没有保存，请再试一次", w->id);
	if (overtaken && e->code == ERR_NOTFOUND)
		err_set(e, ERR_STALE, "“%s”刚刚被删除了", w->id);
	else if (e->code == ERR_EXISTS && asked)
		err_set(e, ERR_STALE, "刚刚有人新建了“%s”，要修改请带If-Match",
		    w->id);
	if (e->code == ERR_STALE)
		show_current(r, w);
	return -1;
}

/* Did somebody come between, and may it be tried again? */
static bool
try_again(struct req *r, const struct commit *c)
{
	const struct write *w = &c->ws->v[c->ws->failed];
	enum err_code code = c->ws->e.code;
	bool overtaken = code == ERR_STALE || code == ERR_EXISTS ||
			 (code == ERR_NOTFOUND && w->op != WRITE_INSERT);

	return c->then.again != NULL && overtaken && r->tries++ < TRIES_MAX;
}

static int
answer(struct req *r, const struct commit *c, struct err *e)
{
	char tag[24];

	if (c->then.done != NULL)
		return c->then.done(r, c->then.arg, e);
	if (json_object_get(c->answer, "rev") != NULL) {
		snprintf(tag, sizeof(tag), "%lld",
		    (long long)json_peek_int(c->answer, "rev", 0));
		res_etag(r, tag);
	}
	res_json(r, c->status, c->answer);
	return 0;
}

static int
commit_answer(struct req *r, struct err *e)
{
	struct commit *c = r->parked_arg;

	if (c->failed && try_again(r, c))
		return c->then.again(r, c->then.arg, e);
	if (c->failed) {
		*e = c->ws->e;
		commit_failed(r, c, e);
		return idem_failed(r, e);
	}
	return answer(r, c, e);
}

/* From the store's thread: keep the outcome, wake the request. */
static void
commit_done(void *arg, const struct err *e)
{
	struct req *r = arg;
	struct commit *c = r->parked_arg;

	c->failed = e != NULL;
	if (e != NULL && e != &c->ws->e)
		c->ws->e = *e;
	req_unpark(r);
}

/* The answer as it will be, to be kept in the same set. */
static int
keep_answer(struct req *r, const struct commit *c, struct err *e)
{
	write_foresee(c->ws);
	if (answer(r, c, e) < 0)
		return -1;
	idem_keep(r, c->ws);
	return 0;
}

static int
submit(struct req *r, const struct commit *what, struct err *e)
{
	struct commit *c = arena_alloc(&r->arena, sizeof(*c));
	struct audit_act act;

	*c = *what;
	audit_act_of(r, &act);
	audit_add(c->ws, &act, c->answer);
	if (r->idem != NULL && keep_answer(r, c, e) < 0)
		return -1;
	r->parked_arg = c;
	req_park(r, commit_answer);
	if (store_submit(api_store(r), c->ws, commit_done, r, e) < 0) {
		req_park_cancel(r);
		return commit_failed(r, c, e);
	}
	return 0;
}

int
api_commit(struct req *r, struct write_set *ws, int status, json_t *answer,
    struct err *e)
{
	struct commit c = {.ws = ws, .answer = answer, .status = status};

	return submit(r, &c, e);
}

int
api_commit_then(struct req *r, struct write_set *ws, json_t *target,
    const struct api_outcome *then, struct err *e)
{
	struct commit c = {.ws = ws, .answer = target, .then = *then};

	return submit(r, &c, e);
}

int
api_check_match(struct req *r, const json_t *doc, struct err *e)
{
	int64_t rev = doc != NULL ? json_peek_int(doc, "rev", 0) : 0;

	r->current = doc;
	if (r->if_none_match != NULL && doc != NULL)
		return err_set(e, ERR_STALE,
		    "已经存在（第%lld版），要修改请带If-Match", (long long)rev);
	if (r->if_none_match != NULL)
		return 0;
	if (doc == NULL)
		return err_set(
		    e, ERR_STALE, "还不存在，要新建请带If-None-Match: *");
	if (r->match_rev != 0 && r->match_rev != rev)
		return err_set(e, ERR_STALE,
		    "已被他人改到第%lld版，您手上的是第%lld版", (long long)rev,
		    (long long)r->match_rev);
	return 0;
}

json_t *
api_merge(struct req *r, const json_t *old, struct err *e)
{
	if (!json_is_object(r->body)) {
		err_add(e, ERR_INVALID, "", "type", "这里应是对象");
		return NULL;
	}
	return req_own_json(r, json_merge_patch(old, r->body));
}

int
api_check_identity(
    const json_t *old, const json_t *doc, const char *key, struct err *e)
{
	char pointer[64];
	const json_t *a = json_object_get(old, key);
	const json_t *b = json_object_get(doc, key);

	if (a == b || json_equal(a, b))
		return 0;
	snprintf(pointer, sizeof(pointer), "/%s", key);
	return err_add(e, ERR_INVALID, pointer, "const", "%s不能改", key);
}

int
api_check_id(struct req *r, struct err *e)
{
	const char *id = json_peek_str(r->body, "_id");

	if (id == NULL)
		json_put_str(r->body, "_id", r->segments[0]);
	else if (strcmp(id, r->segments[0]) != 0)
		return err_add(e, ERR_INVALID, "/_id", "const",
		    "正文里的编号是%s，地址里的是%s", id, r->segments[0]);
	return 0;
}
