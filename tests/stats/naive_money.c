#include "naive.h"

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
