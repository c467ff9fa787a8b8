#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/buf.h"
#include "export/internal.h"

#define NARROW 12.0
#define WIDE 36.0

struct page {
	lxw_worksheet *sheet;
	lxw_format *head;
	lxw_format *text;
	lxw_format *number[EXPORT_DECIMAL + 1];
	lxw_row_t first; /* row of line 0 */
};

static void
put_cell(const struct page *p, lxw_row_t row, lxw_col_t col,
    const struct export_cell *c)
{
	if (c->empty)
		worksheet_write_blank(p->sheet, row, col, p->text);
	else if (c->type == EXPORT_TEXT)
		worksheet_write_string(p->sheet, row, col, c->text, p->text);
	else
		/* Below 2^53 millionths a double prints as the text reads. */
		worksheet_write_number(p->sheet, row, col,
		    strtod(c->text, NULL), p->number[c->type]);
}

static void
put_line(void *arg, const struct export_cell *cells, size_t ncells, size_t line)
{
	const struct page *p = arg;

	for (size_t i = 0; i < ncells; i++)
		put_cell(
		    p, p->first + (lxw_row_t)line, (lxw_col_t)i, &cells[i]);
}

static void
put_sheet(struct page *p, lxw_workbook *book, const struct export_sheet *s)
{
	lxw_row_t head = s->note != NULL ? 1 : 0;

	p->sheet = workbook_add_worksheet(book, s->title);
	if (p->sheet == NULL)
		return;
	if (s->note != NULL)
		worksheet_write_string(p->sheet, 0, 0, s->note, NULL);
	for (size_t i = 0; i < s->ncolumns; i++) {
		lxw_col_t col = (lxw_col_t)i;

		worksheet_set_column(p->sheet, col, col,
		    column_is_number(&s->columns[i]) ? NARROW : WIDE, NULL);
		worksheet_write_string(
		    p->sheet, head, col, s->columns[i].title, p->head);
	}
	worksheet_freeze_panes(p->sheet, head + 1, 0);
	worksheet_set_paper(p->sheet, 9); /* A4 */
	worksheet_set_landscape(p->sheet);
	worksheet_fit_to_pages(p->sheet, 1, 0);
	p->first = head + 1;
	sheet_walk(s, put_line, p);
}

static void
make_formats(struct page *p, lxw_workbook *book)
{
	static const char *const shown[] = {
	    [EXPORT_TEXT] = "@",
	    [EXPORT_COUNT] = "0",
	    [EXPORT_MILLION] = "0.00####",
	    [EXPORT_DECIMAL] = "0.0",
	};

	p->head = workbook_add_format(book);
	format_set_bold(p->head);
	format_set_text_wrap(p->head);
	format_set_border(p->head, LXW_BORDER_THIN);
	p->text = workbook_add_format(book);
	format_set_text_wrap(p->text);
	format_set_border(p->text, LXW_BORDER_THIN);
	for (size_t i = 0; i <= EXPORT_DECIMAL; i++) {
		p->number[i] = workbook_add_format(book);
		format_set_num_format(p->number[i], shown[i]);
		format_set_border(p->number[i], LXW_BORDER_THIN);
	}
}

static int
make_book(const struct export_doc *doc, const char *path)
{
	lxw_workbook *book = workbook_new(path);
	lxw_doc_properties about = {0};
	struct page p = {0};
	char *title = strdup(doc->title);

	if (book == NULL || title == NULL) {
		free(title);
		return -1;
	}
	about.title = title;
	about.created = (time_t)doc->made;
	workbook_set_properties(book, &about);
	make_formats(&p, book);
	for (size_t i = 0; i < doc->nsheets; i++)
		put_sheet(&p, book, &doc->sheets[i]);
	free(title);
	return workbook_close(book) == LXW_NO_ERROR ? 0 : -1;
}

static int
read_back(int fd, struct buf *out)
{
	struct stat st;
	void *bytes;

	if (fstat(fd, &st) < 0 || st.st_size == 0)
		return -1;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -1;
	buf_addn(out, bytes, (size_t)st.st_size);
	munmap(bytes, (size_t)st.st_size);
	return 0;
}

/* The library writes to a file name only: one that is memory. */
int
export_xlsx(const struct export_doc *doc, struct buf *out, struct err *e)
{
	int fd = memfd_create("export.xlsx", MFD_CLOEXEC);
	char path[40];
	int rc = -1;

	if (fd < 0)
		return err_set(
		    e, ERR_NOSPACE, "没有地方生成文件：%s", err_reason(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (make_book(doc, path) == 0 && read_back(fd, out) == 0)
		rc = 0;
	else
		err_set(e, ERR_INTERNAL, "生成xlsx文件失败");
	close(fd);
	return rc;
}
