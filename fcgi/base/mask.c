#include "base/mask.h"

#include <stdlib.h>
#include <string.h>

#define MOBILE 11
#define SHOWN_FIRST 3
#define SHOWN_LAST 4

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The C locale's idea, whatever the locale is. */
static bool
is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char *
copy(const char *s)
{
	char *out = strdup(s);

	if (out == NULL)
		abort();
	return out;
}

char *
mask_phone(const char *s)
{
	char *out = copy(s);
	size_t n = 0, i = 0;

	for (const char *p = s; *p != '\0'; p++)
		n += is_digit(*p) || *p == '*';
	for (char *p = out; *p != '\0'; p++) {
		if (!is_digit(*p) && *p != '*')
			continue;
		if (n < MOBILE - 1 ? i < n / 2
				   : i >= SHOWN_FIRST && i + SHOWN_LAST < n)
			*p = '*';
		i++;
	}
	return out;
}

/*
 * A mobile number at s: 11 digits from 13 to 19 on, together or parted as
 * 139-0000-0000, with nothing of a word beside it, perhaps with +86 before
 * it.  at: where its digits stand; 0 or how many characters it takes.
 */
static size_t
mobile_at(const char *s, size_t at[MOBILE])
{
	size_t i = 0, n = 0;

	if (strncmp(s, "+86", 3) == 0)
		i = s[3] == ' ' || s[3] == '-' ? 4 : 3;
	else if (strncmp(s, "86", 2) == 0 && s[2] == '1')
		i = 2;
	if (s[i] != '1' || s[i + 1] < '3' || s[i + 1] > '9')
		return 0;
	for (; n < MOBILE; i++) {
		if (is_digit(s[i]))
			at[n++] = i;
		else if ((s[i] != ' ' && s[i] != '-') || (n != 3 && n != 7) ||
			 !is_digit(s[i + 1]))
			return 0;
	}
	return is_word(s[i]) ? 0 : i;
}

/* The next number from s on, or NULL. */
static const char *
find_mobile(const char *s, const char *start, size_t at[MOBILE], size_t *n)
{
	for (; *s != '\0'; s++) {
		if (!is_digit(*s) && *s != '+')
			continue;
		if (s > start && is_word(s[-1]))
			continue;
		*n = mobile_at(s, at);
		if (*n > 0)
			return s;
	}
	return NULL;
}

bool
mask_finds(const char *s)
{
	size_t at[MOBILE], n;

	return find_mobile(s, s, at, &n) != NULL;
}

char *
mask_text(const char *s)
{
	char *out = copy(s);
	size_t at[MOBILE], n;
	const char *p = out;

	while ((p = find_mobile(p, out, at, &n)) != NULL) {
		for (size_t i = SHOWN_FIRST; i < MOBILE - SHOWN_LAST; i++)
			out[(size_t)(p - out) + at[i]] = '*';
		p += n;
	}
	return out;
}
