#include "base/cfg.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/text.h"

enum type { STR, DATE, INT, BOOL, SIZE_BYTES, DURATION_MS, TYPE__MAX };

static const struct setting {
	const char *name;
	enum type type;
	size_t offset;
	const char *dflt;
	const char *rule;
	unsigned flags;
	const char *help;
} settings[CFG__MAX] = {
#define CFG(type, name, dflt, rule, flags, help) \
	{#name, type, offsetof(struct cfg, name), dflt, rule, flags, help},
#include CFG_DEF
#undef CFG
};

struct unit {
	const char *suffix;
	int64_t factor;
};

/* The largest unit that divides a value is the one it is printed with. */
static const struct unit units[TYPE__MAX][4] = {
    [INT] = {{"", 1}},
    [SIZE_BYTES] = {{"m", 1 << 20}, {"k", 1 << 10}, {"", 1}},
    [DURATION_MS] = {{"m", 60000}, {"s", 1000}, {"ms", 1}},
};

static const char *const number_wanted[TYPE__MAX] = {
    [INT] = "应为整数",
    [SIZE_BYTES] = "应为字节数，可带单位k或m，如“4k”",
    [DURATION_MS] = "应为带单位ms、s或m的时长，如“10s”",
};

static bool
parse_number(enum type type, const char *s, size_t n, int64_t *out)
{
	int64_t v = 0;
	size_t i = 0;

	for (; i < n && s[i] >= '0' && s[i] <= '9'; i++)
		if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
		    __builtin_add_overflow(v, (int64_t)(s[i] - '0'), &v))
			return false;
	if (i == 0)
		return false;
	for (const struct unit *u = units[type]; u->suffix != NULL; u++)
		if (strlen(u->suffix) == n - i &&
		    strncasecmp(u->suffix, s + i, n - i) == 0)
			return !__builtin_mul_overflow(v, u->factor, out);
	return false;
}

static bool
parse_bool(const char *s, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
	    {"true", true},
	    {"yes", true},
	    {"on", true},
	    {"false", false},
	    {"no", false},
	    {"off", false},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(s, words[i].word) == 0) {
			*out = words[i].value;
			return true;
		}
	return false;
}

/* The rule "least..most" of a number. */
static bool
in_range(const struct setting *st, int64_t v)
{
	const char *dots = strstr(st->rule, "..");
	int64_t least, most;

	if (dots == NULL)
		return true;
	return parse_number(
		   st->type, st->rule, (size_t)(dots - st->rule), &least) &&
	       parse_number(st->type, dots + 2, strlen(dots + 2), &most) &&
	       v >= least && v <= most;
}

/* The rule "a|b" of a string. */
static bool
is_word(const char *rule, const char *s)
{
	size_t n = strlen(s);

	if (rule[0] == '\0')
		return true;
	for (;;) {
		size_t len = strcspn(rule, "|");

		if (len == n && strncmp(rule, s, n) == 0)
			return true;
		if (rule[len] == '\0')
			return false;
		rule += len + 1;
	}
}

static int
refuse(struct err *e, const char *label, const char *why)
{
	return err_set(e, ERR_CONFIG, "%s: %s", label, why);
}

static int
refuse_rule(struct err *e, const char *label, const struct setting *st)
{
	bool words = st->type == STR;

	return err_set(e, ERR_CONFIG, "%s: %s%s", label,
	    words ? "只能是：" : "不在允许的范围内：", st->rule);
}

static char *
dup(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		abort();
	return p;
}

static void *
field(struct cfg *c, const struct setting *st)
{
	return (char *)c + st->offset;
}

static const void *
field_peek(const struct cfg *c, const struct setting *st)
{
	return (const char *)c + st->offset;
}

static int
set_string(struct cfg *c, const struct setting *st, const char *s,
    const char *label, struct err *e)
{
	char **p = field(c, st);
	civil_t day;

	if (!text_is_line(s, strlen(s)))
		return refuse(e, label, "含有不允许的字符");
	if (s[0] == '\0' && (st->flags & CFG_NEEDED) != 0)
		return refuse(e, label, "不能为空");
	if (st->type == DATE && s[0] != '\0' && !civil_parse(s, &day))
		return refuse(e, label, "应为日期，如“2019-04-04”");
	if (!is_word(st->rule, s))
		return refuse_rule(e, label, st);
	free(*p);
	*p = dup(s);
	return 0;
}

static int
set_number(struct cfg *c, const struct setting *st, const char *s,
    const char *label, struct err *e)
{
	int64_t v;

	if (!parse_number(st->type, s, strlen(s), &v))
		return refuse(e, label, number_wanted[st->type]);
	if (!in_range(st, v))
		return refuse_rule(e, label, st);
	if (st->type == SIZE_BYTES)
		*(size_t *)field(c, st) = (size_t)v;
	else
		*(int64_t *)field(c, st) = v;
	return 0;
}

static int
set_bool(struct cfg *c, const struct setting *st, const char *s,
    const char *label, struct err *e)
{
	if (!parse_bool(s, field(c, st)))
		return refuse(e, label, "应为true或false");
	return 0;
}

/* The setter of each type; label says where, for the refusal. */
static int (*const setters[TYPE__MAX])(struct cfg *, const struct setting *,
    const char *, const char *, struct err *) = {
    [STR] = set_string,
    [DATE] = set_string,
    [INT] = set_number,
    [BOOL] = set_bool,
    [SIZE_BYTES] = set_number,
    [DURATION_MS] = set_number,
};

static int
set(struct cfg *c, size_t i, const char *s, const char *origin,
    const char *label, struct err *e)
{
	if (setters[settings[i].type](c, &settings[i], s, label, e) < 0)
		return -1;
	free(c->origins[i]);
	c->origins[i] = dup(origin);
	return 0;
}

/* The row of a name of n bytes, in any case, '-' as '_'; CFG__MAX if none. */
static size_t
find(const char *name, size_t n)
{
	for (size_t i = 0; i < CFG__MAX; i++) {
		const char *want = settings[i].name;
		size_t k = 0;

		while (k < n && want[k] != '\0' &&
		       (tolower((unsigned char)name[k]) == want[k] ||
			   (name[k] == '-' && want[k] == '_')))
			k++;
		if (k == n && want[k] == '\0')
			return i;
	}
	return CFG__MAX;
}

void
cfg_init(struct cfg *c)
{
	struct err e;

	*c = (struct cfg){0};
	err_init(&e);
	for (size_t i = 0; i < CFG__MAX; i++)
		if (set(c, i, settings[i].dflt, "默认值", settings[i].name,
			&e) < 0) {
			/* A row that breaks its own rule is our bug. */
			fprintf(stderr, "cfg.def: %s\n", e.detail);
			abort();
		}
}

void
cfg_fini(struct cfg *c)
{
	for (size_t i = 0; i < CFG__MAX; i++) {
		enum type type = settings[i].type;

		free(c->origins[i]);
		if (type == STR || type == DATE)
			free(*(char **)field(c, &settings[i]));
	}
	*c = (struct cfg){0};
}

static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	s[n] = '\0';
	return s;
}

/* End the line where a comment starts. */
static void
cut_comment(char *s)
{
	for (char *p = s; (p = strchr(p, '#')) != NULL; p++)
		if (p == s || p[-1] == ' ' || p[-1] == '\t') {
			*p = '\0';
			return;
		}
}

/* One line of a file.  seen: the line that set each setting, 0 for none. */
static int
load_line(struct cfg *c, char *line, const char *where, size_t no,
    size_t seen[CFG__MAX], struct err *e)
{
	char label[512];

	cut_comment(line);
	char *name = trim(line);

	if (name[0] == '\0')
		return 0;
	char *eq = strchr(name, '=');

	if (eq == NULL)
		return refuse(e, where, "应写成“名称 = 值”");
	*eq = '\0';
	name = trim(name);
	snprintf(label, sizeof(label), "%s: %s", where, name);
	size_t i = find(name, strlen(name));

	if (i == CFG__MAX)
		return refuse(e, label, "没有这个设置");
	if (seen[i] != 0)
		return err_set(
		    e, ERR_CONFIG, "%s: 重复，第%zu行已经设置", label, seen[i]);
	seen[i] = no;
	return set(c, i, trim(eq + 1), where, label, e);
}

int
cfg_load_file(struct cfg *c, const char *path, struct err *e)
{
	size_t seen[CFG__MAX] = {0};
	char where[400];
	char *line = NULL;
	size_t cap = 0;
	FILE *f = fopen(path, "re");
	int rc = 0;

	if (f == NULL)
		return refuse(e, path, err_reason(errno));
	for (size_t no = 1; rc == 0; no++) {
		ssize_t n = getline(&line, &cap, f);

		if (n < 0)
			break;
		snprintf(where, sizeof(where), "%s:%zu", path, no);
		if (strlen(line) != (size_t)n)
			rc = refuse(e, where, "含有不允许的字符");
		else
			rc = load_line(c, line, where, no, seen, e);
	}
	if (rc == 0 && ferror(f))
		rc = refuse(e, path, "无法读取");
	free(line);
	fclose(f);
	return rc;
}

#define ENV_PREFIX "MINSHENG_"

static int
load_variable(struct cfg *c, const char *var, struct err *e)
{
	const char *eq = strchr(var, '=');
	char name[64], label[128];

	if (eq == NULL || !text_starts(var, ENV_PREFIX) ||
	    text_starts(var, ENV_PREFIX "TEST_") ||
	    text_starts(var, ENV_PREFIX "CONFIG="))
		return 0;
	size_t skip = strlen(ENV_PREFIX);
	size_t i = find(var + skip, (size_t)(eq - var) - skip);

	snprintf(name, sizeof(name), "%.*s", (int)(eq - var), var);
	snprintf(label, sizeof(label), "环境变量 %s", name);
	if (i == CFG__MAX)
		return refuse(e, label, "没有这个设置");
	return set(c, i, eq + 1, name, label, e);
}

int
cfg_load_env(struct cfg *c, char *const *env, struct err *e)
{
	for (; *env != NULL; env++)
		if (load_variable(c, *env, e) < 0)
			return -1;
	return 0;
}

/* How many of argv[0], argv[1] this option takes: 0 if it is not ours. */
static int
load_option(struct cfg *c, const char *opt, const char *next, struct err *e)
{
	char label[64];

	if (!text_starts(opt, "--"))
		return 0;
	size_t n = strcspn(opt + 2, "=");
	size_t i = find(opt + 2, n);

	if (i == CFG__MAX)
		return 0;
	snprintf(label, sizeof(label), "--%s", settings[i].name);
	bool joined = opt[2 + n] == '=';
	const char *value = joined ? opt + 2 + n + 1 : next;

	if (value == NULL)
		return refuse(e, label, "后面缺少值");
	if (set(c, i, value, label, label, e) < 0)
		return -1;
	return joined ? 1 : 2;
}

int
cfg_load_args(struct cfg *c, int *argc, char **argv, struct err *e)
{
	int kept = 1, i = 1;

	while (i < *argc && strcmp(argv[i], "--") != 0) {
		const char *next = i + 1 < *argc ? argv[i + 1] : NULL;
		int taken = load_option(c, argv[i], next, e);

		if (taken < 0)
			return -1;
		if (taken == 0)
			argv[kept++] = argv[i++];
		i += taken;
	}
	while (i < *argc)
		argv[kept++] = argv[i++];
	argv[kept] = NULL;
	*argc = kept;
	return 0;
}

static void
print_number(struct buf *b, enum type type, int64_t v)
{
	const struct unit *u = units[type];

	while (u->factor != 1 && (v == 0 || v % u->factor != 0))
		u++;
	buf_addf(b, "%lld%s", (long long)(v / u->factor), u->suffix);
}

/* "scheme://user:password@host": the password becomes "******". */
static void
print_uri(struct buf *b, const char *s)
{
	const char *start = strstr(s, "://");
	const char *user = start != NULL ? start + 3 : s + strlen(s);
	size_t n = strcspn(user, "/?");
	const char *at = memrchr(user, '@', n);
	const char *colon =
	    at != NULL ? memchr(user, ':', (size_t)(at - user)) : NULL;

	if (colon == NULL) {
		buf_add(b, s);
		return;
	}
	buf_addn(b, s, (size_t)(colon - s) + 1);
	buf_add(b, "******");
	buf_add(b, at);
}

static void
print_value(struct buf *b, const struct cfg *c, const struct setting *st)
{
	const void *p = field_peek(c, st);

	switch (st->type) {
	case STR:
	case DATE:
		if ((st->flags & CFG_URI) != 0)
			print_uri(b, *(char *const *)p);
		else
			buf_add(b, *(char *const *)p);
		break;
	case BOOL:
		buf_add(b, *(const bool *)p ? "true" : "false");
		break;
	case SIZE_BYTES:
		print_number(b, st->type, (int64_t) * (const size_t *)p);
		break;
	case INT:
	case DURATION_MS:
	case TYPE__MAX:
		print_number(b, st->type, *(const int64_t *)p);
		break;
	}
}

void
cfg_each(const struct cfg *c, cfg_fn *fn, void *arg)
{
	struct buf b;

	buf_init(&b, 0);
	for (size_t i = 0; i < CFG__MAX; i++) {
		const struct setting *st = &settings[i];
		struct cfg_row row = {.name = st->name,
		    .origin = c->origins[i],
		    .dflt = st->dflt,
		    .help = st->help};

		buf_reset(&b);
		print_value(&b, c, st);
		bool hide = (st->flags & CFG_SECRET) != 0 && b.len > 0;

		row.value = hide ? "******" : b.data;
		fn(&row, arg);
	}
	buf_fini(&b);
}
