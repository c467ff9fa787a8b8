#ifndef PLAN_IMPORT_CELLS_H
#define PLAN_IMPORT_CELLS_H

/* Between the files of the import; nobody else includes it. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "plan/orgs.h"

/* The columns of a notice's table. */
enum import_column {
	COLUMN_NO,
	COLUMN_TITLE,
	COLUMN_LEAD,
	COLUMN_MONEY,
	COLUMN_UNITS,
	COLUMN_DUTY,
	COLUMN_MILESTONE,
	COLUMN_REMARK,
	COLUMN__MAX
};

struct importer {
	const json_t *plan;
	const struct org_index *orgs;
	struct err *e;
	json_t *tasks;
	json_t *task;              /* borrowed: being read; NULL before any */
	json_t *numbers;           /* numbers seen, as keys */
	size_t line;               /* of the row being read */
	size_t last_line;          /* of the row before */
	enum import_column column; /* being read */
	const char *units;         /* as printed, of the current subtasks */
	size_t first_subtask;      /* the current ones: duties go to them */
	size_t nsubtasks;
};

/* Report the cell being read; -1. */
int import_reject(struct importer *im, const char *keyword, const char *fmt,
    ...) PRINTF(3, 4);

/* Read one cell that is not empty; -1 when it was reported. */
int import_title(struct importer *im, const char *text);
int import_part(struct importer *im, const char *text); /* below a title */
int import_lead(struct importer *im, const char *text);
int import_money(struct importer *im, const char *text);
int import_units(struct importer *im, const char *text);
int import_duty(struct importer *im, const char *text);
int import_milestone(struct importer *im, const char *text);
int import_remark(struct importer *im, const char *text);

/* new: [the current line] */
json_t *import_line(const struct importer *im);
/* new: text without the line breaks and tabs of its cell. */
json_t *import_text(const char *s);
/* new: an object with the next id of its section, "s3". */
json_t *import_new_part(
    const struct importer *im, const char *section, char prefix);
/* Bytes to the next of these marks outside brackets, or to the end. */
size_t import_span(const char *s, const char *const *marks, size_t nmarks);
/* borrowed: a section of the task being read. */
json_t *import_section(const struct importer *im, const char *name);

#endif
