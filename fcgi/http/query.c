#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/id.h"
#include "http/internal.h"

#define CURSOR_MAX 512
#define DIGITS_MAX 12
#define WORD_MAX 32
#define SHOWN 64 /* bytes of outside text in a message */
#define POINTER_SIZE (2 * SHOWN + 2)

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(const char *s)
{
	size_t n = strlen(s);

	return n <= WORD_MAX && id_valid(s) && !is_digit(s[0]) &&
	       strchr(s, '.') == NULL;
}

static bool
is_digits(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n >= 1 && n <= DIGITS_MAX && s[n] == '\0';
}

static bool
is_cursor(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return n >= 1 && n <= CURSOR_MAX && s[n] == '\0';
}

/* A plain decimal number between the limits; no '+', no leading zeros. */
static bool
is_int(const char *s, int64_t min, int64_t max)
{
	const char *digits = s + (*s == '-');
	size_t n = strspn(digits, "0123456789");
	int64_t v = 0;

	if (n < 1 || n > 18 || digits[n] != '\0' || (n > 1 && *digits == '0'))
		return false;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (digits[i] - '0');
	if (digits != s)
		v = -v;
	return v >= min && v <= max;
}

/* *value may be replaced by its normal form.  NULL, or what it should be. */
static const char *
check_value(struct req *r, const struct param *p, const char **value)
{
	civil_t day;
	instant_t t;
	char text[INSTANT_LEN + 1];

	switch (p->type) {
	case PARAM_ID:
		return id_valid(*value) ? NULL : "编号";
	case PARAM_DATE:
		return civil_parse(*value, &day) ? NULL : "日期，如2019-04-04";
	case PARAM_INSTANT:
		if (!instant_parse(*value, &t))
			return "时刻，如2019-04-04T00:00:00Z";
		*value = arena_strdup(&r->arena, instant_format(t, text));
		return NULL;
	case PARAM_INT:
		if (is_int(*value, p->min, p->max))
			return NULL;
		return arena_printf(&r->arena, "%lld到%lld之间的整数",
		    (long long)p->min, (long long)p->max);
	case PARAM_WORD:
		return is_word(*value) ? NULL : "英文单词";
	case PARAM_DIGITS:
		return is_digits(*value) ? NULL : "1到12位数字";
	case PARAM_CURSOR:
		return is_cursor(*value) ? NULL : "上一页给出的nextCursor";
	}
	return "已知的类型";
}

/* RFC 6901, shortened: the name is the client's. */
static void
make_pointer(char out[POINTER_SIZE], const char *name)
{
	size_t n = 0;

	out[n++] = '/';
	for (size_t i = 0; i < SHOWN && name[i] != '\0'; i++) {
		if (name[i] != '~' && name[i] != '/') {
			out[n++] = name[i];
			continue;
		}
		out[n++] = '~';
		out[n++] = name[i] == '~' ? '0' : '1';
	}
	out[n] = '\0';
}

static const struct param *
find_param(const struct http *h, const struct row *row, const char *name)
{
	for (size_t i = 0; i < h->nparams; i++)
		if ((row->params >> i & 1) != 0 &&
		    strcmp(h->params[i].name, name) == 0)
			return &h->params[i];
	return NULL;
}

/* Why a parameter is refused; false: it is not. */
static bool
refuse_name(
    struct req *r, const struct param *p, const char *name, struct err *e)
{
	char at[POINTER_SIZE];

	if (p != NULL && req_param(r, name) == NULL && r->nparams < REQ_PARAMS)
		return false;
	make_pointer(at, name);
	if (p == NULL)
		err_add(e, ERR_BADQUERY, at, "unknown", "没有“%.64s”这个参数",
		    name);
	else if (req_param(r, name) != NULL)
		err_add(e, ERR_BADQUERY, at, "duplicate", "参数“%.64s”重复出现",
		    name);
	else
		err_add(e, ERR_BADQUERY, at, "maxItems", "参数过多");
	return true;
}

static void
take_pair(struct req *r, const struct row *row, const char *name,
    const char *value, struct err *e)
{
	const struct param *p = find_param(r->http, row, name);
	char at[POINTER_SIZE];
	const char *wanted;

	if (refuse_name(r, p, name, e))
		return;
	wanted = check_value(r, p, &value);
	if (wanted != NULL) {
		make_pointer(at, name);
		err_add(e, ERR_BADQUERY, at, "type", "应为%s", wanted);
	}
	/* A bad value is kept too: the next one is a duplicate. */
	r->params[r->nparams].name = p->name;
	r->params[r->nparams++].value = value;
}

/* '+' stays a plus: no type holds a blank, and offsets (+08:00) need it. */
static void
read_pair(struct req *r, const struct row *row, char *pair, struct err *e)
{
	char *value = strchr(pair, '=');

	if (value != NULL)
		*value++ = '\0';
	else
		value = pair + strlen(pair);
	if (!percent_decode(pair) || !percent_decode(value)) {
		err_add(e, ERR_BADQUERY, "", "encoding",
		    "查询参数中有不合法的百分号编码");
		return;
	}
	take_pair(r, row, pair, value, e);
}

int
query_read(struct req *r, const struct row *row, struct err *e)
{
	char *s;

	if (r->query[0] == '\0')
		return 0;
	s = arena_strdup(&r->arena, r->query);
	while (s != NULL) {
		char *pair = s;

		s = strchr(pair, '&');
		if (s != NULL)
			*s++ = '\0';
		if (*pair != '\0')
			read_pair(r, row, pair, e);
	}
	return e->code == ERR_NONE ? 0 : -1;
}
