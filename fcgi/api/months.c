#include "plan/month.h"

#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "api/sheets.h"
#include "api/stats.h"
#include "base/json.h"

/* The month of the address, checked. */
static int
month_of(const struct req *r, period_t *month, struct err *e)
{
	if (period_parse(r->segments[1], month))
		return 0;
	return err_add(e, ERR_BADPATH, "", "month",
	    "月份写成“年-月”，例如 2019-05，不是“%s”", r->segments[1]);
}

static const char *
snapshot_id(struct req *r)
{
	return arena_printf(&r->arena, "%s.%s", r->segments[0], r->segments[1]);
}

/* "completion.task": the name of an answer inside a frozen month. */
static const char *
answer_name(struct req *r, const struct sheet_about *s)
{
	if (s->by[0] == '\0')
		return stats_family_name(s->family);
	return arena_printf(
	    &r->arena, "%s.%s", stats_family_name(s->family), s->by);
}

/* ---- what became known later ---- */

static json_t *
read_blob(struct req *r, const json_t *snapshot, struct err *e)
{
	const void *data;
	json_t *body;
	size_t len;

	if (store_blob_get(api_store(r), json_peek_str(snapshot, "blob"),
		&r->arena, &data, &len, e) < 0)
		return NULL;
	body = json_read_own(data, len, e);
	return body != NULL ? req_own_json(r, body) : NULL;
}

/* Corrections of one frozen month, as they are known at `known_at`. */
static json_t *
corrections_of(
    struct req *r, const json_t *snapshot, const char *known_at, struct err *e)
{
	json_t *body = read_blob(r, snapshot, e);
	json_t *now;

	if (body == NULL)
		return NULL;
	now = api_stats(r, STAT_COMPLETION, "task", r->segments[0],
	    json_peek_str(snapshot, "asOf"), known_at, e);
	if (now == NULL)
		return NULL;
	return req_own_json(
	    r, month_corrections(json_peek_str(snapshot, "month"),
		   json_peek_object(
		       json_peek_object(body, "answers"), "completion.task"),
		   now));
}

static json_t *
frozen_months(struct req *r, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_SNAPSHOTS,
	    .filters = {{.field = FIELD_SNAPSHOTS_PLAN,
		.op = OP_EQ,
		.text = r->segments[0]}},
	    .nfilters = 1,
	    .sort = FIELD_SNAPSHOTS_MONTH,
	    .limit = STORE_LIMIT_MAX,
	};
	json_t *all = store_find_json(api_store(r), &q, STORE_LIMIT_MAX, e);

	return all != NULL ? req_own_json(r, all) : NULL;
}

/* Corrections of all months frozen before `month`; owned by the request. */
static json_t *
earlier_corrections(
    struct req *r, const char *month, const char *known_at, struct err *e)
{
	json_t *months = frozen_months(r, e);
	json_t *all = req_own_json(r, json_array());
	json_t *snapshot;
	size_t i;

	if (months == NULL)
		return NULL;
	json_array_foreach (months, i, snapshot) {
		json_t *some;

		if (strcmp(json_peek_str(snapshot, "month"), month) >= 0)
			continue;
		some = corrections_of(r, snapshot, known_at, e);
		if (some == NULL)
			return NULL;
		json_array_extend(all, some);
	}
	return all;
}

/* ---- freezing ---- */

/* Every statistic that has a table, as it is known at `known_at`. */
static json_t *
all_answers(
    struct req *r, const char *as_of, const char *known_at, struct err *e)
{
	json_t *answers = req_own_json(r, json_object());
	struct sheet_about s;

	for (size_t i = 0; sheets_at(i, &s); i++) {
		json_t *answer = api_stats(
		    r, s.family, s.by, r->segments[0], as_of, known_at, e);

		if (answer == NULL)
			return NULL;
		json_put(answers, answer_name(r, &s), json_incref(answer));
	}
	return answers;
}

/* The instant of the last change: nothing later can be in the month. */
static const char *
known_now(struct req *r, struct err *e)
{
	const char *plans[] = {r->segments[0]};
	struct store_stamp stamp;
	char text[INSTANT_LEN + 1];

	if (store_stamp_get(api_store(r), plans, 1, &stamp, e) < 0)
		return NULL;
	return arena_strdup(&r->arena, instant_format(stamp.at, text));
}

/* The bytes that stay; owned by the request's answer buffer until taken. */
static json_t *
make_body(
    struct req *r, const json_t *plan, const json_t *snapshot, struct err *e)
{
	const char *known_at = json_peek_str(snapshot, "knownAt");
	const char *as_of = json_peek_str(snapshot, "asOf");
	json_t *answers = all_answers(r, as_of, known_at, e);
	json_t *late, *body;

	if (answers == NULL)
		return NULL;
	late = earlier_corrections(
	    r, json_peek_str(snapshot, "month"), known_at, e);
	if (late == NULL)
		return NULL;
	body = req_own_json(r, json_object());
	json_put_str(body, "planId", r->segments[0]);
	json_put_str(body, "title", json_peek_str(plan, "title"));
	json_put_str(body, "month", json_peek_str(snapshot, "month"));
	json_put_str(body, "asOf", as_of);
	json_put_str(body, "knownAt", known_at);
	json_put_str(body, "frozenAt", json_peek_str(snapshot, "frozenAt"));
	json_put(body, "by", json_incref(json_object_get(snapshot, "by")));
	json_put(body, "open",
	    json_incref(json_iterable(
		json_peek_array(json_peek_object(plan, "issue"), "open"))));
	json_put(body, "corrections", json_incref(late));
	json_put(body, "answers", json_incref(answers));
	return body;
}

static json_t *
make_snapshot(struct req *r, period_t month, struct err *e)
{
	const struct who *who = api_who(r);
	const char *known_at = known_now(r, e);
	json_t *s = req_own_json(r, json_object());
	char day[CIVIL_LEN + 1], now[INSTANT_LEN + 1];

	if (known_at == NULL)
		return NULL;
	json_put_str(s, "_id", snapshot_id(r));
	json_put_str(s, "planId", r->segments[0]);
	json_put_str(s, "month", r->segments[1]);
	json_put_str(s, "asOf", civil_format(period_end(month), day));
	json_put_str(s, "knownAt", known_at);
	json_put_str(s, "frozenAt", instant_format(r->now, now));
	json_put(s, "by",
	    json_pack("{s:s, s:s}", "userId", who->id, "name", who->name));
	return s;
}

/* Keep the bytes before the record that names them. */
static int
keep_body(struct req *r, const json_t *body, json_t *snapshot, struct err *e)
{
	char hash[SHA256_HEX + 1];
	struct buf text;
	int rc;

	buf_init(&text, STORE_BLOB_MAX);
	json_print(&text, body);
	if (!buf_ok(&text)) {
		buf_fini(&text);
		return err_set(e, ERR_TOOBIG, "这个月的数据太多，封存不下");
	}
	sha256_hex(text.data, text.len, hash);
	json_put_str(snapshot, "blob", hash);
	json_put_int(snapshot, "size", (int64_t)text.len);
	rc = store_blob_put(api_store(r), hash, text.data, text.len, e);
	buf_fini(&text);
	return rc;
}

int
month_freeze(struct req *r, struct err *e)
{
	json_t *plan = api_get(r, COLL_PLANS, r->segments[0], "计划", e);
	json_t *snapshot, *body;
	struct write_set *ws;
	period_t month;
	int64_t rev;

	req_slow(r);
	if (plan == NULL || month_of(r, &month, e) < 0 ||
	    api_allow_division(r, json_peek_str(plan, "division"), e) < 0 ||
	    month_check_freeze(plan, month, r->today, e) < 0)
		return -1;
	if (store_get_rev(
		api_store(r), COLL_SNAPSHOTS, snapshot_id(r), &rev, e) == 0)
		return err_set(e, ERR_EXISTS, "%s已经封存，封存的数不再改变",
		    r->segments[1]);
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	snapshot = make_snapshot(r, month, e);
	if (snapshot == NULL)
		return -1;
	body = make_body(r, plan, snapshot, e);
	if (body == NULL || keep_body(r, body, snapshot, e) < 0)
		return -1;
	ws = api_write_set(r);
	write_insert(ws, COLL_SNAPSHOTS, snapshot);
	return api_commit(r, ws, 201, snapshot, e);
}

/* ---- reading ---- */

int
month_list(struct req *r, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_SNAPSHOTS,
	    .filters = {{.field = FIELD_SNAPSHOTS_PLAN,
		.op = OP_EQ,
		.text = r->segments[0]}},
	    .nfilters = 1,
	    .sort = FIELD_SNAPSHOTS_MONTH,
	};

	return api_answer_page(r, &q, e);
}

static json_t *
get_snapshot(struct req *r, struct err *e)
{
	period_t month;

	if (month_of(r, &month, e) < 0)
		return NULL;
	return api_get(r, COLL_SNAPSHOTS, snapshot_id(r), "封存的月份", e);
}

/* The tables of a frozen month, in the order of sheets.def. */
static int
month_sheets(struct req *r, json_t *body, struct export_doc *doc, struct err *e)
{
	json_t *answers = json_object_get(body, "answers");
	struct export_sheet *sheets;
	struct sheet_about s;
	size_t n = 0;

	while (sheets_at(n, &s))
		n++;
	sheets = arena_alloc(&r->arena, n * sizeof(*sheets));
	doc->sheets = sheets;
	for (size_t i = 0; sheets_at(i, &s); i++) {
		json_t *answer = json_object_get(answers, answer_name(r, &s));

		/* Frozen before the program had this statistic. */
		if (answer == NULL)
			continue;
		if (sheets_make(s.family, s.by, answer, &r->arena,
			&sheets[doc->nsheets], e) < 0)
			return -1;
		doc->nsheets++;
	}
	return 0;
}

static int
answer_month_file(struct req *r, const json_t *snapshot,
    enum export_format format, struct err *e)
{
	json_t *body = read_blob(r, snapshot, e);
	struct export_doc doc = {0};
	instant_t known = 0;

	if (body == NULL || month_sheets(r, body, &doc, e) < 0)
		return -1;
	(void)instant_parse(json_peek_str(snapshot, "knownAt"), &known);
	doc.title = arena_printf(&r->arena, "%s（%s）",
	    json_peek_str(body, "title"), json_peek_str(body, "month"));
	doc.subtitle = arena_printf(&r->arena, "封存于%s，封存人：%s",
	    json_peek_str(body, "frozenAt"),
	    json_peek_str(json_peek_object(body, "by"), "name"));
	doc.made = known / 1000;
	if (export_print(format, &doc, &r->res.body, e) < 0)
		return -1;
	r->res.type = export_format_type(format);
	res_header(r, "Content-Disposition",
	    arena_printf(&r->arena, "%s; filename=\"%s.%s\"",
		format == EXPORT_HTML ? "inline" : "attachment", snapshot_id(r),
		export_format_name(format)));
	return 0;
}

int
month_get(struct req *r, struct err *e)
{
	json_t *snapshot = get_snapshot(r, e);
	const void *data;
	const char *tag;
	size_t len;
	int format;

	if (snapshot == NULL || api_export_format(r, &format, e) < 0)
		return -1;
	tag = json_peek_str(snapshot, "blob");
	if (format >= 0)
		tag = arena_printf(&r->arena, "%s-%s-%s", tag,
		    export_format_name((enum export_format)format), MS_VERSION);
	if (res_etag(r, tag))
		return 0;
	if (format >= 0)
		return answer_month_file(
		    r, snapshot, (enum export_format)format, e);
	if (store_blob_get(api_store(r), tag, &r->arena, &data, &len, e) < 0)
		return -1;
	res_text(r, 200, "application/json", data, len);
	return 0;
}

int
month_corrections_get(struct req *r, struct err *e)
{
	json_t *items, *answer, *snapshot;
	const char *known_at;

	if (api_known_at(r, &known_at, e) < 0)
		return -1;
	snapshot = get_snapshot(r, e);
	if (snapshot == NULL)
		return -1;
	if (known_at == NULL)
		known_at = known_now(r, e);
	if (known_at == NULL)
		return -1;
	items = corrections_of(r, snapshot, known_at, e);
	if (items == NULL)
		return -1;
	answer = req_own_json(r, json_object());
	json_put_str(answer, "month", r->segments[1]);
	json_put_str(answer, "knownAt", known_at);
	json_put(answer, "items", json_incref(items));
	res_json(r, 200, answer);
	return 0;
}
