#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "check.h"
#include "store/store.h"

void
world_init(struct world *w)
{
	w->plans = json_array();
	w->orgs = json_array();
	w->tasks = json_array();
	w->reports = json_array();
	w->states = json_array();
	w->checks = json_array();
	w->flows = json_array();
}

void
world_fini(struct world *w)
{
	json_decref(w->plans);
	json_decref(w->orgs);
	json_decref(w->tasks);
	json_decref(w->reports);
	json_decref(w->states);
	json_decref(w->checks);
	json_decref(w->flows);
}

/* A file holds an array of documents, or one; false: there is none. */
static bool
read_docs(json_t *list, const char *dir, const char *name)
{
	char path[512];
	json_t *v;

	(void)snprintf(path, sizeof(path), "%s/%s.json", dir, name);
	v = json_load_file(path, 0, NULL);
	if (json_is_array(v))
		json_array_extend(list, v);
	else if (v != NULL)
		json_array_append(list, v);
	json_decref(v);
	return v != NULL;
}

/*
 * What the import does: units named by a phrase are filled in from the
 * phrase's members.
 */
static void
fill_sets(json_t *rows, const json_t *sets)
{
	json_t *row, *set;
	size_t i, k;

	json_array_foreach (rows, i, row) {
		const char *phrase = json_peek_str(row, "orgSet");

		json_array_foreach (sets, k, set) {
			if (phrase != NULL &&
			    json_array_size(json_object_get(row, "orgs")) ==
				0 &&
			    strcmp(phrase, json_peek_str(set, "name")) == 0)
				json_object_set(row, "orgs",
				    json_object_get(set, "members"));
		}
	}
}

int
world_read(struct world *w, const char *dir)
{
	json_t *sets = json_array();
	json_t *task;
	size_t i;
	bool ok = read_docs(w->plans, dir, "plan") &&
		  read_docs(w->orgs, dir, "orgs") &&
		  read_docs(w->tasks, dir, "tasks") &&
		  read_docs(sets, dir, "orgSets");

	(void)read_docs(w->reports, dir, "reports");
	(void)read_docs(w->states, dir, "milestoneStates");
	json_array_foreach (w->tasks, i, task) {
		fill_sets(json_object_get(task, "funding"), sets);
		fill_sets(json_object_get(task, "milestones"), sets);
	}
	json_decref(sets);
	return ok ? 0 : -1;
}

/* ---- what stores were asked ---- */

/*
 * The parts of one question, kept while its families are asked one after the
 * other: most share parts, and an engine is asked for each once.
 */
static struct memo {
	const struct store *store;
	struct stats_args args;
	struct arena arena;
	struct stats_rows rows[PART__MAX]; /* part NULL: not asked yet */
} memos[4];

static void
forget(struct memo *m)
{
	arena_fini(&m->arena);
	memset(m, 0, sizeof(*m));
	arena_init(&m->arena);
}

static void
forget_all(void)
{
	for (size_t i = 0; i < COUNT(memos); i++)
		forget(&memos[i]);
}

static bool
is_about(const struct memo *m, const struct stats_args *args)
{
	return m->args.nplans == args->nplans &&
	       strcmp(m->args.as_of, args->as_of) == 0 &&
	       strcmp(m->args.known_at, args->known_at) == 0;
}

/* The store's own, which is about this question and the world it holds. */
static struct memo *
take_memo(const struct store *s, const struct stats_args *args)
{
	size_t i = 0;

	while (memos[i].store != NULL && memos[i].store != s) {
		i++;
		assert_true(i < COUNT(memos));
	}
	if (!is_about(&memos[i], args))
		forget(&memos[i]);
	memos[i].store = s;
	memos[i].args = *args;
	return &memos[i];
}

static int
fetch(void *store, const struct stats_part *part, const struct stats_args *args,
    struct arena *a, struct stats_rows *out, struct err *e)
{
	struct memo *m = take_memo(store, args);
	struct stats_rows *kept = &m->rows[part - stats_parts];

	(void)a;
	if (kept->part == NULL &&
	    store_stats(store, part, args, &m->arena, kept, e) < 0)
		return -1;
	*out = *kept;
	return 0;
}

/* ---- stores ---- */

void
world_store_open(struct fixture *f, const struct contract_engine *engine)
{
	fixture_init(f, engine);
	fixture_set(&f->cfg.sqlite_sync, "OFF");
	fixture_open(f);
}

void
world_stores_open(struct world_stores *all)
{
	all->n = 0;
	for (size_t i = 0; i < contract_nengines; i++) {
		if (contract_engines[i].reads_alike ||
		    !engine_wanted(&contract_engines[i]))
			continue;
		assert_true(all->n < COUNT(all->v));
		world_store_open(&all->v[all->n++], &contract_engines[i]);
	}
	if (all->n == 0)
		skip();
}

void
world_stores_close(struct world_stores *all)
{
	forget_all();
	for (size_t i = 0; i < all->n; i++)
		fixture_fini(&all->v[i]);
	all->n = 0;
}

static void
insert_all(struct write_set *ws, enum coll c, const json_t *docs)
{
	json_t *doc;
	size_t i;

	json_array_foreach (docs, i, doc)
		write_insert(ws, c, doc);
}

void
world_put(struct store *s, const struct world *w)
{
	struct write_set ws;
	struct err e;

	forget_all();
	err_init(&e);
	write_set_init(&ws, instant_now());
	insert_all(&ws, COLL_PLANS, w->plans);
	insert_all(&ws, COLL_ORGS, w->orgs);
	insert_all(&ws, COLL_TASKS, w->tasks);
	insert_all(&ws, COLL_REPORTS, w->reports);
	insert_all(&ws, COLL_MILESTONESTATES, w->states);
	insert_all(&ws, COLL_CHECKS, w->checks);
	insert_all(&ws, COLL_FUNDFLOWS, w->flows);
	if (store_write(s, &ws, &e) < 0)
		fail_msg("%s", e.detail);
	write_set_fini(&ws);
}

json_t *
world_try(struct store *s, const struct world *w, enum stats_family family,
    const char *by, const char *as_of, const char *known_at, struct err *e)
{
	struct stats_query q = {
	    .family = family,
	    .by = stats_by_check(family, by),
	    .plans = w->plans,
	    .orgs = w->orgs,
	};

	err_init(e);
	assert_non_null(q.by);
	assert_true(civil_parse(as_of, &q.as_of));
	assert_true(instant_parse(known_at, &q.known_at));
	return stats_answer(&q, fetch, s, e);
}

json_t *
world_ask(struct store *s, const struct world *w, enum stats_family family,
    const char *by, const char *as_of, const char *known_at)
{
	struct err e;
	json_t *answer = world_try(s, w, family, by, as_of, known_at, &e);

	if (answer == NULL)
		fail_msg("%s", e.detail);
	return answer;
}

json_t *
world_ask_all(struct world_stores *all, const struct world *w,
    enum stats_family family, const char *by, const char *as_of,
    const char *known_at)
{
	json_t *first = world_ask(all->v[0].s, w, family, by, as_of, known_at);
	char *text = json_dumps(first, JSON_COMPACT);

	for (size_t i = 1; i < all->n; i++) {
		json_t *other =
		    world_ask(all->v[i].s, w, family, by, as_of, known_at);
		char *same = json_dumps(other, JSON_COMPACT);

		if (strcmp(text, same) != 0)
			fail_msg("%s by %s, asOf %s, knownAt %s:\n%s: %s\n"
				 "%s: %s",
			    stats_family_name(family), by, as_of, known_at,
			    all->v[0].engine->name, text,
			    all->v[i].engine->name, same);
		free(same);
		json_decref(other);
	}
	free(text);
	return first;
}

size_t
world_ask_bys(struct world_stores *all, const struct world *w,
    enum stats_family family, const char *as_of, const char *known_at)
{
	const char *p = stats_family_bys(family);
	size_t n = 0;
	char by[16];

	do {
		size_t len = strcspn(p, " ");

		(void)snprintf(by, sizeof(by), "%.*s", (int)len, p);
		json_decref(world_ask_all(all, w, family, by, as_of, known_at));
		p += len + (p[len] == ' ');
		n++;
	} while (*p != '\0');
	return n;
}
