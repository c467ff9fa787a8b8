#include "media/image.h"

#include <stdlib.h>
#include <string.h>

#include "media/codec.h"
#include "unit/pictures.h"
#include "unit/support.h"

typedef void (*make_fn)(const struct picture *p, struct buf *out);

static const struct {
	make_fn make;
	enum image_type type;
} kinds[] = {
    {picture_jpeg, IMAGE_JPEG},
    {picture_progressive, IMAGE_JPEG},
    {picture_png, IMAGE_PNG},
    {picture_webp, IMAGE_WEBP},
};

static enum verdict
read_buf(const struct buf *b, struct image *im)
{
	/* On its own on the heap: a byte too far is seen. */
	uint8_t *copy = malloc(b->len > 0 ? b->len : 1);
	enum verdict v;

	assert_non_null(copy);
	memcpy(copy, b->data, b->len);
	image_init(im);
	v = image_read(copy, b->len, im);
	free(copy);
	return v;
}

static void
assert_verdict(const struct buf *b, enum verdict wanted)
{
	struct image im;

	assert_int_equal(read_buf(b, &im), wanted);
	image_fini(&im);
}

static void
assert_thumb(const struct image *im, uint32_t width, uint32_t height)
{
	struct image small;

	assert_int_equal(read_buf(&im->thumb, &small), VERDICT_GOOD);
	assert_int_equal(small.type, IMAGE_JPEG);
	assert_int_equal(small.width, width);
	assert_int_equal(small.height, height);
	assert_int_equal(small.clean.len, 0);
	image_fini(&small);
}

static void
test_kinds(void **state)
{
	struct picture p = {.width = 1280, .height = 720, .seed = 7};
	struct image im;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		buf_init(&b, 0);
		kinds[i].make(&p, &b);
		assert_int_equal(read_buf(&b, &im), VERDICT_GOOD);
		assert_int_equal(im.type, kinds[i].type);
		assert_int_equal(im.width, 1280);
		assert_int_equal(im.height, 720);
		assert_false(im.position);
		assert_true(im.printed);
		assert_thumb(&im, 320, 180);
		image_fini(&im);
		buf_fini(&b);
	}
}

static void
test_small_ones(void **state)
{
	static const struct picture all[] = {
	    {.width = 1, .height = 1, .seed = 1},
	    {.width = 320, .height = 320, .seed = 1},
	    {.width = 321, .height = 7, .seed = 1},
	    {.width = 5, .height = 4000, .seed = 1},
	};
	struct image im;
	struct buf b;

	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t i = 0; i < COUNT(all); i++) {
			buf_init(&b, 0);
			kinds[k].make(&all[i], &b);
			assert_int_equal(read_buf(&b, &im), VERDICT_GOOD);
			assert_int_equal(im.width, all[i].width);
			assert_int_equal(im.height, all[i].height);
			assert_in_range(im.thumb.len, 1, THUMB_BYTES_MAX);
			image_fini(&im);
			buf_fini(&b);
		}
}

/* The upper left corner says how a picture was turned. */
static void
test_orientation(void **state)
{
	static const uint8_t rows[2][9] = {
	    {1, 1, 1, 2, 2, 2, 3, 3, 3}, {4, 4, 4, 5, 5, 5, 6, 6, 6}};
	static const uint8_t wanted[9][6] = {{0}, {1, 2, 3, 4, 5, 6},
	    {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1}, {4, 5, 6, 1, 2, 3},
	    {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3}, {6, 3, 5, 2, 4, 1},
	    {3, 6, 2, 5, 1, 4}};
	struct shrink s;

	(void)state;
	for (unsigned turn = 1; turn <= 8; turn++) {
		shrink_init(&s, 3, 2);
		shrink_row(&s, rows[0]);
		shrink_row(&s, rows[1]);
		shrink_turn(&s, turn);
		assert_int_equal(s.small_width, turn >= 5 ? 2 : 3);
		for (size_t i = 0; i < 6; i++)
			assert_int_equal(s.pixels[i * 3], wanted[turn][i]);
		shrink_fini(&s);
	}
}

static bool
holds(const struct buf *b, const char *text)
{
	return memmem(b->data, b->len, text, strlen(text)) != NULL;
}

static void
test_jpeg_metadata(void **state)
{
	static const char icc[] = "ICC_PROFILE\0\1\1profile";
	struct picture p = {.width = 640, .height = 480, .seed = 3};
	struct image im, again;
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	picture_jpeg(&p, &b);
	picture_add_segment(&b, 0xE2, icc, sizeof(icc) - 1);
	picture_add_segment(&b, 0xFE, "a comment", 9);
	picture_add_segment(&b, 0xED, "Photoshop 3.0", 13);
	picture_add_exif(&b, 6, false);
	buf_add(&b, "<script>behind the end</script>");
	assert_int_equal(read_buf(&b, &im), VERDICT_GOOD);
	assert_int_equal(im.width, 480);
	assert_int_equal(im.height, 640);
	assert_false(im.position);
	assert_thumb(&im, 240, 320);
	assert_true(holds(&im.clean, "ICC_PROFILE"));
	assert_false(holds(&im.clean, "comment"));
	assert_false(holds(&im.clean, "Photoshop"));
	assert_false(holds(&im.clean, "script"));
	/* What was cleaned is shown as before, and there is no more to do. */
	assert_int_equal(read_buf(&im.clean, &again), VERDICT_GOOD);
	assert_int_equal(again.width, 480);
	assert_int_equal(again.clean.len, 0);
	assert_true(again.print == im.print);
	image_fini(&again);
	image_fini(&im);
	buf_fini(&b);
}

static void
test_position(void **state)
{
	static const char xmp[] = "http://ns.adobe.com/xap/1.0/\0"
				  "<x exif:GPSLatitude='35,1.2N'/>";
	struct picture p = {.width = 64, .height = 48, .seed = 3};
	struct buf b[6], exif;
	struct image im;

	(void)state;
	buf_init(&exif, 0);
	picture_exif(&exif, 1, true);
	for (size_t i = 0; i < COUNT(b); i++) {
		buf_init(&b[i], 0);
		if (i < 2)
			picture_jpeg(&p, &b[i]);
		else if (i < 4)
			picture_png(&p, &b[i]);
		else
			picture_webp(&p, &b[i]);
	}
	picture_add_exif(&b[0], 1, true);
	picture_add_segment(&b[1], 0xE1, xmp, sizeof(xmp) - 1);
	picture_add_chunk(&b[2], "eXIf", exif.data, exif.len);
	picture_add_chunk(&b[3], "iTXt", xmp, sizeof(xmp) - 1);
	picture_extend_webp(&b[4], &p, "EXIF", exif.data, exif.len);
	picture_extend_webp(&b[5], &p, "XMP ", xmp, sizeof(xmp) - 1);
	for (size_t i = 0; i < COUNT(b); i++) {
		assert_int_equal(read_buf(&b[i], &im), VERDICT_GOOD);
		assert_true(im.position);
		assert_true(im.clean.len > 0);
		assert_false(holds(&im.clean, "GPS"));
		assert_verdict(&im.clean, VERDICT_GOOD);
		image_fini(&im);
		assert_int_equal(read_buf(&b[i], &im), VERDICT_GOOD);
		image_fini(&im);
		buf_fini(&b[i]);
	}
	buf_fini(&exif);
}

static void
test_not_pictures(void **state)
{
	static const char *const texts[] = {"", "\xFF", "\xFF\xD8",
	    "GIF89a....", "<svg xmlns='http://www.w3.org/2000/svg'/>",
	    "%PDF-1.4", "<!doctype html><script>alert(1)</script>", "BM......",
	    "RIFF"};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		buf_init(&b, 0);
		buf_add(&b, texts[i]);
		assert_verdict(&b, VERDICT_STRANGE);
		buf_fini(&b);
	}
}

/* The right beginning and nothing good behind. */
static void
test_broken(void **state)
{
	static const char *const heads[] = {"\xFF\xD8\xFF\xE0",
	    "\x89PNG\r\n\x1a\n....IHDR", "RIFF....WEBPVP8 ....",
	    "\xFF\xD8\xFF<script>alert(1)</script>"};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++) {
		buf_init(&b, 0);
		buf_add(&b, heads[i]);
		assert_verdict(&b, VERDICT_BROKEN);
		buf_fini(&b);
	}
}

/* Cut anywhere, a picture is never good, and nothing worse happens. */
static void
test_truncated(void **state)
{
	struct picture p = {.width = 90, .height = 61, .seed = 5};
	struct buf b, part;

	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		buf_init(&b, 0);
		kinds[k].make(&p, &b);
		for (size_t n = 0; n < b.len; n += n < 700 ? 1 : 13) {
			struct image im;

			buf_init(&part, 0);
			buf_addn(&part, b.data, n);
			assert_int_not_equal(
			    read_buf(&part, &im), VERDICT_GOOD);
			image_fini(&im);
			buf_fini(&part);
		}
		buf_fini(&b);
	}
}

static void
test_damaged(void **state)
{
	struct picture p = {.width = 90, .height = 61, .seed = 5};
	struct rnd rnd;
	struct buf b;

	(void)state;
	rnd_init(&rnd, "damaged");
	for (size_t i = 0; i < 400; i++) {
		struct image im;

		buf_init(&b, 0);
		kinds[i % COUNT(kinds)].make(&p, &b);
		for (size_t k = rnd_below(&rnd, 8); k < 8; k++)
			b.data[rnd_below(&rnd, b.len)] = (char)rnd_next(&rnd);
		read_buf(&b, &im);
		image_fini(&im);
		buf_fini(&b);
	}
}

static void
test_huge(void **state)
{
	static const uint32_t sizes[][2] = {{7072, 7072}, {16385, 1},
	    {1, 16385}, {50000, 50000}, {0x7FFFFFFF, 0x7FFFFFFF}};
	struct picture p = {.width = 16, .height = 16, .seed = 5};
	struct image im;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		buf_init(&b, 0);
		picture_png(&p, &b);
		picture_claim_size(&b, sizes[i][0], sizes[i][1]);
		/* The library has a limit of its own, a little later. */
		assert_true(read_buf(&b, &im) == VERDICT_HUGE ||
			    (i == 4 && im.thumb.len == 0));
		image_fini(&im);
		buf_fini(&b);
	}
	buf_init(&b, 0);
	picture_png(&p, &b);
	picture_claim_size(&b, 7071, 7071); /* 49 999 041: allowed, but a lie */
	assert_verdict(&b, VERDICT_BROKEN);
	buf_fini(&b);
}

static uint64_t
print_of(const struct picture *p, make_fn make)
{
	struct image im;
	struct buf b;
	uint64_t print;

	buf_init(&b, 0);
	make(p, &b);
	assert_int_equal(read_buf(&b, &im), VERDICT_GOOD);
	assert_true(im.printed);
	print = im.print;
	image_fini(&im);
	buf_fini(&b);
	return print;
}

/* Saved again, smaller, worse, in another format: alike.  Others: not. */
static void
test_fingerprint(void **state)
{
	unsigned far = 64, near = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct picture p = {.width = 1000, .height = 750, .seed = seed};
		struct picture small = {
		    .width = 640, .height = 480, .seed = seed, .quality = 60};
		struct picture other = {
		    .width = 1000, .height = 750, .seed = seed + 1000};
		uint64_t print = print_of(&p, picture_jpeg);
		unsigned d =
		    image_distance(print, print_of(&small, picture_webp));

		near = d > near ? d : near;
		d = image_distance(print, print_of(&other, picture_jpeg));
		far = d < far ? d : far;
	}
	print_message("near %u, far %u of 64 bits\n", near, far);
	assert_in_range(near, 0, IMAGE_ALIKE);
	assert_in_range(far, 2 * IMAGE_ALIKE, 64);
}

static void
test_plain_has_no_print(void **state)
{
	struct picture p = {.width = 100, .height = 100, .seed = 0};
	struct image im;
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	picture_jpeg(&p, &b);
	assert_int_equal(read_buf(&b, &im), VERDICT_GOOD);
	assert_false(im.printed);
	image_fini(&im);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_small_ones),
	    cmocka_unit_test(test_orientation),
	    cmocka_unit_test(test_jpeg_metadata),
	    cmocka_unit_test(test_position),
	    cmocka_unit_test(test_not_pictures),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_damaged),
	    cmocka_unit_test(test_huge),
	    cmocka_unit_test(test_fingerprint),
	    cmocka_unit_test(test_plain_has_no_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
