#ifndef MEDIA_WIRE_H
#define MEDIA_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/image.h"

/*
 * What passes between the program and the process that decodes for it; both
 * are the same program on the same machine.  That process may be anybody's by
 * the time it answers: an answer is checked before it is believed.
 */
#define WIRE_HELLO 0x4D534831U /* "I am confined", once */
#define WIRE_ASK 0x4D534131U
#define WIRE_REPLY 0x4D535231U

/* The picture's bytes follow. */
struct wire_ask {
	uint32_t magic;
	uint32_t len;
};

#define WIRE_POSITION 1U
#define WIRE_PRINTED 2U

/* The bytes of the thumbnail follow, then those without metadata. */
struct wire_reply {
	uint32_t magic;
	uint32_t verdict;
	uint32_t type;
	uint32_t width;
	uint32_t height;
	uint32_t flags;
	uint64_t print;
	uint32_t thumb_len;
	uint32_t clean_len;
};

/* Can this be the answer to a picture of len bytes? */
bool wire_reply_valid(const struct wire_reply *r, size_t len);
/* Between a picture and the head of its answer; not the bytes. */
void wire_reply_make(
    struct wire_reply *r, enum verdict v, const struct image *im);
void wire_reply_take(const struct wire_reply *r, struct image *im);

#endif
