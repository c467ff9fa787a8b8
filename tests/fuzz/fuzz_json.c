#include "base/buf.h"
#include "base/json.h"
#include "fuzz/fuzz.h"
#include "schema/registry.h"
#include "schema/schema.h"

/*
 * JSON from outside, checked as a bundle and as a patch: what was read
 * prints, and reads again as the same value.
 */
const char *const fuzz_seeds[] = {
    "tests/fuzz/corpus/json",
    "schemas/examples/bundle",
    "schemas/examples/task",
    "schemas/examples/plan",
    NULL,
};

#define LIMIT ((size_t)1 << 20)

static void
check_reprint(const json_t *v)
{
	struct buf text;
	struct err e;
	json_t *again;

	err_init(&e);
	buf_init(&text, 0);
	json_print(&text, v);
	again = json_read(text.data, text.len, LIMIT * 6, &e);
	FUZZ_CHECK(again != NULL);
	FUZZ_CHECK(json_equal(v, again));
	json_decref(again);
	buf_fini(&text);
}

static void
check_schema(const json_t *v, const char *file)
{
	struct err e;

	err_init(&e);
	if (schema_check(schema_registry_peek(file), v, &e) == 0)
		return;
	FUZZ_CHECK(e.code == ERR_INVALID);
	FUZZ_CHECK(e.nitems > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool ready;
	struct err e;
	json_t *v, *merged;

	err_init(&e);
	if (!ready)
		FUZZ_CHECK(schema_registry_init(&e) == 0);
	ready = true;
	v = json_read((const char *)data, n, LIMIT, &e);
	if (v == NULL) {
		FUZZ_CHECK(e.code == ERR_BADJSON || e.code == ERR_TOOBIG);
		FUZZ_CHECK(e.detail[0] != '\0');
		return 0;
	}
	check_reprint(v);
	check_schema(v, "bundle.json");
	check_schema(v, "task.json");
	merged = json_merge_patch(v, v);
	FUZZ_CHECK(merged != NULL);
	json_decref(merged);
	json_decref(v);
	return 0;
}
