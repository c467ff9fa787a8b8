#ifndef API_MASK_H
#define API_MASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/store.h"

struct req;

/*
 * Telephone numbers of people, hidden in the server from who does not need
 * them (base/mask.h: 139****0100).
 *
 * Hide every "phone" in JSON text as this program prints it, in place: the
 * length stays.  Returns how many were hidden.
 */
size_t mask_json(char *text, size_t len);

/*
 * The text of a task as who asks may see it: *d itself where contacts may be
 * read or there is nothing to hide, else *d is given a masked copy (arena).
 */
int mask_task(
    struct req *r, struct store_doc *d, bool *masked, struct err *e) MUST_CHECK;

#endif
