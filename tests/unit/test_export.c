/* Files for people: the same cell reads the same in every format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zip.h>

#include "base/buf.h"
#include "export/export.h"

static const struct export_column columns[] = {
    {"name", EXPORT_TEXT, "单位"},
    {"done.qty", EXPORT_COUNT, "完成"},
    {"fen", EXPORT_MILLION, "资金（万元）"},
    {"percent", EXPORT_DECIMAL, "完成率"},
};
static const struct export_column expanded[] = {
    {"name", EXPORT_TEXT, "单位"},
    {".text", EXPORT_TEXT, "节点"},
};

static const char rows_text[] =
    "[{\"name\":\"闻喜县\",\"done\":{\"qty\":0},\"fen\":568320000,"
    "\"percent\":\"12.3\",\"list\":[{\"text\":\"一\"},{\"text\":\"二\"}]},"
    "{\"name\":\"=1+1<&>\\\"x\\\"\",\"done\":{\"qty\":null},\"fen\":-1,"
    "\"percent\":null,\"list\":[]}]";

struct fixture {
	json_t *rows;
	struct export_sheet sheets[2];
	struct export_doc doc;
};

static void
fixture_init(struct fixture *f)
{
	f->rows = json_loads(rows_text, 0, NULL);
	assert_non_null(f->rows);
	f->sheets[0] = (struct export_sheet){
	    .title = "完成情况",
	    .note = "截至2019-08-31",
	    .columns = columns,
	    .ncolumns = 4,
	    .rows = f->rows,
	};
	f->sheets[1] = (struct export_sheet){
	    .title = "节点",
	    .columns = expanded,
	    .ncolumns = 2,
	    .rows = f->rows,
	    .expand = "list",
	};
	f->doc = (struct export_doc){
	    .title = "8月通报",
	    .subtitle = "运城市",
	    .made = 1567209600,
	    .sheets = f->sheets,
	    .nsheets = 2,
	};
}

static char *
print(enum export_format format, const struct export_doc *doc, size_t *len)
{
	struct buf out;
	struct err e;

	err_init(&e);
	buf_init(&out, 0);
	assert_int_equal(export_print(format, doc, &out, &e), 0);
	*len = out.len;
	return buf_take(&out);
}

/* A part of a zip file as text: new. */
static char *
part(const char *bytes, size_t len, const char *name)
{
	zip_source_t *src = zip_source_buffer_create(bytes, len, 0, NULL);
	zip_t *zip = zip_open_from_source(src, ZIP_RDONLY, NULL);
	zip_file_t *file;
	zip_stat_t st;
	char *text;

	assert_non_null(zip);
	assert_int_equal(zip_stat(zip, name, 0, &st), 0);
	text = calloc(1, st.size + 1);
	file = zip_fopen(zip, name, 0);
	assert_int_equal(zip_fread(file, text, st.size), (zip_int64_t)st.size);
	zip_fclose(file);
	zip_close(zip);
	return text;
}

static void
test_csv(void **state)
{
	static const char expect[] =
	    "\xEF\xBB\xBF"
	    "完成情况\r\n单位,完成,资金（万元）,完成率\r\n"
	    "闻喜县,0,568.32,12.3\r\n"
	    "\"'=1+1<&>\"\"x\"\"\",,-0.000001,\r\n"
	    "\r\n节点\r\n单位,节点\r\n闻喜县,一\r\n闻喜县,二\r\n";
	struct fixture f;
	size_t len;
	char *text;

	(void)state;
	fixture_init(&f);
	text = print(EXPORT_CSV, &f.doc, &len);
	assert_string_equal(text, expect);
	free(text);
	json_decref(f.rows);
}

static void
test_html(void **state)
{
	struct fixture f;
	size_t len;
	char *text;

	(void)state;
	fixture_init(&f);
	text = print(EXPORT_HTML, &f.doc, &len);
	assert_non_null(strstr(text, "<td>闻喜县</td><td class=\"n\">0</td>"
				     "<td class=\"n\">568.32</td>"
				     "<td class=\"n\">12.3</td>"));
	assert_non_null(strstr(text, "=1+1&lt;&amp;&gt;&quot;x&quot;"));
	assert_null(strstr(text, "<&>"));
	assert_null(strstr(text, "style="));
	free(text);
	json_decref(f.rows);
}

static void
test_docx(void **state)
{
	struct fixture f;
	size_t len;
	char *bytes, *text;

	(void)state;
	fixture_init(&f);
	bytes = print(EXPORT_DOCX, &f.doc, &len);
	text = part(bytes, len, "word/document.xml");
	assert_non_null(strstr(text, ">8月通报</w:t>"));
	assert_non_null(strstr(text, ">568.32</w:t>"));
	assert_non_null(strstr(text, ">=1+1&lt;&amp;&gt;&quot;x&quot;</w:t>"));
	free(text);
	free(bytes);
	json_decref(f.rows);
}

static void
test_xlsx(void **state)
{
	struct fixture f;
	size_t len;
	char *bytes, *sheet, *strings;

	(void)state;
	fixture_init(&f);
	bytes = print(EXPORT_XLSX, &f.doc, &len);
	sheet = part(bytes, len, "xl/worksheets/sheet1.xml");
	strings = part(bytes, len, "xl/sharedStrings.xml");
	/* The library prints 16 digits; a reader shows what the format says. */
	assert_non_null(strstr(sheet, "<v>568.32"));
	assert_non_null(strstr(sheet, "<v>12.3"));
	assert_non_null(strstr(strings, "=1+1&lt;&amp;&gt;"));
	assert_null(strstr(sheet, "<f>"));
	free(strings);
	free(sheet);
	free(bytes);
	json_decref(f.rows);
}

/* A frozen month is downloaded again next year: the same bytes. */
static void
test_equal_bytes(void **state)
{
	(void)state;
	for (int i = 0; i < EXPORT__MAX; i++) {
		struct fixture f;
		size_t n1, n2;
		char *a, *b;

		fixture_init(&f);
		a = print((enum export_format)i, &f.doc, &n1);
		b = print((enum export_format)i, &f.doc, &n2);
		assert_int_equal(n1, n2);
		assert_memory_equal(a, b, n1);
		free(a);
		free(b);
		json_decref(f.rows);
	}
}

static void
test_names(void **state)
{
	(void)state;
	assert_int_equal(export_format_by_name("xlsx"), EXPORT_XLSX);
	assert_int_equal(export_format_by_name("pdf"), -1);
	assert_string_equal(export_format_name(EXPORT_DOCX), "docx");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_csv),
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_docx),
	    cmocka_unit_test(test_xlsx),
	    cmocka_unit_test(test_equal_bytes),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
