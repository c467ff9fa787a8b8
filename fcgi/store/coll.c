#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "store/engine.h"

#define PATH_PART_MAX 64

static const struct {
	const char *name;
	const char *schema;
} colls[COLL__MAX] = {
#define COLLECTION(name, text, schema) [COLL_##name] = {text, schema},
#define FIELD(coll, name, path, type, flags)
#include "store/collections.def"
#undef COLLECTION
#undef FIELD
};

static const struct {
	enum coll coll;
	const char *path;
	enum field_type type;
	unsigned flags;
} fields[FIELD__MAX] = {
    [FIELD_ID] = {COLL__MAX, "_id", FIELD_TYPE_TEXT, FIELD_UNIQUE},
#define COLLECTION(name, text, schema)
#define FIELD(coll, name, path, type, flags) \
	[FIELD_##name] = {COLL_##coll, path, FIELD_TYPE_##type, flags},
#include "store/collections.def"
#undef COLLECTION
#undef FIELD
};

/* Every collection stands here; FIELD_ID is for plans alone. */
static const enum field plan_fields[COLL__MAX] = {
    [COLL_PLANS] = FIELD_ID,
    [COLL_TASKS] = FIELD_TASKS_PLAN,
    [COLL_ORGS] = FIELD__MAX,
    [COLL_ORGSETS] = FIELD__MAX,
    [COLL_REPORTS] = FIELD_REPORTS_PLAN,
    [COLL_SERIES] = FIELD_SERIES_PLAN,
    [COLL_MILESTONESTATES] = FIELD_MILESTONESTATES_PLAN,
    [COLL_CHANGES] = FIELD_CHANGES_PLAN,
    [COLL_FUNDFLOWS] = FIELD_FUNDFLOWS_PLAN,
    [COLL_FUNDSERIES] = FIELD_FUNDSERIES_PLAN,
    [COLL_CHECKS] = FIELD_CHECKS_PLAN,
    [COLL_CASES] = FIELD_CASES_PLAN,
    [COLL_NOTICES] = FIELD_NOTICES_PLAN,
    [COLL_SNAPSHOTS] = FIELD_NO_PLAN,
    [COLL_BLOBS] = FIELD_NO_PLAN,
    [COLL_BLOBUSES] = FIELD_BLOBUSES_PLAN,
    [COLL_USERS] = FIELD_NO_PLAN,
    [COLL_SESSIONS] = FIELD_NO_PLAN,
    [COLL_APIKEYS] = FIELD_NO_PLAN,
    [COLL_AUDIT] = FIELD_NO_PLAN,
    [COLL_IDEMPOTENCY] = FIELD_NO_PLAN,
    [COLL_OUTBOX] = FIELD_NO_PLAN,
    [COLL_WEBHOOKS] = FIELD_NO_PLAN,
    [COLL_HOOKSTATES] = FIELD_NO_PLAN,
    [COLL_DELIVERIES] = FIELD_NO_PLAN,
    [COLL_NONCES] = FIELD_NO_PLAN,
    [COLL_SYNCS] = FIELD_NO_PLAN,
    [COLL_OATODOS] = FIELD_NO_PLAN,
};

static const struct {
	int (*walk)(const json_t *doc, fact_fn fn, void *arg, struct err *e);
	unsigned tables; /* a bit for each */
} walks[COLL__MAX] = {
    [COLL_TASKS] = {fact_walk_task, 1U << FACT_TASK | 1U << FACT_INDICATOR |
					1U << FACT_QUOTA | 1U << FACT_FUNDING |
					1U << FACT_MILESTONE},
    [COLL_REPORTS] = {fact_walk_report,
	1U << FACT_VALUE | 1U << FACT_SUBMISSION},
    [COLL_MILESTONESTATES] = {fact_walk_milestone_state, 1U << FACT_MET},
    [COLL_CHECKS] = {fact_walk_check, 1U << FACT_CHECK},
    [COLL_FUNDFLOWS] = {fact_walk_flow, 1U << FACT_FLOW},
};

const char *
coll_name(enum coll c)
{
	assert(c < COLL__MAX);
	return colls[c].name;
}

int
coll_by_name(const char *name)
{
	for (int c = 0; c < COLL__MAX; c++)
		if (strcmp(colls[c].name, name) == 0)
			return c;
	return -1;
}

const char *
coll_schema(enum coll c)
{
	assert(c < COLL__MAX);
	return colls[c].schema;
}

enum coll
field_coll(enum field f)
{
	assert(f < FIELD__MAX);
	return fields[f].coll;
}

const char *
field_path(enum field f)
{
	assert(f < FIELD__MAX);
	return fields[f].path;
}

enum field_type
field_type(enum field f)
{
	assert(f < FIELD__MAX);
	return fields[f].type;
}

unsigned
field_flags(enum field f)
{
	assert(f < FIELD__MAX);
	return fields[f].flags;
}

/* borrowed: what the dotted path leads to, or NULL. */
static const json_t *
peek_path(const json_t *doc, const char *path)
{
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		char part[PATH_PART_MAX];
		size_t n = (size_t)(dot - path);

		assert(n < sizeof(part));
		memcpy(part, path, n);
		part[n] = '\0';
		doc = json_object_get(doc, part);
		path = dot + 1;
	}
	return json_object_get(doc, path);
}

struct fact_cell
field_value(enum field f, const json_t *doc)
{
	const json_t *v = peek_path(doc, field_path(f));
	struct fact_cell cell = {.type = CELL_NULL};

	if (field_type(f) == FIELD_TYPE_TEXT && json_is_string(v)) {
		cell.type = CELL_TEXT;
		cell.s = json_string_value(v);
	} else if (field_type(f) == FIELD_TYPE_INT && json_is_integer(v)) {
		cell.type = CELL_INT;
		cell.n = json_integer_value(v);
	}
	return cell;
}

enum field
coll_plan_field(enum coll c)
{
	assert(c < COLL__MAX);
	assert(plan_fields[c] != FIELD_ID || c == COLL_PLANS);
	return plan_fields[c];
}

enum field
coll_chain_field(enum coll c)
{
	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++)
		if (fields[f].coll == c && (fields[f].flags & FIELD_CHAIN) != 0)
			return f;
	return FIELD__MAX;
}

int
coll_walk_facts(
    enum coll c, const json_t *doc, fact_fn fn, void *arg, struct err *e)
{
	assert(c < COLL__MAX);
	if (walks[c].walk == NULL)
		return 0;
	return walks[c].walk(doc, fn, arg, e);
}

bool
coll_has_facts(enum coll c, enum fact_table t)
{
	assert(c < COLL__MAX);
	return (walks[c].tables >> t & 1U) != 0;
}
