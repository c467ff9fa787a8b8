/*
 * Fill a store with plans for scripts/bench: every plan is a copy of one that
 * is there (its documents, reports, verified milestones, and the orgs of its
 * division) under another division and year, of the same size to the byte.
 *
 *	plans COUNT PLAN [--unreported] [--data=... and other settings]
 *
 * brings the store to COUNT plans; --unreported: without reports and verified
 * milestones.  The copies are for measuring: a copied baseline keeps the hash
 * of what it was copied from.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cfg.h"
#include "base/json.h"
#include "base/text.h"
#include "store/store.h"

#define FIRST_DIVISION 2001 /* 200100, in a province that does not exist */
#define YEARS 25            /* plans of one division: 2000 to 2024 */
#define FIRST_YEAR 2000
#define SET_PLANS 16 /* plans in one write set */
#define DOCS_MAX 5000
#define NREPORTED 3 /* kinds of documents that are reported */

struct template
{
	enum coll coll;
	bool of_division; /* one copy for each division, not for each plan */
	char *text;
};

static struct {
	char division[5]; /* the city's first four digits */
	char year[5];
	struct template *v;
	size_t n;
} from;

/* ---- templates ---- */

static int
add_templates(struct store *s, const struct store_query *q, bool of_division,
    struct err *e)
{
	json_t *docs = store_find_json(s, q, DOCS_MAX, e);
	size_t i;
	json_t *doc;

	if (docs == NULL)
		return -1;
	from.v =
	    realloc(from.v, (from.n + json_array_size(docs)) * sizeof(*from.v));
	json_array_foreach (docs, i, doc) {
		from.v[from.n++] = (struct template){
		    .coll = q->coll,
		    .of_division = of_division,
		    .text = json_dumps(doc, JSON_COMPACT),
		};
	}
	json_decref(docs);
	return 0;
}

static int
read_templates(
    struct store *s, const char *plan, bool unreported, struct err *e)
{
	static const struct {
		enum coll coll;
		enum field field;
		enum store_op op;
		bool of_division;
	} kinds[] = {
	    {COLL_ORGS, FIELD_ID, OP_PREFIX, true},
	    {COLL_ORGSETS, FIELD_ORGSETS_DIVISION, OP_PREFIX, true},
	    {COLL_PLANS, FIELD_ID, OP_EQ, false},
	    {COLL_TASKS, FIELD_TASKS_PLAN, OP_EQ, false},
	    /* What is reported on a plan. */
	    {COLL_REPORTS, FIELD_REPORTS_PLAN, OP_EQ, false},
	    {COLL_SERIES, FIELD_SERIES_PLAN, OP_EQ, false},
	    {COLL_MILESTONESTATES, FIELD_MILESTONESTATES_PLAN, OP_EQ, false},
	};

	size_t n =
	    sizeof(kinds) / sizeof(kinds[0]) - (unreported ? NREPORTED : 0);

	memcpy(from.division, plan, 4);
	memcpy(from.year, strchr(plan, '-') + 1, 4);
	for (size_t i = 0; i < n; i++) {
		struct store_query q = {
		    .coll = kinds[i].coll,
		    .filters = {{.field = kinds[i].field,
			.op = kinds[i].op,
			.text = kinds[i].of_division ? from.division : plan}},
		    .nfilters = 1,
		    .sort = FIELD_ID,
		    .limit = STORE_LIMIT_MAX,
		};

		if (add_templates(s, &q, kinds[i].of_division, e) < 0)
			return -1;
	}
	return 0;
}

static void
free_templates(void)
{
	for (size_t i = 0; i < from.n; i++)
		free(from.v[i].text);
	free(from.v);
}

/* ---- copies ---- */

struct names {
	char plan[16];    /* 140800-2019, without quotes: ids begin with it */
	char division[8]; /* "1408, with the quote before it */
	char date[8];     /* "2019-, with the quote before it */
	char year[16];    /* "year":2019 */
	char uuid[16];    /* "5eed2019-, what reports of the bench begin with */
};

static struct names
make_names(const char *division, const char *year, unsigned uuid)
{
	struct names n;

	snprintf(n.plan, sizeof(n.plan), "%.4s00-%.4s", division, year);
	snprintf(n.division, sizeof(n.division), "\"%.4s", division);
	snprintf(n.date, sizeof(n.date), "\"%.4s-", year);
	snprintf(n.year, sizeof(n.year), "\"year\":%.4s", year);
	snprintf(n.uuid, sizeof(n.uuid), "\"%08x-", uuid);
	return n;
}

/* Replace what `old` begins with, if it stands here; returns its length. */
static size_t
replace(struct buf *b, const char *at, const char *old, const char *new)
{
	size_t n = strlen(old);

	if (strncmp(at, old, n) != 0)
		return 0;
	buf_add(b, new);
	return n;
}

static size_t
replace_quoted(struct buf *b, const char *at, const struct names *old,
    const struct names *new)
{
	size_t n = replace(b, at, old->uuid, new->uuid);

	if (n == 0)
		n = replace(b, at, old->date, new->date);
	if (n == 0)
		n = replace(b, at, old->year, new->year);
	if (n == 0)
		n = replace(b, at, old->division, new->division);
	return n;
}

/* ".1408": the digits of the division stand behind its quote. */
static size_t
replace_unit(struct buf *b, const char *at, const struct names *new)
{
	buf_addc(b, *at);
	buf_add(b, new->division + 1);
	return strlen(new->division);
}

static void
rewrite(struct buf *b, const char *text, const struct names *old,
    const struct names *new)
{
	while (*text != '\0') {
		size_t n = 0;

		if (*text == old->plan[0])
			n = replace(b, text, old->plan, new->plan);
		/* The unit in the id of a series. */
		else if (*text == '.' &&
			 strncmp(text + 1, old->division + 1, 4) == 0)
			n = replace_unit(b, text, new);
		/* The quote may belong to a plan's id. */
		else if (*text == '"' && text[1] != '\0' &&
			 strncmp(text + 1, old->plan, strlen(old->plan)) != 0)
			n = replace_quoted(b, text, old, new);
		if (n == 0)
			buf_addc(b, text[n++]);
		text += n;
	}
}

static int
add_copy(struct write_set *ws, const struct template *t,
    const struct names *old, const struct names *new, struct err *e)
{
	struct buf b;
	json_t *doc;

	buf_init(&b, 0);
	rewrite(&b, t->text, old, new);
	doc = json_read_own(b.data, b.len, e);
	buf_fini(&b);
	if (doc == NULL)
		return -1;
	write_insert(ws, t->coll, doc);
	json_decref(doc);
	return 0;
}

/* The k-th copy: k counts from 0. */
static int
add_plan(struct write_set *ws, unsigned k, struct err *e)
{
	unsigned division = FIRST_DIVISION + k / YEARS;
	char to_division[16], to_year[16];
	struct names old = make_names(from.division, from.year, 0x5eed2019);
	struct names new;

	snprintf(to_division, sizeof(to_division), "%u", division);
	snprintf(to_year, sizeof(to_year), "%u", FIRST_YEAR + k % YEARS);
	new = make_names(to_division, to_year, k + 1);
	for (size_t i = 0; i < from.n; i++) {
		if (from.v[i].of_division && k % YEARS != 0)
			continue;
		if (add_copy(ws, &from.v[i], &old, &new, e) < 0)
			return -1;
	}
	return 0;
}

static int
add_plans(struct store *s, unsigned first, unsigned end, struct err *e)
{
	struct write_set ws;
	int rc = 0;

	write_set_init(&ws, instant_now());
	for (unsigned k = first; rc == 0 && k < end; k++)
		rc = add_plan(&ws, k, e);
	if (rc == 0)
		rc = store_write(s, &ws, e);
	write_set_fini(&ws);
	return rc;
}

/* How many copies are there?  They were made in order. */
static int
count_copies(struct store *s, unsigned *n, struct err *e)
{
	struct arena a;
	struct store_page page = {0};
	struct store_query q = {
	    .coll = COLL_PLANS,
	    .filters = {{.field = FIELD_ID, .op = OP_PREFIX, .text = "2"}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = 200,
	};
	int rc;

	arena_init(&a);
	*n = 0;
	do {
		rc = store_find(s, &q, &a, &page, e);
		*n += rc == 0 ? (unsigned)page.ndocs : 0;
		q.after = page.next;
	} while (rc == 0 && page.next != NULL);
	arena_fini(&a);
	return rc;
}

static int
fill(struct store *s, unsigned count, const char *plan, bool unreported,
    struct err *e)
{
	unsigned have;
	int rc = 0;

	if (read_templates(s, plan, unreported, e) < 0 ||
	    count_copies(s, &have, e) < 0)
		return -1;
	while (rc == 0 && have + 1 < count) {
		unsigned end = have + SET_PLANS;

		if (end + 1 > count)
			end = count - 1;
		rc = add_plans(s, have, end, e);
		have = end;
	}
	return rc;
}

int
main(int argc, char **argv)
{
	struct cfg cfg;
	struct err e;
	struct store *s = NULL;
	int rc = 1;
	bool unreported;

	err_init(&e);
	cfg_init(&cfg);
	if (cfg_load_args(&cfg, &argc, argv, &e) < 0)
		goto out;
	unreported = argc == 4 && strcmp(argv[3], "--unreported") == 0;
	if (argc != 3 + unreported || strlen(argv[2]) != 11) {
		fputs("usage: plans COUNT PLAN [--unreported] [--data=...]\n",
		    stderr);
		goto out;
	}
	s = store_open(&cfg, &e);
	if (s == NULL || fill(s, (unsigned)strtoul(argv[1], NULL, 10), argv[2],
			     unreported, &e) < 0)
		goto out;
	rc = 0;
out:
	if (e.code != ERR_NONE)
		fprintf(stderr, "plans: %s\n", e.detail);
	free_templates();
	store_close(s);
	cfg_fini(&cfg);
	return rc;
}
