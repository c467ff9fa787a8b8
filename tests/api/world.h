#ifndef API_WORLD_H
#define API_WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/app.h"
#include "base/cfg.h"
#include "http/local.h"
#include "store/engines.h"
#include "unit/support.h"

/*
 * The program around an empty store, asked through its route table.  Every
 * conversation runs against each engine of store/engines.h, and their
 * transcripts must be the same bytes.
 */
/* The engine that the tests under way are for. */
extern const struct contract_engine *world_engine;
/*
 * Run a group of tests on each engine, those that read alike left out unless
 * all are wanted; the number that failed.
 */
int world_run_tests(const struct CMUnitTest *tests, size_t ntests, bool all,
    CMFixtureFunction setup, CMFixtureFunction teardown);

struct world {
	const struct contract_engine *engine;
	char dir[64];
	struct cfg cfg;
	struct store *store;
	struct app app;
	struct clock *clock; /* NULL: the system's */
	json_t *keys;        /* who may be asked as, and its key: world_key */
};

/*
 * Who asks when nobody is named: somebody who may do everything everywhere.
 */
#define WORLD_MASTER \
	"admin+office+lead+reporter+confirmer+leader+auditor@000000"
/* As whom nothing is shown. */
#define WORLD_NOBODY "nobody"

/* today: "2019-04-04" pins the day, NULL lets it run. */
void world_open(
    struct world *w, const struct contract_engine *engine, const char *today);
void world_close(struct world *w);

/* From now on requests come in at this instant (RFC 3339). */
void world_set_now(struct world *w, const char *instant);

struct answer {
	int status;
	char *text;       /* owned: as on the wire of CGI */
	const char *body; /* in text */
	size_t len;
	json_t *json; /* owned; NULL when the body is not JSON */
};

/* As WORLD_MASTER, unless the request shows who it is from. */
void world_ask(
    struct world *w, const struct local_request *in, struct answer *out);
/* As "reporter@140823": made when first named; WORLD_NOBODY. */
void world_ask_as(struct world *w, const char *as,
    const struct local_request *in, struct answer *out);
/*
 * "Bearer msk_...": the key of the user "reporter.140823" of unit 140823 with
 * role reporter (roles are parted by '+'); borrowed.  It is always the same.
 */
const char *world_key(struct world *w, const char *as);
/* "reporter@140823" -> "reporter.140823". */
void world_user_id(const char *as, char out[64]);
void answer_free(struct answer *a);
/* new: the value of a header, or NULL. */
char *answer_header(const struct answer *a, const char *name);

/* new: every document of every collection, in order of _id. */
json_t *world_dump(struct world *w);
/* What store_verify finds wrong. */
int64_t world_differences(struct world *w);

/* new: a file of the checkout. */
char *source_file(const char *path, size_t *len);
json_t *source_json(const char *path);
/* new: plan.json, tasks.json ... of a folder of the checkout as a bundle. */
json_t *source_bundle(const char *dir);

#endif
