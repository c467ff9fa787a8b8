#ifndef STORE_MONGO_SERVER_H
#define STORE_MONGO_SERVER_H

#include "base/cfg.h"

/*
 * A MongoDB to test with: MINSHENG_TEST_MONGODB_URI, else a mongod on PATH,
 * else tests/mongo/server.  Started at most once by a program, stopped when
 * it ends.
 */
enum mongo_kind {
	MONGO_SINGLE, /* standalone: no transactions */
	MONGO_SET,    /* a replica set of one */
	MONGO_KIND__MAX
};

/*
 * Its address without a database: borrowed.  NULL when there is none, which
 * is said loudly, and with CI=true the program ends as failed.
 */
const char *mongo_server(enum mongo_kind kind);
/* Is it tests/mongo/server, which obeys mongo_control? */
bool mongo_controlled(enum mongo_kind kind);
/* Settings that lead to an empty database of the test's own. */
void mongo_configure(struct cfg *cfg, const char *dir, enum mongo_kind kind);
/* Drop that database. */
void mongo_clean(const struct cfg *cfg);
/* tests/mongo/server COMMAND for this server; 0 when it succeeds. */
int mongo_control(enum mongo_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
