/* The audit, for those who may read it. */
#include <stdio.h>

#include "api/app.h"
#include "api/audit_verify.h"
#include "api/handlers.h"
#include "base/json.h"

#define DAY_MS ((instant_t)24 * 60 * 60 * 1000)
#define SHANGHAI_MS ((instant_t)8 * 60 * 60 * 1000)

/* From the first, or to the last instant of the day that is named. */
static void
filter_day(struct req *r, struct store_query *q, const char *param, bool last)
{
	const char *text = req_param(r, param);
	char *at;
	civil_t day;

	if (text == NULL || !civil_parse(text, &day))
		return;
	at = arena_alloc(&r->arena, INSTANT_LEN + 1);
	instant_format(
	    (day + (last ? 1 : 0)) * DAY_MS - SHANGHAI_MS - (last ? 1 : 0), at);
	q->filters[q->nfilters++] = (struct store_filter){
	    .field = FIELD_AUDIT_AT,
	    .op = last ? OP_LE : OP_GE,
	    .text = at,
	};
}

int
audit_list(struct req *r, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_AUDIT,
	    .sort = FIELD_AUDIT_SEQ,
	    .desc = true,
	};

	api_filter(r, &q, "actor", FIELD_AUDIT_ACTOR, OP_EQ);
	api_filter(r, &q, "action", FIELD_AUDIT_ACTION, OP_PREFIX);
	api_filter(r, &q, "target", FIELD_AUDIT_TARGET, OP_EQ);
	api_filter(r, &q, "plan", FIELD_AUDIT_PLAN, OP_EQ);
	api_filter(r, &q, "org", FIELD_AUDIT_ORG, OP_EQ);
	filter_day(r, &q, "from", false);
	filter_day(r, &q, "to", true);
	return api_answer_page(r, &q, e);
}

/* ---- verify ---- */

static void
keep_fault(void *arg, const char *kind, int64_t seq, const char *line)
{
	json_t *item = json_object();

	json_put_str(item, "kind", kind);
	json_put_int(item, "seq", seq);
	json_put_str(item, "text", line);
	json_push(arg, item);
}

int
audit_verify_get(struct req *r, struct err *e)
{
	struct app *app = r->app;
	json_t *answer = req_own_json(r, json_object());
	json_t *faults = json_array();
	struct audit_verdict v;

	req_slow(r);
	json_put(answer, "faults", faults);
	if (audit_verify(app->store, app->cfg, keep_fault, faults, &v, e) < 0)
		return -1;
	json_put(answer, "whole", json_boolean(v.faults == 0));
	json_put_int(answer, "entries", v.entries);
	json_put_int(answer, "anchors", (int64_t)v.anchors);
	json_put_int(answer, "faultCount", v.faults);
	json_put_int(answer, "headSeq", v.head.seq);
	json_put_str(answer, "headHash", v.head.hash);
	res_json(r, 200, answer);
	return 0;
}
