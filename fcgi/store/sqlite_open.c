#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cfg.h"
#include "base/log.h"
#include "store/sqlite.h"

/* The log may grow to this while a reader holds on to an old state. */
#define WAL_KEEP_BYTES (64 * 1024 * 1024)
#define WRITER_CACHE_KIB 8192

char *
path_join(const char *dir, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

int
dir_sync(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd >= 0 ? fsync(fd) : -1;

	if (fd >= 0)
		close(fd);
	if (rc < 0)
		return err_set(e, ERR_UNAVAILABLE, "无法把目录“%s”写到磁盘：%s",
		    dir, err_reason(errno));
	return 0;
}

int
file_create(const char *path, int flags, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600);

	if (fd < 0 && errno == EEXIST)
		return err_set(e, ERR_EXISTS, "文件“%s”已经存在", path);
	if (fd < 0 && errno == ENOSPC)
		return err_set(
		    e, ERR_NOSPACE, "磁盘空间不足，无法建立“%s”", path);
	if (fd < 0)
		return err_set(e, ERR_CONFIG, "无法建立文件“%s”：%s", path,
		    err_reason(errno));
	close(fd);
	return 0;
}

static int
refuse_locked(int fd, const char *dir, struct err *e)
{
	char pid[24] = "";
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	if (n > 0 && strtol(pid, NULL, 10) > 0)
		return err_set(e, ERR_LOCKED,
		    "数据目录“%s”正被进程%ld使用，请先停止它", dir,
		    strtol(pid, NULL, 10));
	return err_set(
	    e, ERR_LOCKED, "数据目录“%s”正被另一进程使用，请先停止它", dir);
}

/* A courtesy: the lock is what counts. */
static void
write_pid(int fd)
{
	char pid[24];
	int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) < 0)
		log_line(LOG_LEVEL_WARN, "pid not written", "reason=%s",
		    strerror(errno));
}

/* A new folder is on the disk before anything in it is acknowledged. */
static int
make_dir(const char *dir, struct err *e)
{
	char *parent = path_join(dir, "..");
	int rc = 0;

	if (mkdir(dir, 0700) == 0)
		rc = dir_sync(parent, e);
	else if (errno != EEXIST)
		rc = err_set(e, ERR_CONFIG, "无法建立数据目录“%s”：%s", dir,
		    err_reason(errno));
	free(parent);
	return rc;
}

int
lock_take(const char *dir, struct err *e)
{
	char *path = path_join(dir, SQLITE_LOCK);
	int fd = -1;

	if (make_dir(dir, e) < 0)
		goto out;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_set(e, ERR_CONFIG, "无法打开锁文件“%s”：%s", path,
		    err_reason(errno));
		goto out;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		refuse_locked(fd, dir, e);
		close(fd);
		fd = -1;
		goto out;
	}
	write_pid(fd);
out:
	free(path);
	return fd;
}

/* The connection that may write, with its settings. */
static struct conn *
open_writer(const char *path, const char *sync, struct err *e)
{
	struct conn *c = conn_open(path, SQLITE_OPEN_READWRITE, e);
	struct buf b;

	if (c == NULL)
		return NULL;
	buf_init(&b, 0);
	/*
	 * Checkpoints are made between batches, not inside a commit.  What a
	 * savepoint may have to undo is kept in memory, not in a file.
	 */
	buf_addf(&b,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = %s;"
	    "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = %d;"
	    "PRAGMA cache_size = -%d; PRAGMA temp_store = MEMORY;",
	    sync, WAL_KEEP_BYTES, WRITER_CACHE_KIB);
	if (conn_exec(c, b.data, e) < 0) {
		conn_close(c);
		c = NULL;
	}
	buf_fini(&b);
	return c;
}

struct conn *
reader_take(struct sqlite *s, struct err *e)
{
	pthread_mutex_lock(&s->idle_lock);
	struct conn *c = s->idle;

	if (c != NULL)
		s->idle = c->next;
	pthread_mutex_unlock(&s->idle_lock);
	return c != NULL ? c : conn_open(s->path, SQLITE_OPEN_READONLY, e);
}

void
reader_put(struct sqlite *s, struct conn *c)
{
	pthread_mutex_lock(&s->idle_lock);
	c->next = s->idle;
	s->idle = c;
	pthread_mutex_unlock(&s->idle_lock);
}

static void
sqlite_close(struct store *store)
{
	struct sqlite *s = (struct sqlite *)store;

	if (s->writer != NULL)
		queue_stop(s);
	while (s->idle != NULL) {
		struct conn *c = s->idle;

		s->idle = c->next;
		conn_close(c);
	}
	/* Last, so that it can put the log away. */
	conn_close(s->writer);
	stamps_fini(&s->stamps);
	cache_free(s->cache);
	pthread_cond_destroy(&s->job_done);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->idle_lock);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->path);
	free(s->dir);
	free(s);
}

static struct sqlite *
make(const struct cfg *cfg)
{
	struct sqlite *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->base.engine = &sqlite_engine;
	s->lock_fd = -1;
	s->dir = strdup(cfg->data);
	if (s->dir == NULL)
		abort();
	s->path = path_join(s->dir, SQLITE_FILE);
	s->queue_max = (size_t)cfg->write_queue;
	s->batch_max = (size_t)cfg->write_batch;
	s->tail = &s->head;
	pthread_mutex_init(&s->idle_lock, NULL);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	pthread_cond_init(&s->job_done, NULL);
	stamps_init(&s->stamps);
	return s;
}

/* This process owns the files. */
static int
open_owner(struct sqlite *s, const char *sync, struct err *e)
{
	struct conn *w = NULL;

	if (file_create(s->path, 0, e) < 0)
		return -1;
	w = open_writer(s->path, sync, e);
	if (w == NULL)
		return -1;
	if (layout_migrate(w, e) < 0 || stamps_load(&s->stamps, w, e) < 0 ||
	    sqlite_blobs_open(s, e) < 0 || dir_sync(s->dir, e) < 0) {
		conn_close(w);
		return -1;
	}
	s->writer = w;
	s->cache = cache_new();
	if (queue_start(s, e) == 0)
		return 0;
	s->writer = NULL;
	conn_close(w);
	return -1;
}

/* Another process does. */
static int
open_beside(struct sqlite *s, struct err *e)
{
	struct conn *c = reader_take(s, e);
	int rc;

	if (c == NULL)
		return -1;
	rc = layout_check(c, e);
	reader_put(s, c);
	return rc;
}

static struct store *
sqlite_open(const struct cfg *cfg, bool reader, struct err *e)
{
	struct sqlite *s = make(cfg);

	s->lock_fd = lock_take(s->dir, e);
	if (s->lock_fd < 0 && (!reader || e->code != ERR_LOCKED))
		goto fail;
	if (s->lock_fd >= 0) {
		snprintf(s->describe, sizeof(s->describe), "sqlite %s wal %s",
		    sqlite3_libversion(), cfg->sqlite_sync);
		if (open_owner(s, cfg->sqlite_sync, e) < 0)
			goto fail;
	} else {
		err_init(e);
		snprintf(s->describe, sizeof(s->describe),
		    "sqlite %s wal reader", sqlite3_libversion());
		if (open_beside(s, e) < 0)
			goto fail;
	}
	return &s->base;
fail:
	sqlite_close(&s->base);
	return NULL;
}

static int
run_migrate(struct conn *writer, void *arg, struct err *e)
{
	struct sqlite *s = arg;
	int rc = layout_migrate(writer, e);

	cache_clear(s->cache);
	return rc;
}

static int
sqlite_migrate(struct store *store, struct err *e)
{
	return queue_run((struct sqlite *)store, run_migrate, store, e);
}

static int
sqlite_ping(struct store *store, struct err *e)
{
	struct sqlite *s = (struct sqlite *)store;
	struct conn *c = reader_take(s, e);
	int rc = 0;

	if (c == NULL)
		return -1;
	sqlite3_stmt *st = conn_stmt(c, SQL_PLAIN, PLAIN_PING, e);

	if (st == NULL || sqlite3_step(st) != SQLITE_ROW)
		rc = st == NULL ? -1 : conn_fail(c, "ping", e);
	sqlite3_reset(st);
	reader_put(s, c);
	return rc;
}

static const char *
sqlite_describe(const struct store *store)
{
	return ((const struct sqlite *)store)->describe;
}

static int
sqlite_prepare(struct store *store, struct write *w, struct err *e)
{
	(void)store;
	if (w->op == WRITE_REMOVE)
		return 0;
	w->prepared = prepared_new(w->coll, w->doc, e);
	return w->prepared != NULL ? 0 : -1;
}

static void
sqlite_discard(struct write *w)
{
	prepared_free(w->prepared);
	w->prepared = NULL;
}

static int
sqlite_submit(struct store *store, struct write_set *ws, struct err *e)
{
	return queue_push((struct sqlite *)store, ws, e);
}

static int
sqlite_stamp(struct store *store, const char *const *plans, size_t nplans,
    struct store_stamp *out, struct err *e)
{
	struct sqlite *s = (struct sqlite *)store;

	if (s->writer != NULL) {
		stamps_get(&s->stamps, plans, nplans, out);
		return 0;
	}
	struct conn *c = reader_take(s, e);

	if (c == NULL)
		return -1;
	int rc = stamps_read(c, plans, nplans, out, e);

	reader_put(s, c);
	return rc;
}

static const char *
sqlite_version(void)
{
	return "sqlite " SQLITE_VERSION;
}

const struct store_engine sqlite_engine = {
    .name = "sqlite",
    .version = sqlite_version,
    .open = sqlite_open,
    .close = sqlite_close,
    .migrate = sqlite_migrate,
    .ping = sqlite_ping,
    .describe = sqlite_describe,
    .get = sqlite_get,
    .head = sqlite_head,
    .find = sqlite_find,
    .prepare = sqlite_prepare,
    .discard = sqlite_discard,
    .submit = sqlite_submit,
    .stamp = sqlite_stamp,
    .stats = sqlite_stats,
    .blobs_are_files = true,
    .blob_put = sqlite_blob_put,
    .blob_get = sqlite_blob_get,
    .backup = sqlite_backup,
    .restore = sqlite_restore,
    .verify = sqlite_verify,
};
