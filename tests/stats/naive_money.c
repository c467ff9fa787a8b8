#include "naive.h"

#include "plan/percent.h"

static void
add(json_t *o, const char *key, int64_t n)
{
	json_put_int(o, key, INT(o, key) + n);
}

/* The row of a key, made on first use; borrowed. */
static json_t *
row_of(json_t *rows, const char *key)
{
	json_t *row = json_object_get(rows, key);

	if (row == NULL) {
		row = json_pack("{s:i, s:i, s:i, s:[]}", "statedFen", 0,
		    "lowFen", 0, "highFen", 0, "unknown");
		json_put(rows, key, row);
	}
	return row;
}

static void
add_money(json_t *row, const json_t *item, const struct view *v,
    const int64_t money[3], bool unknown)
{
	add(row, "statedFen", money[0]);
	add(row, "lowFen", money[1]);
	add(row, "highFen", money[2]);
	if (unknown)
		json_push(json_object_get(row, "unknown"),
		    json_pack("{s:s, s:s}", "taskId", STR(v->task, "_id"),
			"itemId", STR(item, "id")));
}

/* One item of one payer: into the row of its key. */
static void
pay(json_t *rows, const char *by, const struct view *v, const json_t *item,
    const char *org)
{
	const char *key = STR(item, "level");
	int64_t n = INT(item, "amountFen");
	int64_t units = (int64_t)json_array_size(LIST(item, "orgs"));
	bool unclear = SAME(item, "certainty", "ambiguous");
	bool each = SAME(item, "per", "each");
	bool unknown = SAME(item, "certainty", "unknown") ||
		       (each && !unclear && units == 0);
	int64_t money[3] = {n, n, n};

	if (unclear) {
		money[0] = 0;
		money[2] = n * (units > 0 ? units : 1);
	} else if (unknown) {
		memset(money, 0, sizeof(money));
	}
	if (strcmp(by, "task") == 0)
		key = STR(v->task, "_id");
	else if (strcmp(by, "lead") == 0)
		key = STR(json_peek_object(v->now, "lead"), "orgId");
	else if (strcmp(by, "org") == 0)
		key = org != NULL ? org : "";
	add_money(row_of(rows, key), item, v, money, unknown);
}

void
naive_funding(json_t *rows, const char *by, const struct view *v)
{
	const json_t *item, *org;
	size_t i_item, i_org;

	if (strcmp(by, "task") == 0)
		(void)row_of(rows, STR(v->task, "_id"));
	json_array_foreach (LIST(v->now, "funding"), i_item, item) {
		const json_t *orgs = LIST(item, "orgs");
		bool each = SAME(item, "per", "each");
		bool city = SAME(item, "level", "city") && !each;

		if (each && json_array_size(orgs) > 0 &&
		    !SAME(item, "certainty", "ambiguous") &&
		    !SAME(item, "certainty", "unknown")) {
			json_array_foreach (orgs, i_org, org)
				pay(rows, by, v, item, json_string_value(org));
		} else {
			pay(rows, by, v, item,
			    city ? STR(v->task, "division") : NULL);
		}
	}
}

/* Does b say the same of what a is about (unit: of the same unit)? */
static bool
same_flow(const json_t *a, const json_t *b, bool unit)
{
	static const char *const keys[] = {"fundingId", "level", "stage"};

	for (size_t i = 0; i < 3; i++)
		if (!json_equal(json_object_get(a, keys[i]),
			json_object_get(b, keys[i])))
			return false;
	return !unit || json_equal(json_object_get(a, "orgId"),
			    json_object_get(b, "orgId"));
}

static bool
is_known(const struct view *v, const json_t *flow)
{
	return strcmp(STR(flow, "asOf"), v->as_of) <= 0 &&
	       strcmp(STR(flow, "recordedAt"), v->known_at) <= 0;
}

static bool
is_newest(const struct view *v, const json_t *flow)
{
	const json_t *o;
	size_t i;

	json_array_foreach (v->flows, i, o) {
		int c = strcmp(STR(o, "asOf"), STR(flow, "asOf"));

		if (!is_known(v, o) || !same_flow(o, flow, true))
			continue;
		if (c == 0)
			c = strcmp(
			    STR(o, "recordedAt"), STR(flow, "recordedAt"));
		if (c == 0)
			c = (int)(INT(o, "revision") - INT(flow, "revision"));
		if (c == 0)
			c = strcmp(STR(o, "_id"), STR(flow, "_id"));
		if (c > 0)
			return false;
	}
	return true;
}

/* A part of a whole that has a figure of its own. */
static bool
is_part(const struct view *v, const json_t *flow)
{
	const json_t *o;
	size_t i;

	json_array_foreach (v->flows, i, o) {
		if (is_known(v, o) && same_flow(o, flow, false) &&
		    STR(o, "orgId") == NULL && STR(flow, "orgId") != NULL)
			return true;
	}
	return false;
}

void
naive_flows(json_t *rows, const char *by, const struct view *v)
{
	const json_t *flow;
	size_t i;

	json_array_foreach (v->flows, i, flow) {
		const char *key = STR(flow, "level");
		json_t *row, *moved;

		if (!is_known(v, flow) || !is_newest(v, flow) ||
		    is_part(v, flow))
			continue;
		if (strcmp(by, "task") == 0)
			key = STR(v->task, "_id");
		else if (strcmp(by, "lead") == 0)
			key = STR(json_peek_object(v->now, "lead"), "orgId");
		row = row_of(rows, key);
		moved = json_object_get(row, "moved");
		if (moved == NULL) {
			moved = json_object();
			json_put(row, "moved", moved);
		}
		add(moved, STR(flow, "stage"), INT(flow, "amountFen"));
	}
}

void
naive_rates(json_t *row)
{
	static const char *const stages[][3] = {{"plan", "planFen", NULL},
	    {"issued", "issuedFen", NULL},
	    {"received", "receivedFen", "receivedPercent"},
	    {"paid", "paidFen", "paidPercent"}};
	const json_t *moved = json_object_get(row, "moved");
	json_t *flows = json_object();
	char text[PERCENT_TEXT];

	for (size_t i = 0; i < 4; i++) {
		json_t *n = json_object_get(moved, stages[i][0]);

		json_put(flows, stages[i][1],
		    n != NULL ? json_incref(n) : json_null());
		if (stages[i][2] != NULL)
			json_put_str(row, stages[i][2],
			    n != NULL && INT(row, "statedFen") > 0
				? percent_text(json_integer_value(n),
				      INT(row, "statedFen"), text)
				: NULL);
	}
	json_put(row, "flows", flows);
}
