#ifndef API_EVIDENCE_H
#define API_EVIDENCE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "store/store.h"

struct req;

/*
 * Photographs as evidence.  A blob is known by the SHA-256 of what was sent;
 * collection blobs says what it shows, collection blobUses which documents
 * name it: a row for each, written in the set that writes the document.
 */

/* A document with attachments, and what it is about; all borrowed. */
struct evidence_target {
	const char *kind; /* its collection: "reports", "checks" ... */
	const char *id;
	const char *plan_id;
	const char *task_id;      /* NULL: about the plan as a whole */
	const char *org_id;       /* NULL: nobody's alone */
	const char *indicator_id; /* NULL: of none */
	const char *as_of;        /* a civil day, or NULL */
};

/*
 * Keep which blobs a document names: `old` are the attachments of its stored
 * version (NULL: it is new, or had none), `now` those of the version in ws.
 * The document itself stands in ws with its revision, so the rows cannot be
 * overtaken.  -1: ERR_INVALID with /attachments/i, a photograph that is there
 * already and that who asks may not see.
 */
int evidence_use(struct req *r, struct write_set *ws,
    const struct evidence_target *t, const json_t *old, const json_t *now,
    struct err *e) MUST_CHECK;

/*
 * new: the hashes that a document names, each once: its attachments, and those
 * of its statement and its answer.  doc may be NULL.
 */
json_t *evidence_of(const json_t *doc);

/*
 * The same for a document that is loaded from elsewhere and is new here;
 * nobody is asked whether he may see what it names.
 */
void evidence_enter(struct write_set *ws, const struct evidence_target *t,
    const json_t *hashes);

/* Of these hashes those that nobody has uploaded: new. */
json_t *evidence_missing(
    struct store *s, const json_t *hashes, struct err *e) MUST_CHECK;

/*
 * May who asks see the blob of which this is the document: as one of those who
 * uploaded it, or because of a document that names it?  1, 0, or -1.
 */
int evidence_seen(struct req *r, const json_t *blob, struct err *e) MUST_CHECK;

/*
 * The same photograph (the same bytes, or alike) under two units, two tasks
 * or two periods of a plan: an array the request owns.  target: only what
 * concerns this document, NULL: all.
 */
json_t *evidence_same(struct req *r, const char *plan_id, const char *target,
    struct err *e) MUST_CHECK;

#endif
