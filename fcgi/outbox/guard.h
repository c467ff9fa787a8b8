#ifndef OUTBOX_GUARD_H
#define OUTBOX_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct sockaddr;

/*
 * Where webhooks may go.  An address inside this house (loopback, private,
 * link-local, unspecified, multicast, and all of them dressed as IPv6) is
 * refused unless the list names it; what is checked is the address that is
 * connected to, so a name that changes its answer gains nothing.
 */
struct guard;

/*
 * list: blanks or commas between host names, addresses and ranges:
 * "oa.example.gov.cn 10.1.0.0/16 fd00::/8".  A host that is named may lie
 * anywhere.  new, or NULL: ERR_CONFIG names the word.
 */
struct guard *guard_new(const char *list, struct err *e) MUST_CHECK;
void guard_free(struct guard *g);

/* Is the host (as in the address of the webhook) on the list by its name? */
bool guard_knows_host(const struct guard *g, const char *host);
/* May a connection be made to this address? */
bool guard_permits(const struct guard *g, const struct sockaddr *to);

/*
 * An address of a webhook: http or https, a host, no user, no fragment; a
 * host that is an address must be permitted.  *host: new.  -1: ERR_INVALID
 * with an item at `pointer`.
 */
int guard_check_url(const struct guard *g, const char *url, const char *pointer,
    char **host, struct err *e) MUST_CHECK;

#endif
