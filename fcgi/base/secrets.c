#include "base/secrets.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/id.h"
#include "base/json.h"
#include "base/seal.h"

void
sign_secret_make(char *out)
{
	unsigned char bytes[SIGN_SECRET_TEXT / 2];

	random_bytes(bytes, sizeof(bytes));
	hex_print(bytes, sizeof(bytes), out);
}

static json_t *
secret_new(const char *sealed, instant_t now)
{
	json_t *s = json_object();
	char at[INSTANT_LEN + 1];

	json_put_str(s, "sealed", sealed);
	json_put_str(s, "createdAt", instant_format(now, at));
	json_put(s, "expiresAt", json_null());
	return s;
}

json_t *
secrets_rotate(const json_t *old, struct seal *seal, const char *context,
    const char *text, instant_t now, int64_t keep_ms, struct err *e)
{
	char *sealed = seal_close(seal, context, text, e);
	const json_t *first = json_array_get(old, 0);
	char at[INSTANT_LEN + 1];
	json_t *list, *kept;

	if (sealed == NULL)
		return NULL;
	list = json_array();
	json_push(list, secret_new(sealed, now));
	if (first != NULL && keep_ms > 0) {
		kept = json_deep_copy(first);
		json_put_str(
		    kept, "expiresAt", instant_format(now + keep_ms, at));
		json_push(list, kept);
	}
	free(sealed);
	return list;
}

static bool
lives(const json_t *secret, instant_t now)
{
	const char *ends = json_peek_str(secret, "expiresAt");
	instant_t until;

	return ends == NULL || (instant_parse(ends, &until) && until > now);
}

int
secrets_open(const json_t *list, struct seal *seal, const char *context,
    instant_t now, char **out, size_t most, size_t *n, struct err *e)
{
	size_t i;
	json_t *v;

	*n = 0;
	json_array_foreach (json_iterable(list), i, v) {
		if (*n == most || !lives(v, now))
			continue;
		out[*n] =
		    seal_open(seal, context, json_peek_str(v, "sealed"), e);
		if (out[*n] == NULL) {
			secrets_free(out, *n);
			*n = 0;
			return -1;
		}
		(*n)++;
	}
	return 0;
}

void
secrets_free(char **secrets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		explicit_bzero(secrets[i], strlen(secrets[i]));
		free(secrets[i]);
		secrets[i] = NULL;
	}
}
