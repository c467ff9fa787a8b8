#ifndef CLI_FILE_H
#define CLI_FILE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

#define FILE_BYTES_MAX (64U << 20)

/* new: the bytes of a file, NUL-terminated; NULL: ERR_NOTFOUND, ERR_TOOBIG. */
char *file_read(const char *path, size_t *len, struct err *e) MUST_CHECK;
/* new: a JSON file under the rules for input from outside. */
json_t *file_read_json(const char *path, struct err *e) MUST_CHECK;
bool file_is_dir(const char *path);
bool file_exists(const char *path);

#endif
