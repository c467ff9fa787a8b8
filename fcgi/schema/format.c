#include "schema/format.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/civil.h"
#include "base/id.h"
#include "schema/uri.h"

#define LABEL_MAX 63

static const struct format formats[] = {
#define FORMAT(name, fits, sentence) {name, fits, sentence},
#include "schema/format.def"
#undef FORMAT
};

const struct format *
format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* s has n characters that match the mask: 9 stands for a digit. */
static bool
looks_like(const char *s, size_t n, const char *mask)
{
	if (n != strlen(mask))
		return false;
	for (size_t i = 0; i < n; i++)
		if (mask[i] == '9' ? !is_digit(s[i]) : s[i] != mask[i])
			return false;
	return true;
}

static int
number_at(const char *s, size_t digits)
{
	int n = 0;

	while (digits-- > 0)
		n = n * 10 + (*s++ - '0');
	return n;
}

bool
format_is_date(const char *s, size_t n)
{
	int month, day;

	if (!looks_like(s, n, "9999-99-99"))
		return false;
	month = number_at(s + 5, 2);
	day = number_at(s + 8, 2);
	return month >= 1 && month <= 12 && day >= 1 &&
	       day <= civil_month_days(number_at(s, 4), month);
}

/* "Z" or "+hh:mm"; *minutes is what it is ahead of UTC. */
static bool
read_offset(const char *s, size_t n, int *minutes)
{
	*minutes = 0;
	if (n == 1)
		return *s == 'Z' || *s == 'z';
	if (n < 1 || (*s != '+' && *s != '-') ||
	    !looks_like(s + 1, n - 1, "99:99") || number_at(s + 1, 2) > 23 ||
	    number_at(s + 4, 2) > 59)
		return false;
	*minutes = number_at(s + 1, 2) * 60 + number_at(s + 4, 2);
	if (*s == '-')
		*minutes = -*minutes;
	return true;
}

/* RFC 3339 full-time; a leap second stands at 23:59:60 UTC only. */
static bool
is_time(const char *s, size_t n)
{
	size_t i = 8;
	int minute, offset;

	if (n < 9 || !looks_like(s, 8, "99:99:99"))
		return false;
	if (s[i] == '.') {
		size_t start = ++i;

		while (i < n && is_digit(s[i]))
			i++;
		if (i == start)
			return false;
	}
	if (number_at(s, 2) > 23 || number_at(s + 3, 2) > 59 ||
	    number_at(s + 6, 2) > 60 || !read_offset(s + i, n - i, &offset))
		return false;
	minute = number_at(s, 2) * 60 + number_at(s + 3, 2) - offset;
	return number_at(s + 6, 2) < 60 ||
	       (minute + 2 * 1440) % 1440 == 23 * 60 + 59;
}

bool
format_is_date_time(const char *s, size_t n)
{
	return n > 11 && format_is_date(s, 10) &&
	       (s[10] == 'T' || s[10] == 't') && is_time(s + 11, n - 11);
}

bool
format_is_uuid(const char *s, size_t n)
{
	return n == UUID_LEN && strlen(s) == n && uuid_valid(s);
}

bool
format_is_json_pointer(const char *s, size_t n)
{
	if (n > 0 && s[0] != '/')
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '~' &&
		    (i + 1 == n || (s[i + 1] != '0' && s[i + 1] != '1')))
			return false;
	return true;
}

/* RFC 5321 quoted-string, the quotes included. */
static bool
is_quoted(const char *s, size_t n)
{
	if (n < 2 || s[0] != '"' || s[n - 1] != '"')
		return false;
	for (size_t i = 1; i < n - 1; i++) {
		if (s[i] < ' ' || s[i] > '~' || s[i] == '"')
			return false;
		if (s[i] == '\\' && ++i == n - 1)
			return false;
	}
	return true;
}

static bool
is_dot_atom(const char *s, size_t n)
{
	char before = '.';

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '.' && before == '.')
			return false;
		if (s[i] == '\0' ||
		    (!is_alnum(s[i]) && !strchr(".!#$%&'*+-/=?^_`{|}~", s[i])))
			return false;
		before = s[i];
	}
	return before != '.';
}

static bool
is_domain(const char *s, size_t n)
{
	size_t label = 0;

	for (size_t i = 0; i < n; i++) {
		bool dot = s[i] == '.';

		if (!dot && s[i] != '-' && !is_alnum(s[i]))
			return false;
		if (label == 0 && (dot || s[i] == '-'))
			return false;
		if (dot && s[i - 1] == '-')
			return false;
		label = dot ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
	}
	return label > 0 && s[n - 1] != '-';
}

/* "[127.0.0.1]" or "[IPv6:::1]". */
static bool
is_literal(const char *s, size_t n)
{
	char text[64];
	struct in6_addr addr;

	if (n < 3 || n - 2 >= sizeof(text) || s[0] != '[' || s[n - 1] != ']' ||
	    memchr(s, '\0', n))
		return false;
	memcpy(text, s + 1, n - 2);
	text[n - 2] = '\0';
	if (strncmp(text, "IPv6:", 5) == 0)
		return inet_pton(AF_INET6, text + 5, &addr) == 1;
	return inet_pton(AF_INET, text, &addr) == 1;
}

bool
format_is_email(const char *s, size_t n)
{
	const char *at = memrchr(s, '@', n);
	size_t local, domain;

	if (!at)
		return false;
	local = (size_t)(at - s);
	domain = n - local - 1;
	if (local == 0 || domain == 0)
		return false;
	return (is_quoted(s, local) || is_dot_atom(s, local)) &&
	       (is_literal(at + 1, domain) || is_domain(at + 1, domain));
}
