#include "schema/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/*
 * A 64 KiB text with one alternation per character backtracks once for each,
 * so depth has to allow that; a pattern that explodes meets `match` in some
 * ten milliseconds.
 */
#define LIMIT_MATCH 500000
#define LIMIT_DEPTH 200000
#define LIMIT_HEAP_KIB 20000
#define PATTERN_MAX 4096

struct regex {
	pcre2_code *code;
	pcre2_match_context *limits;
};

struct regex_room {
	pcre2_match_data *data;
};

/*
 * The long names of general categories that ECMA-262 accepts in \p{...};
 * PCRE2 knows the short ones only.  (Scripts have the same names in both.)
 */
static const struct category {
	const char *name, *code;
} categories[] = {
    {"Letter", "L"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Cased_Letter", "L&"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Unassigned", "Cn"},
};

/* Copies "p{Name}" (s stands on the p) and returns how much was read. */
static size_t
copy_property(struct buf *out, const char *s)
{
	size_t n = s[1] == '{' ? strcspn(s, "}") : 0;
	const char *name = s + 2;
	size_t len;

	if (n == 0 || s[n] != '}') {
		buf_addc(out, s[0]);
		return 1;
	}
	len = n - 2;
	if (len > 17 && strncmp(name, "General_Category=", 17) == 0) {
		name += 17;
		len -= 17;
	} else if (len > 3 && strncmp(name, "gc=", 3) == 0) {
		name += 3;
		len -= 3;
	}
	for (size_t i = 0; i < sizeof(categories) / sizeof(*categories); i++)
		if (strlen(categories[i].name) == len &&
		    memcmp(categories[i].name, name, len) == 0) {
			buf_addf(out, "%c{%s}", s[0], categories[i].code);
			return n + 1;
		}
	buf_addf(out, "%c{%.*s}", s[0], (int)len, name);
	return n + 1;
}

/* ECMA spelling to PCRE2 spelling. */
static void
translate(struct buf *out, const char *s)
{
	while (*s) {
		if (s[0] != '\\' || s[1] == '\0') {
			buf_addc(out, *s++);
			continue;
		}
		buf_addc(out, '\\');
		s++;
		if (*s == 'p' || *s == 'P')
			s += copy_property(out, s);
		else
			buf_addc(out, *s++);
	}
}

static pcre2_code *
compile(const char *s, size_t n, size_t *at)
{
	pcre2_compile_context *ctx = pcre2_compile_context_create(NULL);
	uint32_t options = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY |
			   PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS |
			   PCRE2_NEVER_BACKSLASH_C;
	pcre2_code *code;
	int error;

	if (!ctx)
		abort();
	pcre2_set_compile_extra_options(ctx, PCRE2_EXTRA_ALT_BSUX);
	code = pcre2_compile((PCRE2_SPTR)s, n, options, &error, at, ctx);
	pcre2_compile_context_free(ctx);
	return code;
}

struct regex *
regex_new(const char *pattern, size_t *at)
{
	struct regex *re;
	struct buf text;

	*at = 0;
	if (strlen(pattern) > PATTERN_MAX)
		return NULL;
	re = calloc(1, sizeof(*re));
	if (!re)
		abort();
	buf_init(&text, 0);
	translate(&text, pattern);
	re->code = compile(text.data, text.len, at);
	buf_fini(&text);
	if (!re->code) {
		regex_free(re);
		return NULL;
	}
	re->limits = pcre2_match_context_create(NULL);
	if (!re->limits)
		abort();
	pcre2_set_match_limit(re->limits, LIMIT_MATCH);
	pcre2_set_depth_limit(re->limits, LIMIT_DEPTH);
	pcre2_set_heap_limit(re->limits, LIMIT_HEAP_KIB);
	return re;
}

void
regex_free(struct regex *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	pcre2_match_context_free(re->limits);
	free(re);
}

struct regex_room *
regex_room_new(void)
{
	struct regex_room *room = malloc(sizeof(*room));

	if (!room)
		abort();
	room->data = pcre2_match_data_create(1, NULL);
	if (!room->data)
		abort();
	return room;
}

void
regex_room_free(struct regex_room *room)
{
	if (!room)
		return;
	pcre2_match_data_free(room->data);
	free(room);
}

static pthread_key_t own_room;

static void
free_own(void *room)
{
	regex_room_free(room);
}

static void
init_own(void)
{
	if (pthread_key_create(&own_room, free_own) != 0)
		abort();
}

struct regex_room *
regex_room_own(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct regex_room *room;

	pthread_once(&once, init_own);
	room = pthread_getspecific(own_room);
	if (room != NULL)
		return room;
	room = regex_room_new();
	if (pthread_setspecific(own_room, room) != 0)
		abort();
	return room;
}

enum regex_answer
regex_match(
    const struct regex *re, struct regex_room *room, const char *s, size_t n)
{
	int rc = pcre2_match(re->code, (PCRE2_SPTR)s, n, 0, PCRE2_NO_UTF_CHECK,
	    room->data, re->limits);

	if (rc >= 0)
		return REGEX_YES;
	return rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMIT;
}
