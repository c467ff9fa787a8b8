#include "unit/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void
rnd_init(struct rnd *r, const char *name)
{
	const char *s = getenv("TEST_SEED");

	r->state = s != NULL ? strtoull(s, NULL, 10) : (uint64_t)time(NULL);
	printf("%s: TEST_SEED=%llu\n", name, (unsigned long long)r->state);
}

uint64_t
rnd_next(struct rnd *r)
{
	uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

size_t
rnd_below(struct rnd *r, size_t n)
{
	return (size_t)(rnd_next(r) % n);
}

size_t
put_utf8(char *p, uint32_t c)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	size_t tails = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};

	p[0] = (char)(lead[tails] | c >> (6 * tails));
	for (size_t i = 1; i <= tails; i++)
		p[i] = (char)(0x80 | (c >> (6 * (tails - i)) & 0x3F));
	return tails + 1;
}

static uint32_t
rnd_code_point(struct rnd *r)
{
	/* Upper ends, so that every length and all escapes come often. */
	static const uint32_t ends[] = {0x20, 0x80, 0x800, 0x10000, 0x110000};
	uint32_t c = (uint32_t)rnd_below(r, ends[rnd_below(r, COUNT(ends))]);

	return c == 0 || (c >= 0xD800 && c <= 0xDFFF) ? '"' : c;
}

size_t
rnd_utf8(struct rnd *r, char *s, size_t cap)
{
	size_t n = 0, want = rnd_below(r, cap + 1);
	char one[4];

	while (n < want) {
		size_t len = put_utf8(one, rnd_code_point(r));

		if (n + len > cap)
			break;
		memcpy(s + n, one, len);
		n += len;
	}
	return n;
}

char **
split_words(const char *text, int *argc)
{
	size_t n = 2, len = strlen(text) + 1;

	for (const char *p = text; *p != '\0'; p++)
		n += *p == ' ';
	char **argv = malloc(n * sizeof(*argv) + len);

	assert_non_null(argv);
	char *word = memcpy(argv + n, text, len);

	*argc = (int)n - 1;
	for (size_t i = 0; i < n - 1; i++) {
		argv[i] = word;
		word += strcspn(word, " ");
		*word++ = '\0';
	}
	argv[n - 1] = NULL;
	return argv;
}

char *
temp_file(const char *content)
{
	const char *dir = getenv("TMPDIR");
	char path[256];
	size_t n = strlen(content);

	snprintf(path, sizeof(path), "%s/minsheng-test-XXXXXX",
	    dir != NULL ? dir : "/tmp");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, n), n);
	close(fd);
	return strdup(path);
}
