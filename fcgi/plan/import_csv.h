#ifndef PLAN_IMPORT_CSV_H
#define PLAN_IMPORT_CSV_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

struct org_index;

/*
 * The table of a notice, in its own columns, as draft tasks of a plan:
 *
 *   序号,工作任务,牵头单位及联系人,投资总额及资金来源,主要落实单位,
 *   工作任务分解,年度进度安排及时限要求,备注
 *
 * csv (RFC 4180, with or without BOM, CRLF or LF) or a table pasted from a
 * spreadsheet (tabs).  A row with a number begins a task; the rows below it,
 * without one, carry on: under 工作任务 its quotas ("平陆县：11900名") and
 * sub-items, under the other columns further money, units, duties and
 * milestones.  `lines` of everything are line numbers of the text.
 *
 * new: an array of task documents, or NULL with ERR_IMPORT and one item for
 * each bad cell, at most one per cell: pointer "/rows/12/工作任务" (the line
 * of the text), keyword column | number | org | money | date | lead | order
 * | text.  Nothing is half-imported: any error, no tasks.
 */
json_t *import_csv_read(const char *text, size_t n, const json_t *plan,
    const struct org_index *orgs, struct err *e) MUST_CHECK;

#endif
