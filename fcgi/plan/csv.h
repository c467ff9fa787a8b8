#ifndef PLAN_CSV_H
#define PLAN_CSV_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * A table as text: csv (RFC 4180) or, when its first line has a tab, values
 * between tabs.  A byte-order mark is skipped, lines end with LF, CRLF or CR,
 * a quoted cell may hold all of them.  Empty lines are left out.
 */
#define CSV_COLUMNS_MAX 64
#define CSV_ROWS_MAX 20000

struct csv {
	struct arena arena;
	size_t nrows;
	struct csv_row {
		size_t line; /* on which it begins, 1-based */
		size_t ncells;
		const char **cells; /* without blanks around them */
	} * rows;
};

/*
 * Read it.  0, or -1 with ERR_IMPORT: not UTF-8, NUL, an open quote, text
 * after a quote, too large.  csv_fini either way.
 */
int csv_read(
    struct csv *c, const char *text, size_t n, struct err *e) MUST_CHECK;
void csv_fini(struct csv *c);
/* borrowed: the cell, "" beyond the end of the row. */
const char *csv_cell(const struct csv_row *row, size_t i);

#endif
