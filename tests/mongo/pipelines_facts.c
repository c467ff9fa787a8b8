/*
 * The program's own reading of documents: lines of ["tasks", {...}] in,
 * lines of ["fact_quota", cells ...] out.  For tests/mongo/pipelines.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/facts.h"

static int
print_row(void *arg, const struct fact_row *row, struct err *e)
{
	json_t *line = json_pack("[s]", fact_table_name(row->table));

	(void)arg;
	(void)e;
	for (size_t i = 0; i < row->ncells; i++) {
		const struct fact_cell *c = &row->cells[i];

		if (c->type == CELL_INT)
			json_array_append_new(line, json_integer(c->n));
		else if (c->type == CELL_TEXT)
			json_array_append_new(line, json_string(c->s));
		else
			json_array_append_new(line, json_null());
	}
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
	return 0;
}

static int
walk(const char *coll, const json_t *doc, struct err *e)
{
	if (strcmp(coll, "tasks") == 0)
		return fact_walk_task(doc, print_row, NULL, e);
	if (strcmp(coll, "reports") == 0)
		return fact_walk_report(doc, print_row, NULL, e);
	if (strcmp(coll, "checks") == 0)
		return fact_walk_check(doc, print_row, NULL, e);
	if (strcmp(coll, "fundFlows") == 0)
		return fact_walk_flow(doc, print_row, NULL, e);
	if (strcmp(coll, "checks") == 0)
		return fact_walk_check(doc, print_row, NULL, e);
	if (strcmp(coll, "fundFlows") == 0)
		return fact_walk_flow(doc, print_row, NULL, e);
	return fact_walk_milestone_state(doc, print_row, NULL, e);
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		json_t *v = json_loads(line, 0, NULL);
		const char *coll;
		json_t *doc;
		struct err e;

		err_init(&e);
		if (json_unpack(v, "[s, o]", &coll, &doc) < 0 ||
		    walk(coll, doc, &e) < 0) {
			fprintf(stderr, "%s: %s", e.detail, line);
			return 1;
		}
		json_decref(v);
	}
	free(line);
	return 0;
}
