#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cfg.h"
#include "store/store.h"

/*
 * A target is one file fuzz_*.c with these two.  libFuzzer calls the first
 * with what it invents (scripts/fuzz); replay.c with the seeds, what was
 * found before, and small damage to both (a test like all others).  A target
 * says that something is wrong by abort().
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
/* Folders of the checkout that hold inputs worth beginning with; NULL ends. */
extern const char *const fuzz_seeds[];

/* ---- what targets share (common.c); what fails aborts ---- */

/* new: a JSON file of the checkout. */
json_t *fuzz_json(const char *path);
/* The sample plan 140800-2019: new. */
json_t *fuzz_sample(const char *part);
/*
 * A store in a folder of its own, with the sample in it; both go with the
 * process.  cfg lives on.
 */
struct store *fuzz_store(struct cfg *cfg);

#define FUZZ_CHECK(true_thing)                                      \
	do {                                                        \
		if (!(true_thing))                                  \
			fuzz_fail(#true_thing, __FILE__, __LINE__); \
	} while (0)
_Noreturn void fuzz_fail(const char *what, const char *file, int line);

#endif
