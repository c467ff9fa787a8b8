#include "api/sheets.h"

#include <string.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/json.h"
#include "http/req.h"
#include "plan/assess.h"

enum sheet_id {
#define SHEET(name, family, by, rows, expand, title) SHEET_##name,
#define SHEET_COLUMN(sheet, path, type, title)
#include "api/sheets.def"
#undef SHEET
#undef SHEET_COLUMN
	SHEET__MAX
};

static const struct {
	enum stats_family family;
	const char *by;
	const char *rows;
	const char *expand;
	const char *title;
} sheets[] = {
#define SHEET(name, family, by, rows, expand, title) \
	[SHEET_##name] = {STAT_##family, by, rows, expand, title},
#define SHEET_COLUMN(sheet, path, type, title)
#include "api/sheets.def"
#undef SHEET
#undef SHEET_COLUMN
};

static const struct export_column columns[] = {
#define SHEET(name, family, by, rows, expand, title)
#define SHEET_COLUMN(sheet, path, type, title) {path, EXPORT_##type, title},
#include "api/sheets.def"
#undef SHEET
#undef SHEET_COLUMN
};

/* The sheet of each column: the columns of one stand together. */
static const enum sheet_id owners[] = {
#define SHEET(name, family, by, rows, expand, title)
#define SHEET_COLUMN(sheet, path, type, title) SHEET_##sheet,
#include "api/sheets.def"
#undef SHEET
#undef SHEET_COLUMN
};

#define NCOLUMNS (sizeof(columns) / sizeof(columns[0]))

bool
sheets_at(size_t i, struct sheet_about *out)
{
	if (i >= SHEET__MAX)
		return false;
	*out = (struct sheet_about){sheets[i].family, sheets[i].by};
	return true;
}

int
api_export_format(struct req *r, int *format, struct err *e)
{
	const char *name = req_param(r, "format");

	*format = -1;
	if (name == NULL || strcmp(name, "json") == 0)
		return 0;
	*format = export_format_by_name(name);
	if (*format >= 0)
		return 0;
	return err_add(e, ERR_BADQUERY, "/format", "enum",
	    "没有“%s”这种格式，可以是：json、csv、html、xlsx、docx", name);
}

static int
find_sheet(enum stats_family family, const char *by)
{
	for (size_t i = 0; i < SHEET__MAX; i++) {
		if (sheets[i].family == family && strcmp(sheets[i].by, by) == 0)
			return (int)i;
	}
	return -1;
}

/* Where the target of an indicator comes from: a sum is marked as one. */
static void
put_target_titles(json_t *row)
{
	static const struct {
		const char *state;
		const char *title;
	} titles[] = {
	    {"given", "文件载明"},
	    {"derived", "各单位数量之和"},
	    {"missing", "文件未载明"},
	};
	json_t *indicator;
	size_t i;

	json_array_foreach (json_object_get(row, "indicators"), i, indicator) {
		json_t *target = json_object_get(indicator, "target");
		const char *state = json_peek_str(target, "state");

		for (size_t k = 0; k < sizeof(titles) / sizeof(titles[0]);
		     k++) {
			if (state != NULL &&
			    strcmp(titles[k].state, state) == 0)
				json_put_str(
				    target, "stateTitle", titles[k].title);
		}
	}
}

/* Words of the interface are English; tables are read by people. */
static void
put_titles(json_t *row)
{
	const char *light = json_peek_str(row, "light");
	const char *class = json_peek_str(row, "class");

	for (size_t i = 0; light != NULL && i < LIGHT__MAX; i++) {
		if (strcmp(light_text((enum light)i), light) == 0)
			json_put_str(
			    row, "lightTitle", light_title((enum light)i));
	}
	for (size_t i = 0; class != NULL && i < CLASS__MAX; i++) {
		if (strcmp(class_text((enum assess_class)i), class) == 0)
			json_put_str(row, "classTitle",
			    class_title((enum assess_class)i));
	}
}

/* The row, and what it is expanded into. */
static void
put_all_titles(json_t *row, const char *expand)
{
	json_t *part;
	size_t i;

	put_titles(row);
	put_target_titles(row);
	if (expand == NULL)
		return;
	json_array_foreach (json_object_get(row, expand), i, part)
		put_titles(part);
}

int
sheets_make(enum stats_family family, const char *by, json_t *answer,
    struct arena *a, struct export_sheet *out, struct err *e)
{
	int id = find_sheet(family, by);
	size_t first = 0, i;
	json_t *row;

	if (id < 0)
		return err_set(e, ERR_NOTACCEPT, "这种统计没有表格，只有JSON");
	while (owners[first] != (enum sheet_id)id)
		first++;
	json_array_foreach (json_object_get(answer, sheets[id].rows), i, row)
		put_all_titles(row, sheets[id].expand);
	*out = (struct export_sheet){
	    .title = sheets[id].title,
	    .note = arena_printf(a, "截至%s；数据认定到%s；亮灯规则%s第%lld版",
		json_peek_str(answer, "asOf"), json_peek_str(answer, "knownAt"),
		json_peek_str(json_peek_object(answer, "policy"), "id"),
		(long long)json_peek_int(
		    json_peek_object(answer, "policy"), "version", 0)),
	    .columns = &columns[first],
	    .rows = json_peek_array(answer, sheets[id].rows),
	    .expand = sheets[id].expand,
	};
	while (first + out->ncolumns < NCOLUMNS &&
	       owners[first + out->ncolumns] == (enum sheet_id)id)
		out->ncolumns++;
	return 0;
}

int
sheets_print(enum export_format format, enum stats_family family,
    const char *by, json_t *answer, struct buf *out, struct err *e)
{
	struct export_sheet sheet;
	struct export_doc doc = {.sheets = &sheet, .nsheets = 1};
	instant_t made = 0;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = sheets_make(family, by, answer, &a, &sheet, e);
	if (rc == 0) {
		(void)instant_parse(json_peek_str(answer, "knownAt"), &made);
		doc.title = sheet.title;
		doc.subtitle = sheet.note;
		doc.made = made / 1000;
		rc = export_print(format, &doc, out, e);
	}
	arena_fini(&a);
	return rc;
}
