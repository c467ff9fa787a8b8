#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/handlers.h"
#include "base/json.h"

int
org_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_ORGS, .sort = FIELD_ORGS_SORT};

	api_filter(r, &q, "parent", FIELD_ORGS_PARENT, OP_EQ);
	api_filter(r, &q, "kind", FIELD_ORGS_KIND, OP_EQ);
	return api_answer_page(r, &q, e);
}

int
org_get(struct req *r, struct err *e)
{
	return api_answer_doc(r, COLL_ORGS, r->segments[0], "单位", e);
}

int
orgset_list(struct req *r, struct err *e)
{
	struct store_query q = {.coll = COLL_ORGSETS, .sort = FIELD_ID};

	api_filter(r, &q, "division", FIELD_ORGSETS_DIVISION, OP_EQ);
	return api_answer_page(r, &q, e);
}

int
orgset_get(struct req *r, struct err *e)
{
	return api_answer_doc(r, COLL_ORGSETS, r->segments[0], "单位集合", e);
}

/* What is not for the body to forget. */
static void
keep_own(json_t *doc, const json_t *old)
{
	static const char *const own[] = {"createdAt", "history"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		json_t *v = json_object_get(old, own[i]);

		if (v != NULL)
			json_put(doc, own[i], json_incref(v));
	}
}

/*
 * Where it is and where it goes are both theirs to order.  A unit nobody has
 * stored belongs to the division its id is the code of.
 */
static int
check_division(struct req *r, const json_t *old, struct err *e)
{
	const char *id = r->segments[0];
	const char *is_in = json_peek_str(old, "division");

	if (old == NULL && strspn(id, "0123456789") == strlen(id))
		is_in = id;
	if (is_in != NULL && api_allow_division(r, is_in, e) < 0)
		return -1;
	return api_allow_division(r, json_peek_str(r->body, "division"), e);
}

/* Create or replace the document the path names with the body. */
static int
put_doc(struct req *r, enum coll c, struct err *e)
{
	json_t *old = store_get_json(api_store(r), c, r->segments[0], e);
	struct write_set *ws;

	if (old != NULL)
		req_own_json(r, old);
	else if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	if (check_division(r, old, e) < 0 || api_check_match(r, old, e) < 0 ||
	    api_check_id(r, e) < 0)
		return -1;
	ws = api_write_set(r);
	if (old == NULL) {
		write_insert(ws, c, r->body);
		return api_commit(r, ws, 201, r->body, e);
	}
	keep_own(r->body, old);
	api_replace(r, ws, c, old, r->body);
	return api_commit(r, ws, 200, r->body, e);
}

int
org_put(struct req *r, struct err *e)
{
	return put_doc(r, COLL_ORGS, e);
}

int
orgset_put(struct req *r, struct err *e)
{
	return put_doc(r, COLL_ORGSETS, e);
}
