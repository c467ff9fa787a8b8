#ifndef STORE_CHAIN_H
#define STORE_CHAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "store/store.h"

/*
 * A chained collection (FIELD_CHAIN in collections.def) only grows.  In the
 * order of commits each document gets `seq` (1, 2, 3 ...), `prev` (the hash of
 * the one before, CHAIN_START for the first) and
 *
 *   hash = SHA-256 of  prev "\n" seq "\n" SHA-256 of the canonical text
 *
 * in lower-case hexadecimal, where the canonical text is compact JSON with
 * sorted members of the document without seq, prev and hash.  `alg` names the
 * recipe.  Who changes, removes, adds or moves a document without making all
 * later hashes again is found out by chain_check; who makes them again, by a
 * hash that was kept elsewhere.
 */
#define CHAIN_ALG "sha256"
#define CHAIN_START \
	"0000000000000000000000000000000000000000000000000000000000000000"

/* The end of a chain: what the next document stands behind. */
struct chain_head {
	int64_t seq;
	char hash[SHA256_HEX + 1];
};

/* The head of a chain that has no document yet. */
void chain_head_init(struct chain_head *head);
/* The head after a stored document; false when it is no link of a chain. */
bool chain_head_of(struct chain_head *out, const json_t *doc);

/* The hash of the canonical text. */
void chain_digest(const json_t *doc, char out[SHA256_HEX + 1]);
/*
 * Put a document with this digest behind head, which moves on: *link is its
 * number, its prev and its hash.
 */
struct chain_link {
	int64_t seq;
	char prev[SHA256_HEX + 1];
	char hash[SHA256_HEX + 1];
};
void chain_append(
    struct chain_head *head, const char *digest, struct chain_link *link);
/* Set the three members. */
void chain_put(json_t *doc, const struct chain_link *link);
/* Remove them. */
void chain_clear(json_t *doc);

/* What is wrong with a document behind head. */
enum chain_fault {
	CHAIN_OK,
	CHAIN_SHAPE,  /* it is no link: members missing, another alg */
	CHAIN_GAP,    /* some before it are missing */
	CHAIN_TWICE,  /* its number has been there */
	CHAIN_EDITED, /* its hash is not that of its content */
	CHAIN_BROKEN  /* its prev is not the hash of the one before */
};
enum chain_fault chain_check(const struct chain_head *head, const json_t *doc);

/*
 * The end of a collection's chain as its documents say; seq 0 when there is
 * none yet.
 */
int chain_head_read(struct store *s, enum coll c, struct chain_head *out,
    struct err *e) MUST_CHECK;

#endif
