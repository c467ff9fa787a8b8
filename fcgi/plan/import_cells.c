#include "plan/import_cells.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/json.h"
#include "base/text.h"
#include "plan/notation.h"

#define NAME_MAX_CHARS 60
#define LINES_MAX 50

json_t *
import_line(const struct importer *im)
{
	json_t *lines = json_array();

	json_push(lines, json_integer((json_int_t)im->line));
	return lines;
}

json_t *
import_text(const char *s)
{
	struct buf b;
	json_t *v;

	buf_init(&b, 0);
	for (; *s != '\0'; s++) {
		if (*s != '\n' && *s != '\r')
			buf_addc(&b, *s == '\t' ? ' ' : *s);
	}
	v = json_string(b.data);
	buf_fini(&b);
	return v;
}

json_t *
import_new_part(const struct importer *im, const char *section, char prefix)
{
	json_t *o = json_object();
	char id[24];

	(void)snprintf(id, sizeof(id), "%c%zu", prefix,
	    json_array_size(import_section(im, section)) + 1);
	json_put_str(o, "id", id);
	return o;
}

size_t
import_span(const char *s, const char *const *marks, size_t nmarks)
{
	size_t n = 0, step;
	int depth = 0;

	while (s[n] != '\0') {
		if (s[n] == '(' || text_starts(s + n, "（"))
			depth++;
		if (s[n] == ')' || text_starts(s + n, "）"))
			depth--;
		for (size_t i = 0; depth <= 0 && i < nmarks; i++) {
			if (text_starts(s + n, marks[i]))
				return n;
		}
		step = utf8_length(s + n, strlen(s + n));
		n += step > 0 ? step : 1;
	}
	return n;
}

/* ---- 牵头单位及联系人 ---- */

static bool
all_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
	}
	return true;
}

/* 139****0100, the same in full, 2660909 or 0359-2660909. */
static bool
is_phone(const char *s, size_t n)
{
	size_t area = 0;

	if (n == 11 && s[0] == '1')
		return all_digits(s, 3) && all_digits(s + 7, 4) &&
		       (memcmp(s + 3, "****", 4) == 0 || all_digits(s + 3, 4));
	if (s[0] == '0')
		area = n > 4 && s[3] == '-' ? 4 : n > 5 && s[4] == '-' ? 5 : 0;
	return (area == 0 || all_digits(s, area - 1)) &&
	       (n - area == 7 || n - area == 8) &&
	       all_digits(s + area, n - area);
}

static bool
looks_like_phone(const char *s)
{
	return (*s >= '0' && *s <= '9') || *s == '*';
}

/* Names are put together until a number closes them. */
static int
add_contact(struct importer *im, json_t *contacts, const char *s, size_t n,
    struct buf *name)
{
	json_t *contact;

	if (!looks_like_phone(s)) {
		buf_addn(name, s, n);
		if (utf8_count(name->data, name->len) > NAME_MAX_CHARS)
			return import_reject(im, "text",
			    "联系人姓名太长，最多%d个字。", NAME_MAX_CHARS);
		return 0;
	}
	if (!is_phone(s, n))
		return import_reject(im, "text",
		    "联系电话“%.*s”看不懂，应写作139****0100或0359-2660909。",
		    (int)n, s);
	if (name->len == 0)
		return import_reject(
		    im, "text", "联系电话前面没有联系人姓名。");
	contact = json_object();
	json_put_str(contact, "name", name->data);
	json_put(contact, "phone", json_stringn(s, n));
	json_push(contacts, contact);
	buf_reset(name);
	return 0;
}

/* The words after the unit: names and numbers. */
static int
read_contacts(struct importer *im, const char *s, json_t *contacts)
{
	static const char *const blanks[] = {" ", "\n", "\r", "\t", "　"};
	struct buf name;
	json_t *contact;
	size_t n;
	int rc = 0;

	buf_init(&name, 0);
	while (rc == 0 && *s != '\0') {
		n = import_span(s, blanks, 5);
		if (n > 0)
			rc = add_contact(im, contacts, s, n, &name);
		s += n;
		s += *s == '\0' ? 0 : *s == '\xE3' ? 3 : 1;
	}
	if (rc == 0 && name.len > 0) {
		contact = json_object();
		json_put_str(contact, "name", name.data);
		json_push(contacts, contact);
	}
	buf_fini(&name);
	return rc;
}

int
import_lead(struct importer *im, const char *text)
{
	static const char *const blanks[] = {" ", "\n", "\r", "\t", "　"};
	size_t n = import_span(text, blanks, 5);
	struct org_match m = org_index_find(im->orgs, text, n);
	const json_t *old = json_object_get(im->task, "lead");
	json_t *lead, *contacts;

	if (m.kind != ORG_UNIT)
		return import_reject(im, "org",
		    "牵头单位“%.*s”%s，请核对名称或补充简称。", (int)n, text,
		    m.kind == ORG_AMBIGUOUS ? "对应几个单位"
					    : "不在单位名录里");
	if (old != NULL) { /* a merged cell, printed again */
		if (strcmp(json_peek_str(old, "orgId"),
			json_peek_str(m.doc, "_id")) == 0)
			return 0;
		return import_reject(im, "lead",
		    "牵头单位与这项任务前面写的不同，一项任务只能有一个。");
	}
	lead = json_object();
	contacts = json_array();
	json_put_str(lead, "orgId", json_peek_str(m.doc, "_id"));
	json_put(lead, "contacts", contacts);
	json_put(im->task, "lead", lead);
	return read_contacts(im, text + n, contacts);
}

/* ---- 投资总额及资金来源 ---- */

/* A merged cell that is printed again: the same money, one more line. */
static bool
repeat_money(struct importer *im, const char *text)
{
	json_t *row, *lines;
	size_t i, n;

	json_array_foreach (import_section(im, "funding"), i, row) {
		if (strcmp(json_peek_str(row, "srcText"), text) != 0)
			continue;
		lines = json_object_get(row, "lines");
		n = json_array_size(lines);
		if (n < LINES_MAX && json_integer_value(json_array_get(
					 lines, n - 1)) != (json_int_t)im->line)
			json_push(lines, json_integer((json_int_t)im->line));
		return true;
	}
	return false;
}

/* County money that is neither "each" nor a sum can be read both ways. */
static const char *
certainty_of(const struct money *m)
{
	if (!m->has_amount)
		return "unknown";
	if (strcmp(m->level, "self") == 0)
		return "holder_unknown";
	if (strcmp(m->level, "county") == 0 && !m->each && !m->total)
		return "ambiguous";
	return "given";
}

static int
add_money(struct importer *im, const char *text)
{
	const char *certainty;
	struct money m;
	json_t *row;

	if (repeat_money(im, text))
		return 0;
	if (read_money(text, &m) < 0)
		return import_reject(im, "money",
		    "资金“%s”看不懂，请写明哪一级和金额，"
		    "如“省级财政568.32万元”“县级财政各60万元”。",
		    text);
	certainty = certainty_of(&m);
	row = import_new_part(im, "funding", 'f');
	json_put_str(row, "level", m.level);
	json_put(
	    row, "amountFen", m.has_amount ? json_integer(m.fen) : json_null());
	json_put_str(row, "per", m.each ? "each" : "total");
	json_put_str(row, "certainty", certainty);
	if (m.each || strcmp(certainty, "ambiguous") == 0)
		json_put(row, "orgSet", json_true()); /* finish_money */
	json_put_str(row, "srcText", text);
	json_put(row, "lines", import_line(im));
	json_push(import_section(im, "funding"), row);
	return 0;
}

int
import_money(struct importer *im, const char *text)
{
	struct buf b;
	size_t n, skip;
	int rc = 0;

	buf_init(&b, 0);
	while (rc == 0 && (n = next_money(text, &skip)) > 0) {
		buf_reset(&b);
		for (size_t i = skip; i < skip + n; i++) {
			if (strchr(" \t\r\n", text[i]) == NULL)
				buf_addc(&b, text[i]);
		}
		rc = add_money(im, b.data);
		text += skip + n;
	}
	buf_fini(&b);
	return rc;
}

/* ---- 主要落实单位, 工作任务分解 ---- */

static const char *
role_of(const struct importer *im, const json_t *org)
{
	const char *lead =
	    json_peek_str(json_peek_object(im->task, "lead"), "orgId");
	const char *name = json_peek_str(org, "name");

	if (lead != NULL && strcmp(lead, json_peek_str(org, "_id")) == 0)
		return "lead";
	/* The treasury pays for what others do. */
	if (name != NULL && strstr(name, "财政") != NULL)
		return "support";
	return "implement";
}

/* borrowed: a new subtask, one of the current ones. */
static json_t *
add_subtask(struct importer *im, const char *role)
{
	json_t *subtask = import_new_part(im, "subtasks", 's');
	json_t *list = import_section(im, "subtasks");

	if (im->nsubtasks == 0)
		im->first_subtask = json_array_size(list);
	im->nsubtasks++;
	json_put_str(subtask, "role", role);
	json_put(subtask, "orgs", json_array());
	json_put(subtask, "duties", json_array());
	json_put(subtask, "lines", import_line(im));
	json_push(list, subtask);
	return subtask;
}

/* A name, of one unit or of a group; *units collects single ones. */
static int
add_name(struct importer *im, const char *s, size_t n, json_t **units)
{
	struct org_match m = org_index_find(im->orgs, s, n);

	if (m.kind == ORG_SET) {
		json_put_str(add_subtask(im, "implement"), "orgSet",
		    json_peek_str(m.doc, "name"));
		return 0;
	}
	if (m.kind != ORG_UNIT)
		return import_reject(im, "org",
		    "落实单位“%.*s”%s，请核对名称或补充简称、单位组。", (int)n,
		    s,
		    m.kind == ORG_AMBIGUOUS ? "对应几个单位"
					    : "不在单位名录里");
	if (*units == NULL)
		*units = json_object_get(
		    add_subtask(im, role_of(im, m.doc)), "orgs");
	json_push(*units, json_string(json_peek_str(m.doc, "_id")));
	return 0;
}

int
import_units(struct importer *im, const char *text)
{
	static const char *const marks[] = {"、", "，", ",", "；", ";", "\n"};
	json_t *units = NULL;
	size_t n;
	int rc = 0;

	if (im->units != NULL && strcmp(im->units, text) == 0)
		return 0; /* a merged cell, printed again */
	im->units = text;
	im->nsubtasks = 0;
	while (rc == 0 && *text != '\0') {
		n = import_span(text, marks, 6);
		if (n > 0)
			rc = add_name(im, text, n, &units);
		text += n;
		for (size_t i = 0; i < 6; i++) {
			if (text_starts(text, marks[i])) {
				text += strlen(marks[i]);
				break;
			}
		}
	}
	return rc;
}

/* Duties before any unit is named are the lead's. */
int
import_duty(struct importer *im, const char *text)
{
	const char *lead =
	    json_peek_str(json_peek_object(im->task, "lead"), "orgId");
	json_t *subtask, *duty;

	if (im->nsubtasks == 0) {
		subtask = add_subtask(im, "lead");
		if (lead != NULL)
			json_push(json_object_get(subtask, "orgs"),
			    json_string(lead));
	}
	for (size_t i = 0; i < im->nsubtasks; i++) {
		subtask = json_array_get(
		    import_section(im, "subtasks"), im->first_subtask + i);
		duty = json_object();
		json_put(duty, "text", import_text(text));
		json_put(duty, "lines", import_line(im));
		json_push(json_object_get(subtask, "duties"), duty);
	}
	return 0;
}

/* ---- 年度进度安排及时限要求, 备注 ---- */

static bool
has_percent(const struct importer *im)
{
	const json_t *milestone, *rule;
	size_t i;

	json_array_foreach (import_section(im, "milestones"), i, milestone) {
		rule = json_peek_object(milestone, "rule");
		if (json_object_get(rule, "percent") != NULL)
			return true;
	}
	return false;
}

/* "完成全年任务" ends a series of percentages; alone it is an event. */
static bool
completes_year(const char *text)
{
	const char *done = strstr(text, "完成");

	return done != NULL &&
	       (strstr(done, "全年") != NULL || strstr(done, "年度") != NULL);
}

/* new: {type: percent, ...} or {type: event}; percent 0 is an event. */
static json_t *
make_rule(int percent)
{
	json_t *rule = json_object();

	json_put_str(rule, "type", percent > 0 ? "percent" : "event");
	if (percent > 0) {
		json_put_str(rule, "indicator", "i1");
		json_put_int(rule, "percent", percent);
	}
	return rule;
}

/* borrowed: the group that acts in the text, "各县（市、区）人民政府…". */
static const char *
acting_set(const struct importer *im, const char *text)
{
	static const char *const ends[] = {"人民政府"};
	const char *from = strstr(text, "各");
	struct org_match m;
	size_t n;

	if (from == NULL)
		return NULL;
	n = import_span(from, ends, 1);
	if (from[n] == '\0')
		return NULL;
	m = org_index_find(im->orgs, from, n);
	return m.kind == ORG_SET ? json_peek_str(m.doc, "name") : NULL;
}

static void
add_milestone(
    struct importer *im, const char *text, int percent, const struct window *w)
{
	json_t *row = import_new_part(im, "milestones", 'm');
	const char *set = acting_set(im, text);
	char day[CIVIL_LEN + 1];

	json_put_str(row, "from",
	    w != NULL && w->has_from ? civil_format(w->from, day) : NULL);
	json_put_str(row, "to", w != NULL ? civil_format(w->to, day) : NULL);
	json_put(row, "text", import_text(text));
	json_put(row, "rule", make_rule(percent));
	json_put(row, "orgs", json_array());
	json_put_str(row, "orgSet", percent > 0 ? NULL : set);
	json_put(row, "lines", import_line(im));
	json_push(import_section(im, "milestones"), row);
}

int
import_milestone(struct importer *im, const char *text)
{
	int year = (int)json_peek_int(im->plan, "year", 0);
	struct window w;
	int percent = 0;
	int dated;

	if (find_wide_digit(text) != NULL)
		return import_reject(im, "date",
		    "进度安排里用了全角数字，请改成半角，如“6月底前”“50%%”。");
	dated = read_window(text, year, &w);
	if (dated < 0)
		return import_reject(im, "date",
		    "期限看不懂，请写成“6月底前”“12月10日前”或“5-9月份”。");
	if (read_percent(text, &percent) < 0)
		return import_reject(im, "number",
		    "百分比应是1到100的整数，如“完成任务量的50%%”。");
	if (percent == 0 && has_percent(im) && completes_year(text))
		percent = 100;
	add_milestone(im, text, percent, dated > 0 ? &w : NULL);
	return 0;
}

int
import_remark(struct importer *im, const char *text)
{
	const char *old = json_peek_str(im->task, "remark");
	struct buf b;

	buf_init(&b, 0);
	if (old != NULL)
		buf_addf(&b, "%s\n", old);
	buf_add(&b, text);
	json_put_str(im->task, "remark", b.data);
	buf_fini(&b);
	return 0;
}
