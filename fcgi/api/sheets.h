#ifndef API_SHEETS_H
#define API_SHEETS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "export/export.h"
#include "stats/stats.h"

/* A row of sheets.def: whose answers it is for. */
struct sheet_about {
	enum stats_family family;
	const char *by;
};

/* The i-th; false past the last. */
bool sheets_at(size_t i, struct sheet_about *out);

/*
 * The table of an answer of statistics (sheets.def).  0, or -1: ERR_NOTACCEPT,
 * this family and grouping have no table.  What it points to lives in the
 * tables, the answer (borrowed; its rows get Chinese titles of their words:
 * lightTitle, classTitle, stateTitle) and the arena.
 */
int sheets_make(enum stats_family family, const char *by, json_t *answer,
    struct arena *a, struct export_sheet *out, struct err *e) MUST_CHECK;

/*
 * Print an answer as a file of one sheet.  -1: as sheets_make and
 * export_print.
 */
int sheets_print(enum export_format format, enum stats_family family,
    const char *by, json_t *answer, struct buf *out, struct err *e) MUST_CHECK;

struct req;

/*
 * What the parameter `format` asks for: of export/formats.def, -1 for JSON.
 * -1: ERR_BADQUERY.
 */
int api_export_format(struct req *r, int *format, struct err *e) MUST_CHECK;

#endif
