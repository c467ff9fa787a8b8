#include "base/crypto.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* OpenSSL has an ERR_STATE of its own. */
#define ERR_STATE openssl_err_state
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#undef ERR_STATE

#include "base/buf.h"

/* Fetched once: looking one up by name costs more than using it. */
static const EVP_MD *digests[DIGEST__MAX];
static pthread_once_t digests_once = PTHREAD_ONCE_INIT;

static void
fetch_digests(void)
{
	digests[DIGEST_SHA256] = EVP_MD_fetch(NULL, "SHA256", NULL);
	digests[DIGEST_SM3] = EVP_MD_fetch(NULL, "SM3", NULL);
	for (int i = 0; i < DIGEST__MAX; i++)
		if (digests[i] == NULL)
			abort();
}

static const EVP_MD *
digest_peek(enum digest d)
{
	pthread_once(&digests_once, fetch_digests);
	return digests[d];
}

void
digest_make(enum digest d, const void *data, size_t n, unsigned char *out)
{
	if (EVP_Digest(data, n, out, NULL, digest_peek(d), NULL) != 1)
		abort();
}

void
hmac_make(enum digest d, const void *key, size_t key_len, const void *data,
    size_t n, unsigned char *out)
{
	unsigned int len = 0;

	if (key_len > INT_MAX ||
	    HMAC(digest_peek(d), key, (int)key_len, data, n, out, &len) == NULL)
		abort();
}

void
hex_print(const unsigned char *data, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[data[i] >> 4];
		out[2 * i + 1] = digits[data[i] & 15];
	}
	out[2 * n] = '\0';
}

bool
secret_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_add(struct buf *out, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (; n > 0; p += 3) {
		size_t k = n < 3 ? n : 3;
		unsigned v = (unsigned)p[0] << 16;

		if (k > 1)
			v |= (unsigned)p[1] << 8;
		if (k > 2)
			v |= p[2];
		buf_addc(out, alphabet[v >> 18]);
		buf_addc(out, alphabet[v >> 12 & 63]);
		buf_addc(out, k > 1 ? alphabet[v >> 6 & 63] : '=');
		buf_addc(out, k > 2 ? alphabet[v & 63] : '=');
		n -= k;
	}
}

/* -1: not a digit of base64. */
static int
base64_digit(char c)
{
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

	return at != NULL ? (int)(at - alphabet) : -1;
}

bool
base64_read(const char *s, unsigned char *out, size_t cap, size_t *n)
{
	size_t len = strlen(s);
	size_t pad = 0;
	unsigned v = 0, bits = 0;

	*n = 0;
	while (pad < 2 && len > pad && s[len - 1 - pad] == '=')
		pad++;
	if (len % 4 != 0)
		return false;
	for (size_t i = 0; i < len - pad; i++) {
		int digit = base64_digit(s[i]);

		if (digit < 0)
			return false;
		v = v << 6 | (unsigned)digit;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (*n == cap)
			return false;
		out[(*n)++] = (unsigned char)(v >> bits);
		v &= (1U << bits) - 1;
	}
	return v == 0; /* what padding cuts off says nothing */
}
