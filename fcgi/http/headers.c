#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "http/internal.h"
#include "http/problem.h"

#define KEY_MAX 200
#define REV_DIGITS 18

/* Blanks around a list's members. */
static const char *
skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

bool
etag_listed(const char *list, const char *tag)
{
	size_t len = strlen(tag);
	const char *s = skip_blanks(list);

	if (strcmp(s, "*") == 0)
		return true;
	while (*s != '\0') {
		const char *end;

		/* If-None-Match compares weakly: W/ makes no difference. */
		if (text_starts(s, "W/"))
			s += 2;
		if (*s != '"' || (end = strchr(s + 1, '"')) == NULL)
			return false;
		if ((size_t)(end - s - 1) == len &&
		    memcmp(s + 1, tag, len) == 0)
			return true;
		s = skip_blanks(end + 1);
		if (*s == ',')
			s = skip_blanks(s + 1);
	}
	return false;
}

/*
 * "3" with or without quotes, or *.  false: something else.  W/"3" is taken
 * as well: a web server that compresses weakens our tags on the way out, and
 * a revision is exact all the same.
 */
static bool
parse_rev(const char *s, int64_t *rev)
{
	bool quoted;
	size_t n;

	if (strcmp(s, "*") == 0) {
		*rev = MATCH_ANY;
		return true;
	}
	if (text_starts(s, "W/\""))
		s += 2;
	quoted = *s == '"';
	s += quoted;
	n = strspn(s, "0123456789");
	if (n < 1 || n > REV_DIGITS || *s == '0')
		return false;
	*rev = 0;
	for (size_t i = 0; i < n; i++)
		*rev = *rev * 10 + (s[i] - '0');
	return strcmp(s + n, quoted ? "\"" : "") == 0;
}

static int
read_if_match(struct req *r, struct err *e)
{
	if (!parse_rev(r->if_match, &r->match_rev))
		return err_set(
		    e, ERR_BADREQUEST, "If-Match须为一个版本号，如\"3\"，或*");
	return 0;
}

static int
read_put_new(struct req *r, struct err *e)
{
	if (r->if_match != NULL && r->if_none_match != NULL)
		return err_set(
		    e, ERR_BADREQUEST, "If-Match和If-None-Match只能用一个");
	if (r->if_match != NULL)
		return read_if_match(r, e);
	if (r->if_none_match == NULL)
		return err_set(e, ERR_NEEDMATCH,
		    "修改须带If-Match（所见的版本号），新建须带"
		    "If-None-Match: *");
	if (strcmp(r->if_none_match, "*") != 0)
		return err_set(e, ERR_BADREQUEST, "新建时If-None-Match只能是*");
	r->match_rev = MATCH_NEW;
	return 0;
}

/* The key may come in quotes (a structured field string) or without. */
static int
read_key(struct req *r, struct err *e)
{
	const char *s = r->idempotency_key;
	size_t n;

	if (s == NULL)
		return 0;
	n = strlen(s);
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		s++;
		n -= 2;
	}
	s = arena_strndup(&r->arena, s, n);
	if (n < 1 || n > KEY_MAX || strpbrk(s, "\" \\") != NULL ||
	    !header_safe(s) || !utf8_valid(s, n))
		return err_set(e, ERR_BADREQUEST,
		    "Idempotency-Key须为1到%d个字符，不含空格和引号", KEY_MAX);
	r->idempotency_key = s;
	return 0;
}

int
headers_check(struct req *r, struct err *e)
{
	unsigned flags = r->route->flags;

	if (read_key(r, e) < 0)
		return -1;
	if ((flags & ROUTE_PUT_NEW) != 0)
		return read_put_new(r, e);
	if ((flags & ROUTE_MAY_MATCH) != 0)
		return r->if_match != NULL ? read_if_match(r, e) : 0;
	if ((flags & ROUTE_IF_MATCH) == 0)
		return 0;
	if (r->if_match == NULL)
		return err_set(e, ERR_NEEDMATCH,
		    "修改须带If-Match（所见的版本号，见ETag）");
	return read_if_match(r, e);
}

/* The range [s, s+n) without parameters: "text/html", or with a star for a
 * part. */
static bool
range_takes(const char *s, size_t n, const char *type)
{
	size_t major = strcspn(type, "/");

	if (n == 3 && memcmp(s, "*/*", 3) == 0)
		return true;
	if (n == major + 2 && strncasecmp(s, type, major + 1) == 0 &&
	    s[n - 1] == '*')
		return true;
	return n == strcspn(type, "; ") && strncasecmp(s, type, n) == 0;
}

/* Do the parameters [s, s+n) of a range say "q=0", "q=0.000"? */
static bool
is_refused(const char *s, size_t n)
{
	const char *end = s + n;

	while (s < end && (s = memchr(s, ';', (size_t)(end - s))) != NULL) {
		s = skip_blanks(s + 1);
		if ((*s == 'q' || *s == 'Q') && s[1] == '=')
			return s[2] == '0' && strcspn(s + 2, "123456789") >=
						  strcspn(s + 2, ",; ");
	}
	return false;
}

static bool
list_takes(const char *list, const char *type)
{
	for (const char *s = list; *s != '\0';) {
		size_t len, n;

		s += strspn(s, " \t");
		len = strcspn(s, ",");
		n = strcspn(s, ",; \t");
		if (range_takes(s, n, type) && !is_refused(s + n, len - n))
			return true;
		s += len + (s[len] == ',');
	}
	return false;
}

bool
accept_takes(const char *accept, const char *type)
{
	if (accept == NULL || accept[strspn(accept, " \t")] == '\0' ||
	    list_takes(accept, type))
		return true;
	return strcmp(type, "application/json") == 0 &&
	       list_takes(accept, "application/problem+json");
}

/* The value of charset, if there is one, must be UTF-8. */
static bool
charset_ok(const char *params)
{
	const char *s = params;

	while ((s = strchr(s, ';')) != NULL) {
		s = skip_blanks(s + 1);
		if (strncasecmp(s, "charset=", 8) != 0)
			continue;
		s += 8;
		s += *s == '"';
		if (strncasecmp(s, "utf-8", 5) != 0 ||
		    strchr("\"; \t", s[5]) == NULL)
			return false;
	}
	return true;
}

bool
media_is(const char *content_type, const char *type)
{
	size_t len = strlen(type);
	const char *rest;

	if (strncasecmp(content_type, type, len) != 0)
		return false;
	rest = skip_blanks(content_type + len);
	return (*rest == '\0' || *rest == ';') && charset_ok(rest);
}
