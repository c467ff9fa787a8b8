#include "outbox/hook_sign.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/text.h"

#define KEY_MAX 64

void
hook_secret_make(char out[HOOK_SECRET_TEXT])
{
	unsigned char bytes[HOOK_SECRET_BYTES];
	struct buf text;

	random_bytes(bytes, sizeof(bytes));
	buf_init(&text, 0);
	buf_add(&text, HOOK_SECRET_PREFIX);
	base64_add(&text, bytes, sizeof(bytes));
	snprintf(out, HOOK_SECRET_TEXT, "%s", text.data);
	buf_fini(&text);
}

int
hook_sign(struct buf *out, const char *const *secrets, size_t nsecrets,
    const char *id, int64_t seconds, const char *body, struct err *e)
{
	unsigned char key[KEY_MAX], mac[DIGEST_LEN];
	struct buf text;
	size_t n;
	int rc = 0;

	buf_init(&text, 0);
	buf_addf(&text, "%s.%lld.%s", id, (long long)seconds, body);
	for (size_t i = 0; i < nsecrets && rc == 0; i++) {
		if (!text_starts(secrets[i], HOOK_SECRET_PREFIX) ||
		    !base64_read(secrets[i] + strlen(HOOK_SECRET_PREFIX), key,
			sizeof(key), &n)) {
			rc = err_set(e, ERR_CONFIG, "推送的密钥已损坏");
			break;
		}
		hmac_make(DIGEST_SHA256, key, n, text.data, text.len, mac);
		buf_add(out, i > 0 ? " v1," : "v1,");
		base64_add(out, mac, sizeof(mac));
	}
	buf_fini(&text);
	return rc;
}
