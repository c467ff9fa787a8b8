#include "base/json.h"
#include "fuzz/fuzz.h"
#include "plan/import_csv.h"
#include "plan/orgs.h"
#include "schema/registry.h"
#include "schema/schema.h"

/* A pasted table: refused cell by cell, or tasks that fit their schema. */
const char *const fuzz_seeds[] = {
    "tests/fuzz/corpus/csv",
    "scripts/sample/140800-2019/plan.csv",
    NULL,
};

static json_t *plan, *units, *sets;
static struct org_index *orgs;

static void
set_up(void)
{
	struct err e;

	err_init(&e);
	FUZZ_CHECK(schema_registry_init(&e) == 0);
	plan = fuzz_sample("plan");
	units = fuzz_sample("orgs");
	sets = fuzz_sample("orgSets");
	orgs = org_index_new(units, sets);
}

static void
check_tasks(const json_t *tasks)
{
	const struct schema *schema = schema_registry_peek("task.json");
	struct err e;
	json_t *task;
	size_t i;

	json_array_foreach (tasks, i, task) {
		err_init(&e);
		if (schema_check(schema, task, &e) < 0)
			fuzz_fail(
			    e.items[0].pointer, e.items[0].detail, (int)i);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err e;
	json_t *tasks;

	if (plan == NULL)
		set_up();
	err_init(&e);
	tasks = import_csv_read((const char *)data, n, plan, orgs, &e);
	if (tasks == NULL)
		FUZZ_CHECK(e.code == ERR_IMPORT);
	else
		check_tasks(tasks);
	json_decref(tasks);
	return 0;
}
