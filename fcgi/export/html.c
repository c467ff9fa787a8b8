#include "base/buf.h"
#include "export/internal.h"

static void
add_element(struct buf *b, const char *tag, const char *text)
{
	buf_addf(b, "<%s>", tag);
	markup_add(b, text);
	buf_addf(b, "</%s>", tag);
}

static void
add_line(void *arg, const struct export_cell *cells, size_t ncells, size_t line)
{
	struct buf *b = arg;

	(void)line;
	buf_add(b, "<tr>");
	for (size_t i = 0; i < ncells; i++) {
		buf_add(b,
		    cells[i].type == EXPORT_TEXT ? "<td>" : "<td class=\"n\">");
		markup_add(b, cells[i].text);
		buf_add(b, "</td>");
	}
	buf_add(b, "</tr>\n");
}

static void
add_sheet(struct buf *b, const struct export_sheet *s)
{
	buf_add(b, "<section>\n");
	add_element(b, "h2", s->title);
	if (s->note != NULL)
		add_element(b, "p", s->note);
	buf_add(b, "\n<table>\n<thead><tr>");
	for (size_t i = 0; i < s->ncolumns; i++)
		add_element(b, "th", s->columns[i].title);
	buf_add(b, "</tr></thead>\n<tbody>\n");
	sheet_walk(s, add_line, b);
	buf_add(b, "</tbody>\n</table>\n</section>\n");
}

/*
 * A page of its own; its looks are in a file beside the other pages', since
 * the security policy forbids styles inside a page.
 */
int
export_html(const struct export_doc *doc, struct buf *out, struct err *e)
{
	(void)e;
	buf_add(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n"
		     "<meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width\">\n"
		     "<link rel=\"stylesheet\" href=\"/report.css\">\n");
	add_element(out, "title", doc->title);
	buf_add(out, "\n</head>\n<body>\n<main>\n");
	add_element(out, "h1", doc->title);
	add_element(out, "p", doc->subtitle);
	buf_addc(out, '\n');
	for (size_t i = 0; i < doc->nsheets; i++)
		add_sheet(out, &doc->sheets[i]);
	buf_add(out, "</main>\n</body>\n</html>\n");
	return 0;
}
