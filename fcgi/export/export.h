#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

/*
 * Rows to files that people open.  What is exported is described once (a
 * document of sheets), each format only spells it; a cell has the same text
 * in all of them, and no format computes anything.
 */

enum export_format {
#define EXPORT_FORMAT(name, text, type, print) EXPORT_##name,
#include "export/formats.def"
#undef EXPORT_FORMAT
	EXPORT__MAX
};

enum export_type {
	EXPORT_TEXT,
	EXPORT_COUNT,   /* an integer */
	EXPORT_MILLION, /* an integer of millionths: 分 shown in 万元 */
	EXPORT_DECIMAL  /* a number that comes as text: "12.3" */
};

/*
 * A column: where its value stands in a row, dotted through objects.  A path
 * that begins with '.' is looked up in the row's expanded element.  A list
 * reads as its texts, parted by a semicolon.
 */
struct export_column {
	const char *path;
	enum export_type type;
	const char *title;
};

struct export_sheet {
	const char *title; /* also the sheet's name in a workbook */
	const char *note;  /* one line below the title, or NULL */
	const struct export_column *columns;
	size_t ncolumns;
	const json_t *rows; /* borrowed: an array of objects */
	/*
	 * The member of a row that is an array: the sheet has one line for
	 * each of its elements (none for an empty one).  NULL: one per row.
	 */
	const char *expand;
};

struct export_doc {
	const char *title;
	const char *subtitle;
	int64_t made; /* seconds since 1970, for what formats keep of it */
	const struct export_sheet *sheets;
	size_t nsheets;
};

/* "xlsx" -> EXPORT_XLSX, or -1. */
int export_format_by_name(const char *name);
/* "xlsx" and its media type. */
const char *export_format_name(enum export_format f);
const char *export_format_type(enum export_format f);

/*
 * Append the document.  Equal documents give equal bytes.  -1: ERR_TOOBIG,
 * ERR_NOSPACE (no room for what is being made), ERR_INTERNAL.
 */
int export_print(enum export_format f, const struct export_doc *doc,
    struct buf *out, struct err *e) MUST_CHECK;

#endif
