#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/*
 * A table in a terminal: columns as wide as their widest cell, Chinese
 * counted as two.  Cells are copied.
 */
struct table;

/* new.  One heading for each column; a leading '>' aligns it right. */
struct table *table_new(size_t ncolumns, const char *const *headings);
void table_free(struct table *t);

/* The next cell, row by row. */
void table_add(struct table *t, const char *fmt, ...) PRINTF(2, 3);

/* On standard output; the last row is set off by a line when `total`. */
void table_print(const struct table *t, bool total);

#endif
