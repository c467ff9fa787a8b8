#ifndef MEDIA_CODEC_H
#define MEDIA_CODEC_H

/* What the files of this folder share; nobody else includes it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "media/image.h"

/* ---- shrink.c: rows of RGB in, a small picture out ---- */

struct shrink {
	uint32_t width; /* of what comes in */
	uint32_t height;
	uint32_t small_width;
	uint32_t small_height;
	uint32_t y; /* rows taken */
	uint32_t *sums;
	uint32_t *counts;
	uint8_t *pixels; /* small_width x small_height x RGB */
};

/* width and height are within the limits and not 0. */
void shrink_init(struct shrink *s, uint32_t width, uint32_t height);
void shrink_fini(struct shrink *s);
/* Take the next of `height` rows. */
void shrink_row(struct shrink *s, const uint8_t *rgb);
/* Turn the small picture as EXIF says (1 to 8). */
void shrink_turn(struct shrink *s, unsigned orientation);
/* The fingerprint of the small picture; false when it has none. */
bool shrink_print(const struct shrink *s, uint64_t *print);

/* ---- metadata ---- */

struct meta {
	unsigned orientation; /* 1 to 8; 1: as it lies */
	bool position;
};

/* exif.c: a TIFF structure; what it does not say stays as it was. */
void exif_read(const uint8_t *p, size_t n, struct meta *m);
/* XMP and the like: text that names a position. */
void meta_scan(const uint8_t *p, size_t n, struct meta *m);
/*
 * Copy a picture without metadata and without what follows its end.  false:
 * it is not built as it should be, or ends too early.
 */
bool strip_jpeg(const uint8_t *p, size_t n, struct meta *m, struct buf *out);
bool strip_png(const uint8_t *p, size_t n, struct meta *m, struct buf *out);
bool strip_webp(const uint8_t *p, size_t n, struct meta *m, struct buf *out);

/* ---- the libraries' formats ---- */

/* Is a picture of this size taken? */
bool size_allowed(uint32_t width, uint32_t height);
/* Set width and height of im, and s (to be freed also after a failure). */
enum verdict jpeg_read(
    const uint8_t *p, size_t n, struct image *im, struct shrink *s);
enum verdict png_read(
    const uint8_t *p, size_t n, struct image *im, struct shrink *s);
enum verdict webp_read(
    const uint8_t *p, size_t n, struct image *im, struct shrink *s);
/* The small picture as JPEG; false when the library fails. */
bool jpeg_write(const struct shrink *s, struct buf *out);

#endif
