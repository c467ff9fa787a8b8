#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "store/sqlite.h"

/*
 * Blobs are files, <data>/blobs/<first two digits>/<sha256>, each whole from
 * the moment it has its name and never changed again.
 */

int
blob_fail(const char *what, struct err *e)
{
	int number = errno;

	log_line(LOG_LEVEL_ERROR, "blob", "what=%s reason=%s", what,
	    strerror(number));
	/* EFBIG: the limit of the process or the file system. */
	if (number == ENOSPC || number == EDQUOT || number == EFBIG)
		return err_set(e, ERR_NOSPACE, "磁盘空间不足，附件没有保存");
	return err_set(
	    e, ERR_UNAVAILABLE, "附件暂时无法存取：%s", err_reason(number));
}

char *
blob_folder(const struct sqlite *s, const char *digits)
{
	char *path;

	if (asprintf(&path, "%s/" SQLITE_BLOBS "/%.2s", s->dir, digits) < 0)
		abort();
	return path;
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* The bytes are on the disk before the file gets its name. */
static int
write_file(const char *folder, const char *path, const void *data, size_t len,
    struct err *e)
{
	char *tmp = path_join(folder, BLOB_UNFINISHED "XXXXXX");
	int fd = mkostemp(tmp, O_CLOEXEC);
	int rc = -1;

	if (fd < 0) {
		blob_fail("create", e);
		free(tmp);
		return -1;
	}
	if (write_all(fd, data, len) < 0 || fsync(fd) < 0)
		blob_fail("write", e);
	else if (rename(tmp, path) < 0)
		blob_fail("rename", e);
	else
		rc = 0;
	if (rc < 0)
		unlink(tmp);
	close(fd);
	free(tmp);
	return rc;
}

static int
sync_folder(const char *folder, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd >= 0 ? fsync(fd) : -1;

	if (rc < 0)
		blob_fail("sync", e);
	if (fd >= 0)
		close(fd);
	return rc;
}

int
sqlite_blob_put(struct store *store, const char *sha256, const void *data,
    size_t len, struct err *e)
{
	struct sqlite *s = (struct sqlite *)store;
	char *blobs = path_join(s->dir, SQLITE_BLOBS);
	char *folder = blob_folder(s, sha256);
	char *path = path_join(folder, sha256);
	int rc = -1;

	if (s->writer == NULL) {
		err_set(e, ERR_LOCKED, "这里只能读取，不能保存附件");
		goto out;
	}
	if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
		blob_fail("folder", e);
		goto out;
	}
	if (access(path, F_OK) < 0 &&
	    write_file(folder, path, data, len, e) < 0)
		goto out;
	/* Also when it was there: who made it may not have come so far. */
	if (sync_folder(folder, e) == 0 && sync_folder(blobs, e) == 0)
		rc = 0;
out:
	free(path);
	free(folder);
	free(blobs);
	return rc;
}

/* All of the file, which is damaged when it is not what it was said to be. */
static int
read_file(int fd, const char *sha256, struct arena *a, const void **data,
    size_t *len, struct err *e)
{
	struct stat st;
	size_t n, got = 0;
	char *p;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > STORE_BLOB_MAX)
		return blob_damaged(sha256, e);
	n = (size_t)st.st_size;
	p = arena_alloc(a, n + 1);
	while (got < n) {
		ssize_t done = read(fd, p + got, n - got);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return blob_damaged(sha256, e);
		got += (size_t)done;
	}
	*data = p;
	*len = n;
	return 0;
}

int
sqlite_blob_get(struct store *store, const char *sha256, struct arena *a,
    const void **data, size_t *len, struct err *e)
{
	char *folder = blob_folder((struct sqlite *)store, sha256);
	char *path = path_join(folder, sha256);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc = -1;

	if (fd >= 0)
		rc = read_file(fd, sha256, a, data, len, e);
	else if (errno == ENOENT)
		err_set(e, ERR_NOTFOUND, "没有这个附件");
	else
		blob_fail("open", e);
	if (fd >= 0)
		close(fd);
	free(path);
	free(folder);
	return rc;
}
