#ifndef SCHEMA_REGEX_H
#define SCHEMA_REGEX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The door to PCRE2: ECMA-262 patterns as JSON Schema uses them.  Matching
 * has limits, so no pattern and no text can keep a thread for long.
 */
struct regex;
/* What one thread needs to match; one for any number of patterns. */
struct regex_room;

enum regex_answer { REGEX_NO, REGEX_YES, REGEX_LIMIT };

/* new, or NULL with the offending byte in *at. */
struct regex *regex_new(const char *pattern, size_t *at);
void regex_free(struct regex *re);

struct regex_room *regex_room_new(void);
void regex_room_free(struct regex_room *room);
/*
 * borrowed: the calling thread's own, for texts of at most REGEX_SHORT bytes:
 * what a match needs stays with its room.
 */
#define REGEX_SHORT 4096
struct regex_room *regex_room_own(void);

/* Anywhere in s, which is valid UTF-8. */
enum regex_answer regex_match(
    const struct regex *re, struct regex_room *room, const char *s, size_t n);

#endif
