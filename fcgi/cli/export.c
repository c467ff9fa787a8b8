#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/import.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/stream.h"

/* Of COLL__MAX rows, as it is declared: every collection stands here. */
const struct stream_coll stream_order[] = {
    {COLL_ORGS, FIELD__MAX},
    {COLL_ORGSETS, FIELD__MAX},
    {COLL_TASKS, FIELD_TASKS_PLAN},
    {COLL_REPORTS, FIELD_REPORTS_PLAN},
    {COLL_SERIES, FIELD_SERIES_PLAN},
    {COLL_MILESTONESTATES, FIELD_MILESTONESTATES_PLAN},
    {COLL_CHANGES, FIELD_CHANGES_PLAN},
    {COLL_FUNDFLOWS, FIELD_FUNDFLOWS_PLAN},
    {COLL_FUNDSERIES, FIELD_FUNDSERIES_PLAN},
    {COLL_CHECKS, FIELD_CHECKS_PLAN},
    {COLL_CASES, FIELD_CASES_PLAN},
    {COLL_NOTICES, FIELD_NOTICES_PLAN},
    {COLL_SNAPSHOTS, FIELD_SNAPSHOTS_PLAN},
    {COLL_BLOBS, FIELD__MAX},
    {COLL_BLOBUSES, FIELD_BLOBUSES_PLAN},
    {COLL_USERS, FIELD__MAX},
    {COLL_APIKEYS, FIELD__MAX},
    {COLL_SESSIONS, FIELD__MAX},
    {COLL_AUDIT, FIELD__MAX},
    {COLL_IDEMPOTENCY, FIELD__MAX},
    {COLL_OUTBOX, FIELD__MAX},
    {COLL_WEBHOOKS, FIELD__MAX},
    {COLL_HOOKSTATES, FIELD__MAX},
    {COLL_DELIVERIES, FIELD__MAX},
    {COLL_NONCES, FIELD__MAX},
    {COLL_SYNCS, FIELD__MAX},
    {COLL_OATODOS, FIELD__MAX},
    {COLL_PLANS, FIELD_ID},
};

struct export
{
	struct store *store;
	const char *plan; /* NULL: everything */
	FILE *out;
	int64_t n;
};

static void
put_line(struct export *x, enum coll c, const char *doc, size_t len)
{
	fprintf(x->out, "{\"collection\":\"%s\",\"doc\":", coll_name(c));
	fwrite(doc, 1, len, x->out);
	fputs("}\n", x->out);
	x->n++;
}

/*
 * Call fn for every document of a query, in the order of _id.  A cursor
 * outlives the page it is for, so two arenas take turns.
 */
static int
walk(struct export *x, struct store_query *q,
    void (*fn)(struct export *x, const struct store_doc *doc, void *arg),
    void *arg, struct err *e)
{
	struct store_page page;
	struct arena pages[2];
	int rc = -1;

	arena_init(&pages[0]);
	arena_init(&pages[1]);
	q->sort = FIELD_ID;
	q->limit = 200;
	for (size_t i = 0;; i++) {
		struct arena *a = &pages[i % 2];

		arena_reset(a);
		if (store_find(x->store, q, a, &page, e) < 0)
			break;
		for (size_t k = 0; k < page.ndocs; k++)
			fn(x, &page.docs[k], arg);
		q->after = page.next;
		if (page.next == NULL || ferror(x->out)) {
			rc = 0;
			break;
		}
	}
	arena_fini(&pages[0]);
	arena_fini(&pages[1]);
	return rc;
}

static void
put_doc(struct export *x, const struct store_doc *doc, void *arg)
{
	put_line(x, *(const enum coll *)arg, doc->text, doc->len);
}

static int
export_coll(struct export *x, const struct stream_coll *sc, struct err *e)
{
	struct store_query q = {
	    .coll = sc->coll,
	    .filters = {{.field = sc->plan, .op = OP_EQ, .text = x->plan}},
	    .nfilters = x->plan != NULL ? 1 : 0,
	};
	enum coll c = sc->coll;

	return walk(x, &q, put_doc, &c, e);
}

/* ---- the orgs of one plan ---- */

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(json_peek_str(*(json_t *const *)a, "_id"),
	    json_peek_str(*(json_t *const *)b, "_id"));
}

static void
put_sorted(struct export *x, enum coll c, const json_t *docs)
{
	size_t n = json_array_size(docs);
	json_t **list = calloc(n + 1, sizeof(json_t *));
	struct buf b;

	if (list == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		list[i] = json_array_get(docs, i);
	qsort(list, n, sizeof(json_t *), compare_ids);
	buf_init(&b, 0);
	for (size_t i = 0; i < n; i++) {
		buf_reset(&b);
		json_print(&b, list[i]);
		put_line(x, c, b.data, b.len);
	}
	buf_fini(&b);
	free(list);
}

static int
export_orgs_of_plan(struct export *x, struct err *e)
{
	json_t *plan = store_get_json(x->store, COLL_PLANS, x->plan, e);
	json_t *orgs = NULL, *sets = NULL;
	int rc = -1;

	if (plan == NULL)
		return -1;
	if (import_known_orgs(
		x->store, json_peek_str(plan, "division"), &orgs, &sets, e) < 0)
		goto out;
	put_sorted(x, COLL_ORGS, orgs);
	put_sorted(x, COLL_ORGSETS, sets);
	rc = 0;
out:
	json_decref(plan);
	json_decref(orgs);
	json_decref(sets);
	return rc;
}

/* ---- one state ---- */

/* The plans that are there and their change stamp. */
struct state {
	json_t *ids;
	struct store_stamp stamp;
};

static void
keep_id(struct export *x, const struct store_doc *doc, void *arg)
{
	(void)x;
	json_push(arg, json_string(doc->id));
}

static int
read_stamp(struct export *x, struct state *st, struct err *e)
{
	size_t n = json_array_size(st->ids);
	const char **ids = calloc(n + 1, sizeof(char *));
	int rc;

	if (ids == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		ids[i] = json_string_value(json_array_get(st->ids, i));
	rc = store_stamp_get(x->store, ids, n, &st->stamp, e);
	free(ids);
	return rc;
}

static int
read_state(struct export *x, struct state *st, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_PLANS,
	    .filters = {{.field = FIELD_ID, .op = OP_EQ, .text = x->plan}},
	    .nfilters = x->plan != NULL ? 1 : 0,
	};

	st->ids = json_array();
	if (walk(x, &q, keep_id, st->ids, e) < 0)
		return -1;
	if (x->plan != NULL && json_array_size(st->ids) == 0)
		return err_set(e, ERR_NOTFOUND, "没有这个计划：%s", x->plan);
	return read_stamp(x, st, e);
}

static int
export_docs(struct export *x, struct err *e)
{
	if (x->plan != NULL && export_orgs_of_plan(x, e) < 0)
		return -1;
	for (size_t i = 0; i < COLL__MAX; i++) {
		if (x->plan != NULL && stream_order[i].plan == FIELD__MAX)
			continue;
		if (export_coll(x, &stream_order[i], e) < 0)
			return -1;
	}
	return 0;
}

/*
 * Pages are read one after another, so documents of different moments could
 * come together.  Without the last line nobody takes the stream for whole.
 */
static int
check_unchanged(
    const struct state *before, const struct state *after, struct err *e)
{
	if (json_equal(before->ids, after->ids) &&
	    before->stamp.seq == after->stamp.seq)
		return 0;
	return err_set(e, ERR_CONFLICT,
	    "导出期间数据有变化，这份导出不能用；请停止写入后重新导出");
}

int
stream_export(struct store *s, const char *plan, FILE *out, struct err *e)
{
	struct export x = {.store = s, .plan = plan, .out = out};
	struct state before = {.ids = NULL};
	struct state after = {.ids = NULL};
	int rc = -1;

	if (read_state(&x, &before, e) < 0)
		goto out;
	fprintf(out, "{\"format\":\"%s\",\"version\":%d}\n", STREAM_FORMAT,
	    STREAM_VERSION);
	if (export_docs(&x, e) < 0 || read_state(&x, &after, e) < 0 ||
	    check_unchanged(&before, &after, e) < 0)
		goto out;
	fprintf(out, "{\"end\":true,\"documents\":%lld}\n", (long long)x.n);
	if (fflush(out) != 0 || ferror(out))
		err_set(e, ERR_NOSPACE, "导出写到一半失败，可能是磁盘已满");
	else
		rc = 0;
out:
	json_decref(before.ids);
	json_decref(after.ids);
	return rc;
}

/* ---- the command ---- */

static int export(struct cli *cli, struct store *store)
{
	const char *plan = cli_option(cli, "--plan");

	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	return stream_export(store, plan, stdout, &cli->e);
}

int
cmd_export(struct cli *cli)
{
	return cli_with_store(cli, false, export);
}
