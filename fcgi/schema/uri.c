#include "schema/uri.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* A run of bytes; p is NULL when the part is absent, which is not empty. */
struct span {
	const char *p;
	size_t n;
};

struct uri {
	struct span scheme, authority, path, query, fragment;
};

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The longest run from s that has none of the stop characters. */
static struct span
span_until(const char *s, const char *end, const char *stop)
{
	const char *p = s;

	while (p < end && !memchr(stop, *p, strlen(stop)))
		p++;
	return (struct span){s, (size_t)(p - s)};
}

/* RFC 3986, appendix B. */
static void
uri_split(const char *s, size_t n, struct uri *u)
{
	const char *end = s + n;
	struct span head = span_until(s, end, ":/?#");

	*u = (struct uri){0};
	if (s + head.n < end && s[head.n] == ':' && head.n > 0) {
		u->scheme = head;
		s += head.n + 1;
	}
	if (end - s >= 2 && s[0] == '/' && s[1] == '/') {
		u->authority = span_until(s + 2, end, "/?#");
		s += 2 + u->authority.n;
	}
	u->path = span_until(s, end, "?#");
	s += u->path.n;
	if (s < end && *s == '?') {
		u->query = span_until(s + 1, end, "#");
		s += 1 + u->query.n;
	}
	if (s < end)
		u->fragment = (struct span){s + 1, (size_t)(end - s - 1)};
}

/* RFC 3986, 5.2.4, on a path that starts with '/'; returns its new length. */
static size_t
remove_dots(char *path, size_t n)
{
	size_t in = 0, out = 0;

	while (in < n) {
		struct span seg = span_until(path + in + 1, path + n, "/");
		bool one = seg.n == 1 && seg.p[0] == '.';
		bool two = seg.n == 2 && memcmp(seg.p, "..", 2) == 0;
		size_t next = in + 1 + seg.n;

		if (two)
			while (out > 0 && path[--out] != '/')
				;
		if (!one && !two) {
			memmove(path + out, path + in, 1 + seg.n);
			out += 1 + seg.n;
		} else if (next >= n) {
			path[out++] = '/';
		}
		in = next;
	}
	return out;
}

/* RFC 3986, 5.2.3: the reference's path in place of the base's last part. */
static struct span
merge_paths(struct arena *a, const struct uri *base, struct span ref)
{
	size_t keep = base->path.n;
	bool root = base->authority.p && base->path.n == 0;
	char *p = arena_alloc(a, keep + ref.n + 2);
	size_t n = 0;

	while (keep > 0 && base->path.p[keep - 1] != '/')
		keep--;
	if (root)
		p[n++] = '/';
	if (keep > 0)
		memcpy(p + n, base->path.p, keep);
	n += keep;
	memcpy(p + n, ref.p, ref.n);
	return (struct span){p, n + ref.n};
}

static struct span
clean_path(struct arena *a, struct span path)
{
	char *p = arena_strndup(a, path.p, path.n);

	if (path.n == 0 || p[0] != '/')
		return (struct span){p, path.n};
	return (struct span){p, remove_dots(p, path.n)};
}

static char *
uri_join(struct arena *a, const struct uri *u)
{
	return arena_printf(a, "%.*s%s%s%.*s%.*s%s%.*s%s%.*s", (int)u->scheme.n,
	    u->scheme.p ? u->scheme.p : "", u->scheme.p ? ":" : "",
	    u->authority.p ? "//" : "", (int)u->authority.n,
	    u->authority.p ? u->authority.p : "", (int)u->path.n,
	    u->path.p ? u->path.p : "", u->query.p ? "?" : "", (int)u->query.n,
	    u->query.p ? u->query.p : "", u->fragment.p ? "#" : "",
	    (int)u->fragment.n, u->fragment.p ? u->fragment.p : "");
}

char *
uri_resolve(struct arena *a, const char *base, const char *ref)
{
	struct uri b, r;

	uri_split(base, strlen(base), &b);
	uri_split(ref, strlen(ref), &r);
	if (r.scheme.p)
		return uri_join(a, &r);
	r.scheme = b.scheme;
	if (!r.authority.p) {
		r.authority = b.authority;
		if (r.path.n == 0) {
			r.path = b.path;
			if (!r.query.p)
				r.query = b.query;
		} else if (r.path.p[0] != '/') {
			r.path = merge_paths(a, &b, r.path);
		}
	}
	r.path = clean_path(a, r.path);
	return uri_join(a, &r);
}

static void
percent_decode(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (*s == '%' && text_hex(s[1]) >= 0 && text_hex(s[2]) >= 0) {
			*out++ = (char)(text_hex(s[1]) * 16 + text_hex(s[2]));
			s += 2;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

char *
uri_cut_fragment(char *uri)
{
	char *hash = strchr(uri, '#');

	if (!hash)
		return uri + strlen(uri);
	*hash = '\0';
	percent_decode(hash + 1);
	return hash + 1;
}

/* Unreserved, percent-encoded, sub-delims, and the extra ones given. */
static bool
only_chars(struct span s, const char *extra)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (i + 2 >= s.n || text_hex(s.p[i + 1]) < 0 ||
			    text_hex(s.p[i + 2]) < 0)
				return false;
			i += 2;
			continue;
		}
		if (c == '\0' ||
		    (!is_alpha(c) && !is_digit(c) &&
			!strchr("-._~!$&'()*+,;=", c) && !strchr(extra, c)))
			return false;
	}
	return true;
}

static bool
scheme_valid(struct span s)
{
	if (s.n == 0 || !is_alpha(s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alpha(s.p[i]) && !is_digit(s.p[i]) &&
		    (s.p[i] == '\0' || !strchr("+-.", s.p[i])))
			return false;
	return true;
}

/* "[...]" with an IPv6 address or a future form, the brackets included. */
static bool
literal_valid(struct span s)
{
	char text[INET6_ADDRSTRLEN + 1];
	struct in6_addr addr;

	if (s.n < 4 || s.p[s.n - 1] != ']')
		return false;
	s = (struct span){s.p + 1, s.n - 2};
	if (s.p[0] == 'v' || s.p[0] == 'V')
		return memchr(s.p, '.', s.n) && only_chars(s, ":");
	if (s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET6, text, &addr) == 1;
}

static bool
authority_valid(struct span s)
{
	const char *at = memchr(s.p, '@', s.n);
	size_t host;

	if (at) {
		struct span user = {s.p, (size_t)(at - s.p)};

		if (!only_chars(user, ":"))
			return false;
		s = (struct span){at + 1, s.n - user.n - 1};
	}
	host = s.n;
	while (host > 0 && is_digit(s.p[host - 1]))
		host--;
	if (host > 0 && s.p[host - 1] == ':')
		s.n = host - 1;
	if (s.n > 0 && s.p[0] == '[')
		return literal_valid(s);
	return only_chars(s, "");
}

bool
uri_valid(const char *s, size_t n)
{
	struct uri u;

	uri_split(s, n, &u);
	if (!u.scheme.p || !scheme_valid(u.scheme))
		return false;
	if (u.authority.p && !authority_valid(u.authority))
		return false;
	return only_chars(u.path, "/:@") && only_chars(u.query, "/?:@") &&
	       only_chars(u.fragment, "/?:@");
}
