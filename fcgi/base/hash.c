#include "base/hash.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t context_of; /* each thread has its own */
static EVP_MD *sha256;

static void
free_context(void *context)
{
	EVP_MD_CTX_free(context);
}

/* Looking for the algorithm costs more than hashing a small text. */
static void
init_once(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (sha256 == NULL || pthread_key_create(&context_of, free_context))
		abort();
}

static EVP_MD_CTX *
own_context(void)
{
	EVP_MD_CTX *context;

	pthread_once(&once, init_once);
	context = pthread_getspecific(context_of);
	if (context != NULL)
		return context;
	context = EVP_MD_CTX_new();
	if (context == NULL || pthread_setspecific(context_of, context) != 0)
		abort();
	return context;
}

void
sha256_hex(const void *data, size_t n, char out[SHA256_HEX + 1])
{
	static const char hex[] = "0123456789abcdef";
	EVP_MD_CTX *context = own_context();
	unsigned char d[SHA256_HEX / 2];

	if (EVP_DigestInit_ex2(context, sha256, NULL) != 1 ||
	    EVP_DigestUpdate(context, data, n) != 1 ||
	    EVP_DigestFinal_ex(context, d, NULL) != 1)
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
