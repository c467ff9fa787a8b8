#ifndef PLAN_NOTATION_H
#define PLAN_NOTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/civil.h"

/*
 * How notices write numbers, days and money.  Pure readers of UTF-8 text:
 * 1 found, 0 nothing of the kind there, -1 there but not to be understood.
 */
#define UNIT_TEXT 24

/* Full-width digits look like numbers and are none: the first, or NULL. */
const char *find_wide_digit(const char *s);
/* The text with full-width forms of ASCII as ASCII; returns out. */
const char *narrow_text(const char *s, char *out, size_t size);

struct quantity {
	int64_t n;
	char unit[UNIT_TEXT];
};

/*
 * The quantity of a title: the first number with a measure word, which may be
 * written in 万: "为44400名…", "（20万人）", "2000场".
 */
int read_title_quantity(const char *s, struct quantity *q);
/* Exactly a number and its measure word, nothing else: "11900 名". */
int read_plain_quantity(const char *s, struct quantity *q);
/* "完成任务量的50%": the percentage, 1 to 100. */
int read_percent(const char *s, int *percent);

/* A day or window: "6月底前", "12月10日前", "5-9月份", "3月份". */
struct window {
	bool has_from;
	civil_t from;
	civil_t to;
};

/* The first of a text; months without a year are in `year`. */
int read_window(const char *s, int year, struct window *w);

struct money {
	const char *level; /* "province" */
	bool has_amount;
	int64_t fen;
	bool each;  /* 各, 每 */
	bool total; /* 共, 合计 */
};

/* One item: "省级财政568.32万元", "县级财政各60万元", "县级财政统筹解决". */
int read_money(const char *s, struct money *m);
/*
 * The length of the next item of a money cell at s, which may hold several
 * with blanks or punctuation between them; *skip bytes lie before it.  0 at
 * the end.
 */
size_t next_money(const char *s, size_t *skip);

#endif
