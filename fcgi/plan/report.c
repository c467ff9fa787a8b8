#include "plan/report.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

/* What names the series and the period: it never changes. */
static const char *const identity[] = {
    "taskId", "indicatorId", "orgId", "asOf"};
/* What the unit writes. */
static const char *const content[] = {
    "value", "narrative", "problems", "nextStep", "attachments"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
copy_members(json_t *to, const json_t *from, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_t *v = json_object_get(from, keys[i]);

		if (v != NULL)
			json_put(to, keys[i], json_deep_copy(v));
		else
			json_object_del(to, keys[i]);
	}
}

void
report_hash(const json_t *source, char out[SHA256_HEX + 1])
{
	json_t *o = json_object();
	struct buf b;

	copy_members(o, source, identity, COUNT(identity));
	copy_members(o, source, content, COUNT(content));
	buf_init(&b, 0);
	json_print_canonical(&b, o);
	sha256_hex(b.data, b.len, out);
	buf_fini(&b);
	json_decref(o);
}

static bool
has_hash(const json_t *report, const char *key, const char *hash)
{
	const char *have = json_peek_str(report, key);

	return have != NULL && strcmp(have, hash) == 0;
}

bool
report_is_same(const json_t *report, const json_t *body)
{
	char hash[SHA256_HEX + 1];

	report_hash(body, hash);
	if (!has_hash(report, "firstHash", hash) &&
	    !has_hash(report, "contentHash", hash))
		return false;
	return report_state(report) != WORKFLOW_DRAFT ||
	       !json_peek_bool(body, "submit", false);
}

/* ---- may this be reported? ---- */

static int
check_running(const struct report_frame *f, struct err *e)
{
	static const char *const running[] = {
	    "issued", "in_progress", "completing"};
	const char *plan = json_peek_str(f->plan, "status");
	const char *task = json_peek_str(f->task, "status");

	if (plan == NULL || strcmp(plan, "issued") != 0)
		return err_set(e, ERR_STATE,
		    "计划“%s”的状态是%s，印发以后、办结以前才能填报",
		    json_peek_str(f->plan, "_id"),
		    plan != NULL ? plan : "draft");
	for (size_t i = 0; task != NULL && i < COUNT(running); i++) {
		if (strcmp(task, running[i]) == 0)
			return 0;
	}
	return err_set(e, ERR_STATE, "事项“%s”的状态是%s，不再接受填报",
	    json_peek_str(f->task, "_id"), task != NULL ? task : "draft");
}

static bool
has_indicator(const json_t *task, const char *id)
{
	const json_t *indicator;
	size_t i;

	json_array_foreach (json_peek_array(task, "indicators"), i, indicator) {
		if (strcmp(json_peek_str(indicator, "id"), id) == 0)
			return true;
	}
	return false;
}

static void
check_obliged(const struct report_frame *f, const json_t *body, struct err *e)
{
	const char *indicator = json_peek_str(body, "indicatorId");
	const char *org = json_peek_str(body, "orgId");

	if (!has_indicator(f->task, indicator))
		err_add(e, ERR_INVALID, "/indicatorId", "reference",
		    "这件实事没有指标%s", indicator);
	else if (!obligation_has(f->task, indicator, org))
		err_add(e, ERR_INVALID, "/orgId", "obligation",
		    "%s在这个指标上没有任务，不用填报", org);
}

static void
check_period(const struct report_frame *f, const json_t *body, civil_t today,
    struct err *e)
{
	char a[CIVIL_LEN + 1], first[PERIOD_LEN + 1], last[PERIOD_LEN + 1];
	period_t p;
	civil_t d;

	if (!civil_parse(json_peek_str(body, "asOf"), &d))
		return;
	p = period_of(d);
	if (d != period_end(p))
		err_add(e, ERR_INVALID, "/asOf", "period",
		    "数字报到月底为止，这里应是%s",
		    civil_format(period_end(p), a));
	else if (p < f->reporting.first || p > f->reporting.last)
		err_add(e, ERR_INVALID, "/asOf", "period",
		    "这个计划填报%s到%s各月",
		    period_format(f->reporting.first, first),
		    period_format(f->reporting.last, last));
	else if (d > today && json_peek_bool(body, "submit", false))
		err_add(e, ERR_INVALID, "/asOf", "future",
		    "这个月的数字要到%s才能上报，现在可以先存为草稿",
		    civil_format(d, a));
}

int
report_check(const struct report_frame *f, const json_t *body, civil_t today,
    struct err *e)
{
	size_t before = e->nitems + e->nmore;

	if (check_running(f, e) < 0)
		return -1;
	check_obliged(f, body, e);
	check_period(f, body, today, e);
	return e->nitems + e->nmore > before ? -1 : 0;
}

/* ---- making and moving ---- */

static json_t *
make(const char *id, const json_t *from, const char *plan_id, int64_t revision)
{
	json_t *report = json_object();
	const char *as_of = json_peek_str(from, "asOf");
	char period[PERIOD_LEN + 1];
	civil_t d = 0;

	json_put_str(report, "_id", id);
	json_put_str(report, "planId", plan_id);
	copy_members(report, from, identity, COUNT(identity));
	if (civil_parse(as_of, &d))
		json_put_str(
		    report, "period", period_format(period_of(d), period));
	json_put_int(report, "revision", revision);
	json_put(report, "supersedes", json_null());
	return report;
}

json_t *
report_new(const char *id, const json_t *body, const struct report_frame *f)
{
	return make(id, body, json_peek_str(f->plan, "_id"), 1);
}

json_t *
report_revise(const json_t *old, const char *id, const char *reason,
    const struct report_actor *who)
{
	json_t *report = make(id, old, json_peek_str(old, "planId"),
	    json_peek_int(old, "revision", 1) + 1);
	json_t *why = json_object();

	json_put_str(why, "reason", reason);
	json_put_str(report, "supersedes", json_peek_str(old, "_id"));
	json_put(report, "correction", why);
	report_write(report, old, who);
	report_move(report, WORKFLOW_DRAFT, NULL, reason, who);
	return report;
}

static void
put_now(json_t *o, const char *key, const struct report_actor *who)
{
	char at[INSTANT_LEN + 1];

	json_put_str(o, key, instant_format(who->now, at));
}

static json_t *
history_of(json_t *report)
{
	json_t *history = json_object_get(report, "history");

	if (history == NULL) {
		history = json_array();
		json_put(report, "history", history);
	}
	return history;
}

/*
 * What is submitted stays to be known when the report is returned and changed:
 * whether there was anything to report, and whether a problem was told.
 */
static void
add_content(json_t *step, const json_t *report)
{
	const json_t *value = json_peek_object(report, "value");
	const char *problems = json_peek_str(report, "problems");

	json_put_str(step, "kind", json_peek_str(value, "kind"));
	json_put(step, "flagged",
	    json_boolean(problems != NULL && problems[0] != '\0'));
}

static void
add_history(json_t *report, const char *to, const char *reason,
    const struct report_actor *who)
{
	const char *from = json_peek_str(report, "state");
	json_t *step = json_object();

	put_now(step, "at", who);
	json_put_str(step, "by", who->id);
	if (who->name != NULL && who->name[0] != '\0')
		json_put_str(step, "name", who->name);
	json_put_str(step, "from", from);
	json_put_str(step, "to", to);
	if (reason != NULL)
		json_put_str(step, "reason", reason);
	if (strcmp(to, workflow_text(WORKFLOW_SUBMITTED)) == 0)
		add_content(step, report);
	json_push(history_of(report), step);
}

void
report_write(json_t *report, const json_t *body, const struct report_actor *who)
{
	const json_t *old = json_object_get(report, "author");
	const char *before = json_peek_str(old, "userId");
	const char *state = json_peek_str(report, "state");
	json_t *author = json_object();
	char hash[SHA256_HEX + 1];

	/* Another hand stays to be seen: who wrote must not confirm. */
	if (before != NULL && strcmp(before, who->id) != 0)
		add_history(report, state, NULL, who);
	copy_members(report, body, content, COUNT(content));
	report_hash(report, hash);
	json_put_str(author, "userId", who->id);
	if (who->name != NULL && who->name[0] != '\0')
		json_put_str(author, "name", who->name);
	json_put(report, "author", author);
	json_put_str(report, "contentHash", hash);
	if (json_peek_str(report, "firstHash") == NULL)
		json_put_str(report, "firstHash", hash);
	put_now(report, "receivedAt", who);
}

/* The first submission counts for the deadline; reviews begin anew. */
static void
begin_review(json_t *report, const struct report_actor *who)
{
	if (json_peek_str(report, "submittedAt") == NULL)
		put_now(report, "submittedAt", who);
	json_object_del(report, "unitConfirmedAt");
	json_object_del(report, "leadConfirmedAt");
}

void
report_move(json_t *report, enum workflow_state to, const char *stamp,
    const char *reason, const struct report_actor *who)
{
	add_history(report, workflow_text(to), reason, who);
	json_put_str(report, "state", workflow_text(to));
	if (stamp != NULL)
		put_now(report, stamp, who);
	if (to == WORKFLOW_SUBMITTED)
		begin_review(report, who);
	if (to == WORKFLOW_RETURNED)
		json_put_str(report, "returnReason", reason);
	else if (to != WORKFLOW_DRAFT)
		json_object_del(report, "returnReason");
}

bool
report_wrote(const json_t *report, const char *user_id)
{
	static const char *const writing[] = {"draft", "submitted"};
	const char *author =
	    json_peek_str(json_peek_object(report, "author"), "userId");
	const json_t *step;
	size_t i;

	if (author != NULL && strcmp(author, user_id) == 0)
		return true;
	json_array_foreach (json_peek_array(report, "history"), i, step) {
		const char *from = json_peek_str(step, "from");
		const char *to = json_peek_str(step, "to");
		bool wrote =
		    from != NULL && to != NULL && strcmp(from, to) == 0;

		for (size_t k = 0; to != NULL && k < COUNT(writing); k++)
			wrote |= strcmp(to, writing[k]) == 0;
		if (wrote && strcmp(json_peek_str(step, "by"), user_id) == 0)
			return true;
	}
	return false;
}

unsigned
report_skips(const struct report_frame *f, const json_t *report)
{
	unsigned skips = f->reporting.skip_lead ? WORKFLOW_SKIP_LEAD : 0;

	if (reporting_skips_unit(f->plan, json_peek_str(report, "orgId")))
		skips |= WORKFLOW_SKIP_UNIT;
	return skips;
}

enum workflow_state
report_state(const json_t *report)
{
	return workflow_state(json_peek_str(report, "state"));
}

/*
 * The number people quote on the phone: the day in Shanghai and the first
 * digits of a hash of what was received when.
 */
static void
put_number(json_t *receipt, const json_t *report, const char *received)
{
	const char *hash = json_peek_str(report, "contentHash");
	char text[256], digest[SHA256_HEX + 1], day[CIVIL_LEN + 1];
	char no[CIVIL_LEN + 16];
	instant_t t = 0;

	if (!instant_parse(received, &t) || hash == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%s\n%s\n%s",
	    json_peek_str(report, "_id"), hash, received);
	sha256_hex(text, strlen(text), digest);
	civil_format(instant_civil(t), day);
	(void)snprintf(
	    no, sizeof(no), "%.4s%.2s%.2s-%.8s", day, day + 5, day + 8, digest);
	json_put_str(receipt, "no", no);
}

json_t *
report_receipt(const json_t *report)
{
	json_t *receipt = json_object();
	const char *received = json_peek_str(report, "receivedAt");

	if (received != NULL)
		put_number(receipt, report, received);
	json_put_str(receipt, "clientId", json_peek_str(report, "_id"));
	json_put_str(
	    receipt, "contentHash", json_peek_str(report, "contentHash"));
	json_put_str(receipt, "receivedAt", received);
	json_put_str(receipt, "state", json_peek_str(report, "state"));
	return receipt;
}
