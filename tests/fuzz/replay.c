#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"
#include "unit/support.h"

/*
 * Gives a target everything below its seed folders, whole and damaged.
 * --seeds prints the folders, for scripts/fuzz.
 */
#define SIZE_MAX_REPLAYED ((size_t)256 << 10)

static size_t ninputs;
static size_t ndamaged; /* of each input */

/* Cut it, change a few bytes, or repeat a piece. */
static size_t
damage(struct rnd *r, uint8_t *data, size_t n, size_t cap)
{
	size_t at = rnd_below(r, n), len;

	switch (rnd_below(r, 3)) {
	case 0:
		return at;
	case 1:
		for (size_t i = 0; i < 4; i++)
			data[rnd_below(r, n)] = (uint8_t)rnd_next(r);
		return n;
	default:
		len = rnd_below(r, n - at) + 1;
		len = len < cap - n ? len : cap - n;
		memmove(data + at + len, data + at, n - at);
		return n + len;
	}
}

static void
try(const uint8_t *data, size_t n, const char *path)
{
	size_t cap = 2 * n + 16;
	struct rnd r = {.state = n};

	(void)LLVMFuzzerTestOneInput(data, n);
	ninputs++;
	/* The same damage each time: what fails can be found again. */
	for (const char *s = path; *s != '\0'; s++)
		r.state = r.state * 31 + (unsigned char)*s;
	for (size_t i = 0; n > 0 && i < ndamaged; i++) {
		uint8_t *copy = malloc(cap);
		size_t len;

		assert_non_null(copy);
		memcpy(copy, data, n);
		len = damage(&r, copy, n, cap);
		/* Exactly as long as it is, for AddressSanitizer. */
		copy = realloc(copy, len > 0 ? len : 1);
		(void)LLVMFuzzerTestOneInput(copy, len);
		free(copy);
	}
}

static void
try_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(SIZE_MAX_REPLAYED);

	assert_non_null(f);
	assert_non_null(data);
	try(data, fread(data, 1, SIZE_MAX_REPLAYED, f),
	    path + strlen(MS_SOURCE_DIR));
	free(data);
	fclose(f);
}

static void
try_all(const char *path)
{
	struct dirent **names;
	struct stat st;
	int n;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
		try_file(path);
		return;
	}
	n = scandir(path, &names, NULL, alphasort);
	if (n < 0)
		fail_msg("no folder %s", path);
	for (int i = 0; i < n; i++) {
		char child[1024];

		snprintf(child, sizeof(child), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			try_all(child);
		free(names[i]);
	}
	free(names);
}

static void
test_replay(void **state)
{
	const char *given = getenv("FUZZ_DAMAGED");
	char path[512];

	(void)state;
	ndamaged = given != NULL ? strtoul(given, NULL, 10) : 8;
	for (size_t i = 0; fuzz_seeds[i] != NULL; i++) {
		snprintf(
		    path, sizeof(path), MS_SOURCE_DIR "/%s", fuzz_seeds[i]);
		try_all(path);
	}
	print_message(
	    "%zu inputs, each damaged %zu times\n", ninputs, ndamaged);
	assert_true(ninputs > 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_replay),
	};

	if (argc > 1 && strcmp(argv[1], "--seeds") == 0) {
		for (size_t i = 0; fuzz_seeds[i] != NULL; i++)
			puts(fuzz_seeds[i]);
		return 0;
	}
	return cmocka_run_group_tests_name("fuzz", tests, NULL, NULL);
}
