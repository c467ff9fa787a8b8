#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/import.h"
#include "base/json.h"
#include "base/log.h"
#include "fuzz/fuzz.h"

#define SAMPLE "scripts/sample/140800-2019"
#define FOLDER_FDS 8

static char folder[64];
static struct store *opened;

_Noreturn void
fuzz_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
	abort();
}

json_t *
fuzz_json(const char *path)
{
	char full[512];
	json_t *v;

	snprintf(full, sizeof(full), MS_SOURCE_DIR "/%s", path);
	v = json_load_file(full, JSON_REJECT_DUPLICATES, NULL);
	FUZZ_CHECK(v != NULL);
	return v;
}

json_t *
fuzz_sample(const char *part)
{
	char path[128];

	snprintf(path, sizeof(path), SAMPLE "/%s.json", part);
	return fuzz_json(path);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
leave(void)
{
	store_close(opened);
	nftw(folder, remove_one, FOLDER_FDS, FTW_DEPTH | FTW_PHYS);
}

static void
import_sample(struct store *store)
{
	static const char *const parts[] = {"plan", "tasks", "orgs", "orgSets"};
	json_t *bundle = json_object();
	json_t *summary = NULL;
	struct write_set ws;
	struct err e;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		json_put(bundle, parts[i], fuzz_sample(parts[i]));
	err_init(&e);
	write_set_init(&ws, instant_now());
	FUZZ_CHECK(import_plan(store, bundle, NULL, &ws, &summary, &e) == 0);
	FUZZ_CHECK(store_write(store, &ws, &e) == 0);
	write_set_fini(&ws);
	json_decref(summary);
	json_decref(bundle);
}

struct store *
fuzz_store(struct cfg *cfg)
{
	const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	struct err e;

	log_set_level(LOG_LEVEL_ERROR);
	snprintf(folder, sizeof(folder), "%s/minsheng-fuzz.XXXXXX", base);
	FUZZ_CHECK(mkdtemp(folder) != NULL);
	cfg_init(cfg);
	free(cfg->data);
	cfg->data = strdup(folder);
	err_init(&e);
	opened = store_open(cfg, &e);
	FUZZ_CHECK(opened != NULL);
	atexit(leave);
	import_sample(opened);
	return opened;
}
