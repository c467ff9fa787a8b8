#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

#include "base/clock.h"

static void
write_line(const char *path, const char *line)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(line, f);
	fclose(f);
}

static const char *
text(instant_t t)
{
	static char out[INSTANT_LEN + 1];

	return instant_format(t, out);
}

static void
test_clock(void **state)
{
	static const char *const useless[] = {
	    "", "\n", "2019-06-05", "2019-06-31T00:00:00Z", "soon\n"};
	char *path = temp_file("");
	struct clock *c;
	instant_t before = instant_now();

	(void)state;
	unlink(path);
	c = clock_new(path);
	/* No file yet: the system's time. */
	assert_true(clock_read(c) >= before);
	write_line(path, "2019-06-05T23:59:59.999+08:00\n");
	assert_string_equal(text(clock_read(c)), "2019-06-05T15:59:59.999Z");
	/* What does not read changes nothing. */
	for (size_t i = 0; i < COUNT(useless); i++) {
		write_line(path, useless[i]);
		assert_string_equal(
		    text(clock_read(c)), "2019-06-05T15:59:59.999Z");
	}
	unlink(path);
	assert_string_equal(text(clock_read(c)), "2019-06-05T15:59:59.999Z");
	write_line(path, "2019-01-01T00:00:00Z");
	assert_string_equal(text(clock_read(c)), "2019-01-01T00:00:00.000Z");
	unlink(path);
	free(path);
	clock_free(c);
	clock_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
