#include "unit/pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>

#include "unit/support.h"

#define GRID 10

/* A smooth scene: colours at the knots of a grid, in between a mixture. */
static unsigned
colour_at(const struct picture *p, const uint8_t *knots, uint32_t x, uint32_t y,
    unsigned c)
{
	uint64_t fx = (uint64_t)x * (GRID - 1) * 256 / p->width;
	uint64_t fy = (uint64_t)y * (GRID - 1) * 256 / p->height;
	size_t gx = (size_t)(fx / 256), gy = (size_t)(fy / 256);
	uint64_t ax = fx % 256, ay = fy % 256;
	const uint8_t *k = knots + (gy * GRID + gx) * 3 + c;
	uint64_t top = k[0] * (256 - ax) + k[3] * ax;
	uint64_t low =
	    k[(size_t)GRID * 3] * (256 - ax) + k[(size_t)GRID * 3 + 3] * ax;

	return (unsigned)((top * (256 - ay) + low * ay) >> 16);
}

/* new: rows of RGB. */
static uint8_t *
paint(const struct picture *p)
{
	uint8_t knots[GRID * GRID * 3];
	uint8_t *rgb = malloc((size_t)p->width * p->height * 3);
	struct rnd rnd = {p->seed};
	size_t i = 0;

	assert_non_null(rgb);
	for (size_t k = 0; k < sizeof(knots); k++)
		knots[k] = p->seed != 0 ? (uint8_t)rnd_next(&rnd) : 128;
	for (uint32_t y = 0; y < p->height; y++)
		for (uint32_t x = 0; x < p->width; x++)
			for (unsigned c = 0; c < 3; c++)
				rgb[i++] =
				    (uint8_t)colour_at(p, knots, x, y, c);
	return rgb;
}

static void
write_jpeg(const struct picture *p, bool progressive, struct buf *out)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr err;
	unsigned char *bytes = NULL;
	unsigned long n = 0;
	uint8_t *rgb = paint(p);

	c.err = jpeg_std_error(&err);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &bytes, &n);
	c.image_width = p->width;
	c.image_height = p->height;
	c.input_components = 3;
	c.in_color_space = JCS_RGB;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, p->quality != 0 ? p->quality : 90, TRUE);
	if (progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = rgb + (size_t)c.next_scanline * p->width * 3;

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	buf_addn(out, (const char *)bytes, n);
	free(bytes);
	free(rgb);
}

void
picture_jpeg(const struct picture *p, struct buf *out)
{
	write_jpeg(p, false, out);
}

void
picture_progressive(const struct picture *p, struct buf *out)
{
	write_jpeg(p, true, out);
}

void
picture_png(const struct picture *p, struct buf *out)
{
	png_image png;
	uint8_t *rgb = paint(p);
	png_alloc_size_t n = 0;
	char *bytes;

	memset(&png, 0, sizeof(png));
	png.version = PNG_IMAGE_VERSION;
	png.width = p->width;
	png.height = p->height;
	png.format = PNG_FORMAT_RGB;
	assert_int_not_equal(
	    png_image_write_get_memory_size(png, n, 0, rgb, 0, NULL), 0);
	bytes = malloc(n);
	assert_non_null(bytes);
	assert_int_not_equal(
	    png_image_write_to_memory(&png, bytes, &n, 0, rgb, 0, NULL), 0);
	buf_addn(out, bytes, n);
	free(bytes);
	free(rgb);
}

void
picture_webp(const struct picture *p, struct buf *out)
{
	uint8_t *rgb = paint(p);
	uint8_t *bytes = NULL;
	float quality = p->quality != 0 ? (float)p->quality : 90.0F;
	size_t n = WebPEncodeRGB(rgb, (int)p->width, (int)p->height,
	    (int)p->width * 3, quality, &bytes);

	assert_int_not_equal(n, 0);
	buf_addn(out, (const char *)bytes, n);
	WebPFree(bytes);
	free(rgb);
}

/* ---- metadata ---- */

static void
insert(struct buf *b, size_t at, const struct buf *what)
{
	struct buf all;

	buf_init(&all, 0);
	buf_addn(&all, b->data, at);
	buf_addn(&all, what->data, what->len);
	buf_addn(&all, b->data + at, b->len - at);
	buf_fini(b);
	*b = all;
}

static void
add_be(struct buf *b, uint64_t n, unsigned bytes)
{
	while (bytes-- > 0)
		buf_addc(b, (char)(n >> (8 * bytes) & 0xFF));
}

static void
add_entry(struct buf *b, unsigned tag, unsigned type, uint32_t value)
{
	add_be(b, tag, 2);
	add_be(b, type, 2);
	add_be(b, 1, 4);
	add_be(b, type == 3 ? (uint64_t)value << 16 : value, 4);
}

void
picture_exif(struct buf *out, unsigned orientation, bool position)
{
	buf_addn(out, "MM\0*\0\0\0\x08", 8);
	add_be(out, position ? 2 : 1, 2);
	add_entry(out, 0x0112, 3, orientation);
	if (position)
		add_entry(out, 0x8825, 4, 8 + 2 + 2 * 12 + 4);
	add_be(out, 0, 4);
	if (!position)
		return;
	add_be(out, 2, 2); /* latitude and longitude, somewhere */
	add_entry(out, 2, 5, 0);
	add_entry(out, 4, 5, 0);
	add_be(out, 0, 4);
}

void
picture_add_segment(struct buf *jpeg, unsigned mark, const void *data, size_t n)
{
	struct buf segment;

	buf_init(&segment, 0);
	add_be(&segment, 0xFF00U | mark, 2);
	add_be(&segment, n + 2, 2);
	buf_addn(&segment, data, n);
	insert(jpeg, 2, &segment);
	buf_fini(&segment);
}

void
picture_add_exif(struct buf *jpeg, unsigned orientation, bool position)
{
	struct buf exif;

	buf_init(&exif, 0);
	buf_addn(&exif, "Exif\0\0", 6);
	picture_exif(&exif, orientation, position);
	picture_add_segment(jpeg, 0xE1, exif.data, exif.len);
	buf_fini(&exif);
}

static uint32_t
crc_of(const void *p, size_t n)
{
	const uint8_t *s = p;
	uint32_t crc = 0xFFFFFFFFU;

	for (size_t i = 0; i < n; i++) {
		crc ^= s[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc % 2 != 0 ? 0xEDB88320U : 0);
	}
	return ~crc;
}

void
picture_add_chunk(struct buf *png, const char *name, const void *data, size_t n)
{
	const char *idat = memmem(png->data, png->len, "IDAT", 4);
	struct buf chunk;

	assert_non_null(idat);
	buf_init(&chunk, 0);
	add_be(&chunk, n, 4);
	buf_addn(&chunk, name, 4);
	buf_addn(&chunk, data, n);
	add_be(&chunk, crc_of(chunk.data + 4, n + 4), 4);
	insert(png, (size_t)(idat - png->data) - 4, &chunk);
	buf_fini(&chunk);
}

void
picture_claim_size(struct buf *png, uint32_t width, uint32_t height)
{
	struct buf ihdr;

	buf_init(&ihdr, 0);
	add_be(&ihdr, width, 4);
	add_be(&ihdr, height, 4);
	memcpy(png->data + 16, ihdr.data, 8);
	buf_reset(&ihdr);
	add_be(&ihdr, crc_of(png->data + 12, 17), 4);
	memcpy(png->data + 29, ihdr.data, 4);
	buf_fini(&ihdr);
}

static void
add_le(struct buf *b, uint64_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_addc(b, (char)(n >> (8 * i) & 0xFF));
}

void
picture_extend_webp(struct buf *webp, const struct picture *p, const char *name,
    const void *data, size_t n)
{
	struct buf all;

	buf_init(&all, 0);
	buf_addn(&all, "RIFF\0\0\0\0WEBPVP8X", 16);
	add_le(&all, 10, 4);
	add_le(&all, strcmp(name, "EXIF") == 0 ? 0x08 : 0x04, 4);
	add_le(&all, p->width - 1, 3);
	add_le(&all, p->height - 1, 3);
	buf_addn(&all, webp->data + 12, webp->len - 12);
	buf_addn(&all, name, 4);
	add_le(&all, n, 4);
	buf_addn(&all, data, n);
	if (n % 2 == 1)
		buf_addc(&all, '\0');
	for (unsigned i = 0; i < 4; i++)
		all.data[4 + i] = (char)((all.len - 8) >> (8 * i) & 0xFF);
	buf_fini(webp);
	*webp = all;
}
