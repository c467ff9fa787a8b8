#ifndef SCHEMA_CHECK_H
#define SCHEMA_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "schema/node.h"

struct regex_room;

#define POINTER_MAX sizeof(((struct err *)NULL)->items[0].pointer)
#define DETAIL_MAX sizeof(((struct err *)NULL)->items[0].detail)

/* The way from the root of the instance to the value under check. */
struct path {
	const struct path *up;
	const char *key; /* NULL: an item of an array */
	size_t index;
	size_t depth;
};

/* The resources passed through on the way, newest first. */
struct scope {
	const struct scope *up;
	const struct resource *res;
};

/* REPORT keeps every failure; QUIET stops at the first; PROBE weighs them. */
enum check_mode { CHECK_REPORT, CHECK_QUIET, CHECK_PROBE };

/* What is wrong with one branch of anyOf: see branch.c. */
struct probe {
	size_t depth; /* of the value the branches disagree about */
	size_t penalty;
	unsigned types;           /* the types it would take, if that failed */
	const struct key *choice; /* a const or enum that failed near by */
	char choice_pointer[POINTER_MAX];
};

/* One run of schema_check(), on its caller's stack. */
struct check {
	struct err *e;
	enum check_mode mode;
	struct probe *probe;
	const struct path *path;
	const struct scope *scope;
	struct regex_room *room; /* for long texts */
	size_t depth;
	size_t steps;
	bool broken; /* a limit was met: the answer is no, whatever follows */
};

/*
 * What applicators have looked at in one instance.  Members are the key
 * pointers of that very instance; both lists only grow, so that what a
 * failed branch noted is undone by cutting them.
 */
struct seen {
	const char **keys;
	size_t nkeys, capkeys;
	size_t *items;
	size_t nitems, capitems;
	size_t prefix; /* items 0 .. prefix - 1 */
	bool all_keys;
	bool all_items;
};

/* These do nothing when s is NULL. */
void seen_key(struct seen *s, const char *key);
void seen_item(struct seen *s, size_t index);
void seen_prefix(struct seen *s, size_t n);
/* Order the lists, then ask. */
void seen_sort(struct seen *s);
bool seen_has_key(const struct seen *s, const char *key);
bool seen_has_item(const struct seen *s, size_t index);

/* Does v fit `node`?  `via` is the keyword that asks (NULL at the root). */
bool check_node(struct check *c, const struct key *via,
    const struct schema *node, const json_t *v, struct seen *seen);
/* The same without a word about failures. */
bool check_quietly(struct check *c, const struct key *via,
    const struct schema *node, const json_t *v, struct seen *seen);
/* The same for a member (key is the instance's own pointer) or an item. */
bool check_member(struct check *c, const struct key *via,
    const struct schema *node, const json_t *v, const char *key);
bool check_item(struct check *c, const struct key *via,
    const struct schema *node, const json_t *v, size_t index);

/* May a check stop here, having failed? */
bool check_may_stop(const struct check *c);
/* Record that k failed at the present path; returns false. */
bool check_fail(struct check *c, const struct key *k, const char *fmt, ...)
    PRINTF(3, 4);
/* The same, but the schema's own "x-message" wins. */
bool check_fail_own(struct check *c, const struct key *k, const char *fmt, ...)
    PRINTF(3, 4);
/* The same for a member of the present value. */
bool check_fail_member(struct check *c, const struct key *k, const char *key,
    const char *fmt, ...) PRINTF(4, 5);
/* The same at a place that was noted before, as a JSON pointer. */
bool check_fail_at(struct check *c, const struct key *k, const char *pointer,
    const char *fmt, ...) PRINTF(4, 5);
/* "应为...，实为..." */
bool check_fail_type(
    struct check *c, const struct key *k, unsigned types, const json_t *v);
/* Match with this check's room and limits. */
bool check_regex(
    struct check *c, const struct regex *re, const char *s, size_t n);
/* The RFC 6901 pointer of the path, whole steps only. */
void check_pointer(const struct path *path, char *out, size_t cap);

/* From branch.c. */
void probe_note(struct check *c, const struct key *k);
/* Tell why no branch of k fits v; returns false. */
bool check_fail_branches(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen);

#endif
