#include <string.h>

#include "fuzz/fuzz.h"
#include "media/wire.h"

/*
 * What the confined process is given, and (bytes that begin with a 0) what it
 * answers: a hostile picture is refused or becomes a thumbnail and a copy that
 * holds no more metadata; a hostile answer is not believed.
 */
const char *const fuzz_seeds[] = {
    "tests/fuzz/corpus/image",
    NULL,
};

static void
check_picture(const uint8_t *data, size_t n)
{
	struct image im, again;

	image_init(&im);
	if (image_read(data, n, &im) == VERDICT_GOOD) {
		FUZZ_CHECK(im.thumb.len > 0 && im.clean.len <= n);
		FUZZ_CHECK((uint64_t)im.width * im.height <= IMAGE_PIXELS_MAX);
		image_init(&again);
		if (im.clean.len > 0 &&
		    image_read((const uint8_t *)im.clean.data, im.clean.len,
			&again) == VERDICT_GOOD)
			FUZZ_CHECK(!again.position && again.clean.len == 0);
		image_fini(&again);
	}
	image_fini(&im);
}

static void
check_reply(const uint8_t *data, size_t n)
{
	struct wire_reply r = {.magic = 0}, back;
	struct image im;

	memcpy(&r, data, n < sizeof(r) ? n : sizeof(r));
	r.magic = WIRE_REPLY;
	if (!wire_reply_valid(&r, IMAGE_BYTES_MAX) || r.verdict != VERDICT_GOOD)
		return;
	image_init(&im);
	wire_reply_take(&r, &im);
	wire_reply_make(&back, r.verdict, &im);
	FUZZ_CHECK(back.width == r.width && back.height == r.height &&
		   back.print == r.print && back.flags == r.flags);
	image_fini(&im);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n > 0 && data[0] == 0)
		check_reply(data + 1, n - 1);
	else
		check_picture(data, n);
	return 0;
}
