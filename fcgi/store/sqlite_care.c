#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cfg.h"
#include "base/log.h"
#include "store/sqlite.h"

#define RESTORING SQLITE_FILE ".restoring"
#define REPLACED SQLITE_FILE ".replaced"

static int
file_sync(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd >= 0 ? fsync(fd) : -1;

	if (fd >= 0)
		close(fd);
	if (rc < 0)
		return err_set(e, ERR_UNAVAILABLE, "无法把“%s”写到磁盘：%s",
		    path, err_reason(errno));
	return 0;
}

static int
file_rename(const char *from, const char *to, struct err *e)
{
	if (rename(from, to) < 0)
		return err_set(e, ERR_UNAVAILABLE, "无法把“%s”改名为“%s”：%s",
		    from, to, err_reason(errno));
	return 0;
}

/* The folder of a file: new. */
static char *
folder_of(const char *path)
{
	char *copy = strdup(path);
	char *dir;

	if (copy == NULL)
		abort();
	dir = strdup(dirname(copy));
	if (dir == NULL)
		abort();
	free(copy);
	return dir;
}

/* new */
static char *
path_suffix(const char *path, const char *suffix)
{
	char *out;

	if (asprintf(&out, "%s%s", path, suffix) < 0)
		abort();
	return out;
}

/* One consistent state of `from` into the empty file of `to`. */
static int
copy_pages(struct conn *from, struct conn *to, struct err *e)
{
	sqlite3_backup *b =
	    sqlite3_backup_init(to->db, "main", from->db, "main");

	if (b == NULL)
		return conn_fail(to, "backup", e);
	/* All in one step: one snapshot, and writers do not wait for it. */
	int rc = sqlite3_backup_step(b, -1);

	if (sqlite3_backup_finish(b) != SQLITE_OK || rc != SQLITE_DONE)
		return conn_fail(to, "backup", e);
	return 0;
}

/* Copy into the new file `path`, whole and on the disk. */
static int
copy_file(struct conn *from, const char *path, struct err *e)
{
	struct conn *to = NULL;
	int rc = -1;

	if (file_create(path, O_EXCL, e) < 0)
		return -1;
	to = conn_open(path, SQLITE_OPEN_READWRITE, e);
	if (to == NULL)
		goto out;
	/* A backup is one file, without a log beside it. */
	if (conn_exec(to, "PRAGMA synchronous = OFF", e) < 0 ||
	    copy_pages(from, to, e) < 0 ||
	    conn_exec(to, "PRAGMA journal_mode = DELETE", e) < 0)
		goto out;
	rc = 0;
out:
	conn_close(to);
	if (rc == 0)
		rc = file_sync(path, e);
	if (rc < 0)
		unlink(path);
	return rc;
}

int
sqlite_backup(struct store *store, const char *path, struct err *e)
{
	struct sqlite *s = (struct sqlite *)store;
	char *dir = folder_of(path);
	struct conn *c = NULL;
	char *tmp = NULL;
	int rc = -1;

	if (asprintf(&tmp, "%s.%ld.tmp", path, (long)getpid()) < 0)
		abort();
	if (access(path, F_OK) == 0) {
		err_set(e, ERR_EXISTS, "备份文件“%s”已经存在", path);
		goto out;
	}
	c = reader_take(s, e);
	if (c == NULL || copy_file(c, tmp, e) < 0)
		goto out;
	if (file_rename(tmp, path, e) < 0) {
		unlink(tmp);
		goto out;
	}
	rc = dir_sync(dir, e);
out:
	if (c != NULL)
		reader_put(s, c);
	free(tmp);
	free(dir);
	return rc;
}

/* ---- restore ---- */

static void
tell_log(void *arg, const char *line)
{
	(void)arg;
	log_line(LOG_LEVEL_ERROR, "backup differs", "reason=%s", line);
}

/*
 * Is the file all of its pages?  SQLite takes a last page that was cut short
 * for one that ends in zeros.
 */
static int
check_whole(struct conn *c, const char *path, struct err *e)
{
	sqlite3_stmt *st = conn_stmt_text(c, "PRAGMA page_size", e);
	struct stat sb;
	int64_t page = 0;

	if (st == NULL)
		return -1;
	if (sqlite3_step(st) == SQLITE_ROW)
		page = sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	if (page > 0 && stat(path, &sb) == 0 && sb.st_size % page == 0)
		return 0;
	return err_set(e, ERR_INVALID, "备份文件“%s”不完整，没有恢复", path);
}

/* A copy of the backup, verified, as this program's store. */
static int
make_ready(const char *backup, const char *ready, struct err *e)
{
	struct store_verdict v = {0};
	struct conn *from = NULL, *c = NULL;
	int rc = -1;

	from = conn_open(backup, SQLITE_OPEN_READONLY, e);
	if (from == NULL || check_whole(from, backup, e) < 0 ||
	    copy_file(from, ready, e) < 0)
		goto out;
	c = conn_open(ready, SQLITE_OPEN_READWRITE, e);
	if (c == NULL || layout_upgradable(c, e) < 0)
		goto out;
	/* An older program's copy is verified after it was brought up. */
	if (layout_migrate(c, e) < 0 ||
	    verify_conn(c, tell_log, NULL, &v, e) < 0)
		goto out;
	if (v.differences > 0 || v.broken > 0) {
		err_set(e, ERR_INVALID,
		    "备份文件没有通过校验：%lld处损坏，%lld处统计数据不符，"
		    "没有恢复",
		    (long long)v.broken, (long long)v.differences);
		goto out;
	}
	rc = stamps_renew(c, e);
out:
	conn_close(c);
	conn_close(from);
	return rc == 0 ? file_sync(ready, e) : -1;
}

static const char *const companions[] = {"-wal", "-journal"};

#define NCOMPANIONS (sizeof(companions) / sizeof(companions[0]))

/*
 * Put the log of the old file into it, so that the file is whole by itself.
 * When it does not read, its log is kept aside with it: left behind, it would
 * be taken for the new file's.
 */
static int
settle_old(const char *path, const char *aside, struct err *e)
{
	struct conn *c = conn_open(path, SQLITE_OPEN_READWRITE, e);
	int rc = 0;

	if (c == NULL || conn_exec(c, "PRAGMA journal_mode = DELETE", e) < 0)
		log_line(LOG_LEVEL_WARN, "old file does not read", NULL);
	conn_close(c);
	err_init(e);
	for (size_t i = 0; i < NCOMPANIONS && rc == 0; i++) {
		char *from = path_suffix(path, companions[i]);
		char *to = path_suffix(aside, companions[i]);

		if (access(from, F_OK) == 0)
			rc = file_rename(from, to, e);
		free(to);
		free(from);
	}
	return rc;
}

/*
 * The name always leads to a whole file: the old one has a second name before
 * the new one takes its place.
 */
static int
swap_files(const char *dir, const char *path, const char *ready,
    const char *aside, struct err *e)
{
	if (access(path, F_OK) == 0) {
		unlink(aside);
		if (link(path, aside) < 0)
			return err_set(e, ERR_UNAVAILABLE,
			    "无法保留原来的数据文件：%s", err_reason(errno));
		if (settle_old(path, aside, e) < 0 || dir_sync(dir, e) < 0)
			return -1;
	}
	if (file_rename(ready, path, e) < 0)
		return -1;
	return dir_sync(dir, e);
}

static void
remove_old(const char *aside)
{
	for (size_t i = 0; i < NCOMPANIONS; i++) {
		char *path = path_suffix(aside, companions[i]);

		unlink(path);
		free(path);
	}
	unlink(aside);
}

int
sqlite_restore(
    const struct cfg *cfg, const char *backup, bool force, struct err *e)
{
	char *path = path_join(cfg->data, SQLITE_FILE);
	char *ready = path_join(cfg->data, RESTORING);
	char *aside = path_join(cfg->data, REPLACED);
	int lock = -1, rc = -1;

	if (access(backup, R_OK) < 0) {
		err_set(e, ERR_NOTFOUND, "备份文件“%s”读不到：%s", backup,
		    err_reason(errno));
		goto out;
	}
	lock = lock_take(cfg->data, e);
	if (lock < 0)
		goto out;
	if (!force && access(path, F_OK) == 0) {
		err_set(e, ERR_EXISTS,
		    "数据目录“%s”里已有数据，确要覆盖请加--force", cfg->data);
		goto out;
	}
	unlink(ready); /* of an attempt that was interrupted */
	if (make_ready(backup, ready, e) < 0) {
		unlink(ready);
		goto out;
	}
	rc = swap_files(cfg->data, path, ready, aside, e);
	if (rc == 0)
		remove_old(aside);
out:
	if (lock >= 0)
		close(lock);
	free(aside);
	free(ready);
	free(path);
	return rc;
}
