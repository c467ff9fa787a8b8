#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "plan/import_cells.h"
#include "plan/notation.h"

/* The column 工作任务: titles, quotas and sub-items. */

static json_t *
add_indicator(struct importer *im, const char *unit, json_t *qty,
    const char *target_state)
{
	json_t *indicator = import_new_part(im, "indicators", 'i');
	json_t *target = json_object();

	json_put(target, "qty", qty);
	json_put_str(target, "state", target_state);
	json_put_str(indicator, "name", json_peek_str(im->task, "title"));
	json_put_str(indicator, "unit", unit);
	json_put(indicator, "target", target);
	json_put(indicator, "quotas", json_array());
	json_push(import_section(im, "indicators"), indicator);
	return indicator;
}

int
import_title(struct importer *im, const char *text)
{
	struct quantity q;
	char narrow[200];
	int rc;

	json_put(im->task, "title", import_text(text));
	rc = read_title_quantity(text, &q);
	if (rc < 0 && find_wide_digit(text) != NULL)
		return import_reject(im, "number",
		    "标题里用了全角数字，请改成半角，如“%s”。",
		    narrow_text(text, narrow, sizeof(narrow)));
	if (rc < 0)
		return import_reject(im, "number",
		    "标题里的数量看不懂，请写成“44400名”或“20万人”。");
	if (rc > 0)
		add_indicator(im, q.unit, json_integer(q.n), "given");
	return 0;
}

/* Full width, 万, commas, words: say what was expected. */
static int
reject_quantity(
    struct importer *im, const char *name, size_t name_len, const char *value)
{
	char narrow[200];

	if (find_wide_digit(value) != NULL)
		return import_reject(im, "number",
		    "分解数“%s”用了全角数字，请改成半角，如“%.*s：%s”。", value,
		    (int)name_len, name,
		    narrow_text(value, narrow, sizeof(narrow)));
	return import_reject(im, "number",
	    "分解数“%s”看不懂，请写成不带“万”和逗号的整数加单位，"
	    "如“%.*s：11900名”。",
	    value, (int)name_len, name);
}

static int
add_quota(struct importer *im, const char *org_id, const struct quantity *q)
{
	json_t *indicator = json_array_get(import_section(im, "indicators"), 0);
	json_t *quotas, *row;
	const char *unit;
	size_t i;

	if (indicator == NULL)
		indicator = add_indicator(im, q->unit, json_null(), "derived");
	unit = json_peek_str(indicator, "unit");
	if (strcmp(unit, q->unit) != 0)
		return import_reject(im, "number",
		    "分解数的单位是“%s”，与前面的“%s”不一致。", q->unit, unit);
	quotas = json_object_get(indicator, "quotas");
	json_array_foreach (quotas, i, row) {
		if (strcmp(json_peek_str(row, "orgId"), org_id) == 0)
			return import_reject(im, "org",
			    "“%s”的分解数写了两次。",
			    org_index_name(im->orgs, org_id));
	}
	row = json_object();
	json_put_str(row, "orgId", org_id);
	json_put_int(row, "qty", q->n);
	json_put_str(row, "state", "given");
	json_put(row, "lines", import_line(im));
	json_push(quotas, row);
	return 0;
}

/* "平陆县：11900名", n bytes of name before the colon. */
static int
import_quota(struct importer *im, const char *text, size_t n)
{
	struct org_match m = org_index_find(im->orgs, text, n);
	const char *value = text + n;
	struct quantity q;

	value += text_starts(value, ":") ? 1 : strlen("：");
	while (*value == ' ')
		value++;
	if (m.kind != ORG_UNIT)
		return import_reject(im, "org",
		    "单位“%.*s”%s，请核对名称或补充简称。", (int)n, text,
		    m.kind == ORG_AMBIGUOUS ? "对应几个单位"
					    : "不在单位名录里");
	if (find_wide_digit(value) != NULL ||
	    read_plain_quantity(value, &q) <= 0)
		return reject_quantity(im, text, n, value);
	return add_quota(im, json_peek_str(m.doc, "_id"), &q);
}

/* "为300名0-6岁儿童提供服务": a sub-item, with its share of the total. */
static int
import_item(struct importer *im, const char *text)
{
	const json_t *indicator =
	    json_array_get(import_section(im, "indicators"), 0);
	json_t *subtask = import_new_part(im, "subtasks", 's');
	json_t *target;
	struct quantity q;
	int rc = read_title_quantity(text, &q);

	json_put(subtask, "title", import_text(text));
	json_put_str(subtask, "role", "implement");
	json_put(subtask, "orgs", json_array());
	json_put(subtask, "lines", import_line(im));
	if (rc > 0 && indicator != NULL &&
	    strcmp(json_peek_str(indicator, "unit"), q.unit) == 0) {
		target = json_object();
		json_put_str(
		    target, "indicator", json_peek_str(indicator, "id"));
		json_put_int(target, "qty", q.n);
		json_put(subtask, "target", target);
	}
	json_push(import_section(im, "subtasks"), subtask);
	return rc < 0 ? reject_quantity(im, "单位", strlen("单位"), text) : 0;
}

/* A cell below the title: quotas one to a line, or one sub-item. */
int
import_part(struct importer *im, const char *text)
{
	static const char *const lines[] = {"\n", "\r", "；", ";"};
	static const char *const colons[] = {"：", ":"};
	struct buf b;
	size_t n, colon;
	int rc = 0;

	while (rc == 0 && *text != '\0') {
		n = import_span(text, lines, 4);
		buf_init(&b, 0);
		buf_addn(&b, text, n);
		colon = import_span(b.data, colons, 2);
		if (colon < b.len)
			rc = import_quota(im, b.data, colon);
		else if (b.len > 0)
			rc = import_item(im, b.data);
		buf_fini(&b);
		text += n;
		text += *text == '\0' ? 0 : *text == '\xEF' ? 3 : 1;
	}
	return rc;
}
