#include "api/works.h"

#include <stdio.h>
#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/evidence.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"

struct job *
job_new(struct req *r, const struct work_kind *kind)
{
	struct job *j = arena_alloc(&r->arena, sizeof(*j));

	*j = (struct job){.kind = kind, .status = 200};
	return j;
}

/* ---- what it is about ---- */

/* There is no such document: the place in the body that names it. */
static int
no_reference(
    const char *pointer, const char *what, const char *id, struct err *e)
{
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	return err_add(
	    e, ERR_INVALID, pointer, "reference", "没有这个%s：%s", what, id);
}

static int
check_org(struct req *r, const char *org_id, struct err *e)
{
	int64_t rev;

	if (org_id == NULL ||
	    store_get_rev(api_store(r), COLL_ORGS, org_id, &rev, e) == 0)
		return 0;
	return no_reference("/orgId", "单位", org_id, e);
}

int
job_about(struct req *r, struct job *j, const char *task_id, const char *org_id,
    struct err *e)
{
	j->org_id = org_id;
	if (task_id != NULL) {
		j->task = store_get_json(api_store(r), COLL_TASKS, task_id, e);
		if (j->task == NULL)
			return no_reference("/taskId", "事项", task_id, e);
		req_own_json(r, j->task);
		j->lead_id =
		    json_peek_str(json_peek_object(j->task, "lead"), "orgId");
	}
	return check_org(r, org_id, e);
}

int
job_load(struct req *r, struct job *j, const char *id, struct err *e)
{
	json_t *old = api_get(r, j->kind->coll, id, j->kind->what, e);

	if (old == NULL)
		return -1;
	j->old = old;
	j->doc = req_own_json(r, json_deep_copy(old));
	return job_about(
	    r, j, json_peek_str(old, "taskId"), json_peek_str(old, "orgId"), e);
}

/* ---- PUT ---- */

static void
hash_body(const struct req *r, char out[SHA256_HEX + 1])
{
	struct buf b;

	buf_init(&b, 0);
	json_print_canonical(&b, r->body);
	sha256_hex(b.data, b.len, out);
	buf_fini(&b);
}

static int
find_old(struct req *r, struct job *j, struct err *e)
{
	json_t *old =
	    store_get_json(api_store(r), j->kind->coll, r->segments[0], e);

	if (old == NULL && e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	j->old = old != NULL ? req_own_json(r, old) : NULL;
	j->doc = NULL;
	return 0;
}

/* Is what is stored what this body made?  Its answer may have got lost. */
static bool
is_same(const struct req *r, const struct job *j)
{
	const char *had = json_peek_str(j->old, "contentHash");
	char hash[SHA256_HEX + 1];

	hash_body(r, hash);
	return had != NULL && strcmp(had, hash) == 0;
}

/*
 * What is there under this id may be another unit's: the body says nothing of
 * that, and a refusal for its revision would show it.
 */
static int
check_old(struct req *r, const json_t *old, struct err *e)
{
	const char *task = json_peek_str(old, "taskId");
	const char *lead = NULL;

	if (old == NULL)
		return 0;
	if (task != NULL && api_task_lead(r, task, &lead, e) < 0)
		return -1;
	return api_allow(r, json_peek_str(old, "orgId"), lead, e);
}

int
job_put_begin(struct req *r, struct job *j, struct err *e)
{
	if (!uuid_valid(r->segments[0]))
		return err_set(e, ERR_BADPATH,
		    "%s的编号由客户端生成，须是UUID：%s", j->kind->what,
		    r->segments[0]);
	if (find_old(r, j, e) < 0 || check_old(r, j->old, e) < 0)
		return -1;
	if (j->old != NULL && is_same(r, j)) {
		/* Only to be read: the request owns it. */
		j->doc = json_iterable(j->old);
		return 1;
	}
	if (j->old != NULL && r->if_match == NULL)
		return err_set(e, ERR_CONFLICT,
		    "编号%s已经用过，内容不同；要修改请带If-Match，"
		    "另一份请用新的编号。",
		    r->segments[0]);
	if (r->if_match != NULL && api_check_match(r, j->old, e) < 0)
		return -1;
	return 0;
}

void
job_put_body(struct req *r, struct job *j)
{
	static const char *const kept[] = {
	    "_id", "author", "authorOrg", "history", "state"};
	char hash[SHA256_HEX + 1];

	hash_body(r, hash);
	j->doc = req_own_json(r, json_deep_copy(r->body));
	json_object_del(j->doc, "submit");
	json_put_str(j->doc, "_id", r->segments[0]);
	if (j->task != NULL)
		json_put_str(
		    j->doc, "planId", json_peek_str(j->task, "planId"));
	json_put(j->doc, "author", job_person(r));
	json_put_str(j->doc, "contentHash", hash);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		json_t *v = json_object_get(j->old, kept[i]);

		if (v != NULL)
			json_put(j->doc, kept[i], json_deep_copy(v));
	}
	j->status = j->old != NULL ? 200 : 201;
}

int
job_check_day(struct req *r, const char *member, struct err *e)
{
	const char *day = json_peek_str(r->body, member);
	char pointer[40];
	civil_t d;

	if (day == NULL || !civil_parse(day, &d) || d <= r->today)
		return 0;
	snprintf(pointer, sizeof(pointer), "/%s", member);
	return err_add(
	    e, ERR_INVALID, pointer, "maximum", "日期不能晚于今天。");
}

/* ---- steps ---- */

static bool
is_beginner(const struct req *r, const struct job *j)
{
	const char *began = machine_beginner(j->kind->machine, j->doc);

	return began != NULL && strcmp(began, api_who(r)->id) == 0;
}

int
job_step(struct req *r, struct job *j, const char *verb, const char *reason,
    struct err *e)
{
	enum machine m = j->kind->machine;
	const struct machine_move *move =
	    machine_check(m, verb, machine_state(m, j->doc), e);
	struct machine_step step = {
	    .by = api_who(r)->id,
	    .name = api_who(r)->name,
	    .reason = reason,
	    .at = r->now,
	};

	if (move == NULL ||
	    api_allow_as(r, move->permission, j->org_id, j->lead_id, e) < 0)
		return -1;
	if ((move->rules & MACHINE_OTHER) != 0 && is_beginner(r, j))
		return err_set(e, ERR_FORBIDDEN,
		    "%s的人不能自己%s，请由他人办理。",
		    m == MACHINE_MILESTONE || m == MACHINE_TASK ? "申报"
								: "提出",
		    move->title);
	if ((move->rules & MACHINE_REASON) != 0 && reason == NULL)
		return err_add(e, ERR_INVALID, "/reason", "required",
		    "%s要写明原因。", move->title);
	api_reason(r, reason);
	machine_take(j->doc, move, &step);
	return 0;
}

json_t *
job_person(const struct req *r)
{
	json_t *o = json_object();

	json_put_str(o, "userId", api_who(r)->id);
	json_put_str(o, "name", api_who(r)->name);
	return o;
}

void
job_stamp(const struct req *r, json_t *doc, const char *member)
{
	char at[INSTANT_LEN + 1];

	json_put_str(doc, member, instant_format(r->now, at));
}

json_t *
job_signed(const struct req *r, const json_t *body)
{
	json_t *o = json_deep_copy(body);

	json_put(o, "by", job_person(r));
	job_stamp(r, o, "at");
	return o;
}

/* ---- answers ---- */

/* new: the verbs this user could use now. */
static json_t *
verbs(struct req *r, const struct job *j)
{
	enum machine m = j->kind->machine;
	const char *state = machine_state(m, j->doc);
	const struct machine_move *move;
	json_t *may = json_array();

	for (size_t i = 0; (move = machine_move_at(i)) != NULL; i++) {
		if (move->machine != m || strcmp(move->from, state) != 0 ||
		    (move->rules & MACHINE_INNER) != 0 ||
		    ((move->rules & MACHINE_OTHER) != 0 && is_beginner(r, j)))
			continue;
		if (api_may(r, move->permission, j->org_id, j->lead_id))
			json_push(may, json_string(move->verb));
	}
	return may;
}

int
job_answer(struct req *r, const struct job *j, int status, struct err *e)
{
	int64_t rev = json_peek_int(j->doc, "rev", 0);
	json_t *view = req_own_json(r, json_deep_copy(j->doc));
	char tag[24];

	if (j->derive != NULL && j->derive(r, j, view, e) < 0)
		return -1;
	if (j->kind->machine != MACHINE__MAX)
		json_put(view, "may", verbs(r, j));
	/* A GET is never answered 304: `may` is about who asks. */
	if (rev > 0 && r->method != METHOD_GET && r->method != METHOD_HEAD) {
		snprintf(tag, sizeof(tag), "%lld", (long long)rev);
		res_etag(r, tag);
	} else if (rev > 0) {
		res_header(r, "ETag",
		    arena_printf(&r->arena, "\"%lld\"", (long long)rev));
	}
	res_json(r, status, view);
	return 0;
}

static int
job_kept(struct req *r, void *arg, struct err *e)
{
	const struct job *j = arg;

	return job_answer(r, j, j->status, e);
}

static int
job_overtaken(struct req *r, void *arg, struct err *e)
{
	const struct job *j = arg;

	return j->again(r, e);
}

static const char *
first_of(const json_t *doc, const char *a, const char *b)
{
	const char *v = json_peek_str(doc, a);

	return v != NULL ? v : json_peek_str(doc, b);
}

/* Which photographs it names now is kept with it. */
static int
keep_evidence(
    struct req *r, const struct job *j, struct write_set *ws, struct err *e)
{
	const struct evidence_target t = {
	    .kind = coll_name(j->kind->coll),
	    .id = json_peek_str(j->doc, "_id"),
	    .plan_id = json_peek_str(j->doc, "planId"),
	    .task_id = json_peek_str(j->doc, "taskId"),
	    .org_id = json_peek_str(j->doc, "orgId"),
	    .indicator_id = json_peek_str(j->doc, "indicatorId"),
	    .as_of = json_peek_str(j->doc, "asOf") != NULL
			 ? json_peek_str(j->doc, "asOf")
			 : first_of(j->doc, "checkedOn", "metOn"),
	};
	json_t *old = req_own_json(r, evidence_of(j->old));
	json_t *now = req_own_json(r, evidence_of(j->doc));

	return evidence_use(r, ws, &t, old, now, e);
}

int
job_commit(struct req *r, struct job *j, struct write_set *ws, struct err *e)
{
	struct api_outcome then = {
	    .done = job_kept,
	    .again = j->again != NULL ? job_overtaken : NULL,
	    .arg = j,
	};

	if (j->old != NULL)
		api_replace(r, ws, j->kind->coll, j->old, j->doc);
	else
		write_insert(ws, j->kind->coll, j->doc);
	if (keep_evidence(r, j, ws, e) < 0)
		return -1;
	return api_commit_then(r, ws, j->doc, &then, e);
}

int
job_get(struct req *r, const struct work_kind *kind,
    int (*derive)(
	struct req *r, const struct job *j, json_t *view, struct err *e),
    struct err *e)
{
	struct job *j = job_new(r, kind);

	if (job_load(r, j, r->segments[0], e) < 0 ||
	    api_allow(r, j->org_id, j->lead_id, e) < 0)
		return -1;
	j->derive = derive;
	return job_answer(r, j, 200, e);
}
