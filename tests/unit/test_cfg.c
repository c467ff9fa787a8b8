#include "base/cfg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "unit/support.h"

static void
defaults(void **state)
{
	struct cfg c;

	(void)state;
	cfg_init(&c);
	assert_string_equal(c.listen, "var/run/minsheng.sock");
	assert_string_equal(c.store, "sqlite");
	assert_string_equal(c.sqlite_sync, "FULL");
	assert_string_equal(c.today, "");
	assert_int_equal(c.workers, 0);
	assert_int_equal(c.max_body, 1 << 20);
	assert_int_equal(c.max_query, 4096);
	assert_int_equal(c.stats_cache, 8 << 20);
	assert_int_equal(c.drain, 10000);
	cfg_fini(&c);
}

struct seen {
	size_t n;
	const char *want;
	char value[64], origin[64];
};

static void
look(const struct cfg_row *row, void *arg)
{
	struct seen *s = arg;

	s->n++;
	if (s->want == NULL) {
		/* Each row as the list has it: a default prints as itself. */
		assert_string_equal(row->origin, "默认值");
		assert_string_equal(row->value, row->dflt);
		assert_true(row->help[0] != '\0' &&
			    utf8_valid(row->help, strlen(row->help)));
	} else if (strcmp(row->name, s->want) == 0) {
		snprintf(s->value, sizeof(s->value), "%s", row->value);
		snprintf(s->origin, sizeof(s->origin), "%s", row->origin);
	}
}

static void
each_shows_all(void **state)
{
	struct seen s = {0};
	struct cfg c;

	(void)state;
	cfg_init(&c);
	cfg_each(&c, look, &s);
	assert_int_equal(s.n, CFG__MAX);
	cfg_fini(&c);
}

static int
load_text(struct cfg *c, const char *text, char **path, struct err *e)
{
	*path = temp_file(text);
	int rc = cfg_load_file(c, *path, e);

	unlink(*path);
	return rc;
}

static void
file_is_read(void **state)
{
	struct err e;
	struct cfg c;
	char *path;

	(void)state;
	err_init(&e);
	cfg_init(&c);
	int rc = load_text(&c,
	    "# comment\n\n  workers=4\r\n"
	    "data = /srv/民生 # where\n\tlog-level\t=\twarn\t\n"
	    "public_url = https://example.gov.cn/#top\nmax_body = 2M",
	    &path, &e);

	assert_string_equal(e.detail, "");
	assert_int_equal(rc, 0);
	assert_int_equal(c.workers, 4);
	assert_string_equal(c.data, "/srv/民生");
	assert_string_equal(c.log_level, "warn");
	assert_string_equal(c.public_url, "https://example.gov.cn/#top");
	assert_int_equal(c.max_body, 2 << 20);
	cfg_fini(&c);
	free(path);
}

static void
file_is_refused(void **state)
{
	/* want: what follows the path. */
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"\nwokers = 4", ":2: wokers: 没有这个设置"},
	    {"workers", ":1: 应写成“名称 = 值”"},
	    {"workers = four", ":1: workers: 应为整数"},
	    {"workers = -1", ":1: workers: 应为整数"},
	    {"workers =", ":1: workers: 应为整数"},
	    {"workers = 257", ":1: workers: 不在允许的范围内：0..256"},
	    {"workers = 99999999999999999999", ":1: workers: 应为整数"},
	    {"workers = 1\nworkers = 2", ":2: workers: 重复，第1行已经设置"},
	    {"max_body = 1x", ":1: max_body: 应为字节数，可带单位k或m，如“4k”"},
	    {"max_body = 1", ":1: max_body: 不在允许的范围内：1k..64m"},
	    {"max_body = 9223372036854775807m",
		":1: max_body: 应为字节数，可带单位k或m，如“4k”"},
	    {"drain = 10", ":1: drain: 应为带单位ms、s或m的时长，如“10s”"},
	    {"drain = 11m", ":1: drain: 不在允许的范围内：0ms..10m"},
	    {"log_level = loud",
		":1: log_level: 只能是：debug|info|warn|error"},
	    {"log_level = info|warn",
		":1: log_level: 只能是：debug|info|warn|error"},
	    {"data =", ":1: data: 不能为空"},
	    {"data = a\x1B[2Jb", ":1: data: 含有不允许的字符"},
	    {"data = \xFF", ":1: data: 含有不允许的字符"},
	    {"today = 2019-02-29", ":1: today: 应为日期，如“2019-04-04”"},
	    {" = 3", ":1: : 没有这个设置"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err e;
		struct cfg c;
		char *path;

		err_init(&e);
		cfg_init(&c);
		assert_int_equal(load_text(&c, cases[i].text, &path, &e), -1);
		assert_int_equal(e.code, ERR_CONFIG);
		assert_true(text_starts(e.detail, path));
		assert_string_equal(e.detail + strlen(path), cases[i].want);
		cfg_fini(&c);
		free(path);
	}
}

static void
file_must_be_there(void **state)
{
	struct err e;
	struct cfg c;

	(void)state;
	err_init(&e);
	cfg_init(&c);
	assert_int_equal(cfg_load_file(&c, "/nowhere/ms.conf", &e), -1);
	assert_string_equal(e.detail, "/nowhere/ms.conf: 没有这个文件或目录");
	assert_int_equal(cfg_load_file(&c, "/", &e), -1);
	assert_string_equal(e.detail, "/: 无法读取");
	cfg_fini(&c);
}

static int
load_env(struct cfg *c, const char *text, struct err *e)
{
	int n;
	char **env = split_words(text, &n);
	int rc = cfg_load_env(c, env, e);

	free(env);
	return rc;
}

static void
environment(void **state)
{
	static const struct {
		const char *env, *want;
	} bad[] = {
	    {"MINSHENG_WORKES=3", "环境变量 MINSHENG_WORKES: 没有这个设置"},
	    {"MINSHENG_WORKERS=many", "环境变量 MINSHENG_WORKERS: 应为整数"},
	    {"A=1 MINSHENG_CONFIGURE=3",
		"环境变量 MINSHENG_CONFIGURE: 没有这个设置"},
	};
	struct err e;
	struct cfg c;

	(void)state;
	err_init(&e);
	cfg_init(&c);
	assert_int_equal(load_env(&c,
			     "PATH=/bin MINSHENG_WORKERS=3 MINSHENG_CONFIG=x "
			     "MINSHENG_TEST_SEED=1 MINSHENGX=1 "
			     "MINSHENG_TODAY=2019-08-31",
			     &e),
	    0);
	assert_int_equal(c.workers, 3);
	assert_string_equal(c.today, "2019-08-31");
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(load_env(&c, bad[i].env, &e), -1);
		assert_string_equal(e.detail, bad[i].want);
	}
	cfg_fini(&c);
}

static void
arguments(void **state)
{
	static const char *const left[] = {
	    "minsheng", "stats", "--json", "plan", "--", "--workers=9"};
	struct err e;
	struct cfg c;
	int argc;
	char **argv =
	    split_words("minsheng --workers=5 stats --json --log-level debug "
			"--today=2019-08-31 plan -- --workers=9",
		&argc);

	(void)state;
	err_init(&e);
	cfg_init(&c);
	assert_int_equal(cfg_load_args(&c, &argc, argv, &e), 0);
	assert_int_equal(c.workers, 5);
	assert_string_equal(c.log_level, "debug");
	assert_string_equal(c.today, "2019-08-31");
	assert_int_equal(argc, COUNT(left));
	for (size_t i = 0; i < COUNT(left); i++)
		assert_string_equal(argv[i], left[i]);
	assert_null(argv[argc]);
	cfg_fini(&c);
	free(argv);
}

static void
arguments_are_refused(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
	    {"m --workers=x", "--workers: 应为整数"},
	    {"m --workers", "--workers: 后面缺少值"},
	    {"m --log-level x", "--log_level: 只能是：debug|info|warn|error"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err e;
		struct cfg c;
		int argc;
		char **argv = split_words(cases[i].line, &argc);

		err_init(&e);
		cfg_init(&c);
		assert_int_equal(cfg_load_args(&c, &argc, argv, &e), -1);
		assert_string_equal(e.detail, cases[i].want);
		cfg_fini(&c);
		free(argv);
	}
}

static void
expect(struct cfg *c, const char *name, const char *value, const char *origin)
{
	struct seen s = {.want = name};

	cfg_each(c, look, &s);
	assert_string_equal(s.value, value);
	assert_true(strlen(origin) <= strlen(s.origin));
	assert_string_equal(
	    s.origin + strlen(s.origin) - strlen(origin), origin);
}

/* Default < file < environment < arguments, and `config` can tell. */
static void
later_sources_win(void **state)
{
	struct err e;
	struct cfg c;
	int argc;
	char **argv = split_words("m --write_queue=8", &argc), *path;

	(void)state;
	err_init(&e);
	cfg_init(&c);
	assert_int_equal(
	    load_text(&c, "drain = 1s\nwrite_queue = 6\nmax_query = 8192\n",
		&path, &e),
	    0);
	assert_int_equal(
	    load_env(&c, "MINSHENG_DRAIN=2s MINSHENG_WRITE_QUEUE=7", &e), 0);
	assert_int_equal(cfg_load_args(&c, &argc, argv, &e), 0);
	expect(&c, "workers", "0", "默认值");
	expect(&c, "max_query", "8k", ":3");
	expect(&c, "drain", "2s", "MINSHENG_DRAIN");
	expect(&c, "write_queue", "8", "--write_queue");
	cfg_fini(&c);
	free(argv);
	free(path);
}

/* A password in an address is for nobody's eyes. */
static void
passwords_are_masked(void **state)
{
	static const char *const pairs[][2] = {
	    {"sqlite", "sqlite"},
	    {"mongodb://h:27017/db", "mongodb://h:27017/db"},
	    {"mongodb://u@h/db", "mongodb://u@h/db"},
	    {"mongodb://u:p@h:1,i:2/db?w=1",
		"mongodb://u:******@h:1,i:2/db?w=1"},
	    {"mongodb://u:p:q@r@h", "mongodb://u:******@h"},
	    {"mongodb+srv://u:@h", "mongodb+srv://u:******@h"},
	    {"mongodb://h/db?x=a:b@c", "mongodb://h/db?x=a:b@c"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct cfg c;

		cfg_init(&c);
		free(c.store);
		c.store = strdup(pairs[i][0]);
		expect(&c, "store", pairs[i][1], "默认值");
		cfg_fini(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults),
	    cmocka_unit_test(each_shows_all),
	    cmocka_unit_test(file_is_read),
	    cmocka_unit_test(file_is_refused),
	    cmocka_unit_test(file_must_be_there),
	    cmocka_unit_test(environment),
	    cmocka_unit_test(arguments),
	    cmocka_unit_test(arguments_are_refused),
	    cmocka_unit_test(later_sources_win),
	    cmocka_unit_test(passwords_are_masked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
