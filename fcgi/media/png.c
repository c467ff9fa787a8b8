#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "media/codec.h"

#define RGB 3U

enum verdict
png_read(const uint8_t *p, size_t n, struct image *im, struct shrink *s)
{
	static const png_color white = {255, 255, 255};
	png_image png;
	uint8_t *pixels = NULL;
	enum verdict v = VERDICT_BROKEN;

	memset(&png, 0, sizeof(png));
	png.version = PNG_IMAGE_VERSION;
	if (!png_image_begin_read_from_memory(&png, p, n))
		goto out;
	im->width = png.width;
	im->height = png.height;
	if (!size_allowed(png.width, png.height)) {
		v = VERDICT_HUGE;
		goto out;
	}
	png.format = PNG_FORMAT_RGB;
	pixels = malloc((size_t)png.width * png.height * RGB);
	if (pixels == NULL)
		abort();
	if (!png_image_finish_read(&png, &white, pixels, 0, NULL))
		goto out;
	shrink_init(s, png.width, png.height);
	for (uint32_t y = 0; y < png.height; y++)
		shrink_row(s, pixels + (size_t)y * png.width * RGB);
	v = VERDICT_GOOD;
out:
	png_image_free(&png);
	free(pixels);
	return v;
}
