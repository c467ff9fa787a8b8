#ifndef STATS_FLOWS_H
#define STATS_FLOWS_H

#include <jansson.h>

#include "stats/frame.h"

/* Money that moved, 计划 → 下达 → 到位 → 支付 (PART_FLOW). */
enum flow_stage { FLOW_PLAN, FLOW_ISSUED, FLOW_RECEIVED, FLOW_PAID, FLOW__MAX };

/* Cumulative; a stage of which nothing was recorded is not zero. */
struct flows {
	bool known[FLOW__MAX];
	int64_t amount[FLOW__MAX];
};

/* Add a row of PART_FLOW.  -1, ERR_INVALID: the sum leaves int64. */
int flows_add(struct flows *to, const struct frame *f, size_t row,
    struct err *e) MUST_CHECK;
/*
 * Put `flows` {planFen, issuedFen, receivedFen, paidFen} and the rates
 * receivedPercent, paidPercent of the stated money.
 */
void flows_put(json_t *row, const struct flows *flows, int64_t stated);

#endif
