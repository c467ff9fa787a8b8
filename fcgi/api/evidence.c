#include "api/evidence.h"

#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "base/json.h"

/* A photograph that more documents name has been looked at enough. */
#define USES_LOOKED_AT 200

/* ---- who may see a blob ---- */

static bool
is_uploader(const struct req *r, const json_t *blob)
{
	const struct who *who = api_who(r);
	const json_t *v;
	size_t i;

	if (who->via == VIA_LOCAL)
		return true;
	json_array_foreach (json_peek_array(blob, "uploaders"), i, v)
		if (strcmp(json_string_value(v), who->id) == 0)
			return true;
	return false;
}

/* What it takes to see a document, and so its photographs. */
static const char *
permission_of(const char *kind)
{
	static const struct {
		const char *kind;
		const char *permission;
	} all[] = {
	    {"changes", "change.read"},
	    {"fundFlows", "fund.read"},
	    {"checks", "check.read"},
	    {"cases", "case.read"},
	    {"notices", "notice.read"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].kind, kind) == 0)
			return all[i].permission;
	return "report.read";
}

/* May they see what this row of blobUses is about?  1, 0, or -1. */
static int
use_seen(struct req *r, const json_t *use, struct err *e)
{
	const char *task = json_peek_str(use, "taskId");
	const char *lead = NULL;

	if (task != NULL && api_task_lead(r, task, &lead, e) < 0)
		return -1;
	return api_may(r, permission_of(json_peek_str(use, "kind")),
	    json_peek_str(use, "orgId"), lead);
}

int
evidence_seen(struct req *r, const json_t *blob, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_BLOBUSES,
	    .filters = {{.field = FIELD_BLOBUSES_BLOB,
		.op = OP_EQ,
		.text = json_peek_str(blob, "_id")}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = USES_LOOKED_AT,
	};
	struct store_page page;

	if (is_uploader(r, blob))
		return 1;
	if (store_find(api_store(r), &q, &r->arena, &page, e) < 0)
		return -1;
	for (size_t i = 0; i < page.ndocs; i++) {
		const struct store_doc *d = &page.docs[i];
		json_t *use = json_read_own(d->text, d->len, e);
		int seen;

		if (use == NULL)
			return -1;
		seen = use_seen(r, req_own_json(r, use), e);
		if (seen != 0)
			return seen;
	}
	return 0;
}

/* ---- which documents name a blob ---- */

static bool
names(const json_t *hashes, const char *hash)
{
	const json_t *v;
	size_t i;

	json_array_foreach (hashes, i, v)
		if (strcmp(json_string_value(v), hash) == 0)
			return true;
	return false;
}

/* new */
static json_t *
use_id(const struct evidence_target *t, const char *hash)
{
	return json_sprintf("%s.%s", t->id, hash);
}

static void
insert_use(struct write_set *ws, const struct evidence_target *t,
    const char *hash, const json_t *blob)
{
	json_t *use = json_object();

	json_put(use, "_id", use_id(t, hash));
	json_put_str(use, "blob", hash);
	json_put_str(use, "kind", t->kind);
	json_put_str(use, "targetId", t->id);
	json_put_str(use, "planId", t->plan_id);
	json_put_str(use, "taskId", t->task_id);
	json_put_str(use, "orgId", t->org_id);
	json_put_str(use, "indicatorId", t->indicator_id);
	json_put_str(use, "asOf", t->as_of);
	json_put_str(use, "print", json_peek_str(blob, "print"));
	write_insert(ws, COLL_BLOBUSES, use);
	json_decref(use);
}

static void
remove_use(
    struct write_set *ws, const struct evidence_target *t, const char *hash)
{
	json_t *id = use_id(t, hash);

	write_remove(ws, COLL_BLOBUSES, json_string_value(id), 0);
	json_decref(id);
}

json_t *
evidence_of(const json_t *doc)
{
	const json_t *places[] = {
	    doc,
	    json_peek_object(doc, "statement"),
	    json_peek_object(doc, "answer"),
	};
	json_t *all = json_array();
	const json_t *v;
	size_t i;

	for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++)
		json_array_foreach (
		    json_peek_array(places[k], "attachments"), i, v)
			if (!names(all, json_string_value(v)))
				json_push(all, json_copy(json_iterable(v)));
	return all;
}

void
evidence_enter(
    struct write_set *ws, const struct evidence_target *t, const json_t *hashes)
{
	const json_t *v;
	size_t i;

	json_array_foreach (hashes, i, v)
		insert_use(ws, t, json_string_value(v), NULL);
}

/* The document of a blob; NULL also when nobody has uploaded it. */
static int
find_blob(struct store *s, const char *hash, json_t **blob, struct err *e)
{
	*blob = store_get_json(s, COLL_BLOBS, hash, e);
	if (*blob != NULL)
		return 0;
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	return 0;
}

/*
 * Who names a photograph of somebody else's, would see it from then on: so
 * only what one may see can be named.  What is not there yet is promised.
 */
static int
add_use(struct req *r, struct write_set *ws, const struct evidence_target *t,
    const char *hash, size_t at, struct err *e)
{
	char pointer[48];
	json_t *blob;
	int seen = 1;

	if (find_blob(api_store(r), hash, &blob, e) < 0)
		return -1;
	req_own_json(r, blob);
	if (blob != NULL && (seen = evidence_seen(r, blob, e)) < 0)
		return -1;
	if (seen == 0) {
		snprintf(pointer, sizeof(pointer), "/attachments/%zu", at);
		return err_add(e, ERR_INVALID, pointer, "evidence",
		    "这张照片不是您上传的，请重新上传后再引用");
	}
	insert_use(ws, t, hash, blob);
	return 0;
}

int
evidence_use(struct req *r, struct write_set *ws,
    const struct evidence_target *t, const json_t *old, const json_t *now,
    struct err *e)
{
	const json_t *v;
	size_t i;

	json_array_foreach (now, i, v) {
		const char *hash = json_string_value(v);

		if (!names(old, hash) && add_use(r, ws, t, hash, i, e) < 0 &&
		    e->code != ERR_INVALID)
			return -1;
	}
	if (e->code == ERR_INVALID)
		return -1;
	json_array_foreach (old, i, v) {
		const char *hash = json_string_value(v);

		if (!names(now, hash))
			remove_use(ws, t, hash);
	}
	return 0;
}

json_t *
evidence_missing(struct store *s, const json_t *hashes, struct err *e)
{
	json_t *missing = json_array();
	const json_t *v;
	int64_t rev;
	size_t i;

	json_array_foreach (hashes, i, v) {
		if (store_get_rev(
			s, COLL_BLOBS, json_string_value(v), &rev, e) == 0)
			continue;
		if (e->code != ERR_NOTFOUND) {
			json_decref(missing);
			return NULL;
		}
		err_init(e);
		json_push(missing, json_copy(json_iterable(v)));
	}
	return missing;
}

/* ---- the evidence of a report ---- */

static json_t *
show_attachment(const char *hash, const json_t *blob)
{
	static const char *const shown[] = {
	    "type", "width", "height", "bytes", "position", "uploadedAt"};
	json_t *row = json_object();

	json_put_str(row, "sha256", hash);
	json_put(row, "missing", json_boolean(blob == NULL));
	if (blob == NULL)
		return row;
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		json_put(row, shown[i],
		    json_incref(json_object_get(blob, shown[i])));
	json_put(row, "url", json_sprintf("/api/v1/blobs/%s", hash));
	json_put(
	    row, "thumb", json_sprintf("/api/v1/blobs/%s?size=thumb", hash));
	return row;
}

static int
add_attachments(struct req *r, const json_t *report, json_t *out, struct err *e)
{
	json_t *rows = json_array(), *missing = json_array();
	json_t *blob;
	const json_t *v;
	size_t i;

	json_put(out, "attachments", rows);
	json_put(out, "missing", missing);
	json_array_foreach (json_peek_array(report, "attachments"), i, v) {
		const char *hash = json_string_value(v);

		if (find_blob(api_store(r), hash, &blob, e) < 0)
			return -1;
		json_push(rows, show_attachment(hash, blob));
		if (blob == NULL)
			json_push(missing, json_string(hash));
		json_decref(blob);
	}
	return 0;
}

int
report_evidence(struct req *r, struct err *e)
{
	json_t *report = api_get(r, COLL_REPORTS, r->segments[0], "填报", e);
	json_t *out = req_own_json(r, json_object());
	const char *lead, *plan_id;
	json_t *plan, *flags;

	if (report == NULL ||
	    api_task_lead(r, json_peek_str(report, "taskId"), &lead, e) < 0 ||
	    api_allow(r, json_peek_str(report, "orgId"), lead, e) < 0)
		return -1;
	json_put_str(out, "reportId", r->segments[0]);
	if (add_attachments(r, report, out, e) < 0)
		return -1;
	plan_id = json_peek_str(report, "planId");
	plan = api_get(r, COLL_PLANS, plan_id, "计划", e);
	if (plan == NULL)
		return -1;
	/* They name other units' reports: not for everybody. */
	if (api_may_division(
		r, "blob.duplicates", json_peek_str(plan, "division"))) {
		flags = evidence_same(r, plan_id, r->segments[0], e);
		if (flags == NULL)
			return -1;
		json_put(out, "flags", json_incref(flags));
	}
	res_json(r, 200, out);
	return 0;
}
