#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/err.h"

/*
 * The log: one line of key=value pairs on stderr for each event, written
 * with one write(2), from any thread.
 *
 *   ts=2019-04-04T00:00:00.000Z level=info req=... msg="listening" fd=3
 */
enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR,
	LOG_LEVEL__MAX
};

/* "debug", "info", "warn" or "error"; false for any other word. */
bool log_level_parse(const char *s, enum log_level *level);

/* Lines below this level are not written; info at first. */
void log_set_level(enum log_level level);

/*
 * Lines of this thread carry req=<id> from now on; NULL ends that.
 * borrowed until the next call in this thread.
 */
void log_set_request(const char *id);

/*
 * Write one line.  fmt is NULL or "key=%s key=%d ...", pairs with one space
 * between them.  The pairs are taken from fmt, never from the values: a
 * value with blanks, quotes, '=', control characters or bytes that are not
 * UTF-8 is quoted and escaped, so nobody can forge a pair or a line.  Values
 * are cut at 1024 bytes.  Conversions: %s %.*s %c %d %i %u %x (with l, ll,
 * z, j), %f %g %%; a width or precision of a number is ignored.
 */
void log_line(enum log_level level, const char *msg, const char *fmt, ...)
    PRINTF(3, 4);

#endif
