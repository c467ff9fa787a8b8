#include <string.h>

#include "media/codec.h"

#define MARK 0xFFU
#define SOI 0xD8U
#define EOI 0xD9U
#define SOS 0xDAU
#define RST0 0xD0U
#define RST7 0xD7U
#define TEM 0x01U
#define APP0 0xE0U
#define APP1 0xE1U
#define APP2 0xE2U
#define APP14 0xEEU
#define APP15 0xEFU
#define COM 0xFEU

/* The only EXIF that is passed on: which side is up. */
static void
add_orientation(struct buf *out, unsigned orientation)
{
	static const char head[] = "\xFF\xE1\x00\x22"
				   "Exif\0\0MM\0*\0\0\0\x08\0\x01"
				   "\x01\x12\0\x03\0\0\0\x01";

	buf_addn(out, head, sizeof(head) - 1);
	buf_addc(out, '\0');
	buf_addc(out, (char)orientation);
	buf_addn(out, "\0\0\0\0\0\0", 6);
}

static bool
begins(const uint8_t *p, size_t n, const char *with, size_t len)
{
	return n >= len && memcmp(p, with, len) == 0;
}

/* A segment of which p is what follows its length: pass it on? */
static bool
is_wanted(unsigned mark, const uint8_t *p, size_t n)
{
	if (mark == COM)
		return false;
	if (mark < APP0 || mark > APP15)
		return true;
	return mark == APP0 || mark == APP14 ||
	       (mark == APP2 && begins(p, n, "ICC_PROFILE\0", 12));
}

static void
read_app1(const uint8_t *p, size_t n, struct meta *m, struct buf *out)
{
	unsigned before = m->orientation;

	if (!begins(p, n, "Exif\0", 5)) {
		meta_scan(p, n, m);
		return;
	}
	if (n > 6)
		exif_read(p + 6, n - 6, m);
	if (m->orientation != 1 && before == 1)
		add_orientation(out, m->orientation);
}

/* Where the compressed data that begin at `at` end: at the next marker. */
static size_t
scan_end(const uint8_t *p, size_t n, size_t at)
{
	for (; at + 1 < n; at++) {
		unsigned next = p[at + 1];

		if (p[at] == MARK && next != 0 && next != MARK &&
		    (next < RST0 || next > RST7))
			return at;
	}
	return n;
}

/* The segment whose marker stands at `at`; where it ends, 0: badly built. */
static size_t
take_segment(
    const uint8_t *p, size_t n, size_t at, struct meta *m, struct buf *out)
{
	unsigned mark = p[at + 1];
	size_t len, end;

	if (mark == TEM || (mark >= RST0 && mark <= RST7))
		return at + 2;
	if (n - at < 4)
		return 0;
	len = (size_t)p[at + 2] << 8 | p[at + 3];
	if (len < 2 || len > n - at - 2)
		return 0;
	end = at + 2 + len;
	if (mark == APP1)
		read_app1(p + at + 4, len - 2, m, out);
	if (mark == SOS)
		end = scan_end(p, n, end);
	if (is_wanted(mark, p + at + 4, len - 2))
		buf_addn(out, (const char *)p + at, end - at);
	return end;
}

bool
strip_jpeg(const uint8_t *p, size_t n, struct meta *m, struct buf *out)
{
	size_t at = 2;

	if (n < 4 || p[0] != MARK || p[1] != SOI)
		return false;
	buf_addn(out, (const char *)p, 2);
	while (at + 1 < n) {
		/* Fill bytes, and rubbish that decoders pass over, too. */
		if (p[at] != MARK || p[at + 1] == MARK || p[at + 1] == 0) {
			at++;
			continue;
		}
		if (p[at + 1] == EOI) {
			buf_addn(out, (const char *)p + at, 2);
			return true;
		}
		at = take_segment(p, n, at, m, out);
		if (at == 0)
			return false;
	}
	return false;
}
