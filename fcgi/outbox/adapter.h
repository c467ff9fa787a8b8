#ifndef OUTBOX_ADAPTER_H
#define OUTBOX_ADAPTER_H

#include <jansson.h>

#include "base/err.h"

struct buf;

/*
 * The shapes in which OA systems of other makers take to-dos: templates
 * (docs/oa/adapters/<name>.json), carried in the program.  A template has a
 * `body`, and for each state of a row a `path` behind the webhook's address
 * and members to `set`.  In its texts {{name}} stands for a value, {{int:name}}
 * alone for a number, {{json:name}} for JSON text; {{words.name}} is a word of
 * the webhook.
 */

/* The adapter of a webhook, borrowed; NULL: it takes events. */
const char *adapter_of(const json_t *webhook);

/*
 * What the webhook is sent about a row of oaTodos: the path is appended to
 * url, the JSON to body.  base is what a row's link is put behind.
 */
int adapter_render(const json_t *webhook, const json_t *row, const char *base,
    struct buf *url, struct buf *body, struct err *e) MUST_CHECK;

#endif
