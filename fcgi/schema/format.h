#ifndef SCHEMA_FORMAT_H
#define SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* s is valid UTF-8 of n bytes and may hold any of them. */
typedef bool (*format_fn)(const char *s, size_t n);

struct format {
	const char *name;
	format_fn fits;
	const char *sentence;
};

/* borrowed, or NULL. */
const struct format *format_find(const char *name);

/* RFC 3339 full-date, any year: base/civil.h has the product's own range. */
bool format_is_date(const char *s, size_t n);
bool format_is_date_time(const char *s, size_t n);
bool format_is_uuid(const char *s, size_t n);
bool format_is_email(const char *s, size_t n);
bool format_is_json_pointer(const char *s, size_t n);

#endif
