#include "auth/key.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"

#define ID_BYTES 6

static void
random_hex(char *out, size_t n)
{
	unsigned char bytes[KEY_SECRET / 2];

	assert(n <= sizeof(bytes));
	random_bytes(bytes, n);
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void
key_renew(json_t *key, char out[KEY_TEXT])
{
	char secret[KEY_SECRET + 1], hash[SHA256_HEX + 1];

	random_hex(secret, KEY_SECRET / 2);
	sha256_hex(secret, KEY_SECRET, hash);
	json_put_str(key, "secretHash", hash);
	snprintf(out, KEY_TEXT, "msk_%s_%s", json_peek_str(key, "_id"), secret);
	explicit_bzero(secret, sizeof(secret));
}

void
key_make_id(char out[16])
{
	out[0] = 'k';
	random_hex(out + 1, ID_BYTES);
}
