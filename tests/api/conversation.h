#ifndef API_CONVERSATION_H
#define API_CONVERSATION_H

#include "api/world.h"

struct buf;

/*
 * A conversation: a file of steps, each a request and what is expected of
 * its answer.  tests/api/README.md says how they are written; the same files
 * run end to end (tests/e2e/conversation.py).
 *
 * Carry one out from an empty store; the test fails with file, step and
 * answer.  new: the transcript, every answer with instants, ids and change
 * stamps of this run masked, so that two runs are the same bytes.
 */
char *conversation_run(const char *path, const struct contract_engine *engine);

/*
 * Called before (status 0) and after each step, unless it is NULL.  target:
 * as in the file, with its ${names}.
 */
extern void (*conversation_watch)(struct world *w, const char *where,
    const char *method, const char *target, int status);

/*
 * What a pointer leads to: new, or NULL when there is nothing.  The piece "*"
 * stands for every member of an array, so the result is an array too.
 */
json_t *pointer_find(const json_t *v, const char *pointer);

/* Append an answer as it is compared between engines. */
void transcript_add(struct buf *b, const struct answer *a);

#endif
