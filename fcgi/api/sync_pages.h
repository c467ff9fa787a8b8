#ifndef API_SYNC_PAGES_H
#define API_SYNC_PAGES_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct sync;

/*
 * A full sync comes in pages under one sync id.  Each page that was carried
 * out is written down with what became of its rows, so it may be sent again;
 * when all are there, what none of them names ends.
 */
struct sync_page {
	const char *sync_id; /* NULL: a delta, no pages */
	int64_t page, pages;
	char hash[SHA256_HEX + 1];
	json_t *old;     /* this page as it was written down, or NULL */
	json_t *results; /* of old, when it was the same page */
	json_t *head;    /* the sync, once it is finished, or NULL */
};

/* What is known of the page.  ERR_INVALID, ERR_CONFLICT. */
int sync_page_begin(
    struct sync *s, struct sync_page *p, struct err *e) MUST_CHECK;
/* Write it down; nothing for a delta. */
int sync_page_keep(struct sync *s, struct sync_page *p, json_t *results,
    struct err *e) MUST_CHECK;
/* Finish the sync when all pages are there; tell in the answer. */
int sync_page_finish(struct sync *s, struct sync_page *p, json_t *answer,
    struct err *e) MUST_CHECK;

/* Of sync.c: end these documents.  ERR_CONFLICT: some are not. */
int sync_end_missing(struct sync *s, json_t *docs, struct err *e) MUST_CHECK;
/* new: {"created": 3, ...}. */
json_t *sync_count(const json_t *results);

#endif
