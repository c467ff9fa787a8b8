#include "cli/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

#define COLUMNS_MAX 16
#define CELL_BYTES 1024

struct table {
	struct arena arena;
	size_t ncolumns;
	bool right[COLUMNS_MAX];
	size_t width[COLUMNS_MAX];
	char **cells; /* headings first */
	size_t ncells;
	size_t cap;
};

static size_t
width_of(const char *s)
{
	return utf8_width(s, strlen(s));
}

static void
add_cell(struct table *t, const char *text)
{
	size_t column = t->ncells % t->ncolumns;

	if (t->ncells == t->cap) {
		t->cap = t->cap > 0 ? t->cap * 2 : 64;
		t->cells = realloc(t->cells, t->cap * sizeof(*t->cells));
		if (t->cells == NULL)
			abort();
	}
	t->cells[t->ncells++] = arena_strdup(&t->arena, text);
	if (width_of(text) > t->width[column])
		t->width[column] = width_of(text);
}

struct table *
table_new(size_t ncolumns, const char *const *headings)
{
	struct table *t = calloc(1, sizeof(*t));

	assert(ncolumns > 0 && ncolumns <= COLUMNS_MAX);
	if (t == NULL)
		abort();
	arena_init(&t->arena);
	t->ncolumns = ncolumns;
	for (size_t i = 0; i < ncolumns; i++) {
		t->right[i] = headings[i][0] == '>';
		add_cell(t, headings[i] + (t->right[i] ? 1 : 0));
	}
	return t;
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	arena_fini(&t->arena);
	free(t->cells);
	free(t);
}

void
table_add(struct table *t, const char *fmt, ...)
{
	char text[CELL_BYTES];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text))
		text[utf8_cut(text, sizeof(text) - 1)] = '\0';
	add_cell(t, text);
}

static void
print_spaces(size_t n)
{
	while (n-- > 0)
		putchar(' ');
}

static void
print_cell(const struct table *t, size_t column, const char *text)
{
	size_t pad = t->width[column] - width_of(text);
	bool last = column + 1 == t->ncolumns;

	if (t->right[column])
		print_spaces(pad);
	fputs(text, stdout);
	if (!t->right[column] && !last)
		print_spaces(pad);
	fputs(last ? "\n" : "  ", stdout);
}

static void
print_rule(const struct table *t)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		for (size_t n = t->width[i]; n > 0; n--)
			putchar('-');
		fputs(i + 1 < t->ncolumns ? "  " : "\n", stdout);
	}
}

void
table_print(const struct table *t, bool total)
{
	size_t nrows = t->ncells / t->ncolumns;

	for (size_t i = 0; i < nrows; i++) {
		if (i == 1 || (total && i + 1 == nrows && i > 1))
			print_rule(t);
		for (size_t c = 0; c < t->ncolumns; c++)
			print_cell(t, c, t->cells[i * t->ncolumns + c]);
	}
}
