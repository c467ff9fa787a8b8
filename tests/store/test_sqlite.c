/* What only the SQLite engine promises: files, locks, damage. */
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "store/contract.h"

static int
setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_init(f, &contract_engines[0]);
	assert_string_equal(f->engine->name, "sqlite");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	fixture_fini(*state);
	free(*state);
	return 0;
}

static void
close_store(struct fixture *f)
{
	store_close(f->s);
	f->s = NULL;
}

/* Run SQL behind the store's back. */
static void
tamper_file(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	char *why = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", sql, why);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
tamper(const struct fixture *f, const char *sql)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/minsheng.db", f->cfg.data);
	tamper_file(path, sql);
}

static void
fill(struct fixture *f)
{
	fixture_open(f);
	assert_int_equal(put_new(f->s, COLL_PLANS, make_plan("p")), 0);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t1", "p", 1)), 0);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("t2", "p", 2)), 0);
	assert_int_equal(put_new(f->s, COLL_REPORTS,
			     make_report("r1", "p", "t1", "140829", 7)),
	    0);
	assert_int_equal(put_new(f->s, COLL_ORGS, make_org("o", NULL, 1)), 0);
}

/* ---- files and processes ---- */

static void
test_modes(void **state)
{
	static const char *const names[] = {
	    "minsheng.db", "minsheng.db-wal", "minsheng.db-shm", "lock"};
	struct fixture *f = *state;
	char path[160], backup[160];
	struct stat st;
	struct err e;

	err_init(&e);
	fill(f);
	assert_int_equal(stat(f->cfg.data, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->cfg.data, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	snprintf(backup, sizeof(backup), "%s/b", f->dir);
	assert_int_equal(store_backup(f->s, backup, &e), 0);
	assert_int_equal(stat(backup, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* A process that owns the store and does what it is told by bytes. */
struct owner {
	pid_t pid;
	int to;
	int from;
};

static void
serve_owner(struct fixture *f, int in, int out)
{
	char c;

	fixture_open(f);
	for (int i = 0; write(out, "k", 1) == 1 && read(in, &c, 1) == 1; i++) {
		char id[16];

		if (c == 'q')
			break;
		snprintf(id, sizeof(id), "t%d", i);
		if (put_new(f->s, COLL_TASKS, make_task(id, "p", i)) !=
		    ERR_NONE)
			_exit(2);
	}
	store_close(f->s);
	_exit(0);
}

static void
owner_start(struct owner *o, struct fixture *f)
{
	int down[2], up[2];
	char c;

	assert_int_equal(pipe(down), 0);
	assert_int_equal(pipe(up), 0);
	o->pid = fork();
	assert_true(o->pid >= 0);
	if (o->pid == 0) {
		close(down[1]);
		close(up[0]);
		serve_owner(f, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	o->to = down[1];
	o->from = up[0];
	assert_int_equal(read(o->from, &c, 1), 1);
}

static void
owner_write(struct owner *o)
{
	char c;

	assert_int_equal(write(o->to, "w", 1), 1);
	assert_int_equal(read(o->from, &c, 1), 1);
}

static void
owner_stop(struct owner *o)
{
	int status;

	assert_int_equal(write(o->to, "q", 1), 1);
	assert_int_equal(waitpid(o->pid, &status, 0), o->pid);
	assert_int_equal(status, 0);
	close(o->to);
	close(o->from);
}

static void
owner_kill(struct owner *o)
{
	kill(o->pid, SIGKILL);
	assert_int_equal(waitpid(o->pid, NULL, 0), o->pid);
	close(o->to);
	close(o->from);
}

static void
test_lock(void **state)
{
	struct fixture *f = *state;
	struct owner o;
	char pid[24];
	struct err e;

	owner_start(&o, f);
	err_init(&e);
	assert_null(store_open(&f->cfg, &e));
	assert_int_equal(e.code, ERR_LOCKED);
	snprintf(pid, sizeof(pid), "进程%ld", (long)o.pid);
	assert_non_null(strstr(e.detail, pid));
	err_init(&e);
	assert_int_equal(store_restore(&f->cfg, "/etc/passwd", true, &e), -1);
	assert_int_equal(e.code, ERR_LOCKED);
	owner_stop(&o);
	fixture_open(f);

	/* Not twice in one process either. */
	err_init(&e);
	assert_null(store_open(&f->cfg, &e));
	assert_int_equal(e.code, ERR_LOCKED);
}

/* An owner that was killed leaves no lock behind. */
static void
test_lock_of_the_dead(void **state)
{
	struct fixture *f = *state;
	struct owner o;

	owner_start(&o, f);
	owner_write(&o);
	owner_kill(&o);
	fixture_open(f);
	assert_true(is_stored(f->s, COLL_TASKS, "t0"));
	assert_int_equal(verify_all(f->s, false, NULL), 0);
}

/* The log of a killed owner is not taken for the restored file's. */
static void
test_restore_over_log(void **state)
{
	struct fixture *f = *state;
	char backup[160];
	struct owner o;
	struct err e;

	err_init(&e);
	snprintf(backup, sizeof(backup), "%s/b", f->dir);
	fill(f);
	assert_int_equal(store_backup(f->s, backup, &e), 0);
	close_store(f);
	owner_start(&o, f);
	owner_write(&o);
	owner_kill(&o);
	if (store_restore(&f->cfg, backup, true, &e) < 0)
		fail_msg("%s", e.detail);
	fixture_open(f);
	assert_false(is_stored(f->s, COLL_TASKS, "t0"));
	assert_true(is_stored(f->s, COLL_REPORTS, "r1"));
	assert_int_equal(verify_all(f->s, false, NULL), 0);
}

static void
test_reader(void **state)
{
	const char *const plans[] = {"p"};
	struct fixture *f = *state;
	struct store_stamp before, after;
	struct store_query q = {
	    .coll = COLL_TASKS, .sort = FIELD_TASKS_NO, .limit = 10};
	char backup[160];
	struct owner o;
	struct err e;

	owner_start(&o, f);
	owner_write(&o);
	err_init(&e);
	f->s = store_open_reader(&f->cfg, &e);
	assert_non_null(f->s);
	assert_true(is_stored(f->s, COLL_TASKS, "t0"));
	assert_int_equal(store_stamp_get(f->s, plans, 1, &before, &e), 0);
	owner_write(&o);
	assert_int_equal(store_stamp_get(f->s, plans, 1, &after, &e), 0);
	assert_true(after.seq > before.seq);
	json_t *list = store_find_json(f->s, &q, 10, &e);

	assert_int_equal(json_array_size(list), 2);
	json_decref(list);
	assert_int_equal(verify_all(f->s, false, NULL), 0);
	assert_int_equal(
	    put_new(f->s, COLL_TASKS, make_task("x", "p", 1)), ERR_LOCKED);
	assert_int_equal(store_migrate(f->s, &e), -1);
	assert_int_equal(e.code, ERR_LOCKED);
	snprintf(backup, sizeof(backup), "%s/b", f->dir);
	err_init(&e);
	assert_int_equal(store_backup(f->s, backup, &e), 0);
	owner_stop(&o);

	/* The reader goes on when its owner has gone. */
	assert_true(is_stored(f->s, COLL_TASKS, "t1"));
	close_store(f);

	/* With no owner there, it owns the store itself. */
	f->s = store_open_reader(&f->cfg, &e);
	assert_non_null(f->s);
	assert_int_equal(put_new(f->s, COLL_TASKS, make_task("x", "p", 1)), 0);
}

/* ---- queue ---- */

struct gate {
	pthread_mutex_t lock;
	size_t passed;
};

static void
pass_gate(void *arg, const struct err *e)
{
	struct gate *g = arg;

	(void)e;
	pthread_mutex_lock(&g->lock);
	g->passed++;
	pthread_mutex_unlock(&g->lock);
}

static void
test_queue_full(void **state)
{
	struct fixture *f = *state;
	struct write_set sets[20];
	struct gate g = {.passed = 0};
	size_t queued = 0, refused = 0;
	struct err e;

	pthread_mutex_init(&g.lock, NULL);
	f->cfg.write_queue = 4;
	fixture_open(f);
	pthread_mutex_lock(&g.lock); /* the writer stops at the first done */
	for (size_t i = 0; i < COUNT(sets); i++) {
		char id[16];

		snprintf(id, sizeof(id), "o%zu", i);
		json_t *doc = make_org(id, NULL, 1);

		err_init(&e);
		write_set_init(&sets[i], instant_now());
		write_insert(&sets[i], COLL_ORGS, doc);
		json_decref(doc);
		if (store_submit(f->s, &sets[i], pass_gate, &g, &e) == 0) {
			queued++;
		} else {
			assert_int_equal(e.code, ERR_UNAVAILABLE);
			refused++;
		}
	}
	assert_true(queued >= 4 && refused >= 1);
	pthread_mutex_unlock(&g.lock);
	close_store(f); /* waits for what is queued */
	assert_int_equal(g.passed, queued);
	for (size_t i = 0; i < COUNT(sets); i++)
		write_set_fini(&sets[i]);
	fixture_open(f);
	int64_t documents;

	assert_int_equal(verify_all(f->s, false, &documents), 0);
	assert_int_equal(documents, queued);
}

/* ---- disk full ---- */

static enum err_code
put_big(struct store *s, int i)
{
	static char text[60000];
	char id[16];

	snprintf(id, sizeof(id), "big%d", i);
	memset(text, 'x', sizeof(text) - 1);
	json_t *doc = make_org(id, NULL, i);

	json_put_str(doc, "name", text);
	return put_new(s, COLL_ORGS, doc);
}

static void
test_disk_full(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, limit;
	int stored = 0, refused = 0, i = 0;
	int64_t documents;

	signal(SIGXFSZ, SIG_IGN);
	fixture_open(f);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 2 * 1024 * 1024;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (; i < 100; i++) {
		enum err_code code = put_big(f->s, i);

		if (code == ERR_NONE)
			stored++;
		else if (code == ERR_NOSPACE)
			refused++;
		else
			break;
		/* Reads go on. */
		if (!is_stored(f->s, COLL_ORGS, "big0"))
			break;
	}
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(i, 100);
	assert_true(stored > 5 && refused > 5);
	/* And it heals by itself. */
	assert_int_equal(put_big(f->s, 1000), ERR_NONE);
	assert_int_equal(verify_all(f->s, false, &documents), 0);
	assert_int_equal(documents, stored + 1);
	close_store(f);
	fixture_open(f);
	assert_int_equal(verify_all(f->s, false, &documents), 0);
	assert_int_equal(documents, stored + 1);
}

/* A blob that does not fit leaves nothing behind. */
static void
test_blob_disk_full(void **state)
{
	static const char bytes[300 * 1024];
	struct fixture *f = *state;
	struct rlimit old, limit;
	char sha256[SHA256_HEX + 1];
	struct err e;

	signal(SIGXFSZ, SIG_IGN);
	sha256_hex(bytes, sizeof(bytes), sha256);
	fixture_open(f);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 100 * 1024;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	err_init(&e);
	int rc = store_blob_put(f->s, sha256, bytes, sizeof(bytes), &e);

	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(rc, -1);
	assert_int_equal(e.code, ERR_NOSPACE);
	assert_int_equal(blob_count(&f->cfg), 0);
	assert_int_equal(
	    store_blob_put(f->s, sha256, bytes, sizeof(bytes), &e), 0);
	assert_int_equal(blob_count(&f->cfg), 1);
}

/* ---- damage ---- */

static const struct {
	const char *sql;
	bool repairs; /* the documents are whole */
} damages[] = {
    {"UPDATE fact_quota SET qty = qty + 1 WHERE qty IS NOT NULL", true},
    {"UPDATE fact_quota SET qty = 1 WHERE qty IS NULL", true},
    {"UPDATE fact_value SET n = 8", true},
    {"UPDATE fact_task SET title = 'x' WHERE doc_id = 't2'", true},
    {"DELETE FROM fact_task WHERE doc_id = 't1'", true},
    {"DELETE FROM fact_funding", true},
    {"INSERT INTO fact_met(plan_id, doc_id, seq, task_id, milestone_id,"
     " org_id, met_on, verified_at) VALUES('p','none',0,'t1','m1','o','','')",
	true},
    {"INSERT INTO fact_value(plan_id, doc_id, seq, task_id, indicator_id,"
     " org_id, as_of, accepted_at, revision, n) SELECT plan_id, doc_id, 1,"
     " task_id, indicator_id, org_id, as_of, accepted_at, revision, n"
     " FROM fact_value",
	true},
    {"INSERT INTO fact_flow(plan_id, doc_id, seq, task_id, level, stage,"
     " as_of, recorded_at, revision, amount)"
     " VALUES('p','none',0,'t1','city','paid','','',1,1)",
	true},
    {"UPDATE fact_milestone SET plan_id = 'q' WHERE doc_id = 't1'", true},
    {"UPDATE tasks SET f_no = 9 WHERE id = 't1'", true},
    {"UPDATE tasks SET f_lead_orgId = NULL", true},
    {"UPDATE tasks SET doc = replace(doc, '44400', '44401')", true},
    {"UPDATE tasks SET doc = substr(doc, 1, 200) WHERE id = 't1'", false},
    {"UPDATE tasks SET rev = 5 WHERE id = 't1'", false},
    {"UPDATE orgs SET id = 'other'", false},
    {"UPDATE orgs SET created_at = '2000-01-01T00:00:00.000Z'", false},
    {"DELETE FROM reports", true},
};

static void
test_damage(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(damages); i++) {
		fill(f);
		assert_int_equal(verify_all(f->s, false, NULL), 0);
		close_store(f);
		tamper(f, damages[i].sql);
		fixture_open(f);
		if (verify_all(f->s, false, NULL) == 0)
			fail_msg("not detected: %s", damages[i].sql);
		assert_true(verify_all(f->s, true, NULL) > 0);
		if ((verify_all(f->s, false, NULL) == 0) != damages[i].repairs)
			fail_msg("after repair: %s", damages[i].sql);
		teardown(state);
		setup(state);
		f = *state;
	}
}

/* Overwrite some bytes of a file in its middle. */
static void
scribble(const char *path, long at)
{
	FILE *file = fopen(path, "r+b");

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	for (int i = 0; i < 600; i++)
		fputc(0xa5, file);
	assert_int_equal(fclose(file), 0);
}

static const struct {
	const char *sql;
	long scribble_at;
	off_t cut;
} bad_backups[] = {
    {"UPDATE fact_quota SET qty = 1", 0, 0},
    {"UPDATE tasks SET doc = substr(doc, 1, 100)", 0, 0},
    {"CREATE TRIGGER x AFTER INSERT ON tasks BEGIN DELETE FROM orgs; END", 0,
	0},
    {"UPDATE meta SET value = '99' WHERE key = 'steps'", 0, 0},
    {"DROP TABLE meta", 0, 0},
    {NULL, 0, 5000},
    {NULL, 20 * 4096, 0},
    {NULL, 10, 0},
};

static void
test_bad_backups(void **state)
{
	struct fixture *f = *state;
	char path[160];
	struct err e;

	snprintf(path, sizeof(path), "%s/b", f->dir);
	fill(f);
	for (size_t i = 0; i < COUNT(bad_backups); i++) {
		err_init(&e);
		unlink(path);
		assert_int_equal(store_backup(f->s, path, &e), 0);
		close_store(f);
		if (bad_backups[i].sql != NULL)
			tamper_file(path, bad_backups[i].sql);
		else if (bad_backups[i].cut > 0)
			assert_int_equal(truncate(path, bad_backups[i].cut), 0);
		else
			scribble(path, bad_backups[i].scribble_at);
		if (store_restore(&f->cfg, path, true, &e) == 0)
			fail_msg("backup %zu was restored", i);
		assert_true(e.code != ERR_NONE && e.detail[0] != '\0');
		/* Nothing was touched. */
		fixture_open(f);
		assert_int_equal(verify_all(f->s, false, NULL), 0);
		assert_true(is_stored(f->s, COLL_TASKS, "t2"));
	}
	assert_int_equal(store_restore(&f->cfg, "/none", true, &e), -1);
	assert_int_equal(e.code, ERR_NOTFOUND);
}

/* The very reason for a backup: what it replaces does not read. */
static void
test_restore_over_ruins(void **state)
{
	struct fixture *f = *state;
	char path[160], ruin[160];
	struct err e;

	err_init(&e);
	snprintf(path, sizeof(path), "%s/b", f->dir);
	snprintf(ruin, sizeof(ruin), "%s/minsheng.db", f->cfg.data);
	fill(f);
	assert_int_equal(store_backup(f->s, path, &e), 0);
	close_store(f);
	scribble(ruin, 0);
	assert_null(store_open(&f->cfg, &e));
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	err_init(&e);
	if (store_restore(&f->cfg, path, true, &e) < 0)
		fail_msg("%s", e.detail);
	fixture_open(f);
	assert_int_equal(verify_all(f->s, false, NULL), 0);
	close_store(f);

	/* Into nothing, on a new machine, without force. */
	snprintf(ruin, sizeof(ruin), "%s/new", f->dir);
	fixture_set(&f->cfg.data, ruin);
	assert_int_equal(store_restore(&f->cfg, path, false, &e), 0);
	fixture_open(f);
	assert_true(is_stored(f->s, COLL_REPORTS, "r1"));
}

/* ---- layout ---- */

static void
test_layouts(void **state)
{
	struct fixture *f = *state;
	struct store_query q = {.coll = COLL_ORGS,
	    .filters = {{FIELD_ORGS_KIND, OP_EQ, "county", 0}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = 10};
	struct err e;

	err_init(&e);
	fill(f);
	close_store(f);
	/* As an older program left it: a field and a table fewer. */
	tamper(f, "ALTER TABLE orgs DROP COLUMN f_kind; DROP TABLE fact_met;"
		  "DROP TABLE \"orgSets\"; UPDATE fact_value SET n = 1;"
		  "UPDATE meta SET value = 'older' WHERE key = 'layout'");
	fixture_open(f);
	json_t *list = store_find_json(f->s, &q, 10, &e);

	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	assert_int_equal(verify_all(f->s, false, NULL), 0);
	close_store(f);
	/* A newer one's is left alone. */
	tamper(f, "UPDATE meta SET value = '99' WHERE key = 'steps'");
	assert_null(store_open(&f->cfg, &e));
	assert_int_equal(e.code, ERR_CONFIG);
}

/* A unique index, as FIELD_UNIQUE makes it, is told as what it means. */
static void
test_unique(void **state)
{
	struct fixture *f = *state;
	struct err e;

	fill(f);
	close_store(f);
	tamper(f, "CREATE UNIQUE INDEX i_x ON orgs(\"f_kind\")");
	fixture_open(f);
	assert_int_equal(
	    put_new(f->s, COLL_ORGS, make_org("o2", NULL, 1)), ERR_EXISTS);
	json_t *doc = make_org("o2", NULL, 1);

	json_put_str(doc, "kind", "city");
	assert_int_equal(put_new(f->s, COLL_ORGS, doc), 0);
	struct write_set ws;

	write_set_init(&ws, instant_now());
	doc = make_org("o2", NULL, 1);
	write_replace(&ws, COLL_ORGS, doc, 1);
	json_decref(doc);
	err_init(&e);
	assert_int_equal(store_write(f->s, &ws, &e), -1);
	assert_int_equal(e.code, ERR_EXISTS);
	assert_null(strstr(e.detail, "UNIQUE"));
	write_set_fini(&ws);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_modes),
	    TEST(test_lock),
	    TEST(test_lock_of_the_dead),
	    TEST(test_restore_over_log),
	    TEST(test_reader),
	    TEST(test_queue_full),
	    TEST(test_disk_full),
	    TEST(test_blob_disk_full),
	    TEST(test_damage),
	    TEST(test_bad_backups),
	    TEST(test_restore_over_ruins),
	    TEST(test_layouts),
	    TEST(test_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
