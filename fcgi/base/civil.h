#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Two kinds of time that are never mixed.  A civil date is a day in
 * Asia/Shanghai, printed YYYY-MM-DD and counted in days since 1970-01-01.
 * An instant is UTC milliseconds since 1970, printed as RFC 3339 of fixed
 * width: 2019-04-04T00:00:00.000Z.  China has kept UTC+8 without summer time
 * since 1991-09-15; the product knows no earlier dates than 2000-01-01.
 */
typedef int32_t civil_t;
typedef int64_t instant_t;

#define CIVIL_LEN 10
#define INSTANT_LEN 24

/* Strict: exactly YYYY-MM-DD, 2000 to 2199, a day that exists. */
bool civil_parse(const char *s, civil_t *d);
/* out holds CIVIL_LEN + 1 bytes; returns out. */
const char *civil_format(civil_t d, char out[CIVIL_LEN + 1]);
civil_t civil_make(int year, int month, int day);
void civil_split(civil_t d, int *year, int *month, int *day);
int civil_month_days(int year, int month);
/* 1 Monday .. 7 Sunday (ISO 8601). */
int civil_weekday(civil_t d);

/*
 * RFC 3339 with any offset and 0 to 9 fraction digits (cut to ms), 1970 to
 * 9999 in UTC.  A leap second (:60) is refused: it has no instant.
 */
bool instant_parse(const char *s, instant_t *t);
const char *instant_format(instant_t t, char out[INSTANT_LEN + 1]);
instant_t instant_now(void);
/* The civil day in Asia/Shanghai at this instant. */
civil_t instant_civil(instant_t t);

#endif
