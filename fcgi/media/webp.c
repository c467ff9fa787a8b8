#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "media/codec.h"

/* What is behind a picture that is partly transparent: paper. */
static void
on_white(const uint8_t *rgba, uint8_t *rgb, uint32_t width)
{
	for (uint32_t x = 0; x < width; x++, rgba += 4, rgb += 3) {
		unsigned a = rgba[3];

		for (unsigned k = 0; k < 3; k++)
			rgb[k] =
			    (uint8_t)((rgba[k] * a + 255U * (255U - a)) / 255U);
	}
}

static uint32_t
scaled(uint32_t side, uint32_t longest)
{
	uint32_t n = (uint32_t)((uint64_t)side * 2 * THUMB_SIDE / longest);

	return n > 0 ? n : 1;
}

/* The library shrinks while decoding to twice of what is wanted. */
static void
set_scale(WebPDecoderConfig *c, uint32_t width, uint32_t height)
{
	uint32_t longest = width > height ? width : height;

	c->output.colorspace = MODE_RGBA;
	if (longest <= 2 * THUMB_SIDE)
		return;
	c->options.use_scaling = 1;
	c->options.scaled_width = (int)scaled(width, longest);
	c->options.scaled_height = (int)scaled(height, longest);
}

static void
read_rows(const WebPDecoderConfig *c, struct shrink *s)
{
	const WebPRGBABuffer *from = &c->output.u.RGBA;
	uint32_t width = (uint32_t)c->output.width;
	uint32_t height = (uint32_t)c->output.height;
	uint8_t *row = malloc((size_t)width * 3);

	if (row == NULL)
		abort();
	shrink_init(s, width, height);
	for (uint32_t y = 0; y < height; y++) {
		on_white(
		    from->rgba + (size_t)y * (size_t)from->stride, row, width);
		shrink_row(s, row);
	}
	free(row);
}

enum verdict
webp_read(const uint8_t *p, size_t n, struct image *im, struct shrink *s)
{
	WebPDecoderConfig c;

	if (!WebPInitDecoderConfig(&c) ||
	    WebPGetFeatures(p, n, &c.input) != VP8_STATUS_OK)
		return VERDICT_BROKEN;
	im->width = (uint32_t)c.input.width;
	im->height = (uint32_t)c.input.height;
	if (!size_allowed(im->width, im->height))
		return VERDICT_HUGE;
	if (c.input.has_animation)
		return VERDICT_ANIMATED;
	set_scale(&c, im->width, im->height);
	if (WebPDecode(p, n, &c) != VP8_STATUS_OK) {
		WebPFreeDecBuffer(&c.output);
		return VERDICT_BROKEN;
	}
	read_rows(&c, s);
	WebPFreeDecBuffer(&c.output);
	return VERDICT_GOOD;
}
