#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/sqlite.h"

/*
 * Two kinds of change.  Numbered steps are carried out once each, in their
 * order, and never edited.  What collections.def and facts.def declare needs
 * no step: the tables are compared with it by a hash, and when it differs
 * missing tables and columns are added and everything that is derived from
 * documents (fields, facts, indexes) is made again.
 */
static const char *const steps[] = {
    "CREATE TABLE stamps(plan_id TEXT PRIMARY KEY, seq INTEGER NOT NULL,"
    " at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
};

#define NSTEPS ((int64_t)(sizeof(steps) / sizeof(steps[0])))

static void
print_coll_table(struct buf *b, enum coll c)
{
	buf_addf(b,
	    "CREATE TABLE IF NOT EXISTS \"%s\"(id TEXT PRIMARY KEY NOT NULL,"
	    " rev INTEGER NOT NULL, created_at TEXT NOT NULL",
	    coll_name(c));
	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++) {
		if (field_coll(f) != c)
			continue;
		buf_add(b, ", ");
		sql_add_field(b, f);
		buf_add(
		    b, field_type(f) == FIELD_TYPE_INT ? " INTEGER" : " TEXT");
	}
	/* Last, so that the columns before it are read without it. */
	buf_add(b, ", doc TEXT NOT NULL) STRICT;\n");
}

static void
print_field_indexes(struct buf *b)
{
	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++) {
		bool unique = (field_flags(f) & FIELD_UNIQUE) != 0;

		if (!unique && (field_flags(f) & FIELD_INDEX) == 0)
			continue;
		buf_addf(b, "CREATE %sINDEX \"i_%s_", unique ? "UNIQUE " : "",
		    coll_name(field_coll(f)));
		sql_add_field(b, f);
		buf_addf(b, "\" ON \"%s\"(", coll_name(field_coll(f)));
		sql_add_field(b, f);
		buf_add(b, unique ? ");\n" : ", id);\n");
	}
}

/*
 * A fact table lies in the order in which statistics group and look up: the
 * rows of a plan are read in one go, a unit's in a seek, and nothing is
 * sorted.  The columns of the key come first: integrity_check of SQLite 3.40
 * reports NULLs that are not there when others stand between them.
 */
static const struct fact_key {
	const char *columns[FACT_COLUMNS_MAX];
	bool by_unit; /* documents are found by an index of their own */
} fact_keys[FACT__MAX] = {
    [FACT_TASK] = {{"plan_id", "doc_id"}, false},
    [FACT_INDICATOR] = {{"plan_id", "doc_id", "pos"}, false},
    [FACT_QUOTA] = {{"plan_id", "doc_id", "indicator_id", "org_id"}, false},
    [FACT_FUNDING] = {{"plan_id", "doc_id", "pos"}, false},
    [FACT_MILESTONE] = {{"plan_id", "doc_id", "pos", "org_id"}, false},
    [FACT_VALUE] = {{"plan_id", "task_id", "indicator_id", "org_id", "as_of",
			"accepted_at", "revision", "doc_id"},
	true},
    [FACT_SUBMISSION] = {{"plan_id", "task_id", "indicator_id", "org_id",
			     "as_of", "revision", "doc_id", "since"},
	true},
    [FACT_MET] = {{"plan_id", "task_id", "milestone_id", "org_id", "met_on",
		      "doc_id"},
	true},
    [FACT_CHECK] = {{"plan_id", "task_id", "org_id", "checked_on",
			"concluded_at", "doc_id"},
	true},
    [FACT_FLOW] = {{"plan_id", "task_id", "level", "stage", "as_of",
		       "recorded_at", "revision", "doc_id"},
	true},
};

static bool
in_key(enum fact_table t, const char *column)
{
	for (const char *const *k = fact_keys[t].columns; *k != NULL; k++)
		if (strcmp(*k, column) == 0)
			return true;
	return false;
}

static const char *
column_type(enum fact_table t, const char *column)
{
	size_t i = 0;

	while (strcmp(fact_column_name(t, i), column) != 0)
		i++;
	return fact_column_type(t, i);
}

static void
print_fact_table(struct buf *b, enum fact_table t)
{
	const char *table = fact_table_name(t);

	buf_addf(b, "CREATE TABLE \"%s\"(", table);
	for (const char *const *k = fact_keys[t].columns; *k != NULL; k++)
		buf_addf(b, "\"%s\" %s, ", *k, column_type(t, *k));
	buf_add(b, "seq INTEGER NOT NULL");
	for (size_t i = 0; i < fact_column_count(t); i++) {
		const char *name = fact_column_name(t, i);

		if (!in_key(t, name))
			buf_addf(
			    b, ", \"%s\" %s", name, fact_column_type(t, i));
	}
	buf_add(b, ", PRIMARY KEY(");
	for (const char *const *k = fact_keys[t].columns; *k != NULL; k++)
		buf_addf(b, "\"%s\", ", *k);
	buf_add(b, "seq)) STRICT, WITHOUT ROWID;\n");
	if (fact_keys[t].by_unit)
		buf_addf(b,
		    "CREATE INDEX \"i_%s_doc\" ON \"%s\"(plan_id, doc_id);\n",
		    table, table);
}

static void
print_tables(struct buf *b)
{
	for (enum coll c = 0; c < COLL__MAX; c++)
		print_coll_table(b, c);
}

static void
print_derived(struct buf *b)
{
	print_field_indexes(b);
	for (enum fact_table t = 0; t < FACT__MAX; t++)
		print_fact_table(b, t);
}

/* What this program's layout is known by. */
static void
print_hash(char out[SHA256_HEX + 1])
{
	struct buf b;

	buf_init(&b, 0);
	print_tables(&b);
	print_derived(&b);
	sha256_hex(b.data, b.len, out);
	buf_fini(&b);
}

/*
 * The first column of the first row of a query, whose parameters are args
 * (NULL: it has none).
 */
static int
ask(struct conn *c, const char *sql, const char *const args[2], struct buf *out,
    bool *found, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int rc = 0;

	*found = false;
	buf_reset(out);
	if (sqlite3_prepare_v2(c->db, sql, -1, &st, NULL) != SQLITE_OK)
		return conn_fail(c, sql, e);
	for (int i = 0; args != NULL && i < 2 && args[i] != NULL; i++)
		conn_bind_text(st, i + 1, args[i]);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*found = true;
		buf_add(out, (const char *)sqlite3_column_text(st, 0));
		break;
	case SQLITE_DONE:
		break;
	default:
		rc = conn_fail(c, sql, e);
		break;
	}
	sqlite3_finalize(st);
	return rc;
}

static int
ask_meta(struct conn *c, const char *key, struct buf *out, bool *found,
    struct err *e)
{
	const char *const args[2] = {key, NULL};

	return ask(
	    c, "SELECT value FROM meta WHERE key = ?1", args, out, found, e);
}

struct version {
	int64_t steps; /* 0: nothing is there yet */
	bool same;     /* as declared by this program */
};

static int
read_version(struct conn *c, struct version *v, struct err *e)
{
	char hash[SHA256_HEX + 1];
	struct buf b;
	bool found;
	int rc = -1;

	v->steps = 0;
	v->same = false;
	buf_init(&b, 0);
	if (ask(c, "SELECT name FROM sqlite_master WHERE name = 'meta'", NULL,
		&b, &found, e) < 0)
		goto out;
	if (!found) {
		rc = 0;
		goto out;
	}
	if (ask_meta(c, "steps", &b, &found, e) < 0)
		goto out;
	v->steps = strtoll(b.data, NULL, 10);
	if (ask_meta(c, "layout", &b, &found, e) < 0)
		goto out;
	print_hash(hash);
	v->same = found && strcmp(b.data, hash) == 0;
	rc = 0;
out:
	buf_fini(&b);
	return rc;
}

static int
put_meta(struct conn *c, const char *key, const char *value, struct err *e)
{
	sqlite3_stmt *st = conn_stmt_text(c,
	    "INSERT INTO meta(key, value) VALUES(?1, ?2)"
	    " ON CONFLICT(key) DO UPDATE SET value = excluded.value",
	    e);

	if (st == NULL)
		return -1;
	conn_bind_text(st, 1, key);
	conn_bind_text(st, 2, value);
	return conn_run(c, st, e);
}

static int
run_steps(struct conn *c, int64_t from, struct err *e)
{
	char text[24];

	if (from == 0 && conn_exec(c,
			     "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY"
			     " KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
			     e) < 0)
		return -1;
	for (int64_t i = from; i < NSTEPS; i++)
		if (conn_exec(c, steps[i], e) < 0)
			return -1;
	snprintf(text, sizeof(text), "%lld", (long long)NSTEPS);
	return put_meta(c, "steps", text, e);
}

/* Everything that can be made again: our indexes, fact tables. */
static int
drop_derived(struct conn *c, struct err *e)
{
	static const char *const lists[] = {
	    "SELECT 'DROP INDEX \"' || name || '\"' FROM sqlite_master"
	    " WHERE type = 'index' AND name GLOB 'i_*' LIMIT 1",
	    "SELECT 'DROP TABLE \"' || name || '\"' FROM sqlite_master"
	    " WHERE type = 'table' AND name GLOB 'fact_*' LIMIT 1",
	};
	struct buf b;
	bool found;
	int rc = -1;

	buf_init(&b, 0);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]);) {
		if (ask(c, lists[i], NULL, &b, &found, e) < 0)
			goto out;
		if (!found)
			i++;
		else if (conn_exec(c, b.data, e) < 0)
			goto out;
	}
	rc = 0;
out:
	buf_fini(&b);
	return rc;
}

/* The column of a field, if the field was declared after its table. */
static int
add_column(struct conn *c, enum field f, struct err *e)
{
	const char *table = coll_name(field_coll(f));
	struct buf name, b;
	bool found;
	int rc = -1;

	buf_init(&name, 0);
	buf_init(&b, 0);
	sql_add_field(&name, f);
	const char *const args[2] = {table, name.data};

	if (ask(c, "SELECT name FROM pragma_table_info(?1) WHERE name = ?2",
		args, &b, &found, e) < 0)
		goto out;
	buf_reset(&b);
	buf_addf(&b, "ALTER TABLE \"%s\" ADD COLUMN %s %s", table, name.data,
	    field_type(f) == FIELD_TYPE_INT ? "INTEGER" : "TEXT");
	rc = found ? 0 : conn_exec(c, b.data, e);
out:
	buf_fini(&b);
	buf_fini(&name);
	return rc;
}

static int
add_columns(struct conn *c, struct err *e)
{
	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++)
		if (add_column(c, f, e) < 0)
			return -1;
	return 0;
}

/* Make the tables as declared and fill what is derived. */
static int
declare(struct conn *c, struct err *e)
{
	char hash[SHA256_HEX + 1];
	int64_t broken = 0;
	struct buf b;
	int rc = -1;

	buf_init(&b, 0);
	print_tables(&b);
	if (drop_derived(c, e) < 0 || conn_exec(c, b.data, e) < 0 ||
	    add_columns(c, e) < 0)
		goto out;
	buf_reset(&b);
	print_derived(&b);
	if (conn_exec(c, b.data, e) < 0 || facts_rebuild(c, &broken, e) < 0)
		goto out;
	print_hash(hash);
	rc = put_meta(c, "layout", hash, e);
out:
	buf_fini(&b);
	return rc;
}

static int
refuse_newer(struct err *e)
{
	return err_set(e, ERR_CONFIG,
	    "数据由更新版本的程序写成，本程序不能打开，请升级程序");
}

int
layout_check(struct conn *c, struct err *e)
{
	struct version v;

	if (read_version(c, &v, e) < 0)
		return -1;
	if (v.steps > NSTEPS)
		return refuse_newer(e);
	if (v.steps < NSTEPS || !v.same)
		return err_set(e, ERR_CONFIG,
		    "数据由另一版本的程序写成，请先用本程序升级数据");
	return 0;
}

/* Code that somebody put into the file would run with our writes. */
static int
refuse_foreign(struct conn *c, struct err *e)
{
	struct buf b;
	bool found;
	int rc;

	buf_init(&b, 0);
	rc = ask(c,
	    "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')",
	    NULL, &b, &found, e);
	buf_fini(&b);
	if (rc == 0 && found)
		rc = err_set(
		    e, ERR_INVALID, "文件里有不属于本程序的内容，可能被改动过");
	return rc;
}

int
layout_upgradable(struct conn *c, struct err *e)
{
	struct version v;

	if (read_version(c, &v, e) < 0)
		return -1;
	if (v.steps > NSTEPS)
		return refuse_newer(e);
	if (v.steps < 1)
		return err_set(e, ERR_INVALID, "文件不是本程序的数据");
	return refuse_foreign(c, e);
}

int
layout_migrate(struct conn *c, struct err *e)
{
	struct version v;
	struct err ignored;

	if (read_version(c, &v, e) < 0)
		return -1;
	if (v.steps > NSTEPS)
		return refuse_newer(e);
	if (v.steps == NSTEPS && v.same)
		return 0;
	if (conn_plain(c, PLAIN_BEGIN, e) < 0)
		return -1;
	if (run_steps(c, v.steps, e) < 0 || declare(c, e) < 0 ||
	    stamps_renew(c, e) < 0 || conn_plain(c, PLAIN_COMMIT, e) < 0)
		goto fail;
	log_line(LOG_LEVEL_INFO, "layout migrated", "from=%lld to=%lld",
	    (long long)v.steps, (long long)NSTEPS);
	return 0;
fail:
	err_init(&ignored);
	if (sqlite3_get_autocommit(c->db) == 0 &&
	    conn_plain(c, PLAIN_ROLLBACK, &ignored) < 0)
		log_line(LOG_LEVEL_ERROR, "rollback failed", NULL);
	return -1;
}
