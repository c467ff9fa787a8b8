#include "plan/import_csv.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "plan/csv.h"
#include "plan/import_cells.h"
#include "plan/lifecycle.h"
#include "plan/notation.h"

#define TASKS_MAX 999
static const char header[] = "序号、工作任务、牵头单位及联系人、"
			     "投资总额及资金来源、主要落实单位、工作任务分解、"
			     "年度进度安排及时限要求、备注";

/* The two readers that begin things. */
static int import_number(struct importer *im, const char *text);
static int import_task_cell(struct importer *im, const char *text);

/* In the order in which the cells of a row are read. */
static const struct {
	const char *name;
	int (*read)(struct importer *im, const char *text);
	size_t limit; /* characters */
} columns[COLUMN__MAX] = {
    [COLUMN_NO] = {"序号", import_number, 10},
    [COLUMN_TITLE] = {"工作任务", import_task_cell, 200},
    [COLUMN_LEAD] = {"牵头单位及联系人", import_lead, 200},
    [COLUMN_MONEY] = {"投资总额及资金来源", import_money, 2000},
    [COLUMN_UNITS] = {"主要落实单位", import_units, 2000},
    [COLUMN_DUTY] = {"工作任务分解", import_duty, 2000},
    [COLUMN_MILESTONE] = {"年度进度安排及时限要求", import_milestone, 2000},
    [COLUMN_REMARK] = {"备注", import_remark, 2000},
};

int
import_reject(struct importer *im, const char *keyword, const char *fmt, ...)
{
	char pointer[128], detail[256];
	va_list ap;

	(void)snprintf(pointer, sizeof(pointer), "/rows/%zu/%s", im->line,
	    columns[im->column].name);
	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	detail[utf8_cut(detail, strlen(detail))] = '\0';
	return err_add(im->e, ERR_IMPORT, pointer, keyword, "%s", detail);
}

json_t *
import_section(const struct importer *im, const char *name)
{
	return json_object_get(im->task, name);
}

/* ---- tasks ---- */

/*
 * Units that are to implement a task whose other counties have a quota, but
 * have none themselves: it is missing, not zero.
 */
static void
add_missing_quotas(struct importer *im, json_t *quotas, const json_t *subtask)
{
	const json_t *org, *quota, *doc;
	const char *kind;
	json_t *row;
	size_t i, k;
	bool found;

	json_array_foreach (json_peek_array(subtask, "orgs"), i, org) {
		doc = org_index_unit(im->orgs, json_string_value(org));
		kind = json_peek_str(doc, "kind");
		if (kind == NULL ||
		    (strcmp(kind, "county") != 0 && strcmp(kind, "zone") != 0))
			continue;
		found = false;
		json_array_foreach (quotas, k, quota)
			found |= json_equal(
				     org, json_object_get(quota, "orgId")) != 0;
		if (found)
			continue;
		row = json_object();
		json_put(row, "orgId", json_deep_copy(org));
		json_put(row, "qty", json_null());
		json_put_str(row, "state", "missing");
		json_put(row, "lines",
		    json_deep_copy(json_object_get(subtask, "lines")));
		json_push(quotas, row);
	}
}

/* The units with a quota: they are obliged by percent milestones. */
static json_t *
quota_units(const json_t *quotas)
{
	json_t *orgs = json_array();
	const json_t *quota;
	size_t i;

	json_array_foreach (quotas, i, quota)
		json_push(orgs, json_string(json_peek_str(quota, "orgId")));
	return orgs;
}

static bool
is_percent(const json_t *milestone)
{
	const char *type =
	    json_peek_str(json_peek_object(milestone, "rule"), "type");

	return type != NULL && strcmp(type, "percent") == 0;
}

/* The indicator of the task; percentages without a total still need one. */
static json_t *
need_indicator(struct importer *im)
{
	json_t *list = import_section(im, "indicators");
	json_t *indicator, *target;

	if (json_array_size(list) > 0)
		return json_array_get(list, 0);
	indicator = json_object();
	target = json_object();
	json_put(target, "qty", json_null());
	json_put_str(target, "state", "missing");
	json_put_str(indicator, "id", "i1");
	json_put_str(indicator, "name", json_peek_str(im->task, "title"));
	json_put_str(indicator, "unit", "项");
	json_put(indicator, "target", target);
	json_put(indicator, "quotas", json_array());
	json_push(list, indicator);
	return indicator;
}

/* Milestones say what kind of task it is, and quotas whom they oblige. */
static void
finish_milestones(struct importer *im)
{
	json_t *milestone, *quotas;
	size_t i, percents = 0, events = 0;
	const char *kind = "milestone";

	json_array_foreach (import_section(im, "milestones"), i, milestone) {
		if (!is_percent(milestone)) {
			events++;
			continue;
		}
		percents++;
		quotas = json_object_get(need_indicator(im), "quotas");
		if (json_array_size(quotas) > 0)
			json_put(milestone, "orgs", quota_units(quotas));
	}
	if (json_array_size(import_section(im, "indicators")) > 0)
		kind = percents > 0 && events > 0 ? "mixed" : "quantity";
	json_put_str(im->task, "kind", kind);
}

/* Whom "each" means: the group that implements the task. */
static void
finish_money(struct importer *im)
{
	const char *phrase = "各县（市、区）";
	json_t *row;
	size_t i;

	json_array_foreach (import_section(im, "subtasks"), i, row) {
		if (json_peek_str(row, "orgSet") != NULL) {
			phrase = json_peek_str(row, "orgSet");
			break;
		}
	}
	json_array_foreach (import_section(im, "funding"), i, row) {
		if (json_is_true(json_object_get(row, "orgSet")))
			json_put_str(row, "orgSet", phrase);
	}
}

static void
finish_task(struct importer *im)
{
	json_t *indicator, *quotas, *subtask, *source, *lines;
	struct err ignored;
	size_t i;

	if (im->task == NULL)
		return;
	finish_money(im);
	err_init(&ignored);
	if (orgs_fill_task(im->task, im->orgs, &ignored) < 0)
		err_init(&ignored); /* the doctor reports unknown phrases */
	indicator = json_array_get(import_section(im, "indicators"), 0);
	quotas = json_object_get(indicator, "quotas");
	json_array_foreach (import_section(im, "subtasks"), i, subtask) {
		if (json_array_size(quotas) > 0)
			add_missing_quotas(im, quotas, subtask);
	}
	finish_milestones(im);
	source = json_object_get(im->task, "source");
	lines = json_object_get(source, "lines");
	json_push(lines, json_integer((json_int_t)im->last_line));
	lifecycle_draft_task(im->task, im->plan, NULL);
	im->task = NULL;
}

static void
begin_task(struct importer *im, int64_t no)
{
	static const char *const sections[] = {
	    "indicators", "funding", "subtasks", "milestones"};
	json_t *source = json_object();
	json_t *lines = json_array();

	finish_task(im);
	im->task = json_object();
	json_push(lines, json_integer((json_int_t)im->line));
	json_put(source, "lines", lines);
	json_put_int(im->task, "no", no);
	json_put(im->task, "source", source);
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		json_put(im->task, sections[i], json_array());
	json_push(im->tasks, im->task);
	im->units = NULL;
	im->nsubtasks = 0;
}

/* A number that cannot be read still begins a task: its rows are checked. */
static int
import_number(struct importer *im, const char *text)
{
	char narrow[64];
	int64_t no = 0;
	size_t i = 0;

	while (text[i] >= '0' && text[i] <= '9' && i < 4)
		no = no * 10 + (text[i++] - '0');
	begin_task(im, no);
	if (find_wide_digit(text) != NULL)
		return import_reject(im, "number",
		    "序号用了全角数字“%s”，请改成半角“%s”。", text,
		    narrow_text(text, narrow, sizeof(narrow)));
	if (text[i] != '\0' || no < 1 || no > TASKS_MAX)
		return import_reject(im, "number",
		    "序号应是1到%d的整数，这里是“%s”。", TASKS_MAX, text);
	if (json_object_get(im->numbers, text) != NULL)
		return import_reject(im, "order", "序号%s重复了。", text);
	json_put(im->numbers, text, json_true());
	return 0;
}

/* The first cell of a task is its title, those below are its parts. */
static int
import_task_cell(struct importer *im, const char *text)
{
	if (json_object_get(im->task, "title") == NULL)
		return import_title(im, text);
	return import_part(im, text);
}

/* ---- rows ---- */

/* Line breaks inside a cell are the printer's: take them out. */
static void
flatten(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\t')
			buf_addc(b, ' ');
		else if (*s != '\n' && *s != '\r')
			buf_addc(b, *s);
	}
}

static int
read_cell(struct importer *im, const char *text)
{
	struct buf flat;
	int rc = 0;

	if (text[0] == '\0')
		return 0;
	if (im->task == NULL && im->column != COLUMN_NO) {
		return import_reject(
		    im, "order", "这一行前面没有序号，不知道属于哪项任务。");
	}
	buf_init(&flat, 0);
	flatten(&flat, text);
	if (!text_is_line(flat.data, flat.len))
		rc = import_reject(im, "text", "有看不见的控制字符。");
	else if (utf8_count(flat.data, flat.len) > columns[im->column].limit)
		rc = import_reject(im, "text", "太长，最多%zu个字。",
		    columns[im->column].limit);
	buf_fini(&flat);
	return rc < 0 ? rc : columns[im->column].read(im, text);
}

/* What the first row of a task must have. */
static void
check_first_row(struct importer *im, const struct csv_row *row,
    const size_t place[COLUMN__MAX])
{
	static const struct {
		enum import_column column;
		const char *keyword;
		const char *detail;
	} musts[] = {
	    {COLUMN_TITLE, "text", "没有写工作任务。"},
	    {COLUMN_LEAD, "lead",
		"没有写牵头单位，应写作“市民政局 姓名 139****0100”。"},
	};

	for (size_t i = 0; i < sizeof(musts) / sizeof(musts[0]); i++) {
		im->column = musts[i].column;
		if (csv_cell(row, place[im->column])[0] == '\0')
			import_reject(
			    im, musts[i].keyword, "%s", musts[i].detail);
	}
}

static void
read_row(struct importer *im, const struct csv_row *row,
    const size_t place[COLUMN__MAX])
{
	im->line = row->line;
	for (size_t c = 0; c < COLUMN__MAX; c++) {
		im->column = (enum import_column)c;
		if (read_cell(im, csv_cell(row, place[c])) < 0 &&
		    im->task == NULL)
			return;
	}
	if (csv_cell(row, place[COLUMN_NO])[0] != '\0')
		check_first_row(im, row, place);
	im->last_line = row->line;
}

static size_t
count_errors(const struct importer *im)
{
	return im->e->nitems + im->e->nmore;
}

/* ---- header ---- */

static bool
same_name(const char *a, const char *b)
{
	struct buf x, y;
	bool same;

	buf_init(&x, 0);
	buf_init(&y, 0);
	org_name_normalize(&x, a, strlen(a));
	org_name_normalize(&y, b, strlen(b));
	same = strcmp(x.data, y.data) == 0;
	buf_fini(&x);
	buf_fini(&y);
	return same;
}

static void
reject_header(
    struct importer *im, size_t line, const char *name, const char *why)
{
	char pointer[128];

	(void)snprintf(pointer, sizeof(pointer), "/rows/%zu/%.60s", line, name);
	pointer[utf8_cut(pointer, strlen(pointer))] = '\0';
	err_add(im->e, ERR_IMPORT, pointer, "column", "%s“%s”。表头应为：%s。",
	    why, name, header);
}

/* Where each column stands: any order, all of them, nothing else. */
static int
read_header(
    struct importer *im, const struct csv_row *row, size_t place[COLUMN__MAX])
{
	size_t before = count_errors(im);
	size_t i, c;

	for (c = 0; c < COLUMN__MAX; c++)
		place[c] = SIZE_MAX;
	for (i = 0; i < row->ncells; i++) {
		c = 0;
		while (c < COLUMN__MAX &&
		       !same_name(row->cells[i], columns[c].name))
			c++;
		if (c == COLUMN__MAX && row->cells[i][0] == '\0')
			continue;
		if (c == COLUMN__MAX)
			reject_header(
			    im, row->line, row->cells[i], "不认识的列");
		else if (place[c] != SIZE_MAX)
			reject_header(im, row->line, row->cells[i], "重复的列");
		else
			place[c] = i;
	}
	for (c = 0; c < COLUMN__MAX; c++) {
		if (place[c] == SIZE_MAX && c != COLUMN_REMARK)
			reject_header(im, row->line, columns[c].name, "缺少列");
	}
	return count_errors(im) > before ? -1 : 0;
}

static int
read_table(struct importer *im, const struct csv *csv)
{
	size_t place[COLUMN__MAX];

	if (csv->nrows == 0)
		return err_add(im->e, ERR_IMPORT, "/rows", "text",
		    "表格是空的。第一行应为表头：%s。", header);
	if (read_header(im, &csv->rows[0], place) < 0)
		return -1;
	for (size_t i = 1; i < csv->nrows; i++)
		read_row(im, &csv->rows[i], place);
	finish_task(im);
	if (json_array_size(im->tasks) == 0 && im->e->code == ERR_NONE)
		return err_add(im->e, ERR_IMPORT, "/rows", "text",
		    "表格里只有表头，没有任务。");
	return im->e->code == ERR_NONE ? 0 : -1;
}

json_t *
import_csv_read(const char *text, size_t n, const json_t *plan,
    const struct org_index *orgs, struct err *e)
{
	struct importer im = {.plan = plan, .orgs = orgs, .e = e};
	struct csv csv;
	int rc;

	im.tasks = json_array();
	im.numbers = json_object();
	rc = csv_read(&csv, text, n, e);
	if (rc == 0)
		rc = read_table(&im, &csv);
	csv_fini(&csv);
	json_decref(im.numbers);
	if (rc < 0) {
		json_decref(im.tasks);
		return NULL;
	}
	return im.tasks;
}
