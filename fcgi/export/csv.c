#include <string.h>

#include "base/buf.h"
#include "export/internal.h"

/*
 * RFC 4180 with a byte-order mark: without it the spreadsheet programs in use
 * take the text for GBK.
 */
#define BOM "\xEF\xBB\xBF"

/*
 * A text that a spreadsheet would take for a formula gets an apostrophe in
 * front (OWASP, CSV injection).  Numbers are ours and stay as they are.
 */
static bool
is_formula(const struct export_cell *cell)
{
	return cell->type == EXPORT_TEXT && cell->text[0] != '\0' &&
	       strchr("=+-@\t\r", cell->text[0]) != NULL;
}

static void
add_field(struct buf *b, const char *text, bool formula)
{
	bool quoted = formula || text[strcspn(text, ",\"\r\n")] != '\0';

	if (quoted)
		buf_addc(b, '"');
	if (formula)
		buf_addc(b, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_addc(b, '"');
		buf_addc(b, *text);
	}
	if (quoted)
		buf_addc(b, '"');
}

static void
add_line(void *arg, const struct export_cell *cells, size_t ncells, size_t line)
{
	struct buf *b = arg;

	(void)line;
	for (size_t i = 0; i < ncells; i++) {
		if (i > 0)
			buf_addc(b, ',');
		add_field(b, cells[i].text, is_formula(&cells[i]));
	}
	buf_add(b, "\r\n");
}

/* Sheets follow one another, each below its title, an empty line between. */
int
export_csv(const struct export_doc *doc, struct buf *out, struct err *e)
{
	(void)e;
	buf_add(out, BOM);
	for (size_t i = 0; i < doc->nsheets; i++) {
		const struct export_sheet *s = &doc->sheets[i];

		if (doc->nsheets > 1) {
			if (i > 0)
				buf_add(out, "\r\n");
			add_field(out, s->title, false);
			buf_add(out, "\r\n");
		}
		for (size_t k = 0; k < s->ncolumns; k++) {
			if (k > 0)
				buf_addc(out, ',');
			add_field(out, s->columns[k].title, false);
		}
		buf_add(out, "\r\n");
		sheet_walk(s, add_line, out);
	}
	return 0;
}
