#include "auth/key.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/secrets.h"

#define ID_BYTES 6
#define KEEP_MS ((int64_t)24 * 3600 * 1000)

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

bool
key_signs(const json_t *key)
{
	return json_object_get(key, "sign") != NULL;
}

int
key_renew_signing(json_t *key, struct seal *seal, instant_t now,
    char out[KEY_TEXT], struct err *e)
{
	json_t *sign = json_deep_copy(json_object_get(key, "sign"));
	json_t *list;

	sign_secret_make(out);
	list = secrets_rotate(json_peek_array(sign, "secrets"), seal,
	    json_peek_str(key, "_id"), out, now, KEEP_MS, e);
	if (list == NULL) {
		json_decref(sign);
		return -1;
	}
	json_put(sign, "secrets", list);
	json_put(key, "sign", sign);
	return 0;
}

void
key_make_id(char out[16])
{
	out[0] = 'k';
	random_hex(out + 1, ID_BYTES);
}
