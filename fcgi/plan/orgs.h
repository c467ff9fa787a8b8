#ifndef PLAN_ORGS_H
#define PLAN_ORGS_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct buf;

/*
 * Printed names of units and of groups of units ("市工会", "各县（市、区）
 * 人民政府") against the org and orgSet documents.  Full and half width,
 * spaces and the words 人民政府, 政府, 管委会 at the end make no difference.
 */
struct org_index;

struct org_match {
	enum {
		ORG_NONE,
		ORG_UNIT,
		ORG_SET,
		ORG_AMBIGUOUS, /* several documents carry the name */
	} kind;
	const json_t *doc; /* borrowed: the org or the orgSet; or NULL */
};

/*
 * Build the index over two arrays of documents, which must outlive it.  new;
 * org_index_free takes NULL.
 */
struct org_index *org_index_new(const json_t *orgs, const json_t *orgsets);
void org_index_free(struct org_index *x);

/* What the n bytes at s name. */
struct org_match org_index_find(
    const struct org_index *x, const char *s, size_t n);
/* borrowed: the unit with exactly this _id, or NULL. */
const json_t *org_index_unit(const struct org_index *x, const char *id);
/* The printed name of a unit, or the id itself when it is unknown. */
const char *org_index_name(const struct org_index *x, const char *id);

/* A name in the form in which names are compared. */
void org_name_normalize(struct buf *b, const char *s, size_t n);

/*
 * Write the members of each orgSet of the task's funding, subtasks and
 * milestones into `orgs` beside it.  What cannot be resolved gets an empty
 * list and an item (ERR_INVALID, pointer into the task): then -1, with the
 * rest filled, so that a draft may be kept and examined.
 */
int orgs_fill_task(
    json_t *task, const struct org_index *x, struct err *e) MUST_CHECK;

#endif
