/*
 * Random operations on two stores of different engines: what each answers
 * (results, refusals, documents, order, places of pages, figures) must be
 * the same bytes.  Every operation has a seed of its own, so it is made twice
 * from the same numbers.  TEST_SEED repeats a run, OPS says how long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "stats/parts.h"
#include "store/contract.h"
#include "store/engine.h"

#define OPS 2500
#define OPS_BETWEEN_DUMPS 250
#define FIRST_INSTANT 2208988800000 /* 2040: after the stores were made */
#define SET_MAX 6
#define PLANS 4

/* One engine's side: all that an operation may look at. */
struct side {
	struct fixture f;
	struct buf said;
	instant_t now;
	/* A list that was begun, to be continued after other operations. */
	struct store_query q;
	char place[512];
	int64_t seq[PLANS];   /* the stamps seen before */
	size_t refused, told; /* answers, and bytes of them all */
};

/* ---- random documents ---- */

static bool
chance(struct rnd *r, size_t percent)
{
	return rnd_below(r, 100) < percent;
}

static json_t *
random_text(struct rnd *r)
{
	static const char *const some[] = {
	    "", "a", "b", "A", "1408", "140829", "闻喜县", "\xf4\x8f\xbf\xbf"};
	char text[40];

	if (chance(r, 80))
		return json_string(some[rnd_below(r, COUNT(some))]);
	return json_stringn(text, rnd_utf8(r, text, sizeof(text)));
}

static json_t *
random_number(struct rnd *r)
{
	static const json_int_t some[] = {0, 1, -1, 2, 7, 2147483647,
	    2147483648, -2147483649, 9007199254740993, INT64_MAX, INT64_MIN};

	return json_integer(some[rnd_below(r, COUNT(some))]);
}

/* Whatever a document may hold, a few levels deep. */
static json_t *
random_value(struct rnd *r, int depth)
{
	json_t *v;

	switch (rnd_below(r, depth > 0 ? 8 : 6)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(chance(r, 50));
	case 2:
		return json_real((double)rnd_below(r, 1000) / 8);
	case 3:
	case 4:
		return random_number(r);
	case 5:
		return random_text(r);
	case 6:
		v = json_array();
		for (size_t n = rnd_below(r, 4); n > 0; n--)
			json_push(v, random_value(r, depth - 1));
		return v;
	default:
		v = json_object();
		for (size_t n = rnd_below(r, 4); n > 0; n--) {
			char key[8];

			snprintf(key, sizeof(key), "k%zu", rnd_below(r, 9));
			json_put(v, key, random_value(r, depth - 1));
		}
		return v;
	}
}

static void
random_id(struct rnd *r, enum coll c, char id[32])
{
	static const size_t many[COLL__MAX] = {[COLL_PLANS] = PLANS,
	    [COLL_TASKS] = 12,
	    [COLL_ORGS] = 20,
	    [COLL_ORGSETS] = 4,
	    [COLL_REPORTS] = 30,
	    [COLL_SERIES] = 8,
	    [COLL_MILESTONESTATES] = 8};

	snprintf(id, 32, "%c%02zu", coll_name(c)[0],
	    rnd_below(r, many[c] > 0 ? many[c] : 4));
}

static json_t *
random_task(struct rnd *r, const char *id, const char *plan)
{
	json_t *doc = make_task(id, plan, (int)rnd_below(r, 5));
	json_t *item = json_array_get(json_peek_array(doc, "funding"), 0);

	json_put_int(item, "amountFen", (int64_t)rnd_below(r, 1 << 30));
	if (chance(r, 50))
		json_put_str(doc, "status", "issued");
	json_put_str(json_object_get(doc, "lead"), "orgId",
	    chance(r, 50) ? "140829" : "140800-fulian");
	return doc;
}

/* new */
static json_t *
random_doc(struct rnd *r, enum coll c, const char *id)
{
	static const char *const orgs[] = {"140829", "140823", "140800-fulian"};
	char plan[32], task[32];
	json_t *doc;

	/* A task stays in its plan, and so does all that belongs to it. */
	random_id(r, COLL_TASKS, task);
	snprintf(plan, sizeof(plan), "p%02d",
	    atoi((c == COLL_TASKS ? id : task) + 1) % PLANS);
	switch (c) {
	case COLL_PLANS:
		doc = make_plan(id);
		break;
	case COLL_TASKS:
		doc = random_task(r, id, plan);
		break;
	case COLL_REPORTS:
		doc = make_report(id, plan, task, orgs[rnd_below(r, 3)],
		    (int)rnd_below(r, 20000));
		if (chance(r, 20))
			json_put_str(doc, "state", "submitted");
		break;
	default:
		doc = make_org(
		    id, chance(r, 60) ? "a" : NULL, (int)rnd_below(r, 6));
		json_put(doc, "division", random_text(r));
		if (chance(r, 30))
			json_object_del(doc, "sortKey");
		if (chance(r, 30))
			json_put(doc, "sortKey", random_number(r));
		if (chance(r, 30))
			json_put(doc, "parentId", random_text(r));
	}
	if (c > COLL_REPORTS && coll_plan_field(c) != FIELD__MAX)
		json_object_update_new(doc,
		    json_pack("{s:s, s:s}", "planId", plan, "taskId", task));
	if (c == COLL_FUNDFLOWS && chance(r, 70))
		json_object_update_new(doc,
		    json_pack("{s:s, s:s, s:s, s:s, s:I}", "level", "city",
			"stage", chance(r, 50) ? "received" : "paid", "asOf",
			"2019-05-31", "recordedAt", "2019-06-01T02:00:00.000Z",
			"amountFen", (json_int_t)rnd_below(r, 1 << 30)));
	if (c == COLL_CHECKS && chance(r, 70))
		json_object_update_new(
		    doc, json_pack("{s:s, s:s, s:s, s:s}", "orgId", "140829",
			     "checkedOn", "2019-06-20", "concludedAt",
			     "2019-06-28T02:00:00.000Z", "verdict", "false"));
	if (chance(r, 40))
		json_put(doc, "more", random_value(r, 3));
	return doc;
}

/* ---- operations: each says what it was answered ---- */

static void
say_error(struct side *s, const struct err *e)
{
	s->refused++;
	buf_addf(&s->said, "%s: %s\n", err_slug(e->code), e->detail);
}

static void
say_doc(struct side *s, const struct store_doc *d)
{
	buf_addf(&s->said, "%s %lld ", d->id, (long long)d->rev);
	buf_addn(&s->said, d->text, d->len);
	buf_addc(&s->said, '\n');
}

/* The right revision, any, or a wrong one. */
static int64_t
random_rev(struct side *s, struct rnd *r, enum coll c, const char *id)
{
	size_t way = rnd_below(r, 10);
	json_t *doc;
	int64_t rev;

	if (way < 2)
		return 0;
	if (way < 4)
		return 1 + (int64_t)rnd_below(r, 5);
	doc = fetch(s->f.s, c, id);
	rev = json_peek_int(doc, "rev", 1);
	json_decref(doc);
	return rev;
}

/* Mostly a new one. */
static void
append_entry(struct side *s, struct rnd *r, struct write_set *ws, enum coll c)
{
	char id[32];
	json_t *doc;

	snprintf(id, sizeof(id), "a%lld-%zu", (long long)s->now, ws->n);
	if (chance(r, 10))
		random_id(r, c, id);
	for (size_t i = 0; i < ws->n; i++)
		if (ws->v[i].coll == c && strcmp(ws->v[i].id, id) == 0)
			return;
	doc = make_entry(id, (int)rnd_below(r, 100));
	json_put(doc, "more", random_value(r, 3));
	write_append(ws, c, doc);
	json_decref(doc);
}

static void
add_write(struct side *s, struct rnd *r, struct write_set *ws)
{
	enum coll c = (enum coll)rnd_below(r, COLL__MAX);
	size_t way = rnd_below(r, 10);
	char id[32];
	json_t *doc;

	if (coll_chain_field(c) != FIELD__MAX) {
		append_entry(s, r, ws, c);
		return;
	}
	random_id(r, c, id);
	for (size_t i = 0; i < ws->n; i++)
		if (ws->v[i].coll == c && strcmp(ws->v[i].id, id) == 0)
			return;
	if (way < 2) {
		write_remove(ws, c, id, random_rev(s, r, c, id));
		return;
	}
	doc = random_doc(r, c, id);
	/* What is there is mostly replaced, what is not inserted. */
	if (is_stored(s->f.s, c, id) != chance(r, 10)) {
		write_replace(ws, c, doc, random_rev(s, r, c, id));
	} else if (way == 9) {
		json_put_int(doc, "rev", 1 + (int64_t)rnd_below(r, 9));
		json_put_str(doc, "createdAt", "2019-04-04T01:02:03.004Z");
		json_put_str(doc, "updatedAt", "2019-05-04T01:02:03.004Z");
		write_load(ws, c, doc);
	} else {
		write_insert(ws, c, doc);
	}
	json_decref(doc);
}

static void
do_write(struct side *s, struct rnd *r)
{
	size_t n = chance(r, 50) ? 1 : rnd_below(r, SET_MAX + 1);
	struct write_set ws;
	struct err e;

	err_init(&e);
	write_set_init(&ws, s->now);
	while (n-- > 0)
		add_write(s, r, &ws);
	if (store_write(s->f.s, &ws, &e) < 0) {
		buf_addf(&s->said, "%zu of %zu: ", ws.failed, ws.n);
		say_error(s, &e);
	} else {
		for (size_t i = 0; i < ws.n; i++)
			if (ws.v[i].doc != NULL && json_is_object(ws.v[i].doc))
				json_print(&s->said, ws.v[i].doc);
	}
	write_set_fini(&ws);
}

static void
do_get(struct side *s, struct rnd *r)
{
	enum coll c = (enum coll)rnd_below(r, COLL__MAX);
	struct store_doc d;
	struct arena a;
	struct err e;
	char id[32];

	err_init(&e);
	arena_init(&a);
	random_id(r, c, id);
	if (store_get(s->f.s, c, id, &a, &d, &e) < 0)
		say_error(s, &e);
	else
		say_doc(s, &d);
	arena_fini(&a);
}

/* ---- lists ---- */

/* FIELD_ID or a field of the collection's. */
static enum field
random_field(struct rnd *r, enum coll c)
{
	enum field f = (enum field)rnd_below(r, FIELD__MAX);

	while (f != FIELD_ID && field_coll(f) != c)
		f = (enum field)rnd_below(r, FIELD__MAX);
	return f;
}

static void
random_filter(struct rnd *r, enum coll c, struct store_filter *f)
{
	static const char *const some[] = {"", "a", "o", "o0", "o1", "t", "p",
	    "p00", "p01", "p02", "t01", "1408", "140829", "submitted",
	    "accepted", "county", "2019-05-31", "\xf4\x8f\xbf\xbf"};
	static const int64_t numbers[] = {
	    0, 1, 2, 3, 2019, -1, 2147483648, INT64_MAX, INT64_MIN};

	memset(f, 0, sizeof(*f));
	f->field = random_field(r, c);
	if (f->field != FIELD_ID && field_type(f->field) == FIELD_TYPE_INT) {
		static const enum store_op ops[] = {OP_EQ, OP_GE, OP_LE};

		f->op = ops[rnd_below(r, COUNT(ops))];
		f->n = numbers[rnd_below(r, COUNT(numbers))];
		return;
	}
	f->op = (enum store_op)rnd_below(r, OP_LE + 1);
	f->text = some[rnd_below(r, COUNT(some))];
	if (f->op == OP_EQ && f->field != FIELD_ID && chance(r, 30))
		f->text = NULL;
}

static void
random_query(struct rnd *r, struct store_query *q)
{
	memset(q, 0, sizeof(*q));
	q->coll = (enum coll)rnd_below(r, COLL__MAX);
	q->nfilters = rnd_below(r, 3);
	for (size_t i = 0; i < q->nfilters; i++)
		random_filter(r, q->coll, &q->filters[i]);
	q->sort = random_field(r, q->coll);
	q->desc = chance(r, 50);
	q->limit = chance(r, 80) ? 1 + rnd_below(r, 6) : STORE_LIMIT_MAX;
}

/* One page; false when no other follows. */
static bool
list_page(struct side *s)
{
	struct store_page page;
	struct arena a;
	struct err e;
	bool more = false;

	err_init(&e);
	arena_init(&a);
	s->q.after = s->place[0] != '\0' ? s->place : NULL;
	if (store_find(s->f.s, &s->q, &a, &page, &e) < 0) {
		say_error(s, &e);
		goto out;
	}
	for (size_t i = 0; i < page.ndocs; i++)
		say_doc(s, &page.docs[i]);
	more = page.next != NULL;
	buf_addf(&s->said, "next: %s\n", more ? page.next : "none");
	snprintf(s->place, sizeof(s->place), "%s", more ? page.next : "");
out:
	arena_fini(&a);
	return more;
}

static void
do_find(struct side *s, struct rnd *r)
{
	size_t pages = 1 + rnd_below(r, 4);

	/* Now and then with another list's place. */
	if (chance(r, 90))
		s->place[0] = '\0';
	random_query(r, &s->q);
	while (list_page(s) && --pages > 0)
		;
}

/* The list that was begun before, with writes between. */
static void
do_next(struct side *s, struct rnd *r)
{
	(void)r;
	if (s->place[0] != '\0')
		list_page(s);
}

static void
do_find_all(struct side *s, struct rnd *r)
{
	struct store_query q;
	json_t *all;
	struct err e;

	err_init(&e);
	random_query(r, &q);
	all = store_find_json(s->f.s, &q, rnd_below(r, 20), &e);
	if (all == NULL)
		say_error(s, &e);
	else
		json_print(&s->said, all);
	json_decref(all);
}

/* ---- stamps and figures ---- */

/* Engines count in steps of their own: only growth is the contract's. */
static void
do_stamps(struct side *s, struct rnd *r)
{
	static const char *const plans[] = {"p00", "p01", "p02", "p03"};

	(void)r;
	for (size_t i = 0; i < PLANS; i++) {
		struct store_stamp stamp;
		struct err e;

		err_init(&e);
		assert_int_equal(
		    store_stamp_get(s->f.s, &plans[i], 1, &stamp, &e), 0);
		/* What was never written is as old as its store. */
		if (stamp.at < FIRST_INSTANT)
			stamp.at = 0;
		buf_addf(&s->said, "%s %s at %lld\n", plans[i],
		    stamp.seq > s->seq[i]    ? "grew"
		    : stamp.seq == s->seq[i] ? "same"
					     : "shrank",
		    (long long)stamp.at);
		s->seq[i] = stamp.seq;
	}
}

static void
say_rows(struct side *s, const struct stats_rows *rows)
{
	size_t n = rows->nrows * rows->part->ncolumns;

	for (size_t i = 0; i < n; i++) {
		const struct stats_cell *c = &rows->cells[i];

		if (c->null)
			buf_add(&s->said, "null ");
		else if (c->s != NULL)
			buf_addf(&s->said, "'%s' ", c->s);
		else
			buf_addf(&s->said, "%lld ", (long long)c->n);
		if ((i + 1) % rows->part->ncolumns == 0)
			buf_addc(&s->said, '\n');
	}
}

static void
do_stats(struct side *s, struct rnd *r)
{
	static const char *const plans[] = {"p00", "p01", "p02", "p03"};
	static const char *const days[] = {
	    "2019-05-30", "2019-05-31", "2019-06-30", "2020-01-01"};
	struct stats_args args = {.plans = plans, .nplans = 1};
	struct stats_rows rows;
	struct arena a;
	struct err e;

	args.plans = &plans[rnd_below(r, PLANS)];
	args.nplans = 1 + rnd_below(r, (size_t)(plans + PLANS - args.plans));
	snprintf(args.as_of, sizeof(args.as_of), "%s",
	    days[rnd_below(r, COUNT(days))]);
	snprintf(args.known_at, sizeof(args.known_at), "%s",
	    chance(r, 20) ? "2019-06-03T01:59:59.999Z"
			  : "2030-01-01T00:00:00.000Z");
	err_init(&e);
	arena_init(&a);
	if (store_stats(s->f.s, &stats_parts[rnd_below(r, PART__MAX)], &args,
		&a, &rows, &e) < 0)
		say_error(s, &e);
	else
		say_rows(s, &rows);
	arena_fini(&a);
}

static void
do_dump(struct side *s, struct rnd *r)
{
	(void)r;
	for (enum coll c = 0; c < COLL__MAX; c++) {
		s->q = (struct store_query){
		    .coll = c, .sort = FIELD_ID, .limit = STORE_LIMIT_MAX};
		s->place[0] = '\0';
		list_page(s);
	}
	buf_addf(&s->said, "%lld entries, %lld differences\n",
	    (long long)chain_walk(s->f.s, NULL),
	    (long long)verify_all(s->f.s, false, NULL));
}

/* ---- the run ---- */

static const struct {
	const char *name;
	size_t weight;
	void (*run)(struct side *s, struct rnd *r);
} kinds[] = {
    {"write", 45, do_write},
    {"get", 10, do_get},
    {"find", 17, do_find},
    {"next page", 8, do_next},
    {"find all", 5, do_find_all},
    {"stamps", 5, do_stamps},
    {"figures", 10, do_stats},
};

static size_t
random_kind(struct rnd *r)
{
	size_t n = rnd_below(r, 100), k = 0;

	while (n >= kinds[k].weight)
		n -= kinds[k++].weight;
	return k;
}

static void
compare(struct side sides[2], size_t i, const char *what, uint64_t seed)
{
	if (strcmp(sides[0].said.data, sides[1].said.data) == 0)
		return;
	fail_msg("they differ after %zu operations, at a %s:"
		 " TEST_SEED=%llu OPS=%zu\n%s:\n%.2000s\n%s:\n%.2000s",
	    i + 1, what, (unsigned long long)seed, i + 1,
	    sides[0].f.engine->name, sides[0].said.data,
	    sides[1].f.engine->name, sides[1].said.data);
}

/* Operation i on both; the same numbers twice. */
static void
operate(struct side sides[2], size_t i, uint64_t seed)
{
	struct rnd first = {seed + i * 1000003};
	size_t kind = random_kind(&first);

	for (int k = 0; k < 2; k++) {
		struct rnd r = first;

		sides[k].now = FIRST_INSTANT + (instant_t)i * 1000;
		buf_reset(&sides[k].said);
		buf_add(&sides[k].said, "");
		kinds[kind].run(&sides[k], &r);
		sides[k].told += sides[k].said.len;
	}
	compare(sides, i, kinds[kind].name, seed);
	if ((i + 1) % OPS_BETWEEN_DUMPS != 0)
		return;
	for (int k = 0; k < 2; k++) {
		buf_reset(&sides[k].said);
		do_dump(&sides[k], NULL);
	}
	compare(sides, i, "dump", seed);
}

static void
test_operations(void **state)
{
	const struct contract_engine *const *engines = *state;
	const char *given = getenv("OPS");
	size_t n = given != NULL ? strtoul(given, NULL, 10) : OPS;
	struct side sides[2] = {0};
	struct rnd r;

	rnd_init(&r, engines[1]->name);
	for (int k = 0; k < 2; k++) {
		buf_init(&sides[k].said, 0);
		fixture_init(&sides[k].f, engines[k]);
		fixture_open(&sides[k].f);
	}
	for (size_t i = 0; i < n; i++)
		operate(sides, i, r.state);
	print_message("%zu operations, %zu refused, %zu bytes\n", n,
	    sides[0].refused, sides[0].told);
	for (int k = 0; k < 2; k++) {
		buf_fini(&sides[k].said);
		fixture_fini(&sides[k].f);
	}
}

/* Every other engine beside the first. */
int
main(void)
{
	int failed = 0;

	for (size_t i = 1; i < contract_nengines; i++) {
		const struct contract_engine *both[] = {
		    &contract_engines[0], &contract_engines[i]};
		const struct CMUnitTest tests[] = {
		    cmocka_unit_test_prestate(test_operations, (void *)both),
		};

		if (engine_wanted(both[1]))
			failed += cmocka_run_group_tests_name(
			    both[1]->name, tests, NULL, NULL);
	}
	return failed;
}
