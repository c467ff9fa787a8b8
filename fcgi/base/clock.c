#include "base/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 64

struct clock {
	char *path;
	_Atomic instant_t last; /* 0: never read */
};

struct clock *
clock_new(const char *path)
{
	struct clock *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->path = strdup(path)) == NULL)
		abort();
	return c;
}

void
clock_free(struct clock *c)
{
	if (c == NULL)
		return;
	free(c->path);
	free(c);
}

/* false: there is no file, or it holds no instant (it is being written). */
static bool
read_file(const char *path, instant_t *t)
{
	char line[LINE_MAX_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, line, sizeof(line) - 1);
	(void)close(fd);
	if (n <= 0)
		return false;
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return instant_parse(line, t);
}

instant_t
clock_read(void *clock)
{
	struct clock *c = clock;
	instant_t t;

	if (!read_file(c->path, &t)) {
		t = atomic_load(&c->last);
		return t != 0 ? t : instant_now();
	}
	atomic_store(&c->last, t);
	return t;
}
