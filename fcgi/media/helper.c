#include "media/helper.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/confine.h"
#include "media/wire.h"

/* false: the end. */
static bool
get(void *to, size_t n)
{
	char *p = to;

	while (n > 0) {
		ssize_t got = read(STDIN_FILENO, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static bool
put(const void *from, size_t n)
{
	const char *p = from;

	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static bool
answer(const uint8_t *picture, size_t n)
{
	struct wire_reply reply;
	struct image im;
	bool sent;

	image_init(&im);
	wire_reply_make(&reply, image_read(picture, n, &im), &im);
	sent = put(&reply, sizeof(reply)) &&
	       put(im.thumb.data, reply.thumb_len) &&
	       put(im.clean.data, reply.clean_len);
	image_fini(&im);
	return sent;
}

void
helper_run(void)
{
	static const uint32_t hello = WIRE_HELLO;
	uint8_t *picture = malloc(IMAGE_BYTES_MAX);
	struct wire_ask ask;

	if (picture == NULL || confine_enter() < 0 ||
	    !put(&hello, sizeof(hello)))
		_exit(1);
	while (get(&ask, sizeof(ask))) {
		if (ask.magic != WIRE_ASK || ask.len > IMAGE_BYTES_MAX)
			_exit(1);
		if (!get(picture, ask.len) || !answer(picture, ask.len))
			break;
	}
	/* No tidying up: that would ask for more than is left to us. */
	_exit(0);
}
