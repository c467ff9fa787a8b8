#ifndef EXPORT_INTERNAL_H
#define EXPORT_INTERNAL_H

#include <stdbool.h>

#include "export/export.h"

/* ---- cells (cell.c) ---- */

#define CELL_NUMBER 32

struct export_cell {
	bool empty;
	enum export_type type;
	/* As people read it: text, "568.32", "12.3".  "" when empty. */
	const char *text;
	char number[CELL_NUMBER]; /* what text points to for integers */
};

/* Called for each line of a sheet, its cells in column order. */
typedef void (*line_fn)(
    void *arg, const struct export_cell *cells, size_t ncells, size_t line);
void sheet_walk(const struct export_sheet *sheet, line_fn fn, void *arg);

/* Is the column one of numbers? */
bool column_is_number(const struct export_column *c);

/* ---- markup (markup.c) ---- */

/*
 * Append text for XML and HTML, with the five characters escaped; what XML
 * 1.0 forbids (control characters) is left out.
 */
void markup_add(struct buf *b, const char *s);

/* ---- the formats ---- */

#define EXPORT_FORMAT(name, text, type, print)                   \
	int print(const struct export_doc *doc, struct buf *out, \
	    struct err *e) MUST_CHECK;
#include "export/formats.def"
#undef EXPORT_FORMAT

#endif
