#include <string.h>

#include "media/codec.h"

/* PNG and WebP: a signature, and chunks with a name of four letters. */

#define CHUNK_HEAD 8U
#define PNG_SIGNATURE "\x89PNG\r\n\x1a\n"
#define RIFF_HEAD 12U
/* In the flags of VP8X. */
#define VP8X_EXIF 0x08U
#define VP8X_XMP 0x04U

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static bool
is_one_of(const uint8_t *name, const char *names)
{
	for (; *names != '\0'; names += 4)
		if (memcmp(name, names, 4) == 0)
			return true;
	return false;
}

bool
strip_png(const uint8_t *p, size_t n, struct meta *m, struct buf *out)
{
	size_t at = sizeof(PNG_SIGNATURE) - 1;

	if (n < at || memcmp(p, PNG_SIGNATURE, at) != 0)
		return false;
	buf_addn(out, (const char *)p, at);
	while (n - at >= CHUNK_HEAD + 4) {
		uint32_t len = be32(p + at);
		const uint8_t *name = p + at + 4;
		const uint8_t *data = p + at + CHUNK_HEAD;

		if (len > n - at - CHUNK_HEAD - 4)
			return false;
		if (is_one_of(name, "eXIf"))
			exif_read(data, len, m);
		else if (is_one_of(name, "iTXttEXtzTXt"))
			meta_scan(data, len, m);
		if (is_one_of(name,
			"IHDRPLTEtRNSgAMAcHRMsRGBiCCPsBITbKGDpHYsIDATIEND"))
			buf_addn(
			    out, (const char *)p + at, CHUNK_HEAD + len + 4);
		if (is_one_of(name, "IEND"))
			return true;
		at += CHUNK_HEAD + len + 4;
	}
	return false;
}

/* Chunks of WebP begin at even places. */
static void
add_webp_chunk(struct buf *out, const uint8_t *p, uint32_t len)
{
	size_t at = out->len;

	buf_addn(out, (const char *)p, CHUNK_HEAD + len);
	if (len % 2 == 1)
		buf_addc(out, '\0');
	if (is_one_of(p, "VP8X") && len > 0 && buf_ok(out)) {
		unsigned flags = p[CHUNK_HEAD];

		flags &= ~(VP8X_EXIF | VP8X_XMP);
		out->data[at + CHUNK_HEAD] = (char)flags;
	}
}

static void
set_riff_size(struct buf *out)
{
	size_t size = out->len - CHUNK_HEAD;

	for (unsigned i = 0; i < 4 && buf_ok(out); i++)
		out->data[4 + i] = (char)(size >> (8 * i) & 0xFFU);
}

bool
strip_webp(const uint8_t *p, size_t n, struct meta *m, struct buf *out)
{
	size_t at = RIFF_HEAD, end;

	if (n < RIFF_HEAD || memcmp(p, "RIFF", 4) != 0 ||
	    memcmp(p + 8, "WEBP", 4) != 0)
		return false;
	end = (size_t)le32(p + 4) + CHUNK_HEAD;
	if (end > n || end < RIFF_HEAD)
		return false;
	buf_addn(out, (const char *)p, RIFF_HEAD);
	while (end - at >= CHUNK_HEAD) {
		uint32_t len = le32(p + at + 4);

		if (len > end - at - CHUNK_HEAD)
			return false;
		if (is_one_of(p + at, "EXIF"))
			exif_read(p + at + CHUNK_HEAD, len, m);
		else if (is_one_of(p + at, "XMP "))
			meta_scan(p + at + CHUNK_HEAD, len, m);
		if (is_one_of(p + at, "VP8XVP8 VP8LALPHICCP"))
			add_webp_chunk(out, p + at, len);
		at += CHUNK_HEAD + (size_t)len;
		at += len % 2 == 1 && at < end;
	}
	set_riff_size(out);
	return true;
}
