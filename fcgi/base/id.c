#include "base/id.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

/* The C locale's idea, whatever the locale is. */
static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

bool
id_valid(const char *s)
{
	size_t i = 0;

	if (!is_alnum(s[0]))
		return false;
	for (; s[i] != '\0'; i++) {
		if (i == ID_MAX)
			return false;
		if (!is_alnum(s[i]) && s[i] != '.' && s[i] != '_' &&
		    s[i] != '-')
			return false;
	}
	return true;
}

static bool
is_dash_place(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool
uuid_valid(const char *s)
{
	for (size_t i = 0; i < UUID_LEN; i++)
		if (is_dash_place(i) ? s[i] != '-' : !is_hex(s[i]))
			return false;
	return s[UUID_LEN] == '\0';
}

void
uuid_random(char out[UUID_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char r[16];
	size_t nibble = 0;

	random_bytes(r, sizeof(r));
	r[6] = (unsigned char)((r[6] & 0x0F) | 0x40);
	r[8] = (unsigned char)((r[8] & 0x3F) | 0x80);
	for (size_t i = 0; i < UUID_LEN; i++) {
		if (is_dash_place(i)) {
			out[i] = '-';
			continue;
		}
		unsigned char b = r[nibble / 2];

		out[i] = hex[nibble % 2 == 0 ? b >> 4 : b & 15];
		nibble++;
	}
	out[UUID_LEN] = '\0';
}

void
random_bytes(void *out, size_t n)
{
	unsigned char *p = out;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
}
