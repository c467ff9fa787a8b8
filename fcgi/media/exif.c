#include <string.h>

#include "media/codec.h"

#define TAG_ORIENTATION 0x0112U
#define TAG_GPS 0x8825U
#define TAG_GPS_LATITUDE 2U
#define TAG_GPS_LONGITUDE 4U
#define ENTRY_BYTES 12U

/* A TIFF structure: numbers in the order of bytes that it names itself. */
struct tiff {
	const uint8_t *p;
	size_t n;
	bool big;
};

static uint32_t
number(const struct tiff *t, size_t at, unsigned bytes)
{
	uint32_t v = 0;

	if (bytes > t->n || at > t->n - bytes)
		return 0;
	for (unsigned i = 0; i < bytes; i++) {
		unsigned from = t->big ? i : bytes - 1 - i;

		v = v << 8 | t->p[at + from];
	}
	return v;
}

/* Entries of the directory at `at` that lie within the bytes. */
static uint32_t
entries(const struct tiff *t, size_t at)
{
	uint32_t n = number(t, at, 2);
	size_t room = at + 2 <= t->n ? (t->n - at - 2) / ENTRY_BYTES : 0;

	return n < room ? n : (uint32_t)room;
}

static bool
gps_has_position(const struct tiff *t, size_t at)
{
	uint32_t n = entries(t, at);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t tag = number(t, at + 2 + i * ENTRY_BYTES, 2);

		if (tag == TAG_GPS_LATITUDE || tag == TAG_GPS_LONGITUDE)
			return true;
	}
	return false;
}

void
exif_read(const uint8_t *p, size_t n, struct meta *m)
{
	struct tiff t = {.p = p, .n = n};
	uint32_t first, count;

	if (n < 8 || (memcmp(p, "II*\0", 4) != 0 && memcmp(p, "MM\0*", 4) != 0))
		return;
	t.big = p[0] == 'M';
	first = number(&t, 4, 4);
	count = entries(&t, first);
	for (uint32_t i = 0; i < count; i++) {
		size_t at = first + 2U + (size_t)i * ENTRY_BYTES;
		uint32_t tag = number(&t, at, 2);

		if (tag == TAG_ORIENTATION)
			m->orientation = number(&t, at + 8, 2);
		else if (tag == TAG_GPS &&
			 gps_has_position(&t, number(&t, at + 8, 4)))
			m->position = true;
	}
	if (m->orientation < 1 || m->orientation > 8)
		m->orientation = 1;
}

void
meta_scan(const uint8_t *p, size_t n, struct meta *m)
{
	static const char *const words[] = {"GPSLatitude", "GPSLongitude"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(p, n, words[i], strlen(words[i])) != NULL)
			m->position = true;
}
