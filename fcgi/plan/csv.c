#include "plan/csv.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define BOM "\xEF\xBB\xBF"

struct reader {
	struct csv *csv;
	const char *p;
	const char *end;
	char separator;
	size_t line;
	struct buf cell;
	const char **cells; /* of the row being read */
	size_t ncells;
};

static int
reject(struct reader *r, const char *keyword, const char *why, struct err *e)
{
	char pointer[64];

	(void)snprintf(pointer, sizeof(pointer), "/rows/%zu", r->line);
	return err_add(e, ERR_IMPORT, pointer, keyword, "%s", why);
}

/* Bytes of a blank at s: space, tab, line end, ideographic space; or 0. */
static size_t
blank(const char *s)
{
	if (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')
		return 1;
	if (text_starts(s, "\xE3\x80\x80"))
		return 3;
	return text_starts(s, "\xC2\xA0") ? 2 : 0;
}

static const char *
trim(struct arena *a, const char *s)
{
	size_t last = 0, i = 0, step;

	while ((step = blank(s)) > 0)
		s += step;
	while (s[i] != '\0') {
		step = blank(s + i);
		i += step > 0 ? step : 1;
		if (step == 0)
			last = i;
	}
	return arena_strndup(a, s, last);
}

static bool
at_line_end(const struct reader *r)
{
	return r->p == r->end || *r->p == '\n' || *r->p == '\r';
}

/* Step over LF, CR or CRLF. */
static void
skip_line_end(struct reader *r)
{
	if (r->p == r->end)
		return;
	if (*r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n')
		r->p++;
	r->p++;
	r->line++;
}

static int
read_quoted(struct reader *r, struct err *e)
{
	for (r->p++; r->p < r->end; r->p++) {
		if (*r->p == '"' && r->p + 1 < r->end && r->p[1] == '"')
			r->p++;
		else if (*r->p == '"')
			break;
		if (*r->p == '\n')
			r->line++;
		buf_addc(&r->cell, *r->p);
	}
	if (r->p == r->end)
		return reject(r, "text", "引号没有成对，请检查双引号。", e);
	r->p++;
	if (!at_line_end(r) && *r->p != r->separator)
		return reject(r, "text", "引号后面还有文字，请检查双引号。", e);
	return 0;
}

static int
read_cell(struct reader *r, struct err *e)
{
	buf_reset(&r->cell);
	if (r->p < r->end && *r->p == '"') {
		if (read_quoted(r, e) < 0)
			return -1;
	} else {
		while (!at_line_end(r) && *r->p != r->separator)
			buf_addc(&r->cell, *r->p++);
	}
	if (r->ncells == CSV_COLUMNS_MAX)
		return reject(r, "column", "列数太多，请检查分隔符。", e);
	r->cells[r->ncells++] = trim(&r->csv->arena, r->cell.data);
	return 0;
}

static bool
is_empty(const struct reader *r)
{
	for (size_t i = 0; i < r->ncells; i++) {
		if (r->cells[i][0] != '\0')
			return false;
	}
	return true;
}

static int
read_row(struct reader *r, struct err *e)
{
	struct csv *c = r->csv;
	size_t line = r->line;

	r->ncells = 0;
	for (;;) {
		if (read_cell(r, e) < 0)
			return -1;
		if (at_line_end(r))
			break;
		r->p++;
	}
	skip_line_end(r);
	if (is_empty(r))
		return 0;
	if (c->nrows == CSV_ROWS_MAX)
		return reject(r, "text", "行数太多，请分开导入。", e);
	c->rows[c->nrows].line = line;
	c->rows[c->nrows].ncells = r->ncells;
	c->rows[c->nrows].cells =
	    arena_alloc(&c->arena, (r->ncells + 1) * sizeof(char *));
	memcpy(c->rows[c->nrows].cells, r->cells, r->ncells * sizeof(char *));
	c->nrows++;
	return 0;
}

/* Tabs in the first line: a paste from a spreadsheet. */
static char
find_separator(const char *s, const char *end)
{
	for (; s < end && *s != '\n' && *s != '\r'; s++) {
		if (*s == '\t')
			return '\t';
	}
	return ',';
}

static size_t
count_lines(const char *s, const char *end)
{
	size_t n = 1;

	for (; s < end; s++)
		n += *s == '\n' || *s == '\r';
	return n < CSV_ROWS_MAX ? n : CSV_ROWS_MAX;
}

int
csv_read(struct csv *c, const char *text, size_t n, struct err *e)
{
	const char *cells[CSV_COLUMNS_MAX];
	struct reader r = {
	    .csv = c, .p = text, .end = text + n, .line = 1, .cells = cells};
	int rc = 0;

	memset(c, 0, sizeof(*c));
	arena_init(&c->arena);
	if (!utf8_valid(text, n) || memchr(text, '\0', n) != NULL)
		return reject(&r, "text",
		    "文件不是UTF-8编码，请另存为“CSV UTF-8”再导入。", e);
	if (n >= 3 && memcmp(text, BOM, 3) == 0)
		r.p += 3;
	r.separator = find_separator(r.p, r.end);
	c->rows = arena_alloc(
	    &c->arena, count_lines(r.p, r.end) * sizeof(c->rows[0]));
	buf_init(&r.cell, 0);
	while (rc == 0 && r.p < r.end)
		rc = read_row(&r, e);
	buf_fini(&r.cell);
	return rc;
}

void
csv_fini(struct csv *c)
{
	arena_fini(&c->arena);
	memset(c, 0, sizeof(*c));
}

const char *
csv_cell(const struct csv_row *row, size_t i)
{
	return i < row->ncells ? row->cells[i] : "";
}
