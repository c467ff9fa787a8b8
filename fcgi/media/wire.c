#include "media/wire.h"

#include <string.h>

bool
wire_reply_valid(const struct wire_reply *r, size_t len)
{
	if (r->magic != WIRE_REPLY || r->verdict >= VERDICT__MAX)
		return false;
	if (r->verdict != VERDICT_GOOD)
		return r->thumb_len == 0 && r->clean_len == 0;
	return r->type < IMAGE_TYPE__MAX && r->width >= 1 &&
	       r->width <= IMAGE_SIDE_MAX && r->height >= 1 &&
	       r->height <= IMAGE_SIDE_MAX &&
	       (uint64_t)r->width * r->height <= IMAGE_PIXELS_MAX &&
	       (r->flags & ~(WIRE_POSITION | WIRE_PRINTED)) == 0 &&
	       r->thumb_len >= 1 && r->thumb_len <= THUMB_BYTES_MAX &&
	       r->clean_len <= len;
}

void
wire_reply_make(struct wire_reply *r, enum verdict v, const struct image *im)
{
	memset(r, 0, sizeof(*r));
	r->magic = WIRE_REPLY;
	r->verdict = v;
	if (v != VERDICT_GOOD)
		return;
	r->type = im->type;
	r->width = im->width;
	r->height = im->height;
	r->flags = (im->position ? WIRE_POSITION : 0) |
		   (im->printed ? WIRE_PRINTED : 0);
	r->print = im->print;
	r->thumb_len = (uint32_t)im->thumb.len;
	r->clean_len = (uint32_t)im->clean.len;
}

void
wire_reply_take(const struct wire_reply *r, struct image *im)
{
	im->type = r->type;
	im->width = r->width;
	im->height = r->height;
	im->position = (r->flags & WIRE_POSITION) != 0;
	im->printed = (r->flags & WIRE_PRINTED) != 0;
	im->print = r->print;
}
