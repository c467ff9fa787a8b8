#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "base/cfg.h"
#include "store/engines.h"

struct store;

/* A store of a test's own. */
struct fixture {
	const struct contract_engine *engine;
	char dir[64]; /* the test's own folder */
	struct cfg cfg;
	struct store *s;
};

/* A folder and settings; the store is not open yet. */
void fixture_init(struct fixture *f, const struct contract_engine *engine);
void fixture_open(struct fixture *f);
/* Close what is open and remove the folder. */
void fixture_fini(struct fixture *f);

#endif
