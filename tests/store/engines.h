#ifndef STORE_ENGINES_H
#define STORE_ENGINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cfg.h"

/*
 * The engines that tests of stores, interfaces and figures run against.  An
 * engine only has to be named in the table.
 */
struct contract_engine {
	const char *name;
	/* Can it be tested here?  It says why not when it cannot. */
	bool (*available)(void);
	/* Settings over the defaults that lead to an empty store; dir is the
	 * test's own folder. */
	void (*configure)(struct cfg *cfg, const char *dir);
	/* Undo what configure made outside of the folder; may be NULL. */
	void (*clean)(const struct cfg *cfg);
	/* Its backups are other tools' business. */
	bool no_backup;
	/* It reads as another one, and writes in another way: tests that
	 * only read may leave it out. */
	bool reads_alike;
};

extern const struct contract_engine contract_engines[];
extern const size_t contract_nengines;

/*
 * Is it available, and not left out by MINSHENG_TEST_ENGINE=name?  A name
 * stands for all that begin with it.
 */
bool engine_wanted(const struct contract_engine *engine);

/* Set an option that owns its text. */
void fixture_set(char **option, const char *value);

#endif
