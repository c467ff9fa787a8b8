#include <stdlib.h>
#include <string.h>

#include "media/codec.h"

/* The fingerprint compares neighbours in a grid of 9 x 8 brightnesses. */
#define GRID_X 9U
#define GRID_Y 8U
/* Neighbours that differ by less are noise of one colour. */
#define FLAT 3
/* With fewer telling pairs, unlike pictures would look alike. */
#define TELLING_MIN 8U

static void *
zeroed(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		abort();
	return p;
}

static uint32_t
scaled(uint32_t side, uint32_t longest)
{
	uint32_t n = (uint32_t)((uint64_t)side * THUMB_SIDE / longest);

	return n > 0 ? n : 1;
}

void
shrink_init(struct shrink *s, uint32_t width, uint32_t height)
{
	uint32_t longest = width > height ? width : height;
	bool fits = longest <= THUMB_SIDE;
	size_t row;

	memset(s, 0, sizeof(*s));
	s->width = width;
	s->height = height;
	s->small_width = fits ? width : scaled(width, longest);
	s->small_height = fits ? height : scaled(height, longest);
	row = s->small_width;
	s->sums = zeroed(row * 3, sizeof(s->sums[0]));
	s->counts = zeroed(row, sizeof(s->counts[0]));
	s->pixels = zeroed(row * s->small_height, 3);
}

void
shrink_fini(struct shrink *s)
{
	free(s->sums);
	free(s->counts);
	free(s->pixels);
	memset(s, 0, sizeof(*s));
}

/* The small row is complete: means out, sums empty. */
static void
end_row(struct shrink *s, uint32_t small_y)
{
	uint8_t *out = s->pixels + (size_t)small_y * s->small_width * 3;

	for (uint32_t x = 0; x < s->small_width; x++)
		for (uint32_t c = 0; c < 3; c++)
			out[x * 3 + c] =
			    (uint8_t)(s->sums[x * 3 + c] / s->counts[x]);
	memset(s->sums, 0, sizeof(s->sums[0]) * 3 * s->small_width);
	memset(s->counts, 0, sizeof(s->counts[0]) * s->small_width);
}

static uint32_t
small_row(const struct shrink *s, uint32_t y)
{
	return (uint32_t)((uint64_t)y * s->small_height / s->height);
}

void
shrink_row(struct shrink *s, const uint8_t *rgb)
{
	uint32_t small_y = small_row(s, s->y);

	for (uint32_t x = 0; x < s->width; x++, rgb += 3) {
		uint32_t to =
		    (uint32_t)((uint64_t)x * s->small_width / s->width);

		for (uint32_t c = 0; c < 3; c++)
			s->sums[to * 3 + c] += rgb[c];
		s->counts[to]++;
	}
	s->y++;
	if (s->y == s->height || small_row(s, s->y) != small_y)
		end_row(s, small_y);
}

/* Where the pixel that will stand at (x, y) stands now. */
static size_t
source_of(const struct shrink *s, unsigned orientation, uint32_t x, uint32_t y)
{
	uint32_t right = s->small_width - 1;
	uint32_t bottom = s->small_height - 1;
	uint32_t from_x = orientation >= 5 ? y : x;
	uint32_t from_y = orientation >= 5 ? x : y;

	if (orientation == 2 || orientation == 3 || orientation == 7 ||
	    orientation == 8)
		from_x = right - from_x;
	if (orientation == 3 || orientation == 4 || orientation == 6 ||
	    orientation == 7)
		from_y = bottom - from_y;
	return ((size_t)from_y * s->small_width + from_x) * 3;
}

void
shrink_turn(struct shrink *s, unsigned orientation)
{
	uint32_t width = s->small_width, height = s->small_height;
	uint8_t *turned, *out;

	if (orientation < 2 || orientation > 8)
		return;
	if (orientation >= 5) {
		width = s->small_height;
		height = s->small_width;
	}
	turned = out = zeroed((size_t)width * height, 3);
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++, out += 3)
			memcpy(out, s->pixels + source_of(s, orientation, x, y),
			    3);
	free(s->pixels);
	s->pixels = turned;
	s->small_width = width;
	s->small_height = height;
}

/* Mean brightness of a cell of the grid. */
static int
brightness(const struct shrink *s, uint32_t gx, uint32_t gy)
{
	uint32_t x0 = gx * s->small_width / GRID_X;
	uint32_t x1 = (gx + 1) * s->small_width / GRID_X;
	uint32_t y0 = gy * s->small_height / GRID_Y;
	uint32_t y1 = (gy + 1) * s->small_height / GRID_Y;
	uint64_t sum = 0;

	for (uint32_t y = y0; y < y1; y++) {
		const uint8_t *p =
		    s->pixels + ((size_t)y * s->small_width + x0) * 3;

		for (uint32_t x = x0; x < x1; x++, p += 3)
			sum += 299U * p[0] + 587U * p[1] + 114U * p[2];
	}
	return (int)(sum / ((uint64_t)(x1 - x0) * (y1 - y0) * 1000U));
}

bool
shrink_print(const struct shrink *s, uint64_t *print)
{
	unsigned telling = 0;

	*print = 0;
	if (s->small_width < GRID_X || s->small_height < GRID_Y)
		return false;
	for (uint32_t y = 0; y < GRID_Y; y++) {
		int left = brightness(s, 0, y);

		for (uint32_t x = 1; x < GRID_X; x++) {
			int right = brightness(s, x, y);

			*print = *print << 1 | (right > left + FLAT);
			telling += abs(right - left) > FLAT;
			left = right;
		}
	}
	return telling >= TELLING_MIN;
}
