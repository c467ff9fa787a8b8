#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "plan/doctor_rules.h"

/*
 * "新建60个日间照料中心" in the title, "60个农村日间照料中心" in the duties:
 * the same quantity and unit, followed by another noun.
 */

/* "60个" and what follows it, inside a normalized text. */
struct quantity {
	const char *phrase;
	size_t phrase_len;
	const char *noun;
	size_t noun_len;
};

/* Where a noun ends. */
static const char *const stops[] = {
    "。", "、", "；", ";", "：", ":", "》", "《", "”", "“", "(", ")", "."};

/* What counts time, not work. */
static const char *const calendar[] = {"年", "月", "日", "岁", "%"};

/* Nouns that say nothing about what is counted. */
static const char *const empty_nouns[] = {
    "项目", "任务", "以上", "左右", "以下"};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static bool
begins_with_any(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text_starts(s, list[i]))
			return true;
	}
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The bytes of the first n characters of s. */
static size_t
chars(const char *s, size_t n)
{
	size_t len = 0, step;

	while (n-- > 0 && s[len] != '\0') {
		step = utf8_length(s + len, strlen(s + len));
		len += step > 0 ? step : 1;
	}
	return len;
}

static size_t
noun_length(const char *s)
{
	size_t len = 0;

	while (
	    s[len] != '\0' && !begins_with_any(s + len, stops, LENGTH(stops)))
		len += chars(s + len, 1);
	return len;
}

/* Read a quantity at a digit; false when it counts nothing we compare. */
static bool
read_quantity(const char *s, struct quantity *q)
{
	size_t len = 0;

	while (is_digit(s[len]) || s[len] == '.')
		len++;
	if (text_starts(s + len, "万") || text_starts(s + len, "亿"))
		len += chars(s + len, 1);
	if ((unsigned char)s[len] < 0x80 ||
	    begins_with_any(s + len, calendar, LENGTH(calendar)))
		return false;
	len += chars(s + len, 1);
	q->phrase = s;
	q->phrase_len = len;
	q->noun = s + len;
	q->noun_len = noun_length(q->noun);
	return utf8_count(q->noun, q->noun_len) >= 2 &&
	       !begins_with_any(q->noun, empty_nouns, LENGTH(empty_nouns));
}

/* The next quantity in s, or NULL; *after is where to go on. */
static const char *
next_quantity(const char *s, struct quantity *q)
{
	while (*s != '\0') {
		if (!is_digit(*s)) {
			s++;
			continue;
		}
		if (read_quantity(s, q))
			return s + q->phrase_len;
		while (is_digit(*s) || *s == '.')
			s++;
	}
	return NULL;
}

/* The same number and unit of something else? */
static bool
conflict(const struct quantity *a, const struct quantity *b)
{
	size_t n = chars(a->noun, 2);

	return a->phrase_len == b->phrase_len &&
	       memcmp(a->phrase, b->phrase, a->phrase_len) == 0 &&
	       strncmp(a->noun, b->noun, n) != 0;
}

/*
 * Show only what matters: cut both nouns after the longest beginning of the
 * first that occurs in the second.
 */
static void
trim_nouns(struct quantity *a, struct quantity *b)
{
	const char *hit;
	size_t len = a->noun_len;

	while (len > 0) {
		hit = memmem(b->noun, b->noun_len, a->noun, len);
		if (hit != NULL && utf8_count(a->noun, len) >= 2) {
			a->noun_len = len;
			b->noun_len = (size_t)(hit - b->noun) + len;
			return;
		}
		len = utf8_cut(a->noun, len - 1);
	}
}

/* A place in the task where words stand. */
struct place {
	const json_t *part; /* the subtask or milestone */
	const char *text;
	const char *section;
	size_t at;
};

static void
note_conflict(
    struct exam *x, const struct place *p, struct quantity a, struct quantity b)
{
	struct note n;
	json_t *title, *other;

	trim_nouns(&a, &b);
	note_begin(x, &n);
	note_lines(&n, p->part);
	title =
	    json_stringn(a.phrase, (size_t)(a.noun + a.noun_len - a.phrase));
	other =
	    json_stringn(b.phrase, (size_t)(b.noun + b.noun_len - b.phrase));
	buf_addf(&n.text,
	    "标题写“%s”，%s写“%s”，对象不一致，请明确以哪个为准。",
	    json_string_value(title),
	    strcmp(p->section, "subtasks") == 0 ? "任务分工" : "进度安排",
	    json_string_value(other));
	json_put(n.params, "title", title);
	json_put(n.params, "text", other);
	note_end(x, &n, part_id(p->part), "/%s/%zu", p->section, p->at);
}

/* Compare one text with the title; true when a conflict was reported. */
static bool
check_text(struct exam *x, const char *title, const struct place *p)
{
	struct quantity a, b;
	const char *s, *t = title;
	bool found = false;
	struct buf text;

	if (p->text == NULL)
		return false;
	buf_init(&text, 0);
	org_name_normalize(&text, p->text, strlen(p->text));
	while (!found && (t = next_quantity(t, &a)) != NULL) {
		s = text.data;
		while (!found && (s = next_quantity(s, &b)) != NULL)
			found = conflict(&a, &b);
	}
	if (found)
		note_conflict(x, p, a, b);
	buf_fini(&text);
	return found;
}

static bool
check_subtasks(struct exam *x, const char *title)
{
	const json_t *subtask, *duty;
	struct place p = {.section = "subtasks"};
	size_t k;

	json_array_foreach (exam_section(x, p.section), p.at, subtask) {
		p.part = subtask;
		p.text = json_peek_str(subtask, "title");
		if (check_text(x, title, &p))
			return true;
		json_array_foreach (
		    json_peek_array(subtask, "duties"), k, duty) {
			p.text = json_peek_str(duty, "text");
			if (check_text(x, title, &p))
				return true;
		}
	}
	return false;
}

static bool
check_milestones(struct exam *x, const char *title)
{
	const json_t *milestone;
	struct place p = {.section = "milestones"};

	json_array_foreach (exam_section(x, p.section), p.at, milestone) {
		p.part = milestone;
		p.text = json_peek_str(milestone, "text");
		if (check_text(x, title, &p))
			return true;
	}
	return false;
}

/* One finding for a task: the first place that contradicts the title. */
void
doctor_definition_conflict(struct exam *x)
{
	const char *printed = json_peek_str(x->task, "title");
	struct buf title;

	if (printed == NULL)
		return;
	buf_init(&title, 0);
	org_name_normalize(&title, printed, strlen(printed));
	if (!check_subtasks(x, title.data))
		(void)check_milestones(x, title.data);
	buf_fini(&title);
}
