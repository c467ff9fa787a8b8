#ifndef API_IMPORT_H
#define API_IMPORT_H

#include <jansson.h>

#include "base/civil.h"
#include "base/err.h"

struct store;
struct write_set;

/*
 * What a bundle (schemas/bundle.json, checked by the caller) changes in the
 * store, as one write set: orgs and org sets are added or replaced, the plan
 * becomes a draft with exactly these tasks (the dispositions of findings
 * stay), accepted reports and verified milestones are added.  What is there
 * already, word for word, is left alone, so an import can be repeated.
 *
 * plan_id is the plan the bundle must be about (NULL: any).  *summary is new:
 * {plan, tasks: {added, changed, removed, same}, orgs: {...}, ...}.
 * -1: ERR_STATE (the plan is issued), ERR_IMPORT with an item for each thing
 * wrong, ERR_CONFLICT (a report with that id says something else).
 */
int import_plan(struct store *store, json_t *bundle, const char *plan_id,
    struct write_set *ws, json_t **summary, struct err *e) MUST_CHECK;

/*
 * The notice's table as a bundle for a plan that is in the store: new.
 * ERR_NOTFOUND without the plan, ERR_IMPORT with an item for each bad cell.
 */
json_t *import_table(struct store *store, const char *text, size_t len,
    const char *plan_id, struct err *e) MUST_CHECK;

/*
 * The orgs and org sets that a division's plans may name: new arrays, or -1
 * (both NULL).
 */
int import_known_orgs(struct store *store, const char *division, json_t **orgs,
    json_t **orgsets, struct err *e) MUST_CHECK;

#endif
