/* What blobs look like to those who go around the store. */
#include <fcntl.h>
#include <ftw.h>
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/contract.h"

#define PATH_ROOM 512

/* ---- files ---- */

static void
file_damage(const struct cfg *cfg, const char *sha256, bool cut)
{
	char path[PATH_ROOM];
	char c;

	snprintf(
	    path, sizeof(path), "%s/blobs/%.2s/%s", cfg->data, sha256, sha256);
	if (cut) {
		assert_int_equal(truncate(path, 1), 0);
		return;
	}
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, 0), 1);
	c = (char)(c ^ 1);
	assert_int_equal(pwrite(fd, &c, 1, 0), 1);
	close(fd);
}

static void
file_leave(const struct cfg *cfg, const char *sha256)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/blobs/%.2s", cfg->data, sha256);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/blobs/%.2s/.new-%.6s", cfg->data,
	    sha256, sha256);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static size_t found;

/* Nobody else may read them. */
static int
count_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)ftw;
	assert_int_equal(st->st_mode & 07777, type == FTW_F ? 0600 : 0700);
	found += type == FTW_F ? 1 : 0;
	return 0;
}

static size_t
file_count(const struct cfg *cfg)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/blobs", cfg->data);
	found = 0;
	assert_int_equal(nftw(path, count_one, 8, FTW_PHYS), 0);
	return found;
}

/* ---- GridFS ---- */

struct outside {
	mongoc_uri_t *uri;
	mongoc_client_t *client;
	mongoc_collection_t *files;
	mongoc_collection_t *chunks;
};

static void
outside_init(struct outside *o, const struct cfg *cfg)
{
	const char *db;

	o->uri = mongoc_uri_new(cfg->store);
	o->client = mongoc_client_new_from_uri(o->uri);
	db = mongoc_uri_get_database(o->uri);
	o->files = mongoc_client_get_collection(o->client, db, "fs.files");
	o->chunks = mongoc_client_get_collection(o->client, db, "fs.chunks");
}

static void
outside_fini(struct outside *o)
{
	mongoc_collection_destroy(o->chunks);
	mongoc_collection_destroy(o->files);
	mongoc_client_destroy(o->client);
	mongoc_uri_destroy(o->uri);
}

/* The first chunk with its first byte changed, or only that byte. */
static bson_t *
spoil(const bson_t *chunk, bool cut)
{
	static uint8_t bytes[256 * 1024];
	const uint8_t *p;
	bson_iter_t iter;
	uint32_t n;

	assert_true(bson_iter_init_find(&iter, chunk, "data"));
	bson_iter_binary(&iter, NULL, &n, &p);
	assert_true(n > 1 && n <= sizeof(bytes));
	memcpy(bytes, p, n);
	bytes[0] ^= 1;
	return BCON_NEW("$set", "{", "data",
	    BCON_BIN(BSON_SUBTYPE_BINARY, bytes, cut ? 1 : n), "}");
}

static void
grid_damage(const struct cfg *cfg, const char *sha256, bool cut)
{
	bson_t *filter =
	    BCON_NEW("files_id", BCON_UTF8(sha256), "n", BCON_INT32(0));
	struct outside o;
	const bson_t *chunk;
	bson_error_t why;

	outside_init(&o, cfg);
	mongoc_cursor_t *cursor =
	    mongoc_collection_find_with_opts(o.chunks, filter, NULL, NULL);

	assert_true(mongoc_cursor_next(cursor, &chunk));
	bson_t *update = spoil(chunk, cut);

	assert_true(mongoc_collection_update_one(
	    o.chunks, filter, update, NULL, NULL, &why));
	bson_destroy(update);
	mongoc_cursor_destroy(cursor);
	outside_fini(&o);
	bson_destroy(filter);
}

static void
grid_leave(const struct cfg *cfg, const char *sha256)
{
	static const uint8_t byte = 'x';
	bson_t *chunk = BCON_NEW("files_id", BCON_UTF8(sha256), "n",
	    BCON_INT32(0), "data", BCON_BIN(BSON_SUBTYPE_BINARY, &byte, 1),
	    "touched", BCON_DATE_TIME(1554336000000));
	struct outside o;
	bson_error_t why;

	outside_init(&o, cfg);
	assert_true(
	    mongoc_collection_insert_one(o.chunks, chunk, NULL, NULL, &why));
	outside_fini(&o);
	bson_destroy(chunk);
}

static size_t
count_all(mongoc_collection_t *c)
{
	bson_t all = BSON_INITIALIZER;
	bson_error_t why;
	int64_t n =
	    mongoc_collection_count_documents(c, &all, NULL, NULL, NULL, &why);

	assert_true(n >= 0);
	bson_destroy(&all);
	return (size_t)n;
}

static size_t
grid_count(const struct cfg *cfg)
{
	struct outside o;

	outside_init(&o, cfg);
	size_t n = count_all(o.files) + count_all(o.chunks);

	outside_fini(&o);
	return n;
}

/* ---- either ---- */

static bool
is_grid(const struct cfg *cfg)
{
	return strncmp(cfg->store, "mongodb", strlen("mongodb")) == 0;
}

void
blob_damage(const struct cfg *cfg, const char *sha256, bool cut)
{
	(is_grid(cfg) ? grid_damage : file_damage)(cfg, sha256, cut);
}

void
blob_leave(const struct cfg *cfg, const char *sha256)
{
	(is_grid(cfg) ? grid_leave : file_leave)(cfg, sha256);
}

size_t
blob_count(const struct cfg *cfg)
{
	return (is_grid(cfg) ? grid_count : file_count)(cfg);
}
