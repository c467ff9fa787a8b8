#ifndef MEDIA_IMAGE_H
#define MEDIA_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define IMAGE_BYTES_MAX ((size_t)8 << 20)
#define IMAGE_SIDE_MAX 16384U
#define IMAGE_PIXELS_MAX 50000000U
#define THUMB_SIDE 320U
#define THUMB_BYTES_MAX ((size_t)512 << 10)

enum image_type { IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP, IMAGE_TYPE__MAX };

enum verdict {
#define VERDICT(name, keyword, text) VERDICT_##name,
#include "media/verdict.def"
#undef VERDICT
	VERDICT__MAX
};

/* "image/jpeg" */
const char *image_media_type(enum image_type t);
const char *verdict_keyword(enum verdict v);
/* A Chinese sentence for who sent it. */
const char *verdict_text(enum verdict v);

/* What a picture is found to be. */
struct image {
	enum image_type type;
	uint32_t width; /* as it is shown: turned by its orientation */
	uint32_t height;
	bool position; /* its metadata tell where it was taken */
	/*
	 * Pictures that look alike have fingerprints that differ in few bits.
	 * A picture that is nearly of one colour has none.
	 */
	bool printed;
	uint64_t print;
	struct buf thumb; /* JPEG of at most THUMB_SIDE, without metadata */
	struct buf clean; /* the picture without metadata; empty: it had none */
};

void image_init(struct image *im);
void image_fini(struct image *im);

/*
 * Decode a picture, whatever the bytes are.  For the confined process: what
 * the libraries do with hostile bytes is nobody's promise.  im is
 * initialised.
 */
enum verdict image_read(const uint8_t *p, size_t n, struct image *im);

/*
 * How many bits differ.  The same picture saved again, smaller and worse,
 * differed in 5 at most, unlike ones in 19 at least (tests/unit/test_image.c).
 */
#define IMAGE_ALIKE 6U
unsigned image_distance(uint64_t a, uint64_t b);

#endif
