#ifndef STATS_PARTS_H
#define STATS_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/civil.h"

/*
 * What engines compute: additive parts.  A part is a named query over the
 * facts (plan/facts.def) with typed columns, spelled once for each engine
 * (<part>.sql, later <part>.json, side by side in this folder).  Engines
 * count and add; rates, ranges, lights and rounding are C's (finish_*.c).
 */
#define PART_COLUMNS_MAX 16

struct stats_part {
	const char *name; /* "indicator": the template's file name */
	size_t ncolumns;
	/* name and type ('i' int64 or null, 's' text or null) of each column */
	struct {
		const char *name;
		char type;
	} columns[PART_COLUMNS_MAX];
};

enum stats_part_id {
#define PART(name, text) PART_##name,
#define PART_COLUMN(part, name, type)
#define PART_END(name)
#include "stats/parts.def"
#undef PART
#undef PART_COLUMN
#undef PART_END
	PART__MAX
};

/* The place of each column in its part: COL_TASK_no; COL_TASK__N of them. */
enum stats_column {
#define PART(name, text) COL_##name##__FIRST = -1,
#define PART_COLUMN(part, name, type) COL_##part##_##name,
#define PART_END(name) COL_##name##__N,
#include "stats/parts.def"
#undef PART
#undef PART_COLUMN
#undef PART_END
};

extern const struct stats_part stats_parts[PART__MAX];

/*
 * The values bound to a part's placeholders: plans (a list), asOf, knownAt,
 * and nothing else.  knownAt is the fixed-width text of an instant.
 */
struct stats_args {
	const char *const *plans;
	size_t nplans;
	char as_of[CIVIL_LEN + 1];
	char known_at[INSTANT_LEN + 1];
};

struct stats_cell {
	int64_t n;
	const char *s; /* arena */
	unsigned char null;
};

/* nrows x part->ncolumns cells, row by row. */
struct stats_rows {
	const struct stats_part *part;
	size_t nrows;
	struct stats_cell *cells;
};

#endif
