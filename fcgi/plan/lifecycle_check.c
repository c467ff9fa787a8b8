#include "plan/lifecycle.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The lists of a task; their parts have ids, and may name units. */
static const char *const lists[] = {
    "indicators", "funding", "subtasks", "milestones"};

/* Note a key; false when it was there. */
static bool
first_time(json_t *seen, const char *key)
{
	if (key == NULL || json_object_get(seen, key) != NULL)
		return key == NULL;
	json_put(seen, key, json_true());
	return true;
}

static void
check_unique(const json_t *rows, const char *key, const char *place,
    const char *what, struct err *e)
{
	json_t *seen = json_object();
	char pointer[128];
	const json_t *row;
	const char *id;
	size_t i;

	json_array_foreach (rows, i, row) {
		id = json_peek_str(row, key);
		if (first_time(seen, id))
			continue;
		(void)snprintf(
		    pointer, sizeof(pointer), "%s/%zu/%s", place, i, key);
		err_add(e, ERR_INVALID, pointer, "unique", "%s“%s”重复了。",
		    what, id);
	}
	json_decref(seen);
}

static bool
has_indicator(const json_t *task, const char *id)
{
	const json_t *row;
	const char *own;
	size_t i;

	json_array_foreach (json_peek_array(task, "indicators"), i, row) {
		own = json_peek_str(row, "id");
		if (own != NULL && strcmp(own, id) == 0)
			return true;
	}
	return false;
}

/* Every row's <member>.indicator is one of the task's. */
static void
check_refs(
    const json_t *task, const char *section, const char *member, struct err *e)
{
	char pointer[128];
	const json_t *row;
	const char *id;
	size_t i;

	json_array_foreach (json_peek_array(task, section), i, row) {
		id = json_peek_str(json_peek_object(row, member), "indicator");
		if (id == NULL || has_indicator(task, id))
			continue;
		(void)snprintf(pointer, sizeof(pointer), "/%s/%zu/%s/indicator",
		    section, i, member);
		err_add(e, ERR_INVALID, pointer, "reference",
		    "这项任务没有编号为“%s”的指标。", id);
	}
}

int
lifecycle_check_task(const json_t *task, struct err *e)
{
	const json_t *indicators = json_peek_array(task, "indicators");
	size_t before = e->nitems + e->nmore;
	const json_t *row;
	char place[64];
	size_t i;

	for (i = 0; i < COUNT(lists); i++) {
		(void)snprintf(place, sizeof(place), "/%s", lists[i]);
		check_unique(
		    json_peek_array(task, lists[i]), "id", place, "编号", e);
	}
	json_array_foreach (indicators, i, row) {
		(void)snprintf(
		    place, sizeof(place), "/indicators/%zu/quotas", i);
		check_unique(
		    json_peek_array(row, "quotas"), "orgId", place, "单位", e);
	}
	check_refs(task, "milestones", "rule", e);
	check_refs(task, "subtasks", "target", e);
	return e->nitems + e->nmore > before ? -1 : 0;
}

void
lifecycle_check_members(const json_t *task, const char *place, struct err *e)
{
	const json_t *row;
	const char *phrase;
	char pointer[192];
	size_t k;

	for (size_t i = 0; i < COUNT(lists); i++) {
		json_array_foreach (json_peek_array(task, lists[i]), k, row) {
			phrase = json_peek_str(row, "orgSet");
			if (phrase == NULL ||
			    json_array_size(json_peek_array(row, "orgs")) > 0)
				continue;
			(void)snprintf(pointer, sizeof(pointer),
			    "%s/%s/%zu/orgSet", place, lists[i], k);
			err_add(e, ERR_INVALID, pointer, "orgSet",
			    "“%s”包括哪些单位还没有确定，请先登记单位组。",
			    phrase);
		}
	}
}
