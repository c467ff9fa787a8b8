#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "export/internal.h"

#define COLUMNS_MAX 40

bool
column_is_number(const struct export_column *c)
{
	return c->type != EXPORT_TEXT;
}

/* The value at a dotted path; NULL where there is none. */
static const json_t *
value_at(const json_t *v, const char *path)
{
	while (v != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		v = json_object_getn(v, path, n);
		path += n + (path[n] == '.');
	}
	return v;
}

/*
 * 5683200000 -> "5683.20": at least two decimals, at most six, no more than
 * it needs.
 */
static void
print_million(int64_t n, char out[CELL_NUMBER])
{
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	size_t len = (size_t)snprintf(out, CELL_NUMBER, "%s%llu.%06llu",
	    n < 0 ? "-" : "", (unsigned long long)(u / 1000000),
	    (unsigned long long)(u % 1000000));

	while (out[len - 1] == '0' && out[len - 3] != '.')
		out[--len] = '\0';
}

/* A list reads as its texts: its elements, or their member "text". */
static const char *
join(struct arena *a, const json_t *list)
{
	char *all = arena_strdup(a, "");
	json_t *v;
	size_t i;

	json_array_foreach (list, i, v) {
		const char *text = json_is_string(v) ? json_string_value(v)
						     : json_peek_str(v, "text");

		if (text != NULL)
			all = arena_printf(
			    a, "%s%s%s", all, i > 0 ? "；" : "", text);
	}
	return all;
}

static void
fill_cell(struct export_cell *cell, enum export_type type, const json_t *v,
    struct arena *a)
{
	cell->type = type;
	cell->number[0] = '\0';
	cell->text = json_is_string(v) ? json_string_value(v) : cell->number;
	if (json_is_integer(v) && type == EXPORT_MILLION)
		print_million(json_integer_value(v), cell->number);
	else if (json_is_integer(v))
		snprintf(cell->number, sizeof(cell->number), "%lld",
		    (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		cell->text = json_is_true(v) ? "是" : "否";
	else if (json_is_array(v))
		cell->text = join(a, v);
	cell->empty = cell->text[0] == '\0';
}

static void
walk_line(const struct export_sheet *s, const json_t *row,
    const json_t *element, size_t line, line_fn fn, void *arg)
{
	struct export_cell cells[COLUMNS_MAX];
	size_t n = s->ncolumns < COLUMNS_MAX ? s->ncolumns : COLUMNS_MAX;
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < n; i++) {
		const char *path = s->columns[i].path;
		const json_t *from = path[0] == '.' ? element : row;

		fill_cell(&cells[i], s->columns[i].type,
		    value_at(from, path + (path[0] == '.')), &a);
	}
	fn(arg, cells, n, line);
	arena_fini(&a);
}

void
sheet_walk(const struct export_sheet *s, line_fn fn, void *arg)
{
	size_t line = 0, i, k;
	json_t *row, *element;

	json_array_foreach (s->rows, i, row) {
		if (s->expand == NULL) {
			walk_line(s, row, NULL, line++, fn, arg);
			continue;
		}
		json_array_foreach (json_peek_array(row, s->expand), k, element)
			walk_line(s, row, element, line++, fn, arg);
	}
}
