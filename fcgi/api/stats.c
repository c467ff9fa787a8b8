#include "api/stats.h"

#include <string.h>

#include "api/app.h"
#include "api/handlers.h"
#include "api/org_cache.h"
#include "api/sheets.h"
#include "api/stats_cache.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

/* A question as it was asked, before the documents are read. */
struct asked {
	enum stats_family family;
	const char *by;
	const char **plans;
	size_t nplans;
	const char *task; /* only this one, or NULL */
	const char *org;
	const char *as_of;
	const char *known_at; /* NULL: everything that is known */
	int format;           /* of export/formats.def; -1: JSON */
	struct store_stamp stamp;
	const char *key; /* all of the above but the stamp, as text */
	uint64_t hash;   /* of the key */
};

/* "/api/v1/stats/completion" -> the family: a row of the route table each. */
static enum stats_family
route_family(const struct req *r)
{
	const char *name = strrchr(r->route->pattern, '/') + 1;

	return (enum stats_family)stats_family_by_name(name);
}

static int
ask_by(struct req *r, struct asked *q, struct err *e)
{
	const char *by = req_param(r, "by");

	q->family = route_family(r);
	q->task = req_param(r, "task");
	q->org = req_param(r, "org");
	q->by = stats_by_check(q->family, by != NULL ? by : "");
	if (q->by != NULL)
		return 0;
	if (stats_family_bys(q->family)[0] == '\0')
		return err_add(e, ERR_BADQUERY, "/by", "enum",
		    "这种统计不分口径，请去掉by");
	return err_add(e, ERR_BADQUERY, "/by", "enum",
	    "不能按“%s”统计，可以按：%s", by, stats_family_bys(q->family));
}

/* All plans below a division in a year: a province over its cities. */
static int
ask_division(
    struct req *r, struct asked *q, const char *division, struct err *e)
{
	int64_t year = req_param_int(r, "year", 0);
	struct store_page page;
	struct store_query find = {
	    .coll = COLL_PLANS,
	    .filters = {{.field = FIELD_PLANS_DIVISION,
			    .op = OP_PREFIX,
			    .text = division},
		{.field = FIELD_PLANS_YEAR, .op = OP_EQ, .n = year}},
	    .nfilters = 2,
	    .sort = FIELD_ID,
	    .limit = STATS_PLANS_MAX + 1,
	};

	if (year == 0)
		return err_add(e, ERR_BADQUERY, "/year", "required",
		    "按行政区划统计时要说明年份year");
	if (store_find(api_store(r), &find, &r->arena, &page, e) < 0)
		return -1;
	if (page.ndocs == 0)
		return err_set(e, ERR_NOTFOUND, "%s在%lld年没有实事计划",
		    division, (long long)year);
	if (page.ndocs > STATS_PLANS_MAX)
		return err_set(
		    e, ERR_TOOBIG, "一次最多统计%d个计划", STATS_PLANS_MAX);
	q->plans = arena_alloc(&r->arena, page.ndocs * sizeof(*q->plans));
	for (size_t i = 0; i < page.ndocs; i++)
		q->plans[q->nplans++] = page.docs[i].id;
	return 0;
}

static int
ask_plans(struct req *r, struct asked *q, struct err *e)
{
	const char *plan = req_param(r, "plan");
	const char *division = req_param(r, "division");

	if ((plan == NULL) == (division == NULL))
		return err_add(e, ERR_BADQUERY, "/plan", "required",
		    "请用plan指明一个计划，或用division和year指明一片地区");
	if (plan == NULL)
		return ask_division(r, q, division, e);
	if (req_param(r, "year") != NULL)
		return err_add(e, ERR_BADQUERY, "/year", "unused",
		    "一个计划只有一个年份，不必再写year");
	q->plans = arena_alloc(&r->arena, sizeof(*q->plans));
	q->plans[q->nplans++] = plan;
	return 0;
}

int
api_known_at(struct req *r, const char **known_at, struct err *e)
{
	instant_t known;

	*known_at = req_param(r, "knownAt");
	if (*known_at != NULL && instant_parse(*known_at, &known) &&
	    known > r->now)
		return err_add(e, ERR_BADQUERY, "/knownAt", "maximum",
		    "knownAt不能晚于现在");
	return 0;
}

static int
ask_times(struct req *r, struct asked *q, struct err *e)
{
	char day[CIVIL_LEN + 1];

	q->as_of = req_param(r, "asOf");
	if (q->as_of == NULL)
		q->as_of = arena_strdup(&r->arena, civil_format(r->today, day));
	return api_known_at(r, &q->known_at, e);
}

/*
 * Nothing was known later than the last change, so an answer without knownAt
 * names that instant: asked again with it, it is the same answer.
 */
static const char *
known_at_text(struct req *r, const struct asked *q)
{
	char text[INSTANT_LEN + 1];

	if (q->known_at != NULL)
		return q->known_at;
	return arena_strdup(&r->arena, instant_format(q->stamp.at, text));
}

/* This runs for each request, so it goes without printf. */
static const char *
make_key(struct req *r, const struct asked *q)
{
	/* Nothing else is in the body before there is an answer. */
	struct buf *b = &r->res.body;
	const char *key;

	buf_add(b, stats_family_name(q->family));
	buf_addc(b, '|');
	buf_add(b, q->by);
	buf_addc(b, '|');
	buf_add(b, q->as_of);
	buf_addc(b, '|');
	buf_add(b, q->known_at != NULL ? q->known_at : "");
	buf_addc(b, '|');
	if (q->format >= 0)
		buf_add(b, export_format_name((enum export_format)q->format));
	buf_addc(b, '|');
	buf_add(b, q->task != NULL ? q->task : "");
	buf_addc(b, '|');
	buf_add(b, q->org != NULL ? q->org : "");
	for (size_t i = 0; i < q->nplans; i++) {
		buf_addc(b, '|');
		buf_add(b, q->plans[i]);
	}
	key = arena_strndup(&r->arena, b->data, b->len);
	buf_reset(b);
	return key;
}

/* The days, the stamp and the key of a question about known plans. */
static int
ask_rest(struct req *r, struct asked *q, struct err *e)
{
	if (ask_times(r, q, e) < 0 || store_stamp_get(api_store(r), q->plans,
					  q->nplans, &q->stamp, e) < 0)
		return -1;
	q->key = make_key(r, q);
	q->hash = hash_text(q->key);
	return 0;
}

/*
 * The stamp and the question decide the bytes, so they are the ETag.  true:
 * the client has them.  If-None-Match: * is about what there is, and whether
 * the plan is there shows only later.
 */
static bool
tag_answer(struct req *r, const struct asked *q)
{
	char tag[3 * (TEXT_HEX + 1)];
	char *end = text_print_hex(tag, (uint64_t)q->stamp.seq);

	*end++ = '-';
	end = text_print_hex(end, (uint64_t)q->stamp.at);
	*end++ = '-';
	*text_print_hex(end, q->hash) = '\0';
	return res_etag(r, tag) && strcmp(r->if_none_match, "*") != 0;
}

static int
fetch(void *store, const struct stats_part *part, const struct stats_args *args,
    struct arena *a, struct stats_rows *out, struct err *e)
{
	return store_stats(store, part, args, a, out, e);
}

/* The plans' documents and all orgs they may name. */
static int
read_plans(
    struct req *r, const struct asked *q, struct stats_query *sq, struct err *e)
{
	struct app *app = r->app;
	json_t *plans = req_own_json(r, json_array());
	json_t *orgs = req_own_json(r, json_array());

	for (size_t i = 0; i < q->nplans; i++) {
		json_t *plan = api_get(r, COLL_PLANS, q->plans[i], "计划", e);
		json_t *some;

		if (plan == NULL)
			return -1;
		some = org_cache_get(
		    app->orgs, app->store, json_peek_str(plan, "division"), e);
		if (some == NULL)
			return -1;
		req_own_json(r, some);
		json_array_append(plans, plan);
		json_array_extend(orgs, some);
	}
	sq->plans = plans;
	sq->orgs = orgs;
	return 0;
}

/* new: the answer, or NULL. */
static json_t *
compute_once(struct req *r, const struct asked *q, struct err *e)
{
	struct stats_query sq = {
	    .family = q->family,
	    .by = q->by,
	    .task = q->task,
	    .org = q->org,
	};

	if (read_plans(r, q, &sq, e) < 0)
		return NULL;
	if (!civil_parse(q->as_of, &sq.as_of) ||
	    !instant_parse(known_at_text(r, q), &sq.known_at)) {
		err_set(e, ERR_BADQUERY, "日期有误");
		return NULL;
	}
	return stats_answer(&sq, fetch, api_store(r), e);
}

/*
 * An answer is made of several readings: one that a write came between may
 * not agree with itself, and is made again.  new, and its stamp in q; NULL.
 */
static json_t *
compute(struct req *r, struct asked *q, struct err *e)
{
	struct store_stamp after = q->stamp;
	json_t *answer;

	req_slow(r);
	answer = compute_once(r, q, e);
	if (answer == NULL ||
	    store_stamp_get(api_store(r), q->plans, q->nplans, &after, e) < 0 ||
	    after.seq == q->stamp.seq)
		return answer;
	json_decref(answer);
	q->stamp = after;
	(void)tag_answer(r, q);
	return compute_once(r, q, e);
}

/* The same answer as a file to open: made each time, seldom asked for. */
static int
answer_file(struct req *r, const struct asked *q, json_t *answer, struct err *e)
{
	enum export_format format = (enum export_format)q->format;

	if (sheets_print(format, q->family, q->by, answer, &r->res.body, e) < 0)
		return -1;
	r->res.type = export_format_type(format);
	res_header(r, "Content-Disposition",
	    arena_printf(&r->arena, "%s; filename=\"%s-%s-%s.%s\"",
		format == EXPORT_HTML ? "inline" : "attachment",
		stats_family_name(q->family), q->plans[0], q->as_of,
		export_format_name(format)));
	return 0;
}

static int
answer_new(struct req *r, struct asked *q, struct err *e)
{
	struct app *app = r->app;
	json_t *answer = compute(r, q, e);

	if (answer == NULL)
		return -1;
	req_own_json(r, answer);
	if (q->format >= 0)
		return answer_file(r, q, answer, e);
	res_json(r, 200, answer);
	stats_cache_put(app->cache, q->key, q->hash, q->stamp.seq,
	    r->res.body.data, r->res.body.len);
	return 0;
}

int
stats_get(struct req *r, struct err *e)
{
	struct app *app = r->app;
	struct asked q = {0};
	struct stats_entry *hit;
	const char *text;
	size_t len;

	if (ask_by(r, &q, e) < 0 || ask_plans(r, &q, e) < 0 ||
	    api_export_format(r, &q.format, e) < 0 || ask_rest(r, &q, e) < 0)
		return -1;
	if (tag_answer(r, &q))
		return 0;
	hit = stats_cache_get(app->cache, q.key, q.hash, q.stamp.seq);
	if (hit == NULL)
		return answer_new(r, &q, e);
	req_own(r, hit, stats_cache_unpin);
	text = stats_entry_text(hit, &len);
	res_text(r, 200, "application/json", text, len);
	return 0;
}

json_t *
api_stats(struct req *r, enum stats_family family, const char *by,
    const char *plan, const char *as_of, const char *known_at, struct err *e)
{
	struct asked q = {
	    .family = family,
	    .by = by,
	    .plans = &plan,
	    .nplans = 1,
	    .as_of = as_of,
	    .known_at = known_at,
	    .format = -1,
	};
	json_t *answer = compute_once(r, &q, e);

	return answer != NULL ? req_own_json(r, answer) : NULL;
}

static json_t *
find_row(const json_t *answer, const char *task_id)
{
	size_t i;
	json_t *row;

	json_array_foreach (json_object_get(answer, "rows"), i, row) {
		if (strcmp(json_peek_str(row, "taskId"), task_id) == 0)
			return row;
	}
	return NULL;
}

/* One row of the statistics: the page of a task and the sums never differ. */
int
task_milestones(struct req *r, struct err *e)
{
	json_t *task = api_get(r, COLL_TASKS, r->segments[0], "事项", e);
	struct asked q = {
	    .family = STAT_MILESTONES,
	    .by = stats_by_check(STAT_MILESTONES, "task"),
	    .nplans = 1,
	    .format = -1,
	};
	const char *plan;
	json_t *answer, *row;

	if (task == NULL)
		return -1;
	plan = json_peek_str(task, "planId");
	q.plans = &plan;
	if (ask_rest(r, &q, e) < 0)
		return -1;
	if (tag_answer(r, &q))
		return 0;
	answer = compute(r, &q, e);
	if (answer == NULL)
		return -1;
	req_own_json(r, answer);
	row = find_row(answer, r->segments[0]);
	if (row == NULL)
		return err_set(
		    e, ERR_NOTFOUND, "当时还没有这个事项：%s", r->segments[0]);
	json_put(row, "asOf", json_incref(json_object_get(answer, "asOf")));
	json_put(
	    row, "knownAt", json_incref(json_object_get(answer, "knownAt")));
	res_json(r, 200, row);
	return 0;
}

json_t *
api_task_figures(
    struct req *r, const json_t *task, enum stats_family family, struct err *e)
{
	const char *plan = json_peek_str(task, "planId");
	struct asked q = {
	    .family = family,
	    .by = stats_by_check(family, "task"),
	    .plans = &plan,
	    .nplans = 1,
	    .format = -1,
	};
	json_t *answer, *row;

	if (ask_rest(r, &q, e) < 0)
		return NULL;
	answer = compute(r, &q, e);
	if (answer == NULL)
		return NULL;
	row = find_row(req_own_json(r, answer), json_peek_str(task, "_id"));
	if (row == NULL)
		err_set(e, ERR_NOTFOUND, "没有这个事项：%s",
		    json_peek_str(task, "_id"));
	return row;
}
