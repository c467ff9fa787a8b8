#ifndef API_AUDIT_VERIFY_H
#define API_AUDIT_VERIFY_H

#include <stddef.h>

#include "store/chain.h"

struct cfg;

#define AUDIT_FAULTS_TOLD 100

struct audit_verdict {
	int64_t entries;
	int64_t faults; /* places where the chain, or an anchor, does not fit */
	size_t anchors;
	struct chain_head head;
};

/*
 * Read all entries in the order of their numbers, make every hash again and
 * compare with what was anchored.  What is wrong is told to tell(arg, kind,
 * seq, line): a stable word (edited, removed, inserted, reordered, cut,
 * rechained, damaged), where, and a sentence in Chinese; at most
 * AUDIT_FAULTS_TOLD of them.  0 even then: look at the verdict.
 */
typedef void (*audit_tell_fn)(
    void *arg, const char *kind, int64_t seq, const char *line);
int audit_verify(struct store *s, const struct cfg *cfg, audit_tell_fn tell,
    void *arg, struct audit_verdict *out, struct err *e) MUST_CHECK;

#endif
