#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/sqlite.h"

/* Folders of blobs: one for each pair of digits. */
#define FOLDERS 256U

typedef int each_fn(
    void *arg, const char *folder, const char *name, struct err *e);

static int
each_in_folder(const char *folder, each_fn *fn, void *arg, struct err *e)
{
	DIR *dir = opendir(folder);
	const struct dirent *d;
	int rc = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0 : blob_fail("list", e);
	while (rc == 0 && (d = readdir(dir)) != NULL)
		rc = fn(arg, folder, d->d_name, e);
	closedir(dir);
	return rc;
}

static int
each_file(struct sqlite *s, each_fn *fn, void *arg, struct err *e)
{
	int rc = 0;

	for (unsigned i = 0; i < FOLDERS && rc == 0; i++) {
		char digits[3];

		snprintf(digits, sizeof(digits), "%02x", i % FOLDERS);
		char *folder = blob_folder(s, digits);

		rc = each_in_folder(folder, fn, arg, e);
		free(folder);
	}
	return rc;
}

/* What a crash left has no name yet, so nobody was told of it. */
static int
remove_unfinished(
    void *arg, const char *folder, const char *name, struct err *e)
{
	char *path;
	int rc = 0;

	(void)arg;
	if (strncmp(name, BLOB_UNFINISHED, strlen(BLOB_UNFINISHED)) != 0)
		return 0;
	path = path_join(folder, name);
	if (unlink(path) < 0)
		rc = blob_fail("remove", e);
	free(path);
	return rc;
}

int
sqlite_blobs_open(struct sqlite *s, struct err *e)
{
	char *blobs = path_join(s->dir, SQLITE_BLOBS);
	int rc = 0;

	if (mkdir(blobs, 0700) < 0 && errno != EEXIST)
		rc = blob_fail("folder", e);
	free(blobs);
	return rc == 0 ? each_file(s, remove_unfinished, NULL, e) : -1;
}

struct check {
	struct store *s;
	struct arena arena;
	void (*tell)(void *arg, const char *line);
	void *arg;
	struct store_verdict *v;
};

static int
check_file(void *arg, const char *folder, const char *name, struct err *e)
{
	struct check *k = arg;

	(void)folder;
	return blob_verify(k->s, name, &k->arena, k->tell, k->arg, k->v, e);
}

int
sqlite_blobs_verify(struct sqlite *s, void (*tell)(void *arg, const char *line),
    void *arg, struct store_verdict *out, struct err *e)
{
	struct check k = {.s = &s->base, .tell = tell, .arg = arg, .v = out};
	int rc;

	arena_init(&k.arena);
	rc = each_file(s, check_file, &k, e);
	arena_fini(&k.arena);
	return rc;
}
