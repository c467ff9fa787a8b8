#include "api/access.h"

#include <string.h>

#include "api/app.h"
#include "auth/auth.h"
#include "base/json.h"

const struct who *
api_who(const struct req *r)
{
	return r->who;
}

int
api_allow_as(struct req *r, const char *permission, const char *org_id,
    const char *lead_id, struct err *e)
{
	struct auth_object o = {.org_id = org_id, .lead_id = lead_id};

	return auth_allow(r->who, permission, &o, e);
}

int
api_allow(struct req *r, const char *org_id, const char *lead_id, struct err *e)
{
	return api_allow_as(r, r->route->permission, org_id, lead_id, e);
}

int
api_allow_division(struct req *r, const char *division, struct err *e)
{
	struct auth_object o = {.division = division};

	return auth_allow(r->who, r->route->permission, &o, e);
}

bool
api_may_division(
    const struct req *r, const char *permission, const char *division)
{
	struct auth_object o = {.division = division};
	struct err ignored;

	err_init(&ignored);
	return auth_allow(r->who, permission, &o, &ignored) == 0;
}

bool
api_may(const struct req *r, const char *permission, const char *org_id,
    const char *lead_id)
{
	struct auth_object o = {.org_id = org_id, .lead_id = lead_id};
	struct err ignored;

	err_init(&ignored);
	return auth_allow(r->who, permission, &o, &ignored) == 0;
}

unsigned
api_scope(const struct req *r, const char *permission)
{
	return auth_reach(r->who, permission);
}

int
api_task_lead(
    struct req *r, const char *task_id, const char **lead_id, struct err *e)
{
	json_t *task = store_get_json(api_store(r), COLL_TASKS, task_id, e);
	const char *lead;

	*lead_id = NULL;
	if (task == NULL) {
		if (e->code != ERR_NOTFOUND)
			return -1;
		err_init(e);
		return 0;
	}
	lead = json_peek_str(json_object_get(task, "lead"), "orgId");
	if (lead != NULL)
		*lead_id = arena_strdup(&r->arena, lead);
	json_decref(task);
	return 0;
}

/* ---- what is seen of documents with an orgId and a taskId ---- */

/* The lead of the task that the last document was of. */
struct narrowing {
	const char *task;
	const char *lead;
};

static int
allow_doc(struct req *r, struct narrowing *n, const json_t *doc, struct err *e)
{
	const char *task = json_peek_str(doc, "taskId");
	const char *org = json_peek_str(doc, "orgId");

	if (task != NULL && (n->task == NULL || strcmp(n->task, task) != 0)) {
		if (api_task_lead(r, task, &n->lead, e) < 0)
			return -1;
		n->task = task;
	}
	return api_allow(r, org, task != NULL ? n->lead : NULL, e);
}

/* Is it for these eyes?  1, 0, or -1. */
static int
is_seen(struct req *r, struct narrowing *n, const struct store_doc *d,
    struct err *e)
{
	json_t *doc = json_read_own(d->text, d->len, e);

	if (doc == NULL)
		return -1;
	if (allow_doc(r, n, req_own_json(r, doc), e) == 0)
		return 1;
	if (e->code != ERR_FORBIDDEN)
		return -1;
	err_init(e);
	return 0;
}

static int
keep_seen(
    struct req *r, struct narrowing *n, struct store_page *page, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < page->ndocs; i++) {
		int seen = is_seen(r, n, &page->docs[i], e);

		if (seen < 0)
			return -1;
		if (seen > 0)
			page->docs[kept++] = page->docs[i];
	}
	page->ndocs = kept;
	return 0;
}

int
api_answer_scoped(struct req *r, struct store_query *q, struct err *e)
{
	struct narrowing n = {NULL, NULL};
	struct store_page page;

	if (api_find_page(r, q, &page, e) < 0 || keep_seen(r, &n, &page, e) < 0)
		return -1;
	while (page.ndocs == 0 && page.next != NULL) {
		q->after = page.next;
		if (store_find(api_store(r), q, &r->arena, &page, e) < 0 ||
		    keep_seen(r, &n, &page, e) < 0)
			return -1;
	}
	return api_print_page(r, &page, e);
}
