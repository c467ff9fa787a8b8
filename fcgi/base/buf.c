#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LIMIT_DEFAULT ((size_t)64 << 20)
#define CAP_FIRST 256

/* What an empty buffer points to; cap 0 says that it is never written. */
static char nothing[1];

void
buf_init(struct buf *b, size_t limit)
{
	b->data = nothing;
	b->len = 0;
	b->cap = 0;
	b->limit = limit != 0 ? limit : LIMIT_DEFAULT;
	b->full = false;
}

void
buf_fini(struct buf *b)
{
	if (b->cap != 0)
		free(b->data);
	buf_init(b, b->limit);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->full = false;
	if (b->cap != 0)
		b->data[0] = '\0';
}

bool
buf_ok(const struct buf *b)
{
	return !b->full;
}

/* Make room for n bytes and a NUL; false (and full) when over the limit. */
static bool
reserve(struct buf *b, size_t n)
{
	if (b->full)
		return false;
	if (n > b->limit || b->len > b->limit - n) {
		b->full = true;
		return false;
	}
	if (b->cap > b->len + n)
		return true;
	size_t cap = b->cap != 0 ? b->cap : CAP_FIRST;

	while (cap <= b->len + n)
		cap *= 2;
	char *p = realloc(b->cap != 0 ? b->data : NULL, cap);

	if (p == NULL)
		abort();
	b->data = p;
	b->cap = cap;
	return true;
}

void
buf_add(struct buf *b, const char *s)
{
	buf_addn(b, s, strlen(s));
}

void
buf_addn(struct buf *b, const char *s, size_t n)
{
	if (n == 0 || !reserve(b, n))
		return;
	memcpy(b->data + b->len, s, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_addc(struct buf *b, char c)
{
	if (!reserve(b, 1))
		return;
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);

	va_end(ap);
	assert(n >= 0);
	if (n <= 0 || !reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

/* The letter of the short escape of c (\n is 'n'), or 0. */
static char
short_escape(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	default:
		return 0;
	}
}

static void
add_escape(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	char s[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
	char letter = short_escape(c);

	if (letter != 0) {
		s[1] = letter;
		buf_addn(b, s, 2);
		return;
	}
	buf_addn(b, s, sizeof(s));
}

/* From the first byte on that cannot stand in a string as it is. */
static void
add_escaped(struct buf *b, const char *s, size_t n)
{
	while (n > 0) {
		unsigned char c = (unsigned char)*s;
		size_t span;

		if (c < 0x80)
			add_escape(b, c);
		else
			buf_add(b, UTF8_REPLACEMENT);
		span = text_json_span(s + 1, n - 1);
		buf_addn(b, s + 1, span);
		s += 1 + span;
		n -= 1 + span;
	}
}

void
buf_add_json_string(struct buf *b, const char *s, size_t n)
{
	size_t span = text_json_span(s, n);

	buf_addc(b, '"');
	buf_addn(b, s, span);
	if (span < n)
		add_escaped(b, s + span, n - span);
	buf_addc(b, '"');
}

char *
buf_take(struct buf *b)
{
	char *p = b->data;

	if (b->cap == 0 && (p = calloc(1, 1)) == NULL)
		abort();
	buf_init(b, b->limit);
	return p;
}
