#include "api/import.h"
#include "base/json.h"
#include "plan/import_csv.h"
#include "plan/orgs.h"
#include "store/store.h"

#define ORGS_MAX 5000

static json_t *
find_by(struct store *store, enum coll c, enum field field, const char *text,
    struct err *e)
{
	struct store_query q = {
	    .coll = c,
	    .filters = {{.field = field, .op = OP_EQ, .text = text}},
	    .nfilters = 1,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};

	return store_find_json(store, &q, ORGS_MAX, e);
}

int
import_known_orgs(struct store *store, const char *division, json_t **orgs,
    json_t **orgsets, struct err *e)
{
	json_t *self;

	*orgs = find_by(store, COLL_ORGS, FIELD_ORGS_PARENT, division, e);
	*orgsets = NULL;
	if (*orgs == NULL)
		return -1;
	/* The government itself pays and is obliged too. */
	self = store_get_json(store, COLL_ORGS, division, e);
	if (self != NULL)
		json_push(*orgs, self);
	else if (e->code != ERR_NOTFOUND)
		goto fail;
	err_init(e);
	*orgsets =
	    find_by(store, COLL_ORGSETS, FIELD_ORGSETS_DIVISION, division, e);
	if (*orgsets != NULL)
		return 0;
fail:
	json_decref(*orgs);
	*orgs = NULL;
	return -1;
}

json_t *
import_table(struct store *store, const char *text, size_t len,
    const char *plan_id, struct err *e)
{
	json_t *orgs = NULL, *sets = NULL, *tasks = NULL, *bundle = NULL;
	struct org_index *index = NULL;
	json_t *plan = store_get_json(store, COLL_PLANS, plan_id, e);

	if (plan == NULL) {
		if (e->code == ERR_NOTFOUND)
			err_set(e, ERR_NOTFOUND,
			    "没有这个计划：%s。附表只有事项，请先建计划",
			    plan_id);
		return NULL;
	}
	if (import_known_orgs(
		store, json_peek_str(plan, "division"), &orgs, &sets, e) < 0)
		goto out;
	index = org_index_new(orgs, sets);
	tasks = import_csv_read(text, len, plan, index, e);
	if (tasks == NULL)
		goto out;
	bundle = json_object();
	json_put(bundle, "plan", json_incref(plan));
	json_put(bundle, "tasks", json_incref(tasks));
out:
	org_index_free(index);
	json_decref(tasks);
	json_decref(orgs);
	json_decref(sets);
	json_decref(plan);
	return bundle;
}
