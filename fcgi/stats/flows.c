#include "stats/flows.h"

#include <string.h>

#include "base/json.h"
#include "plan/percent.h"

static const struct {
	const char *stage;
	const char *member;
} stages[FLOW__MAX] = {
    [FLOW_PLAN] = {"plan", "planFen"},
    [FLOW_ISSUED] = {"issued", "issuedFen"},
    [FLOW_RECEIVED] = {"received", "receivedFen"},
    [FLOW_PAID] = {"paid", "paidFen"},
};

int
flows_add(struct flows *to, const struct frame *f, size_t row, struct err *e)
{
	const struct stats_rows *r = &f->rows[PART_FLOW];
	const char *stage = rows_text(r, row, COL_FLOW_stage);

	for (size_t i = 0; i < FLOW__MAX; i++) {
		if (strcmp(stages[i].stage, stage) != 0)
			continue;
		to->known[i] = true;
		if (__builtin_add_overflow(to->amount[i],
			rows_int(r, row, COL_FLOW_amount), &to->amount[i]))
			return err_set(e, ERR_INVALID,
			    "资金合计超出可以计算的范围，请核对数字。");
	}
	return 0;
}

static void
put_rate(json_t *row, const char *key, const struct flows *flows,
    enum flow_stage stage, int64_t stated)
{
	char text[PERCENT_TEXT];

	json_put_str(row, key,
	    flows->known[stage]
		? percent_text(flows->amount[stage], stated, text)
		: NULL);
}

void
flows_put(json_t *row, const struct flows *flows, int64_t stated)
{
	json_t *o = json_object();

	for (size_t i = 0; i < FLOW__MAX; i++)
		json_put(o, stages[i].member,
		    flows->known[i] ? json_integer(flows->amount[i])
				    : json_null());
	json_put(row, "flows", o);
	put_rate(row, "receivedPercent", flows, FLOW_RECEIVED, stated);
	put_rate(row, "paidPercent", flows, FLOW_PAID, stated);
}
