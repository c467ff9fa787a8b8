#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/text.h"
#include "unit/support.h"

static int pipe_fd[2], real_stderr;
static char got[1 << 17];

/* stderr is a pipe that is read without waiting. */
static int
catch_stderr(void **state)
{
	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	real_stderr = dup(STDERR_FILENO);
	dup2(pipe_fd[1], STDERR_FILENO);
	return 0;
}

static int
free_stderr(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	log_set_level(LOG_LEVEL_INFO);
	log_set_request(NULL);
	return 0;
}

/* What was written since; a mark shows where it ends. */
static const char *
caught(void)
{
	size_t n = 0;

	assert_int_equal(write(pipe_fd[1], "\f", 1), 1);
	do {
		ssize_t rc = read(pipe_fd[0], got + n, sizeof(got) - 1 - n);

		assert_true(rc > 0);
		n += (size_t)rc;
	} while (got[n - 1] != '\f');
	got[n - 1] = '\0';
	return got;
}

/* The line without its time, which is checked to be one. */
static const char *
line(void)
{
	const char *s = caught();
	char ts[INSTANT_LEN + 1];
	instant_t t;

	assert_true(text_starts(s, "ts="));
	memcpy(ts, s + 3, INSTANT_LEN);
	ts[INSTANT_LEN] = '\0';
	assert_true(instant_parse(ts, &t));
	assert_true(llabs(t - instant_now()) < 60000);
	const char *end = strchr(s, '\n');

	assert_non_null(end);
	assert_string_equal(end, "\n");
	return s + 3 + INSTANT_LEN;
}

static void
pairs(void **state)
{
	(void)state;
	log_line(LOG_LEVEL_INFO, "listening", NULL);
	assert_string_equal(line(), " level=info msg=\"listening\"\n");
	log_line(LOG_LEVEL_ERROR, "a \"b\"", "fd=%d path=%s", -3, "/api/v1");
	assert_string_equal(
	    line(), " level=error msg=\"a \\\"b\\\"\" fd=-3 path=/api/v1\n");
	log_line(LOG_LEVEL_WARN, "m", "fixed=yes ms=%dms org=%s", 12, "盐湖区");
	assert_string_equal(
	    line(), " level=warn msg=\"m\" fixed=yes ms=12ms org=盐湖区\n");
}

static void
conversions(void **state)
{
	/* The compiler must not see that it is NULL. */
	const char *volatile none = NULL;

	(void)state;
	log_line(LOG_LEVEL_INFO, "m",
	    "a=%zu b=%lld c=%llu d=%x e=%ld f=%.*s g=%.2s h=%c i=%5d j=%u "
	    "k=%jd l=%g m=100%% n=%s",
	    (size_t)-1, -1LL, ~0ULL, 255u, -5L, 3, "abcdef", "xyz", 'q', 7,
	    4000000000u, INTMAX_MIN, 1.5, none);
	assert_string_equal(line(),
	    " level=info msg=\"m\" a=18446744073709551615 b=-1 "
	    "c=18446744073709551615 d=ff e=-5 f=abc g=xy h=q i=7 "
	    "j=4000000000 k=-9223372036854775808 l=1.5 m=100% n=(null)\n");
}

/* What a client sends can neither end a line nor make a pair. */
static void
values_cannot_forge(void **state)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
	    {"", "\"\""},
	    {"a b", "\"a b\""},
	    {"x level=error", "\"x level=error\""},
	    {"a=b", "\"a=b\""},
	    {"a\nts=2019", "\"a\\nts=2019\""},
	    {"a\r", "\"a\\u000d\""},
	    {"say \"hi\"", "\"say \\\"hi\\\"\""},
	    {"\\", "\"\\\\\""},
	    {"\x1B[2J", "\"\\u001b[2J\""},
	    {"\xC2\x9B", "\"\\u009b\""},
	    {"\xE2\x80\xAE", "\"\\u202e\""},
	    {"\xE5\xAD", "\"\\xe5\\xad\""},
	    {"100%s%n", "100%s%n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char want[256];

		log_line(LOG_LEVEL_INFO, "m", "v=%s end=1", cases[i].value);
		snprintf(want, sizeof(want),
		    " level=info msg=\"m\" v=%s end=1\n", cases[i].want);
		assert_string_equal(line(), want);
	}
	log_line(LOG_LEVEL_INFO, "two\nlines", NULL);
	assert_string_equal(line(), " level=info msg=\"two\\nlines\"\n");
	log_set_request("x y\n");
	log_line(LOG_LEVEL_INFO, "m", NULL);
	assert_string_equal(line(), " level=info req=\"x y\\n\" msg=\"m\"\n");
}

static void
long_values_are_cut(void **state)
{
	char text[9000];

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "字", 4);
	log_line(LOG_LEVEL_INFO, "m", "v=%s end=1", text);
	const char *s = line();

	assert_true(utf8_valid(s, strlen(s)));
	assert_in_range(strlen(s), 1024, 1100);
	assert_non_null(strstr(s, "字…\" end=1\n"));
}

static void
endless_lines_end(void **state)
{
	static char text[100000];

	(void)state;
	/* A pipe holds 64 KiB: have room, so that write(2) does not wait. */
	assert_true(fcntl(pipe_fd[1], F_SETPIPE_SZ, 1 << 20) > 0);
	memset(text, 'a', sizeof(text) - 1);
	log_line(LOG_LEVEL_INFO, text, "v=%s", text);
	assert_in_range(strlen(line()), 60000, 65536);
}

static void
levels(void **state)
{
	enum log_level l = LOG_LEVEL_ERROR;

	(void)state;
	log_line(LOG_LEVEL_DEBUG, "m", NULL);
	assert_string_equal(caught(), "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_line(LOG_LEVEL_DEBUG, "m", NULL);
	assert_string_equal(line(), " level=debug msg=\"m\"\n");
	log_set_level(LOG_LEVEL_ERROR);
	log_line(LOG_LEVEL_WARN, "m", NULL);
	assert_string_equal(caught(), "");
	assert_true(log_level_parse("debug", &l));
	assert_int_equal(l, LOG_LEVEL_DEBUG);
	assert_true(log_level_parse("warn", &l));
	assert_int_equal(l, LOG_LEVEL_WARN);
	assert_false(log_level_parse("WARN", &l));
	assert_false(log_level_parse("", &l));
}

static void *
other_thread(void *arg)
{
	(void)arg;
	log_line(LOG_LEVEL_INFO, "other", NULL);
	log_set_request("r2");
	return NULL;
}

static void
request_belongs_to_its_thread(void **state)
{
	pthread_t t;

	(void)state;
	log_set_request("r1");
	assert_int_equal(pthread_create(&t, NULL, other_thread, NULL), 0);
	pthread_join(t, NULL);
	assert_string_equal(line(), " level=info msg=\"other\"\n");
	log_line(LOG_LEVEL_INFO, "m", "a=1");
	assert_string_equal(line(), " level=info req=r1 msg=\"m\" a=1\n");
	log_set_request(NULL);
	log_line(LOG_LEVEL_INFO, "m", NULL);
	assert_string_equal(line(), " level=info msg=\"m\"\n");
}

static void
errno_is_left_alone(void **state)
{
	(void)state;
	errno = ENOSPC;
	log_line(LOG_LEVEL_INFO, "m", "a=%s", "b c");
	assert_int_equal(errno, ENOSPC);
	line();
}

#define CAUGHT(f) cmocka_unit_test_setup_teardown(f, catch_stderr, free_stderr)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CAUGHT(pairs),
	    CAUGHT(conversions),
	    CAUGHT(values_cannot_forge),
	    CAUGHT(long_values_are_cut),
	    CAUGHT(endless_lines_end),
	    CAUGHT(levels),
	    CAUGHT(request_belongs_to_its_thread),
	    CAUGHT(errno_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
