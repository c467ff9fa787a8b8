#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/* Strict UTF-8 (RFC 3629): no overlong forms, surrogates, > U+10FFFF. */
bool utf8_valid(const char *s, size_t n);
/* The bytes before the first that is not valid UTF-8; n when all are. */
size_t utf8_span(const char *s, size_t n);
/*
 * The bytes before the first that cannot stand in a JSON string as it is: a
 * quote, a backslash, a control character, what is not UTF-8.
 */
size_t text_json_span(const char *s, size_t n);
/* Bytes of the character s begins with (1 to 4), 0 when it is not UTF-8. */
size_t utf8_length(const char *s, size_t n);
/* Put '?' in place of every byte that is not part of valid UTF-8. */
void utf8_scrub(char *s, size_t n);
/* Code points in valid UTF-8. */
size_t utf8_count(const char *s, size_t n);
/* Decode one code point and advance *s (before end); a bad byte is U+FFFD. */
uint32_t utf8_next(const char **s, const char *end);
/* The largest length <= n that does not cut a character of s. */
size_t utf8_cut(const char *s, size_t n);
/* Columns in a terminal: 2 for East Asian wide characters, else 1. */
size_t utf8_width(const char *s, size_t n);

/* Valid UTF-8, no C0/C1 controls (tab, CR, LF too) and no bidi overrides. */
bool text_is_line(const char *s, size_t n);

/* 0 to 15 for a hexadecimal digit, else -1. */
int text_hex(char c);
bool text_starts(const char *s, const char *prefix);

/*
 * The number in lower-case hexadecimal digits, at most TEXT_HEX of them, from
 * `out` on, without a NUL.  Returns what follows the last.
 */
#define TEXT_HEX 16
char *text_print_hex(char *out, uint64_t n);
/* The same with exactly `digits` of them, zeros first. */
char *text_print_hex_of(char *out, uint64_t n, int digits);
/* Decimal digits, at most TEXT_DECIMAL bytes with the sign. */
#define TEXT_DECIMAL 20
char *text_print_decimal(char *out, int64_t n);

#endif
