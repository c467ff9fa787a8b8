#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

#define ID_MAX 64
#define UUID_LEN 36

/* [A-Za-z0-9][A-Za-z0-9._-]{0,63}: safe in a path, a header and a log. */
bool id_valid(const char *s);
/* RFC 9562 text form, lower or upper case, any version. */
bool uuid_valid(const char *s);
/* A random (version 4) UUID in lower case. */
void uuid_random(char out[UUID_LEN + 1]);
/* n random bytes from the kernel; never fails. */
void random_bytes(void *out, size_t n);

#endif
