#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/log.h"
#include "store/engine.h"

bool
blob_is_name(const char *s)
{
	return strlen(s) == SHA256_HEX &&
	       strspn(s, "0123456789abcdef") == SHA256_HEX;
}

int
blob_damaged(const char *sha256, struct err *e)
{
	log_line(LOG_LEVEL_ERROR, "blob is damaged", "sha256=%s", sha256);
	return err_set(e, ERR_INTERNAL, "附件已损坏，请联系管理员从备份恢复");
}

static bool
is_hash_of(const char *sha256, const void *data, size_t len)
{
	char hex[SHA256_HEX + 1];

	sha256_hex(data, len, hex);
	return strcmp(hex, sha256) == 0;
}

int
store_blob_put(struct store *s, const char *sha256, const void *data,
    size_t len, struct err *e)
{
	if (len > STORE_BLOB_MAX)
		return err_set(e, ERR_TOOBIG, "附件不能超过%d MB",
		    STORE_BLOB_MAX / 1024 / 1024);
	if (!blob_is_name(sha256))
		return err_set(e, ERR_INVALID,
		    "附件的编号应是内容的SHA-256，即64位小写十六进制数字");
	if (!is_hash_of(sha256, data, len))
		return err_set(e, ERR_INVALID,
		    "附件的内容与编号不符，可能没有传完整，请重新上传");
	return s->engine->blob_put(s, sha256, data, len, e);
}

int
store_blob_get(struct store *s, const char *sha256, struct arena *a,
    const void **data, size_t *len, struct err *e)
{
	if (!blob_is_name(sha256))
		return err_set(e, ERR_NOTFOUND, "没有这个附件");
	if (s->engine->blob_get(s, sha256, a, data, len, e) < 0)
		return -1;
	return is_hash_of(sha256, *data, *len) ? 0 : blob_damaged(sha256, e);
}

bool
store_blobs_are_files(const struct store *s)
{
	return s->engine->blobs_are_files;
}

int
blob_verify(struct store *s, const char *sha256, struct arena *a,
    void (*tell)(void *arg, const char *line), void *arg,
    struct store_verdict *out, struct err *e)
{
	const void *data;
	char line[SHA256_HEX + 32];
	size_t len;

	arena_reset(a);
	if (!blob_is_name(sha256) ||
	    store_blob_get(s, sha256, a, &data, &len, e) == 0)
		return 0;
	if (e->code != ERR_INTERNAL && e->code != ERR_NOTFOUND)
		return -1;
	bool damaged = e->code == ERR_INTERNAL;

	err_init(e);
	if (!damaged)
		return 0; /* it is where nobody looks for it */
	out->broken++;
	snprintf(line, sizeof(line), "附件已损坏：%s", sha256);
	tell(arg, line);
	return 0;
}
