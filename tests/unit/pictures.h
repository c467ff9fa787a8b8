#ifndef UNIT_PICTURES_H
#define UNIT_PICTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Photographs that are made here: the same seed shows the same scene. */
struct picture {
	uint32_t width;
	uint32_t height;
	uint64_t seed; /* 0: all of one colour */
	int quality;   /* 0: 90; JPEG and WebP */
};

/* Append an image file to out. */
void picture_jpeg(const struct picture *p, struct buf *out);
void picture_progressive(const struct picture *p, struct buf *out);
void picture_png(const struct picture *p, struct buf *out);
void picture_webp(const struct picture *p, struct buf *out);

/* JPEG: put an EXIF segment (orientation, position or not) behind SOI. */
void picture_add_exif(struct buf *jpeg, unsigned orientation, bool position);
/* JPEG: put a segment with these bytes behind SOI. */
void picture_add_segment(
    struct buf *jpeg, unsigned mark, const void *data, size_t n);
/* PNG: put a chunk before the first IDAT. */
void picture_add_chunk(
    struct buf *png, const char *name, const void *data, size_t n);
/* WebP of the simple form: make it the extended one, with a chunk behind. */
void picture_extend_webp(struct buf *webp, const struct picture *p,
    const char *name, const void *data, size_t n);
/* An EXIF body (TIFF). */
void picture_exif(struct buf *out, unsigned orientation, bool position);
/* PNG: claim another size (the check sum is right). */
void picture_claim_size(struct buf *png, uint32_t width, uint32_t height);

#endif
