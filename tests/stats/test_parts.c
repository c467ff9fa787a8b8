#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/embed.h"
#include "base/json.h"
#include "check.h"
#include "store/store.h"
#include "world.h"

#define KNOWN "2030-01-01T00:00:00.000Z"
#define PLAN "140800-2019"

/* The tables of a real store that holds the 2019 plan, to look inside. */
static sqlite3 *db;

static void
run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

/* Every reporting unit and milestone has said something. */
static const char *const said =
    "INSERT INTO fact_value (doc_id, plan_id, task_id, indicator_id, org_id,"
    " as_of, accepted_at, revision, n, seq)"
    " SELECT doc_id || org_id, plan_id, doc_id, indicator_id, org_id,"
    " '2019-05-31', '2019-06-01T00:00:00.000Z', 1, qty / 2, 0"
    " FROM fact_quota;"
    "INSERT INTO fact_met (doc_id, plan_id, task_id, milestone_id, org_id,"
    " met_on, verified_at, seq)"
    " SELECT doc_id || milestone_id || org_id, plan_id, doc_id, milestone_id,"
    " org_id, '2019-05-31', '2019-06-01T00:00:00.000Z', 0"
    " FROM fact_milestone;"
    "INSERT INTO fact_submission (doc_id, plan_id, task_id, indicator_id,"
    " org_id, as_of, revision, since, until, first_at, state, kind, flagged,"
    " seq)"
    " SELECT doc_id || org_id, plan_id, doc_id, indicator_id, org_id,"
    " '2019-05-31', 1, '2019-06-01T00:00:00.000Z', '9',"
    " '2019-06-01T00:00:00.000Z', 'accepted', 'number', 0, 0"
    " FROM fact_quota;"
    "INSERT INTO fact_check (doc_id, plan_id, task_id, org_id, checked_on,"
    " concluded_at, verdict, seq)"
    " SELECT doc_id || org_id, plan_id, doc_id, org_id, '2019-06-20',"
    " '2019-06-21T00:00:00.000Z', 'true', 0"
    " FROM fact_quota;"
    "INSERT INTO fact_flow (doc_id, plan_id, task_id, level, stage, as_of,"
    " recorded_at, revision, item_id, amount, seq)"
    " SELECT DISTINCT doc_id || item_id, plan_id, doc_id, level, 'paid',"
    " '2019-06-20', '2019-06-21T00:00:00.000Z', 1, item_id, 5, 0"
    " FROM fact_funding";

static int
setup(void **state)
{
	char path[] = "/tmp/minsheng-parts-XXXXXX";
	int fd = mkstemp(path);
	struct fixture f;
	struct world w;
	struct err e;

	(void)state;
	err_init(&e);
	world_init(&w);
	if (fd < 0 || close(fd) < 0 || unlink(path) < 0 ||
	    world_read(&w, MS_SOURCE_DIR "/scripts/sample/" PLAN) < 0)
		return -1;
	world_store_open(&f, &contract_engines[0]);
	world_put(f.s, &w);
	if (store_backup(f.s, path, &e) < 0)
		return -1;
	fixture_fini(&f);
	world_fini(&w);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		return -1;
	(void)unlink(path);
	run("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF");
	run(said);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sqlite3_close(db);
	return 0;
}

static sqlite3_stmt *
prepare(const char *prefix, const struct stats_part *part)
{
	static const char *const args[][2] = {
	    {":plans", "[\"" PLAN "\"]"},
	    {":asOf", "2019-08-31"},
	    {":knownAt", KNOWN},
	};
	const struct embed_file *f;
	char name[64], sql[8192];
	sqlite3_stmt *st;

	(void)snprintf(name, sizeof(name), "stats/%s.sql", part->name);
	f = embed_find(embed_sql, name);
	assert_non_null(f);
	(void)snprintf(sql, sizeof(sql), "%s%s", prefix, f->data);
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", name, sqlite3_errmsg(db));
	for (size_t i = 0; i < COUNT(args); i++) {
		int at = sqlite3_bind_parameter_index(st, args[i][0]);

		if (at > 0)
			sqlite3_bind_text(
			    st, at, args[i][1], -1, SQLITE_STATIC);
	}
	return st;
}

/* Columns are those of parts.def, in its order, with its types. */
static void
test_columns(void **state)
{
	(void)state;
	for (size_t p = 0; p < PART__MAX; p++) {
		const struct stats_part *part = &stats_parts[p];
		sqlite3_stmt *st = prepare("", part);
		size_t nrows = 0;

		assert_int_equal(sqlite3_column_count(st), part->ncolumns);
		for (size_t i = 0; i < part->ncolumns; i++)
			assert_string_equal(sqlite3_column_name(st, (int)i),
			    part->columns[i].name);
		while (sqlite3_step(st) == SQLITE_ROW) {
			nrows++;
			for (size_t i = 0; i < part->ncolumns; i++) {
				int type = sqlite3_column_type(st, (int)i);

				assert_true(
				    type == SQLITE_NULL ||
				    type == (part->columns[i].type == 'i'
						    ? SQLITE_INTEGER
						    : SQLITE_TEXT));
			}
		}
		assert_true(nrows > 0);
		sqlite3_finalize(st);
	}
}

/*
 * No fact table is read from end to end: each one that the query names is
 * searched by its plan.
 */
static void
test_indexes(void **state)
{
	(void)state;
	for (size_t p = 0; p < PART__MAX; p++) {
		sqlite3_stmt *st =
		    prepare("EXPLAIN QUERY PLAN ", &stats_parts[p]);
		int searched = 0;

		while (sqlite3_step(st) == SQLITE_ROW) {
			const char *line =
			    (const char *)sqlite3_column_text(st, 3);

			if (strstr(line, "fact_") == NULL)
				continue;
			if (strstr(line, "SEARCH") == NULL ||
			    strstr(line, "plan_id=?") == NULL)
				fail_msg("%s: %s", stats_parts[p].name, line);
			searched++;
		}
		assert_true(searched > 0);
		sqlite3_finalize(st);
	}
}

static int
steps(const struct stats_part *part)
{
	sqlite3_stmt *st = prepare("", part);
	int n;

	while (sqlite3_step(st) == SQLITE_ROW)
		;
	n = sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 0);
	sqlite3_finalize(st);
	return n;
}

/* Copy the 2019 plan's rows to n other plans. */
static void
add_plans(int n)
{
	static const char *const tables[] = {"fact_task", "fact_indicator",
	    "fact_quota", "fact_milestone", "fact_funding", "fact_value",
	    "fact_met", "fact_submission", "fact_check", "fact_flow"};
	char sql[512];

	run("BEGIN");
	for (size_t t = 0; t < COUNT(tables); t++) {
		(void)snprintf(sql, sizeof(sql),
		    "CREATE TEMP TABLE one AS SELECT * FROM %s;"
		    "CREATE TEMP TABLE many AS WITH RECURSIVE c(i) AS (SELECT 1"
		    " UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
		    " SELECT i, one.* FROM c, one;"
		    "UPDATE many SET plan_id = 'other-' || i;"
		    "ALTER TABLE many DROP COLUMN i;"
		    "INSERT INTO %s SELECT * FROM many;"
		    "DROP TABLE one; DROP TABLE many",
		    tables[t], n, tables[t]);
		run(sql);
	}
	run("COMMIT");
}

/* The work for one plan does not grow with the others (OTHERS of them). */
static void
test_flat(void **state)
{
	const char *given = getenv("OTHERS");
	int before[PART__MAX];

	(void)state;
	for (size_t p = 0; p < PART__MAX; p++)
		before[p] = steps(&stats_parts[p]);
	add_plans(given != NULL ? atoi(given) : 300);
	run("ANALYZE");
	for (size_t p = 0; p < PART__MAX; p++) {
		int after = steps(&stats_parts[p]);

		if (after > before[p] + before[p] / 5)
			fail_msg("%s: %d steps, then %d", stats_parts[p].name,
			    before[p], after);
	}
}

/* A sum that leaves int64 is an error, never a wrong number. */
static void
test_sums_never_wrap(void **state)
{
	const struct stats_part *part = &stats_parts[PART_UNIT];
	sqlite3_stmt *st;
	int rc;

	(void)state;
	run("SAVEPOINT s; INSERT INTO fact_quota (doc_id, plan_id, since, "
	    "until,"
	    " indicator_id, org_id, qty, state, seq)"
	    " SELECT doc_id, plan_id, since, until, indicator_id, org_id,"
	    " 9223372036854775807, state, seq + 1000 FROM fact_quota");
	st = prepare("", part);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		;
	assert_int_equal(rc, SQLITE_ERROR);
	sqlite3_finalize(st);
	run("ROLLBACK TO s; RELEASE s");
}

/* A column added up over the rows of a task. */
static int64_t
sum_of(const struct stats_part *part, const char *task, const char *column)
{
	sqlite3_stmt *st = prepare("", part);
	int64_t n = 0;

	while (sqlite3_step(st) == SQLITE_ROW) {
		if (strcmp((const char *)sqlite3_column_text(st, 0), task) != 0)
			continue;
		for (int i = 0; i < sqlite3_column_count(st); i++)
			if (strcmp(sqlite3_column_name(st, i), column) == 0)
				n += sqlite3_column_int64(st, i);
	}
	sqlite3_finalize(st);
	return n;
}

/* A unit named twice in the quotas is one unit with the sum of both. */
static void
test_unit_named_twice(void **state)
{
	const char *task = PLAN "-03";

	(void)state;
	run("SAVEPOINT s;"
	    "INSERT INTO fact_quota (doc_id, plan_id, since, until,"
	    " indicator_id, org_id, qty, state, seq)"
	    " SELECT doc_id, plan_id, since, until, indicator_id, org_id,"
	    " 100, state, seq + 1000 FROM fact_quota"
	    " WHERE doc_id = '" PLAN "-03' AND org_id = '140829'");
	assert_int_equal(sum_of(&stats_parts[PART_UNIT], task, "obliged"), 5);
	assert_int_equal(sum_of(&stats_parts[PART_UNIT], task, "qty"), 34500);
	assert_int_equal(sum_of(&stats_parts[PART_MILESTONE], task, "own"), 12);
	run("ROLLBACK TO s; RELEASE s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_indexes),
	    cmocka_unit_test(test_sums_never_wrap),
	    cmocka_unit_test(test_unit_named_twice),
	    cmocka_unit_test(test_flat),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
