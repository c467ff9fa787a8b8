#include <stdlib.h>
#include <string.h>

#include "auth/sign.h"
#include "base/buf.h"
#include "fuzz/fuzz.h"

/*
 * Lines: method, path, query, timestamp, nonce, key, signature; the rest is
 * the body.  Whatever they are: the form is judged, what is signed with a
 * secret matches it and no other, and what is written in the one spelling is
 * not written anew.
 */
const char *const fuzz_seeds[] = {
    "tests/fuzz/corpus/sign",
    NULL,
};

#define NLINES 7

/* The lines of text, cut in place; *rest is what follows them. */
static void
cut(char *text, const char *lines[NLINES], char **rest)
{
	for (size_t i = 0; i < NLINES; i++) {
		char *end = text + strcspn(text, "\n");

		lines[i] = text;
		text = *end == '\n' ? end + 1 : end;
		*end = '\0';
	}
	*rest = text;
}

/* The second and third line of what is signed, and it again from them. */
static void
check_spelling(const struct sign_request *q, enum digest d)
{
	struct sign_request again = *q;
	struct buf first, second;
	char *copy, *path, *query;

	buf_init(&first, 0);
	buf_init(&second, 0);
	sign_canonical(&first, q, d);
	copy = strdup(first.data);
	FUZZ_CHECK(copy != NULL);
	path = copy + strlen(q->method) + 1;
	query = strchr(path, '\n');
	*query++ = '\0';
	*strchr(query, '\n') = '\0';
	again.path = path;
	again.query = query;
	sign_canonical(&second, &again, d);
	FUZZ_CHECK(strcmp(first.data, second.data) == 0);
	free(copy);
	buf_fini(&first);
	buf_fini(&second);
}

static void
check_signature(const struct sign_request *q, enum digest d)
{
	const char *const secrets[] = {"another", "secret"};
	char signature[SIGN_TEXT];

	sign_make(q, d, secrets[1], signature);
	FUZZ_CHECK(sign_matches(q, d, secrets, 2, signature));
	FUZZ_CHECK(!sign_matches(q, d, secrets, 1, signature));
	signature[SIGN_TEXT - 2] ^= 1;
	FUZZ_CHECK(!sign_matches(q, d, secrets, 2, signature));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *lines[NLINES];
	char *text = malloc(n + 1), *body;
	struct sign_request q;
	struct err e;
	int64_t at;

	FUZZ_CHECK(text != NULL);
	memcpy(text, data, n);
	text[n] = '\0';
	cut(text, lines, &body);
	q = (struct sign_request){lines[0], lines[1], lines[2], lines[3],
	    lines[4], body, strlen(body)};
	err_init(&e);
	if (sign_check_form(&q, lines[5], lines[6], &at, &e) < 0)
		FUZZ_CHECK(e.code == ERR_SIGNHEADERS);
	for (int d = 0; d < DIGEST__MAX; d++) {
		check_signature(&q, (enum digest)d);
		check_spelling(&q, (enum digest)d);
		(void)sign_matches(&q, (enum digest)d, &lines[5], 1, lines[6]);
	}
	free(text);
	return 0;
}
