#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/embed.h"
#include "base/log.h"
#include "stats/parts.h"
#include "store/sqlite.h"

#define TEMPLATE_NAME_MAX 64

/* borrowed: the text of stats/<part>.sql. */
static const char *
find_template(const struct stats_part *part, struct err *e)
{
	char name[TEMPLATE_NAME_MAX];

	snprintf(name, sizeof(name), "stats/%s.sql", part->name);
	const struct embed_file *f = embed_find(embed_sql, name);

	if (f != NULL)
		return f->data;
	log_line(LOG_LEVEL_ERROR, "template missing", "name=%s", name);
	err_set(e, ERR_INTERNAL, "系统内部错误：缺少统计模板");
	return NULL;
}

/* The columns must be those that the part declares. */
static int
check_columns(sqlite3_stmt *st, const struct stats_part *part, struct err *e)
{
	size_t n = (size_t)sqlite3_column_count(st);

	for (size_t i = 0; n == part->ncolumns && i < n; i++)
		if (strcmp(sqlite3_column_name(st, (int)i),
			part->columns[i].name) != 0)
			n = i;
	if (n == part->ncolumns)
		return 0;
	log_line(LOG_LEVEL_ERROR, "template columns differ",
	    "part=%s column=%zu", part->name, n);
	return err_set(e, ERR_INTERNAL, "系统内部错误：统计模板的列不符");
}

static void
print_plans(struct buf *b, const struct stats_args *args)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < args->nplans; i++) {
		if (i > 0)
			buf_addc(b, ',');
		buf_add_json_string(b, args->plans[i], strlen(args->plans[i]));
	}
	buf_addc(b, ']');
}

static void
bind_args(sqlite3_stmt *st, const struct stats_args *args, const char *plans)
{
	const struct {
		const char *name;
		const char *value;
	} v[] = {
	    {":plans", plans},
	    {":asOf", args->as_of},
	    {":knownAt", args->known_at},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		int at = sqlite3_bind_parameter_index(st, v[i].name);

		if (at > 0)
			conn_bind_text(st, at, v[i].value);
	}
}

/* -1 when the row has another type than the part declares. */
static int
read_cell(sqlite3_stmt *st, int at, char type, struct arena *a,
    struct stats_cell *out)
{
	switch (sqlite3_column_type(st, at)) {
	case SQLITE_NULL:
		out->null = 1;
		return 0;
	case SQLITE_INTEGER:
		out->n = sqlite3_column_int64(st, at);
		return type == 'i' ? 0 : -1;
	case SQLITE_TEXT:
		out->s =
		    arena_strdup(a, (const char *)sqlite3_column_text(st, at));
		return type == 's' ? 0 : -1;
	default:
		return -1;
	}
}

struct growing {
	struct stats_cell *cells;
	size_t nrows;
	size_t cap;
};

static struct stats_cell *
add_row(struct growing *g, size_t ncolumns)
{
	if (g->nrows == g->cap) {
		g->cap = g->cap == 0 ? 64 : 2 * g->cap;
		g->cells =
		    realloc(g->cells, g->cap * ncolumns * sizeof(*g->cells));
		if (g->cells == NULL)
			abort();
	}
	struct stats_cell *row = &g->cells[g->nrows++ * ncolumns];

	memset(row, 0, ncolumns * sizeof(*row));
	return row;
}

static int
read_rows(struct conn *c, sqlite3_stmt *st, const struct stats_part *part,
    struct arena *a, struct growing *g, struct err *e)
{
	int step;

	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		struct stats_cell *row = add_row(g, part->ncolumns);

		for (size_t i = 0; i < part->ncolumns; i++) {
			if (read_cell(st, (int)i, part->columns[i].type, a,
				&row[i]) == 0)
				continue;
			log_line(LOG_LEVEL_ERROR, "template type differs",
			    "part=%s column=%s", part->name,
			    part->columns[i].name);
			return err_set(e, ERR_INTERNAL,
			    "系统内部错误：统计模板的类型不符");
		}
	}
	return step == SQLITE_DONE ? 0 : conn_fail(c, part->name, e);
}

static void
keep_rows(struct growing *g, const struct stats_part *part, struct arena *a,
    struct stats_rows *out)
{
	size_t n = g->nrows * part->ncolumns * sizeof(*g->cells);

	out->part = part;
	out->nrows = g->nrows;
	out->cells = arena_alloc(a, n > 0 ? n : 1);
	if (n > 0)
		memcpy(out->cells, g->cells, n);
}

int
sqlite_stats(struct store *store, const struct stats_part *part,
    const struct stats_args *args, struct arena *a, struct stats_rows *out,
    struct err *e)
{
	struct sqlite *s = (struct sqlite *)store;
	const char *sql = find_template(part, e);
	struct growing g = {.nrows = 0};
	struct conn *c = NULL;
	sqlite3_stmt *st;
	struct buf plans;
	int rc = -1;

	buf_init(&plans, 0);
	if (sql == NULL || (c = reader_take(s, e)) == NULL)
		goto out;
	st = conn_stmt_text(c, sql, e);
	if (st == NULL || check_columns(st, part, e) < 0)
		goto out;
	print_plans(&plans, args);
	bind_args(st, args, plans.data);
	rc = read_rows(c, st, part, a, &g, e);
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	if (rc == 0)
		keep_rows(&g, part, a, out);
out:
	if (c != NULL)
		reader_put(s, c);
	buf_fini(&plans);
	free(g.cells);
	return rc;
}
