#include "cli/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"

bool
file_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static int
check_size(const char *path, FILE *f, size_t *size, struct err *e)
{
	struct stat st;

	if (fstat(fileno(f), &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, ERR_NOTFOUND, "%s不是普通文件", path);
	if ((size_t)st.st_size > FILE_BYTES_MAX)
		return err_set(
		    e, ERR_TOOBIG, "%s超过%u MiB", path, FILE_BYTES_MAX >> 20);
	*size = (size_t)st.st_size;
	return 0;
}

char *
file_read(const char *path, size_t *len, struct err *e)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t size = 0;

	if (f == NULL) {
		err_set(
		    e, ERR_NOTFOUND, "打不开%s：%s", path, err_reason(errno));
		return NULL;
	}
	if (check_size(path, f, &size, e) == 0) {
		text = malloc(size + 1);
		if (text == NULL)
			abort();
		*len = fread(text, 1, size, f);
		text[*len] = '\0';
	}
	fclose(f);
	return text;
}

json_t *
file_read_json(const char *path, struct err *e)
{
	size_t len;
	char *text = file_read(path, &len, e);
	json_t *v;

	if (text == NULL)
		return NULL;
	v = json_read(text, len, FILE_BYTES_MAX, e);
	free(text);
	if (v == NULL && e->nitems == 0) {
		struct err story = *e;

		err_set(e, story.code, "%s：%s", path, story.detail);
	}
	return v;
}
