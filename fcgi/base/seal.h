#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include <stddef.h>

#include "base/err.h"

struct cfg;

/*
 * Secrets that the program must be able to read again (what OA systems sign
 * with) are stored sealed: AES-256-GCM under the server's own secret, which
 * lies in a file beside the store, never in it.  Any thread.
 */
struct seal;

/*
 * new.  The file is read when it is first needed; its SHA-256 is the key, so
 * any 32 random bytes or more in any form will do.  Nothing is touched yet.
 */
struct seal *seal_new(const char *path);
/* The same with the file of the settings: secret_file, or one in data. */
struct seal *seal_new_for(const struct cfg *cfg);
void seal_free(struct seal *s);

/*
 * Seal text under a context (an id: what is sealed for one is not accepted
 * for another).  The file is made (0600, random) when there is none.  new:
 * "s1." and base64; NULL: ERR_CONFIG.
 */
char *seal_close(struct seal *s, const char *context, const char *text,
    struct err *e) MUST_CHECK;
/* new: the text; NULL: ERR_CONFIG, it was sealed with another secret. */
char *seal_open(struct seal *s, const char *context, const char *sealed,
    struct err *e) MUST_CHECK;

#endif
