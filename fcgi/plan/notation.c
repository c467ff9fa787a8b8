#include "plan/notation.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plan/money.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WAN 10000
/* What the schemas allow. */
#define QTY_MAX INT64_C(9000000000000)
#define FEN_MAX INT64_C(9000000000000000)

/* What things are counted in; longer words before their beginnings. */
static const char *const measures[] = {"平方公里", "平方米", "立方米", "公里",
    "千米", "人次", "名", "人", "个", "场", "条", "处", "所", "户", "套", "项",
    "件", "座", "台", "辆", "米", "亩", "吨", "次", "例", "张", "家", "栋",
    "盏", "眼", "株", "间", "床", "对"};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
char_length(const char *s)
{
	size_t n = utf8_length(s, strlen(s));

	return n > 0 ? n : 1;
}

static size_t
match_any(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text_starts(s, list[i]))
			return strlen(list[i]);
	}
	return 0;
}

static size_t
skip_blanks(const char *s)
{
	size_t n = 0, step;

	do {
		step = *(s + n) == ' ' || *(s + n) == '\t' ||
			       *(s + n) == '\n' || *(s + n) == '\r'
			   ? 1
		       : text_starts(s + n, "　") ? 3
						  : 0;
		n += step;
	} while (step > 0);
	return n;
}

const char *
find_wide_digit(const char *s)
{
	for (; *s != '\0'; s += char_length(s)) {
		if (text_starts(s, "\xEF\xBC") && (unsigned char)s[2] >= 0x90 &&
		    (unsigned char)s[2] <= 0x99)
			return s;
	}
	return NULL;
}

const char *
narrow_text(const char *s, char *out, size_t size)
{
	const char *end = s + strlen(s);
	const char *from = s;
	size_t n = 0, step;
	uint32_t c;

	while (s < end) {
		c = utf8_next(&s, end);
		step = (size_t)(s - from);
		if (n + step >= size)
			break;
		if (c >= 0xFF01 && c <= 0xFF5E) {
			out[n++] = (char)(c - 0xFEE0);
		} else {
			memcpy(out + n, from, step);
			n += step;
		}
		from = s;
	}
	out[n] = '\0';
	return out;
}

/* Digits at s; the bytes read, 0 for none or too large. */
static size_t
read_digits(const char *s, int64_t *n)
{
	size_t i = 0;

	for (*n = 0; is_digit(s[i]); i++) {
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, s[i] - '0', n))
			return 0;
	}
	return i;
}

static void
set_unit(struct quantity *q, const char *s, size_t n)
{
	if (n >= UNIT_TEXT)
		n = utf8_cut(s, UNIT_TEXT - 1);
	memcpy(q->unit, s, n);
	q->unit[n] = '\0';
}

/*
 * A number of 万, which may have decimals: money_wan_parse reads it exactly,
 * in millionths.
 */
static int
read_wan(const char *s, size_t len, int64_t *n)
{
	int64_t millionths;

	if (money_wan_parse(s, len, &millionths) != len)
		return -1;
	if (millionths % (FEN_PER_WAN / WAN) != 0)
		return -1;
	*n = millionths / (FEN_PER_WAN / WAN);
	return 1;
}

/* A number with a measure word at s? */
static int
read_measured(const char *s, struct quantity *q)
{
	size_t digits = 0, at, unit;
	bool wan;

	while (is_digit(s[digits]) || s[digits] == '.')
		digits++;
	at = digits + skip_blanks(s + digits);
	wan = text_starts(s + at, "万");
	if (wan)
		at += strlen("万");
	at += skip_blanks(s + at);
	unit = match_any(s + at, measures, COUNT(measures));
	if (unit == 0)
		return 0;
	set_unit(q, s + at, unit);
	if (wan ? read_wan(s, digits, &q->n) < 0
		: read_digits(s, &q->n) != digits)
		return -1;
	return q->n <= QTY_MAX ? 1 : -1;
}

int
read_title_quantity(const char *s, struct quantity *q)
{
	int rc;

	if (find_wide_digit(s) != NULL)
		return -1;
	while (*s != '\0') {
		if (!is_digit(*s)) {
			s += char_length(s);
			continue;
		}
		rc = read_measured(s, q);
		if (rc != 0)
			return rc;
		while (is_digit(*s) || *s == '.')
			s++;
	}
	return 0;
}

int
read_plain_quantity(const char *s, struct quantity *q)
{
	size_t n = read_digits(s, &q->n);
	size_t at, unit;

	if (n == 0)
		return -1;
	at = n + skip_blanks(s + n);
	unit = match_any(s + at, measures, COUNT(measures));
	if (unit == 0 || s[at + unit] != '\0' || q->n > QTY_MAX)
		return -1;
	set_unit(q, s + at, unit);
	return 1;
}

int
read_percent(const char *s, int *percent)
{
	const char *sign = strchr(s, '%');
	const char *p = sign;
	int64_t n;

	if (sign == NULL || strstr(s, "完成") == NULL)
		return 0;
	while (p > s && (is_digit(p[-1]) || p[-1] == '.'))
		p--;
	if (read_digits(p, &n) != (size_t)(sign - p) || n < 1 || n > 100)
		return -1;
	*percent = (int)n;
	return 1;
}

/* ---- days ---- */

static const char *const dashes[] = {
    "-", "—", "–", "－", "~", "～", "至", "到"};

/* The last day of a month. */
static civil_t
month_end(int year, int64_t month)
{
	return civil_make(year, (int)month, civil_month_days(year, (int)month));
}

/* What follows "6月": a day, an end, a part, or nothing. */
static int
read_after_month(
    const char *s, int year, int64_t month, bool range, struct window *w)
{
	int64_t day;
	size_t n = read_digits(s, &day);

	w->to = month_end(year, month);
	if (range)
		return 1;
	if (n > 0 && text_starts(s + n, "日")) {
		if (day < 1 || day > civil_month_days(year, (int)month))
			return -1;
		w->to = civil_make(year, (int)month, (int)day);
	} else if (text_starts(s, "前")) {
		w->to = civil_make(year, (int)month, 1) - 1;
	} else if (text_starts(s, "上旬")) {
		w->to = civil_make(year, (int)month, 10);
	} else if (text_starts(s, "中旬")) {
		w->to = civil_make(year, (int)month, 20);
	} else if (!text_starts(s, "底") && !text_starts(s, "末")) {
		w->has_from = true;
		w->from = civil_make(year, (int)month, 1);
	}
	return 1;
}

/* A dash and a digit at s; the bytes of the dash. */
static size_t
read_dash(const char *s)
{
	size_t n = match_any(s, dashes, COUNT(dashes));

	return n > 0 && is_digit(s[n]) ? n : 0;
}

/* "5-9月份", "5月-9月" or "6月底前" at s, which begins with a digit. */
static int
read_months(const char *s, int year, struct window *w)
{
	const size_t month = strlen("月");
	int64_t first, last;
	size_t at = read_digits(s, &first);
	size_t n, dash = read_dash(s + at);

	if (dash == 0 && text_starts(s + at, "月")) {
		dash = read_dash(s + at + month);
		if (dash > 0)
			dash += month;
	}
	last = first;
	if (dash > 0) {
		n = read_digits(s + at + dash, &last);
		at += dash + n;
	}
	if (!text_starts(s + at, "月"))
		return 0;
	if (first < 1 || last > 12 || first > last)
		return -1;
	w->has_from = dash > 0;
	w->from = civil_make(year, (int)first, 1);
	return read_after_month(s + at + month, year, last, dash > 0, w);
}

int
read_window(const char *s, int year, struct window *w)
{
	int64_t n;
	size_t len;
	int rc;

	memset(w, 0, sizeof(*w));
	for (; *s != '\0'; s += char_length(s)) {
		if (text_starts(s, "年底")) {
			w->to = month_end(year, 12);
			return 1;
		}
		if (!is_digit(*s))
			continue;
		len = read_digits(s, &n);
		if (len == 4 && text_starts(s + len, "年") && n >= 2000 &&
		    n < 2200) {
			year = (int)n;
			s += len - 1;
			continue;
		}
		rc = read_months(s, year, w);
		if (rc != 0)
			return rc;
		while (is_digit(s[1]))
			s++;
	}
	return 0;
}

/* ---- money ---- */

/* Whose money; the first word that occurs decides. */
static const struct {
	const char *word;
	const char *level;
} levels[] = {
    {"中央", "central"},
    {"省", "province"},
    {"县", "county"},
    {"区级", "county"},
    {"区财政", "county"},
    {"市", "city"},
    {"自筹", "self"},
    {"自主", "self"},
    {"自行", "self"},
    {"自有", "self"},
    {"社会", "self"},
};

/* Money words and how many 分 of them make one in the reader's millionths. */
static const struct {
	const char *word;
	int64_t times;
	int64_t parts;
} currencies[] = {
    {"亿元", 10000, 1},
    {"万元", 1, 1},
    {"元", 1, 10000},
};

static const char *
find_level(const char *s)
{
	for (size_t i = 0; i < COUNT(levels); i++) {
		if (strstr(s, levels[i].word) != NULL)
			return levels[i].level;
	}
	return NULL;
}

/* The number at s, in the currency that follows it. */
static int
read_amount(const char *s, int64_t *fen)
{
	size_t n = money_wan_parse(s, strlen(s), fen);
	const char *word = s + n + skip_blanks(s + n);

	if (n == 0)
		return -1;
	for (size_t i = 0; i < COUNT(currencies); i++) {
		if (!text_starts(word, currencies[i].word))
			continue;
		if (*fen % currencies[i].parts != 0)
			return -1;
		*fen /= currencies[i].parts;
		if (__builtin_mul_overflow(*fen, currencies[i].times, fen))
			return -1;
		return *fen <= FEN_MAX ? 1 : -1;
	}
	return -1;
}

int
read_money(const char *s, struct money *m)
{
	const char *digit = s;

	memset(m, 0, sizeof(*m));
	if (find_wide_digit(s) != NULL)
		return -1;
	m->level = find_level(s);
	if (m->level == NULL)
		return -1;
	while (*digit != '\0' && !is_digit(*digit))
		digit++;
	if (*digit == '\0')
		return 1;
	m->has_amount = true;
	m->total = strstr(s, "共") != NULL || strstr(s, "合计") != NULL;
	for (const char *p = s; p < digit; p++) {
		if (text_starts(p, "各") || text_starts(p, "每"))
			m->each = !m->total;
	}
	return read_amount(digit, &m->fen);
}

/* Between items. */
static size_t
money_gap(const char *s)
{
	static const char *const marks[] = {"、", "，", ",", "；", ";", "。"};
	size_t n = skip_blanks(s);

	return n > 0 ? n : match_any(s, marks, COUNT(marks));
}

/* Does the word after a blank still belong to the item before it? */
static bool
carries_on(const char *s)
{
	static const char *const words[] = {
	    "各", "每", "共", "合计", "万", "亿", "元"};

	return is_digit(*s) || match_any(s, words, COUNT(words)) > 0;
}

size_t
next_money(const char *s, size_t *skip)
{
	static const char *const brackets[] = {"(", "（"};
	size_t n = 0, gap;
	bool inside = false;

	for (*skip = 0; (gap = money_gap(s + *skip)) > 0;)
		*skip += gap;
	s += *skip;
	while (s[n] != '\0') {
		if (match_any(s + n, brackets, COUNT(brackets)) > 0)
			inside = true;
		if (s[n] == ')' || text_starts(s + n, "）"))
			inside = false;
		gap = inside ? 0 : money_gap(s + n);
		if (gap > 0 && !carries_on(s + n + gap))
			break;
		if (text_starts(s + n, "元"))
			return n + strlen("元");
		n += gap > 0 ? gap : char_length(s + n);
	}
	return n;
}
