#include "base/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

void
sha256_hex(const void *data, size_t n, char out[SHA256_HEX + 1])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char d[SHA256_HEX / 2];

	if (EVP_Digest(data, n, d, NULL, EVP_sha256(), NULL) != 1)
		abort();
	for (size_t i = 0; i < sizeof(d); i++) {
		out[2 * i] = hex[d[i] >> 4];
		out[2 * i + 1] = hex[d[i] & 15];
	}
	out[SHA256_HEX] = '\0';
}

uint64_t
hash_more(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211U;
	return h;
}

uint64_t
hash_text(const char *s)
{
	return hash_more(HASH_START, s, strlen(s));
}
