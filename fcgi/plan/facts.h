#ifndef PLAN_FACTS_H
#define PLAN_FACTS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Documents as flat rows: the obligations, the money and the values that
 * statistics are made of.  Pure; no row is invented.  A row is an array of
 * cells in the column order of facts.def.
 *
 * A task gives rows for each of its versions (docs/model.md, amendments):
 * `since` and `until` are the instants between which that version was known,
 * "" and "9" where it is open, so that  since <= K and K < until  as text.
 */
enum fact_table {
#define FACT(name, table) FACT_##name,
#define FACT_COLUMN(name, column, type)
#include "plan/facts.def"
#undef FACT
#undef FACT_COLUMN
	FACT__MAX
};

#define FACT_COLUMNS_MAX 20

struct fact_cell {
	enum { CELL_NULL, CELL_INT, CELL_TEXT } type;
	int64_t n;
	const char *s; /* borrowed from the document */
};

struct fact_row {
	enum fact_table table;
	size_t ncells;
	struct fact_cell cells[FACT_COLUMNS_MAX];
};

/* Called for each row; the row is borrowed for the call.  -1 stops. */
typedef int (*fact_fn)(void *arg, const struct fact_row *row, struct err *e);

/*
 * Walk the rows of one valid document.  0, or -1 with *e set by fn (a sum
 * that leaves int64 is ERR_INVALID).  fact_walk_task wants every orgSet
 * reference filled (`orgs`).
 */
int fact_walk_task(
    const json_t *task, fact_fn fn, void *arg, struct err *e) MUST_CHECK;
int fact_walk_report(
    const json_t *report, fact_fn fn, void *arg, struct err *e) MUST_CHECK;
int fact_walk_milestone_state(
    const json_t *state, fact_fn fn, void *arg, struct err *e) MUST_CHECK;
int fact_walk_check(
    const json_t *check, fact_fn fn, void *arg, struct err *e) MUST_CHECK;
int fact_walk_flow(
    const json_t *flow, fact_fn fn, void *arg, struct err *e) MUST_CHECK;

/* Facts about the tables, for engines that build them. */
const char *fact_table_name(enum fact_table t);
size_t fact_column_count(enum fact_table t);
const char *fact_column_name(enum fact_table t, size_t i);
/* "TEXT" or "INTEGER"; with " NOT NULL" where null has no meaning. */
const char *fact_column_type(enum fact_table t, size_t i);

#endif
