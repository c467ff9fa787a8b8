#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

/* A settings file: settings that can be printed, or a refusal with a place. */
const char *const fuzz_seeds[] = {
    "tests/fuzz/corpus/cfg",
    NULL,
};

static void
count_row(const struct cfg_row *row, void *arg)
{
	size_t *n = arg;

	FUZZ_CHECK(row->value != NULL && row->origin != NULL);
	++*n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int fd = memfd_create("cfg", 0);
	size_t nrows = 0;
	struct cfg cfg;
	struct err e;
	char path[32];

	FUZZ_CHECK(fd >= 0);
	FUZZ_CHECK(write(fd, data, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err_init(&e);
	cfg_init(&cfg);
	if (cfg_load_file(&cfg, path, &e) < 0) {
		FUZZ_CHECK(e.code == ERR_CONFIG);
		FUZZ_CHECK(strncmp(e.detail, path, strlen(path)) == 0);
	}
	cfg_each(&cfg, count_row, &nrows);
	FUZZ_CHECK(nrows == CFG__MAX);
	cfg_fini(&cfg);
	close(fd);
	return 0;
}
