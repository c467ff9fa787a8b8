#include "base/civil.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)
#define CHINA_MS INT64_C(28800000)
#define YEAR_MIN 2000
#define YEAR_MAX 2199
/* 9999-12-31T23:59:59.999Z, the last that has four digits of year. */
#define INSTANT_MAX INT64_C(253402300799999)

/*
 * Days and dates by the proleptic Gregorian calendar in eras of 400 years,
 * the year beginning on 1 March so that the leap day is its last
 * (H. Hinnant, "chrono-compatible low-level date algorithms").
 */
civil_t
civil_make(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int yoe = y - era * 400;
	int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

void
civil_split(civil_t d, int *year, int *month, int *day)
{
	int z = d + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int doe = z - era * 146097;
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + era * 400 + (*month <= 2);
}

int
civil_month_days(int year, int month)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	assert(month >= 1 && month <= 12);
	return month == 2 && leap ? 29 : days[month - 1];
}

int
civil_weekday(civil_t d)
{
	/* 1970-01-01 was a Thursday. */
	int w = (d + 3) % 7;

	return (w < 0 ? w + 7 : w) + 1;
}

/* Exactly n digits at *s; advances. */
static bool
read_digits(const char **s, int n, int *out)
{
	*out = 0;
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool
read_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* YYYY-MM-DD, a day that exists; advances. */
static bool
read_date(const char **s, int *year, civil_t *d)
{
	int m, day;

	if (!read_digits(s, 4, year) || !read_char(s, '-') ||
	    !read_digits(s, 2, &m) || !read_char(s, '-') ||
	    !read_digits(s, 2, &day))
		return false;
	if (m < 1 || m > 12 || day < 1 || day > civil_month_days(*year, m))
		return false;
	*d = civil_make(*year, m, day);
	return true;
}

bool
civil_parse(const char *s, civil_t *d)
{
	civil_t v;
	int year;

	if (!read_date(&s, &year, &v) || *s != '\0')
		return false;
	if (year < YEAR_MIN || year > YEAR_MAX)
		return false;
	*d = v;
	return true;
}

/* Put v as n digits; returns where they end. */
static char *
put_digits(char *p, int n, int v)
{
	for (int i = n - 1; i >= 0; i--, v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + n;
}

const char *
civil_format(civil_t d, char out[CIVIL_LEN + 1])
{
	int year, month, day;
	char *p = out;

	civil_split(d, &year, &month, &day);
	assert(year >= 0 && year <= 9999);
	p = put_digits(p, 4, year);
	*p++ = '-';
	p = put_digits(p, 2, month);
	*p++ = '-';
	p = put_digits(p, 2, day);
	*p = '\0';
	return out;
}

/* hh:mm:ss and a fraction, in ms; advances. */
static bool
read_time(const char **s, int *ms)
{
	int h, m, sec, frac = 0;

	if (!read_digits(s, 2, &h) || !read_char(s, ':') ||
	    !read_digits(s, 2, &m) || !read_char(s, ':') ||
	    !read_digits(s, 2, &sec))
		return false;
	if (h > 23 || m > 59 || sec > 59)
		return false;
	if (read_char(s, '.')) {
		int n = 0;

		for (; **s >= '0' && **s <= '9'; (*s)++, n++)
			if (n < 3)
				frac = frac * 10 + (**s - '0');
		if (n == 0 || n > 9)
			return false;
		for (; n < 3; n++)
			frac *= 10;
	}
	*ms = ((h * 60 + m) * 60 + sec) * 1000 + frac;
	return true;
}

/* Z or +hh:mm, in ms east of UTC; advances. */
static bool
read_offset(const char **s, int *ms)
{
	int h, m, sign = **s == '-' ? -1 : 1;

	*ms = 0;
	if (read_char(s, 'Z') || read_char(s, 'z'))
		return true;
	if (!read_char(s, '+') && !read_char(s, '-'))
		return false;
	if (!read_digits(s, 2, &h) || !read_char(s, ':') ||
	    !read_digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*ms = sign * (h * 60 + m) * 60000;
	return true;
}

bool
instant_parse(const char *s, instant_t *t)
{
	int year, time, offset;
	civil_t d;

	if (!read_date(&s, &year, &d) ||
	    !(read_char(&s, 'T') || read_char(&s, 't')) ||
	    !read_time(&s, &time) || !read_offset(&s, &offset) || *s != '\0')
		return false;
	instant_t v = d * DAY_MS + time - offset;

	if (v < 0 || v > INSTANT_MAX)
		return false;
	*t = v;
	return true;
}

/* Whole days before t, and what is left of the last. */
static civil_t
split_days(instant_t t, int *ms)
{
	int64_t d = t / DAY_MS, left = t % DAY_MS;

	if (left < 0) {
		left += DAY_MS;
		d--;
	}
	*ms = (int)left;
	return (civil_t)d;
}

const char *
instant_format(instant_t t, char out[INSTANT_LEN + 1])
{
	int ms;

	civil_format(split_days(t, &ms), out);
	char *p = out + CIVIL_LEN;

	*p++ = 'T';
	p = put_digits(p, 2, ms / 3600000);
	*p++ = ':';
	p = put_digits(p, 2, ms / 60000 % 60);
	*p++ = ':';
	p = put_digits(p, 2, ms / 1000 % 60);
	*p++ = '.';
	p = put_digits(p, 3, ms % 1000);
	*p++ = 'Z';
	*p = '\0';
	return out;
}

instant_t
instant_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (instant_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

civil_t
instant_civil(instant_t t)
{
	int ms;

	return split_days(t + CHINA_MS, &ms);
}
