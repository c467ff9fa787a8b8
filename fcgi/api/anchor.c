#include "api/anchor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cfg.h"
#include "base/log.h"

#define FOLDER "audit"
#define SUFFIX ".txt"

static char *
join(const char *a, const char *b, const char *suffix)
{
	char *path;

	if (asprintf(&path, "%s/%s%s", a, b, suffix) < 0)
		abort();
	return path;
}

static int
fail(const char *what, const char *path, struct err *e)
{
	return err_set(e, errno == ENOSPC ? ERR_NOSPACE : ERR_UNAVAILABLE,
	    "%s“%s”时出错：%s", what, path, err_reason(errno));
}

/* ---- writing ---- */

/* And those above it: a store elsewhere makes no folder here. */
static int
make_folder(const char *path, struct err *e)
{
	char *part = join(path, "", "");
	int rc = 0;

	for (char *p = part + 1; rc == 0 && (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			rc = fail("建立", part, e);
		*p = '/';
	}
	free(part);
	return rc;
}

static int
sync_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) < 0 ? fail("写入", path, e) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

/* A whole line at the end, on the disk. */
static int
append_line(const char *path, const char *line, size_t n, struct err *e)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	int rc = 0;

	if (fd < 0)
		return fail("打开", path, e);
	if (write(fd, line, n) != (ssize_t)n || fsync(fd) < 0)
		rc = fail("写入", path, e);
	close(fd);
	return rc;
}

int
anchor_write(const struct cfg *cfg, const struct chain_head *head,
    instant_t now, struct err *e)
{
	char day[CIVIL_LEN + 1], at[INSTANT_LEN + 1], line[160];
	char *folder = join(cfg->data, FOLDER, "");
	char *path = NULL;
	int n, rc = -1;

	instant_format(now, at);
	civil_format(instant_civil(now), day);
	n = snprintf(line, sizeof(line), "%s %lld %s\n", at,
	    (long long)head->seq, head->hash);
	if (make_folder(folder, e) < 0)
		goto out;
	path = join(folder, day, SUFFIX);
	if (append_line(path, line, (size_t)n, e) < 0 ||
	    sync_folder(folder, e) < 0 || sync_folder(cfg->data, e) < 0)
		goto out;
	log_line(LOG_LEVEL_INFO, "audit head", "seq=%lld hash=%s",
	    (long long)head->seq, head->hash);
	rc = 0;
out:
	free(path);
	free(folder);
	return rc;
}

/* ---- reading ---- */

struct anchors {
	struct anchor *v;
	size_t n;
	size_t odd;
};

static bool
parse_line(const char *line, struct anchor *out)
{
	char at[INSTANT_LEN + 2], hash[SHA256_HEX + 2];
	long long seq;

	if (sscanf(line, "%25s %lld %65s", at, &seq, hash) != 3 || seq < 1 ||
	    strlen(at) != INSTANT_LEN || strlen(hash) != SHA256_HEX)
		return false;
	out->seq = seq;
	memcpy(out->at, at, sizeof(out->at));
	memcpy(out->hash, hash, sizeof(out->hash));
	return true;
}

static int
read_file(struct anchors *a, const char *path, struct err *e)
{
	FILE *f = fopen(path, "re");
	char line[256];
	int rc = 0;

	if (f == NULL)
		return fail("读取", path, e);
	while (fgets(line, sizeof(line), f) != NULL) {
		a->v = realloc(a->v, (a->n + 1) * sizeof(*a->v));
		if (a->v == NULL)
			abort();
		if (parse_line(line, &a->v[a->n]))
			a->n++;
		else
			a->odd++;
	}
	if (ferror(f))
		rc = fail("读取", path, e);
	fclose(f);
	return rc;
}

static int
compare(const void *x, const void *y)
{
	const struct anchor *a = x;
	const struct anchor *b = y;

	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	return strcmp(a->at, b->at);
}

static bool
is_ours(const char *name)
{
	size_t n = strlen(name);

	return n == CIVIL_LEN + strlen(SUFFIX) &&
	       strcmp(name + CIVIL_LEN, SUFFIX) == 0;
}

int
anchor_read(const struct cfg *cfg, struct anchor **out, size_t *n, size_t *odd,
    struct err *e)
{
	char *folder = join(cfg->data, FOLDER, "");
	struct anchors a = {NULL, 0, 0};
	DIR *dir = opendir(folder);
	int rc = 0;

	if (dir == NULL && errno != ENOENT)
		rc = fail("读取", folder, e);
	for (struct dirent *d; dir != NULL && rc == 0;) {
		char *path;

		if ((d = readdir(dir)) == NULL)
			break;
		if (!is_ours(d->d_name))
			continue;
		path = join(folder, d->d_name, "");
		rc = read_file(&a, path, e);
		free(path);
	}
	if (dir != NULL)
		closedir(dir);
	free(folder);
	if (a.n > 1)
		qsort(a.v, a.n, sizeof(*a.v), compare);
	*out = a.v;
	*n = a.n;
	*odd = a.odd;
	return rc;
}
