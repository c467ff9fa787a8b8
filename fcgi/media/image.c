#include "media/image.h"

#include <string.h>

#include "media/codec.h"

static const struct {
	const char *keyword;
	const char *text;
} verdicts[VERDICT__MAX] = {
#define VERDICT(name, keyword, text) [VERDICT_##name] = {keyword, text},
#include "media/verdict.def"
#undef VERDICT
};

static const struct {
	const char *media_type;
	const char *magic;
	size_t magic_at;
	size_t magic_len;
	bool (*strip)(
	    const uint8_t *p, size_t n, struct meta *m, struct buf *out);
	enum verdict (*read)(
	    const uint8_t *p, size_t n, struct image *im, struct shrink *s);
} types[IMAGE_TYPE__MAX] = {
    [IMAGE_JPEG] = {"image/jpeg", "\xFF\xD8\xFF", 0, 3, strip_jpeg, jpeg_read},
    [IMAGE_PNG] = {"image/png", "\x89PNG\r\n\x1a\n", 0, 8, strip_png, png_read},
    [IMAGE_WEBP] = {"image/webp", "WEBP", 8, 4, strip_webp, webp_read},
};

const char *
image_media_type(enum image_type t)
{
	return t < IMAGE_TYPE__MAX ? types[t].media_type : "";
}

const char *
verdict_keyword(enum verdict v)
{
	return verdicts[v].keyword;
}

const char *
verdict_text(enum verdict v)
{
	return verdicts[v].text;
}

void
image_init(struct image *im)
{
	memset(im, 0, sizeof(*im));
	buf_init(&im->thumb, THUMB_BYTES_MAX);
	buf_init(&im->clean, IMAGE_BYTES_MAX);
}

void
image_fini(struct image *im)
{
	buf_fini(&im->thumb);
	buf_fini(&im->clean);
}

bool
size_allowed(uint32_t width, uint32_t height)
{
	return width >= 1 && height >= 1 && width <= IMAGE_SIDE_MAX &&
	       height <= IMAGE_SIDE_MAX &&
	       (uint64_t)width * height <= IMAGE_PIXELS_MAX;
}

unsigned
image_distance(uint64_t a, uint64_t b)
{
	return (unsigned)__builtin_popcountll(a ^ b);
}

static enum image_type
sniff(const uint8_t *p, size_t n)
{
	enum image_type t = 0;

	while (t < IMAGE_TYPE__MAX &&
	       (n < types[t].magic_at + types[t].magic_len ||
		   memcmp(p + types[t].magic_at, types[t].magic,
		       types[t].magic_len) != 0))
		t++;
	return t;
}

/* What is decoded and shrunk becomes thumbnail and fingerprint. */
static enum verdict
finish(struct image *im, struct shrink *s, const struct meta *m)
{
	uint32_t width = im->width;
	/* The other formats' readers do not turn what they show. */
	unsigned orientation = im->type == IMAGE_JPEG ? m->orientation : 1;

	shrink_turn(s, orientation);
	if (orientation >= 5) {
		im->width = im->height;
		im->height = width;
	}
	im->position = m->position;
	im->printed = shrink_print(s, &im->print);
	return jpeg_write(s, &im->thumb) ? VERDICT_GOOD : VERDICT_BROKEN;
}

enum verdict
image_read(const uint8_t *p, size_t n, struct image *im)
{
	struct meta m = {.orientation = 1};
	struct shrink s = {0};
	enum verdict v;

	im->type = sniff(p, n);
	if (im->type == IMAGE_TYPE__MAX)
		return VERDICT_STRANGE;
	/* Says what is too large before it says what is broken. */
	v = types[im->type].read(p, n, im, &s);
	if (v == VERDICT_GOOD &&
	    (!types[im->type].strip(p, n, &m, &im->clean) ||
		!buf_ok(&im->clean)))
		v = VERDICT_BROKEN;
	if (v == VERDICT_GOOD)
		v = finish(im, &s, &m);
	if (im->clean.len == n && memcmp(im->clean.data, p, n) == 0)
		buf_reset(&im->clean);
	shrink_fini(&s);
	return v;
}
