#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/chain.h"
#include "store/contract.h"
#include "store/engine.h"

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
fixture_init(struct fixture *f, const struct contract_engine *engine)
{
	memset(f, 0, sizeof(*f));
	f->engine = engine;
	snprintf(f->dir, sizeof(f->dir), "/tmp/minsheng-store.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	cfg_init(&f->cfg);
	engine->configure(&f->cfg, f->dir);
	/* The contract stores whatever fits its point, not valid plans. */
	f->cfg.mongodb_validators = false;
}

void
fixture_open(struct fixture *f)
{
	struct err e;

	err_init(&e);
	f->s = store_open(&f->cfg, &e);
	if (f->s == NULL)
		fail_msg("store_open: %s", e.detail);
}

void
fixture_fini(struct fixture *f)
{
	store_close(f->s);
	f->s = NULL;
	if (f->engine->clean != NULL)
		f->engine->clean(&f->cfg);
	cfg_fini(&f->cfg);
	nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

json_t *
make_plan(const char *id)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:s}", "_id", id, "division",
	    "140800", "year", 2019, "title", "2019年民生实事", "status",
	    "draft");
}

json_t *
make_task(const char *id, const char *plan, int no)
{
	return json_pack(
	    "{s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:{s:s},"
	    " s:[{s:s, s:s, s:s, s:{s:i, s:s},"
	    "     s:[{s:s, s:i, s:s}, {s:s, s:n, s:s}]}],"
	    " s:[{s:s, s:s, s:i, s:s, s:s, s:s}],"
	    " s:[{s:s, s:n, s:s, s:s, s:{s:s, s:s, s:i}, s:[s, s]}]}",
	    "_id", id, "planId", plan, "division", "140800", "year", 2019, "no",
	    no, "title", "免费“两癌”检查", "kind", "quantity", "status",
	    "draft", "lead", "orgId", "140800-fulian", "indicators", "id", "i1",
	    "name", "检查人数", "unit", "名", "target", "qty", 44400, "state",
	    "given", "quotas", "orgId", "140829", "qty", 11900, "state",
	    "given", "orgId", "140823", "qty", "state", "missing", "funding",
	    "id", "f1", "level", "province", "amountFen", 568320000, "per",
	    "total", "certainty", "given", "srcText", "省级财政568.32万元",
	    "milestones", "id", "m1", "from", "to", "2019-06-30", "text",
	    "6月底前完成50%", "rule", "type", "percent", "indicator", "i1",
	    "percent", 50, "orgs", "140829", "140823");
}

json_t *
make_org(const char *id, const char *parent, int sort)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:i}", "_id", id,
	    "division", id, "name", "闻喜县", "kind", "county", "parentId",
	    parent, "sortKey", sort);
}

json_t *
make_report(
    const char *id, const char *plan, const char *task, const char *org, int n)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:i}, s:s,"
			 " s:s, s:i}",
	    "_id", id, "planId", plan, "taskId", task, "indicatorId", "i1",
	    "orgId", org, "asOf", "2019-05-31", "value", "kind", "number", "n",
	    n, "state", "accepted", "acceptedAt", "2019-06-03T02:00:00.000Z",
	    "revision", 1);
}

json_t *
make_entry(const char *id, int n)
{
	return json_pack("{s:s, s:s, s:{s:s}, s:{s:{s:i}, s:n}, s:s}", "_id",
	    id, "action", "org.write", "actor", "id", "u1", "changes", "before",
	    "n", n, "after", "at", "2019-06-03T02:00:00.000Z");
}

static enum err_code
run_set(struct store *s, struct write_set *ws)
{
	struct err e;

	err_init(&e);
	if (store_write(s, ws, &e) == 0)
		e.code = ERR_NONE;
	write_set_fini(ws);
	return e.code;
}

void
add_new(struct write_set *ws, enum coll c, json_t *doc)
{
	if (coll_chain_field(c) != FIELD__MAX)
		write_append(ws, c, doc);
	else
		write_insert(ws, c, doc);
}

enum err_code
put_new(struct store *s, enum coll c, json_t *doc)
{
	struct write_set ws;

	assert_non_null(doc);
	write_set_init(&ws, instant_now());
	add_new(&ws, c, doc);
	json_decref(doc);
	return run_set(s, &ws);
}

enum err_code
put_again(struct store *s, enum coll c, json_t *doc, int64_t rev)
{
	struct write_set ws;

	assert_non_null(doc);
	write_set_init(&ws, instant_now());
	write_replace(&ws, c, doc, rev);
	json_decref(doc);
	return run_set(s, &ws);
}

enum err_code
take_away(struct store *s, enum coll c, const char *id, int64_t rev)
{
	struct write_set ws;

	write_set_init(&ws, instant_now());
	write_remove(&ws, c, id, rev);
	return run_set(s, &ws);
}

json_t *
fetch(struct store *s, enum coll c, const char *id)
{
	struct err e;

	err_init(&e);
	json_t *doc = store_get_json(s, c, id, &e);

	if (doc == NULL)
		assert_int_equal(e.code, ERR_NOTFOUND);
	return doc;
}

bool
is_stored(struct store *s, enum coll c, const char *id)
{
	json_t *doc = fetch(s, c, id);

	json_decref(doc);
	return doc != NULL;
}

static void
tell_nothing(void *arg, const char *line)
{
	(void)arg;
	if (getenv("TELL") != NULL)
		print_message("%s\n", line);
}

int64_t
verify_all(struct store *s, bool repair, int64_t *documents)
{
	struct store_verdict v;
	struct err e;

	err_init(&e);
	if (store_verify(s, repair, tell_nothing, NULL, &v, &e) < 0)
		fail_msg("store_verify: %s", e.detail);
	if (documents != NULL)
		*documents = v.documents;
	return v.differences + v.broken;
}

/* Check a page of entries behind *head; their number. */
static size_t
walk_page(struct store *s, struct chain_head *head)
{
	struct store_query q = {
	    .coll = COLL_AUDIT,
	    .filters = {{.field = FIELD_AUDIT_SEQ,
		.op = OP_GE,
		.n = head->seq + 1}},
	    .nfilters = 1,
	    .sort = FIELD_AUDIT_SEQ,
	    .limit = STORE_LIMIT_MAX,
	};
	struct store_page page;
	struct arena a;
	struct err e;

	err_init(&e);
	arena_init(&a);
	if (store_find(s, &q, &a, &page, &e) < 0)
		fail_msg("%s", e.detail);
	for (size_t i = 0; i < page.ndocs; i++) {
		json_t *doc =
		    json_loadb(page.docs[i].text, page.docs[i].len, 0, NULL);
		enum chain_fault fault = chain_check(head, doc);

		if (fault != CHAIN_OK)
			fail_msg("behind %lld fault %d: %s",
			    (long long)head->seq, (int)fault,
			    page.docs[i].text);
		assert_true(chain_head_of(head, doc));
		json_decref(doc);
	}
	size_t n = page.ndocs;

	arena_fini(&a);
	return n;
}

int64_t
chain_walk(struct store *s, struct chain_head *out)
{
	struct chain_head head, last;
	struct err e;

	err_init(&e);
	chain_head_init(&head);
	while (walk_page(s, &head) > 0)
		;
	assert_int_equal(chain_head_read(s, COLL_AUDIT, &last, &e), 0);
	assert_int_equal(last.seq, head.seq);
	assert_string_equal(last.hash, head.hash);
	if (out != NULL)
		*out = head;
	return head.seq;
}
