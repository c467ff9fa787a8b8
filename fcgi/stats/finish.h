#ifndef STATS_FINISH_H
#define STATS_FINISH_H

#include <jansson.h>

#include "base/err.h"

struct frame;

/*
 * Finishers turn parts into the figures of a family: they put `rows` (and
 * what else the family has) into the answer.  0, or -1 with *e set.
 */
typedef int (*finish_fn)(struct frame *f, json_t *answer, struct err *e);

int finish_completion(struct frame *f, json_t *answer, struct err *e);
int finish_funding(struct frame *f, json_t *answer, struct err *e);
int finish_milestones(struct frame *f, json_t *answer, struct err *e);
int finish_headline(struct frame *f, json_t *answer, struct err *e);
int finish_matrix(struct frame *f, json_t *answer, struct err *e);
int finish_timeliness(struct frame *f, json_t *answer, struct err *e);
int finish_trend(struct frame *f, json_t *answer, struct err *e);

/* Of completion: the headline at the end of each month, into rows. */
int finish_by_month(struct frame *f, json_t *rows, struct err *e);

#endif
