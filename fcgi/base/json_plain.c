#include "base/json_plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

#define DIGITS_MAX 18 /* no more of them overflow */

struct reader {
	const char *at;
	const char *end;
	bool strict;
	int depth;
};

static json_t *read_value(struct reader *r);

static void
skip_space(struct reader *r)
{
	while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' ||
				     *r->at == '\t' || *r->at == '\r'))
		r->at++;
}

/* Is this what stands here?  Then it is taken. */
static bool
take(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static json_t *
read_word(struct reader *r, const char *word, json_t *value)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
		return NULL;
	r->at += n;
	return value;
}

static json_t *
read_number(struct reader *r)
{
	bool minus = take(r, '-');
	const char *first = r->at;
	json_int_t n = 0;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9' &&
	       r->at - first < DIGITS_MAX)
		n = n * 10 + (*r->at++ - '0');
	if (r->at == first)
		return NULL;
	if (*first == '0' && (r->at - first > 1 || minus))
		return NULL;
	if (r->at < r->end && strchr(".eE0123456789", *r->at) != NULL)
		return NULL;
	return json_integer(minus ? -n : n);
}

/* What a short escape stands for, or 0. */
static char
unescape(char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p = c != '\0' ? strchr(from, c) : NULL;

	return p != NULL ? to[p - from] : '\0';
}

/* The quote that ends a string, or NULL. */
static const char *
find_quote(const char *s, const char *end)
{
	for (; s < end && *s != '"'; s++)
		s += *s == '\\';
	return s < end ? s : NULL;
}

static json_t *
read_escaped(struct reader *r)
{
	const char *end = find_quote(r->at, r->end);
	json_t *v = NULL;
	char *copy;
	size_t len = 0;

	if (end == NULL)
		return NULL;
	copy = malloc((size_t)(end - r->at) + 1);
	if (copy == NULL)
		abort();
	for (;;) {
		size_t span = text_json_span(r->at, (size_t)(end - r->at));

		memcpy(copy + len, r->at, span);
		len += span;
		r->at += span;
		if (!take(r, '\\'))
			break;
		copy[len] = unescape(*r->at++);
		if (copy[len++] == '\0')
			goto out;
	}
	if (take(r, '"'))
		v = json_stringn_nocheck(copy, len);
out:
	free(copy);
	return v;
}

static json_t *
read_string(struct reader *r)
{
	size_t n = text_json_span(r->at, (size_t)(r->end - r->at));
	json_t *v;

	if (r->at + n == r->end)
		return NULL;
	if (r->at[n] != '"')
		return r->at[n] == '\\' ? read_escaped(r) : NULL;
	v = json_stringn_nocheck(r->at, n);
	r->at += n + 1;
	return v;
}

/* A key is only pointed at: it has no escapes. */
static bool
read_key(struct reader *r, const char **key, size_t *n)
{
	if (!take(r, '"'))
		return false;
	*key = r->at;
	*n = text_json_span(r->at, (size_t)(r->end - r->at));
	r->at += *n;
	if (!take(r, '"'))
		return false;
	if (r->strict && *n > 0 &&
	    (**key == '$' || memchr(*key, '.', *n) != NULL))
		return false;
	skip_space(r);
	return take(r, ':');
}

static bool
read_member(struct reader *r, json_t *o)
{
	size_t before = json_object_size(o), n;
	const char *key;
	json_t *v;

	skip_space(r);
	if (!read_key(r, &key, &n))
		return false;
	v = read_value(r);
	if (v == NULL || json_object_setn_new_nocheck(o, key, n, v) < 0)
		return false;
	return json_object_size(o) == before + 1;
}

static json_t *
read_object(struct reader *r)
{
	json_t *o = json_object();

	skip_space(r);
	if (take(r, '}'))
		return o;
	while (read_member(r, o)) {
		skip_space(r);
		if (take(r, '}'))
			return o;
		if (!take(r, ','))
			break;
	}
	json_decref(o);
	return NULL;
}

static json_t *
read_array(struct reader *r)
{
	json_t *a = json_array(), *v;

	skip_space(r);
	if (take(r, ']'))
		return a;
	while ((v = read_value(r)) != NULL) {
		json_push(a, v);
		skip_space(r);
		if (take(r, ']'))
			return a;
		if (!take(r, ','))
			break;
	}
	json_decref(a);
	return NULL;
}

static json_t *
read_nested(struct reader *r, json_t *(*read)(struct reader *r))
{
	json_t *v = NULL;

	r->at++;
	if (r->depth < JSON_DEPTH_MAX) {
		r->depth++;
		v = read(r);
		r->depth--;
	}
	return v;
}

static json_t *
read_value(struct reader *r)
{
	skip_space(r);
	if (r->at == r->end)
		return NULL;
	switch (*r->at) {
	case '{':
		return read_nested(r, read_object);
	case '[':
		return read_nested(r, read_array);
	case '"':
		r->at++;
		return read_string(r);
	case 't':
		return read_word(r, "true", json_true());
	case 'f':
		return read_word(r, "false", json_false());
	case 'n':
		return read_word(r, "null", json_null());
	default:
		return read_number(r);
	}
}

json_t *
json_read_plain(const char *s, size_t n, bool strict)
{
	struct reader r = {.at = s, .end = s + n, .strict = strict};
	json_t *v = read_value(&r);

	skip_space(&r);
	if (v != NULL && r.at == r.end)
		return v;
	json_decref(v);
	return NULL;
}
