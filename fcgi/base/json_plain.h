#ifndef BASE_JSON_PLAIN_H
#define BASE_JSON_PLAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Parse JSON that has nothing remarkable about it, in a quarter of jansson's
 * time: new.  NULL when it is wrong in any way, or only unusual (\u escapes,
 * numbers that are no small integers, a member twice, depth over
 * JSON_DEPTH_MAX; strict: keys with '$' first or a '.'): then jansson is to
 * be asked, for the value or for what to say about it.
 */
json_t *json_read_plain(const char *s, size_t n, bool strict);

#endif
