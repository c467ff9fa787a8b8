#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/buf.h"
#include "export/internal.h"

/*
 * A document of ECMA-376 in its smallest form: three fixed parts and the
 * text.  Page and type follow GB/T 9704-2012: A4, type area 156 mm x 225 mm
 * (margins 37, 35, 28, 26 mm, here in twentieths of a point), title 小标宋
 * 22 pt, text 仿宋 16 pt; tables are 10.5 pt, or they would not fit.
 */
#define WORD "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"
#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

static const char content_types[] = XML
    "<Types xmlns=\"" PACKAGE "content-types\">"
    "<Default Extension=\"rels\" ContentType=\"application/"
    "vnd.openxmlformats-package.relationships+xml\"/>"
    "<Override PartName=\"/word/document.xml\" ContentType=\"application/"
    "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>"
    "</Types>";

static const char relations[] =
    XML "<Relationships xmlns=\"" PACKAGE "relationships\">"
	"<Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/"
	"officeDocument/2006/relationships/officeDocument\" "
	"Target=\"word/document.xml\"/></Relationships>";

/* A font, its size in half points, and where lines stand. */
struct face {
	const char *font;
	int size;
	const char *align;
};

static const struct face title_face = {"方正小标宋简体", 44, "center"};
static const struct face head_face = {"黑体", 32, "left"};
static const struct face text_face = {"仿宋_GB2312", 32, "left"};
static const struct face th_face = {"黑体", 21, "center"};
static const struct face td_face = {"仿宋_GB2312", 21, "left"};
static const struct face number_face = {"仿宋_GB2312", 21, "right"};

static void
add_paragraph(struct buf *b, const struct face *f, const char *text)
{
	buf_addf(b,
	    "<w:p><w:pPr><w:jc w:val=\"%s\"/></w:pPr><w:r><w:rPr>"
	    "<w:rFonts w:ascii=\"%s\" w:eastAsia=\"%s\" w:hAnsi=\"%s\"/>"
	    "<w:sz w:val=\"%d\"/></w:rPr>"
	    "<w:t xml:space=\"preserve\">",
	    f->align, f->font, f->font, f->font, f->size);
	markup_add(b, text);
	buf_add(b, "</w:t></w:r></w:p>");
}

static void
add_cell(struct buf *b, const struct face *f, const char *text)
{
	buf_add(b, "<w:tc>");
	add_paragraph(b, f, text);
	buf_add(b, "</w:tc>");
}

static void
add_line(void *arg, const struct export_cell *cells, size_t ncells, size_t line)
{
	struct buf *b = arg;

	(void)line;
	buf_add(b, "<w:tr>");
	for (size_t i = 0; i < ncells; i++)
		add_cell(b,
		    cells[i].type == EXPORT_TEXT ? &td_face : &number_face,
		    cells[i].text);
	buf_add(b, "</w:tr>");
}

static void
add_table(struct buf *b, const struct export_sheet *s)
{
	static const char *const edges[] = {
	    "top", "left", "bottom", "right", "insideH", "insideV"};

	buf_add(b, "<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/>"
		   "<w:tblBorders>");
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		buf_addf(b, "<w:%s w:val=\"single\" w:sz=\"4\"/>", edges[i]);
	buf_add(b, "</w:tblBorders></w:tblPr><w:tr><w:trPr><w:tblHeader/>"
		   "</w:trPr>");
	for (size_t i = 0; i < s->ncolumns; i++)
		add_cell(b, &th_face, s->columns[i].title);
	buf_add(b, "</w:tr>");
	sheet_walk(s, add_line, b);
	buf_add(b, "</w:tbl>");
}

static void
print_document(struct buf *b, const struct export_doc *doc)
{
	buf_add(b, XML "<w:document xmlns:w=\"" WORD "\"><w:body>");
	add_paragraph(b, &title_face, doc->title);
	add_paragraph(b, &text_face, doc->subtitle);
	for (size_t i = 0; i < doc->nsheets; i++) {
		add_paragraph(b, &head_face, doc->sheets[i].title);
		if (doc->sheets[i].note != NULL)
			add_paragraph(b, &text_face, doc->sheets[i].note);
		add_table(b, &doc->sheets[i]);
	}
	buf_add(b, "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/>"
		   "<w:pgMar w:top=\"2098\" w:right=\"1474\" "
		   "w:bottom=\"1984\" w:left=\"1587\" w:header=\"851\" "
		   "w:footer=\"992\" w:gutter=\"0\"/></w:sectPr>"
		   "</w:body></w:document>");
}

/* One part; its time is the document's, so equal text gives equal bytes. */
static int
add_part(zip_t *zip, const struct export_doc *doc, const char *name,
    const char *text, size_t len)
{
	zip_source_t *part = zip_source_buffer(zip, text, len, 0);
	zip_int64_t at;

	if (part == NULL)
		return -1;
	at = zip_file_add(zip, name, part, ZIP_FL_ENC_UTF_8);
	if (at < 0) {
		zip_source_free(part);
		return -1;
	}
	return zip_file_set_mtime(zip, (zip_uint64_t)at, (time_t)doc->made, 0);
}

static int
copy_out(zip_source_t *src, struct buf *out)
{
	char piece[16384];
	zip_int64_t n;

	if (zip_source_open(src) < 0)
		return -1;
	while ((n = zip_source_read(src, piece, sizeof(piece))) > 0)
		buf_addn(out, piece, (size_t)n);
	zip_source_close(src);
	return n == 0 ? 0 : -1;
}

static int
pack(zip_source_t *src, const struct export_doc *doc, const struct buf *text,
    struct buf *out)
{
	zip_t *zip = zip_open_from_source(src, ZIP_TRUNCATE, NULL);

	if (zip == NULL)
		return -1;
	zip_source_keep(src);
	if (add_part(zip, doc, "[Content_Types].xml", content_types,
		sizeof(content_types) - 1) < 0 ||
	    add_part(zip, doc, "_rels/.rels", relations,
		sizeof(relations) - 1) < 0 ||
	    add_part(zip, doc, "word/document.xml", text->data, text->len) <
		0) {
		zip_discard(zip);
		return -1;
	}
	if (zip_close(zip) < 0) {
		zip_discard(zip);
		return -1;
	}
	return copy_out(src, out);
}

int
export_docx(const struct export_doc *doc, struct buf *out, struct err *e)
{
	zip_source_t *src = zip_source_buffer_create(NULL, 0, 0, NULL);
	struct buf text;
	int rc;

	if (src == NULL)
		return err_set(e, ERR_NOSPACE, "没有地方生成文件");
	buf_init(&text, 0);
	print_document(&text, doc);
	rc = pack(src, doc, &text, out);
	if (rc < 0)
		err_set(e, ERR_INTERNAL, "生成docx文件失败");
	buf_fini(&text);
	zip_source_free(src);
	return rc;
}
