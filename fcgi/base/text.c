#include "base/text.h"

#include <string.h>

struct range {
	uint32_t lo, hi;
};

/* East Asian Wide and Fullwidth (Unicode 15), neighbours put together. */
static const struct range wide[] = {
    {0x1100, 0x115F},
    {0x231A, 0x231B},
    {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},
    {0x2614, 0x2615},
    {0x2E80, 0x303E},
    {0x3041, 0x3247},
    {0x3250, 0x4DBF},
    {0x4E00, 0xA4C6},
    {0xA960, 0xA97C},
    {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},
    {0xFE10, 0xFE19},
    {0xFE30, 0xFE6B},
    {0xFF01, 0xFF60},
    {0xFFE0, 0xFFE6},
    {0x16FE0, 0x18CD5},
    {0x1B000, 0x1B2FB},
    {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FC},
    {0x1F90C, 0x1F9FF},
    {0x20000, 0x3FFFD},
};

/* Embeddings, overrides and isolates: they make text read as it is not. */
static bool
is_bidi(uint32_t c)
{
	return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

static bool
is_tail(const unsigned char *p)
{
	return (*p & 0xC0) == 0x80;
}

/* Three bytes: E0 must not be overlong, ED must not be a surrogate. */
static bool
valid3(const unsigned char *p)
{
	if (!is_tail(p + 1) || !is_tail(p + 2))
		return false;
	if (p[0] == 0xE0)
		return p[1] >= 0xA0;
	return p[0] != 0xED || p[1] < 0xA0;
}

/* Four bytes: F0 must not be overlong, F4 must not pass U+10FFFF. */
static bool
valid4(const unsigned char *p)
{
	if (!is_tail(p + 1) || !is_tail(p + 2) || !is_tail(p + 3))
		return false;
	if (p[0] == 0xF0)
		return p[1] >= 0x90;
	return p[0] != 0xF4 || p[1] < 0x90;
}

size_t
utf8_length(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xC2 && p[0] <= 0xDF)
		return n >= 2 && is_tail(p + 1) ? 2 : 0;
	if (p[0] >= 0xE0 && p[0] <= 0xEF)
		return n >= 3 && valid3(p) ? 3 : 0;
	if (p[0] >= 0xF0 && p[0] <= 0xF4)
		return n >= 4 && valid4(p) ? 4 : 0;
	return 0;
}

/* Three bytes of the many that are neither overlong nor surrogates. */
static bool
is_common3(const unsigned char *p)
{
	return p[0] > 0xE0 && p[0] < 0xED && is_tail(p + 1) && is_tail(p + 2);
}

/* All eight bytes at p are ASCII. */
static bool
is_ascii8(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return (word & UINT64_C(0x8080808080808080)) == 0;
}

size_t
utf8_span(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		if (n - i >= 8 && is_ascii8(s + i)) {
			i += 8;
			continue;
		}
		if (n - i >= 3 && is_common3((const unsigned char *)s + i)) {
			i += 3;
			continue;
		}
		size_t len = utf8_length(s + i, n - i);

		if (len == 0)
			break;
		i += len;
	}
	return i;
}

#define EACH(c) (UINT64_C(0x0101010101010101) * (c))

/*
 * All eight bytes at p are ASCII that a JSON string takes as it is.  Below
 * zero goes the highest bit of a byte that is less than what is taken away;
 * a borrow from its neighbour only ever makes that happen too often.
 */
static bool
is_json8(uint64_t word)
{
	return ((word | (word - EACH(0x20)) | ((word ^ EACH('"')) - EACH(1)) |
		    ((word ^ EACH('\\')) - EACH(1))) &
		   EACH(0x80)) == 0;
}

/* Eight bytes, or fewer among blanks; in any order, some of them twice. */
static uint64_t
load(const char *p, size_t n)
{
	uint64_t word = EACH(' ');
	uint32_t half[2];

	if (n >= 8) {
		memcpy(&word, p, sizeof(word));
	} else if (n >= 4) {
		memcpy(&half[0], p, sizeof(half[0]));
		memcpy(&half[1], p + n - 4, sizeof(half[1]));
		memcpy(&word, half, sizeof(word));
	} else {
		word ^= (uint64_t)(unsigned char)(p[0] ^ ' ');
		word ^= (uint64_t)(unsigned char)(p[n / 2] ^ ' ') << 8;
		word ^= (uint64_t)(unsigned char)(p[n - 1] ^ ' ') << 16;
	}
	return word;
}

size_t
text_json_span(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0, len;

	while (i < n) {
		if (is_json8(load(s + i, n - i))) {
			i += n - i < 8 ? n - i : 8;
		} else if (p[i] < 0x80) {
			if (p[i] < 0x20 || p[i] == '"' || p[i] == '\\')
				break;
			i++;
		} else if (n - i >= 3 && is_common3(p + i)) {
			i += 3;
		} else if ((len = utf8_length(s + i, n - i)) > 0) {
			i += len;
		} else {
			break;
		}
	}
	return i;
}

bool
utf8_valid(const char *s, size_t n)
{
	return utf8_span(s, n) == n;
}

void
utf8_scrub(char *s, size_t n)
{
	while (n > 0) {
		size_t len = utf8_length(s, n);

		if (len == 0) {
			*s = '?';
			len = 1;
		}
		s += len;
		n -= len;
	}
}

size_t
utf8_count(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += ((unsigned char)s[i] & 0xC0) != 0x80;
	return count;
}

uint32_t
utf8_next(const char **s, const char *end)
{
	const unsigned char *p = (const unsigned char *)*s;
	size_t len = utf8_length(*s, (size_t)(end - *s));

	switch (len) {
	case 2:
		*s += 2;
		return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
	case 3:
		*s += 3;
		return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 |
		       (p[2] & 0x3Fu);
	case 4:
		*s += 4;
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 |
		       (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
	case 1:
		*s += 1;
		return p[0];
	default:
		*s += 1;
		return 0xFFFD;
	}
}

/* The length that the first byte of a character promises. */
static size_t
promised(unsigned char c)
{
	if (c >= 0xF0)
		return 4;
	if (c >= 0xE0)
		return 3;
	return c >= 0xC0 ? 2 : 1;
}

size_t
utf8_cut(const char *s, size_t n)
{
	size_t i = n;

	for (size_t back = 1; back <= 4 && i > 0; back++) {
		unsigned char c = (unsigned char)s[--i];

		if ((c & 0xC0) != 0x80)
			return promised(c) > back ? i : n;
	}
	return n;
}

static bool
is_wide(uint32_t c)
{
	size_t lo = 0, hi = sizeof(wide) / sizeof(wide[0]);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c > wide[mid].hi)
			lo = mid + 1;
		else if (c < wide[mid].lo)
			hi = mid;
		else
			return true;
	}
	return false;
}

size_t
utf8_width(const char *s, size_t n)
{
	const char *end = s + n;
	size_t width = 0;

	while (s < end)
		width += is_wide(utf8_next(&s, end)) ? 2 : 1;
	return width;
}

bool
text_is_line(const char *s, size_t n)
{
	const char *end = s + n;

	if (!utf8_valid(s, n))
		return false;
	while (s < end) {
		uint32_t c = utf8_next(&s, end);

		if (is_bidi(c) || is_control(c))
			return false;
	}
	return true;
}

int
text_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

char *
text_print_hex(char *out, uint64_t n)
{
	static const char digits[] = "0123456789abcdef";
	/* of the first digit that is not 0 */
	int shift = (63 - __builtin_clzll(n | 1)) & ~3;

	for (; shift >= 0; shift -= 4)
		*out++ = digits[n >> shift & 15];
	return out;
}

char *
text_print_hex_of(char *out, uint64_t n, int digits)
{
	static const char hex[] = "0123456789abcdef";

	for (int i = digits - 1; i >= 0; i--, n >>= 4)
		out[i] = hex[n & 15];
	return out + digits;
}

char *
text_print_decimal(char *out, int64_t n)
{
	char text[TEXT_DECIMAL];
	size_t at = sizeof(text);
	uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do {
		text[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (n < 0)
		text[--at] = '-';
	memcpy(out, text + at, sizeof(text) - at);
	return out + sizeof(text) - at;
}
