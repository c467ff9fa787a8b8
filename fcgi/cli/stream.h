#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "store/store.h"

struct app;
struct cli;

/*
 * What `export` writes and `import` reads to move a store: a JSON value on
 * each line, documents word for word.
 *
 *   {"format":"minsheng-export","version":1}
 *   {"collection":"orgs","doc":{...}}
 *   {"end":true,"documents":1}
 *
 * The documents come by collection in the order of stream_order and inside a
 * collection by _id, bytewise, each once: equal stores, equal bytes.
 */
#define STREAM_FORMAT "minsheng-export"
#define STREAM_VERSION 1

/* Plans come last: whoever sees one in a store sees all that is in it. */
struct stream_coll {
	enum coll coll;
	enum field plan; /* names the plan; FIELD__MAX: none does */
};
extern const struct stream_coll stream_order[COLL__MAX];

/* Write the store, or one plan and the orgs it may name, to `out`. */
int stream_export(
    struct store *s, const char *plan, FILE *out, struct err *e) MUST_CHECK;

/* What an import did to a collection. */
struct stream_tally {
	int64_t added;
	int64_t same; /* were there, word for word */
};

/*
 * Read a stream twice: first everything is checked (form, order, schema, what
 * the store has under the same _id) and nothing is written, then what is
 * missing is loaded, in small sets.  So input that is refused changes nothing
 * (ERR_IMPORT, ERR_CONFLICT, with an item for each line), and after a failure
 * of the store the same stream goes on where it stopped.  `in` must be
 * seekable.  The schemas must be registered.
 */
int stream_import(struct store *s, FILE *in,
    struct stream_tally tally[COLL__MAX], struct err *e) MUST_CHECK;

/* The command: from a file, or standard input ("-", or no argument). */
int stream_import_command(struct cli *cli, struct app *app);

#endif
