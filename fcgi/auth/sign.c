#include "auth/sign.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/text.h"

#define TIMESTAMP_DIGITS 11

static const char *const algorithms[DIGEST__MAX] = {
    [DIGEST_SHA256] = "HMAC-SHA256",
    [DIGEST_SM3] = "HMAC-SM3",
};

int
sign_algorithm(const char *name)
{
	for (int d = 0; d < DIGEST__MAX; d++)
		if (strcmp(algorithms[d], name) == 0)
			return d;
	return -1;
}

const char *
sign_algorithm_name(enum digest d)
{
	return algorithms[d];
}

static bool
is_unreserved(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

/* The byte that n bytes at s begin with, and how many of them spell it. */
static unsigned char
read_byte(const char *s, size_t n, size_t *used)
{
	int high = n > 2 && *s == '%' ? text_hex(s[1]) : -1;
	int low = high >= 0 ? text_hex(s[2]) : -1;

	*used = low >= 0 ? 3 : 1;
	return (unsigned char)(low >= 0 ? high << 4 | low : *s);
}

/* One spelling for all that mean the same; '/' where it parts stays. */
static void
add_encoded(struct buf *out, const char *s, size_t n, bool parts)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t used;

	for (size_t i = 0; i < n; i += used) {
		unsigned char c = read_byte(s + i, n - i, &used);

		if (is_unreserved(c) || (parts && s[i] == '/')) {
			buf_addc(out, (char)c);
			continue;
		}
		buf_addc(out, '%');
		buf_addc(out, digits[c >> 4]);
		buf_addc(out, digits[c & 15]);
	}
}

/* The query written anew: name NUL value NUL, and where each pair begins. */
struct pairs {
	struct buf text;
	size_t *at;
	size_t n;
};

static void
read_pairs(struct pairs *p, const char *query)
{
	size_t most = 1;

	for (const char *s = query; *s != '\0'; s++)
		most += *s == '&';
	p->at = calloc(most, sizeof(*p->at));
	if (p->at == NULL)
		abort();
	while (*query != '\0') {
		size_t len = strcspn(query, "&");
		const char *equals = memchr(query, '=', len);
		size_t name = equals != NULL ? (size_t)(equals - query) : len;

		if (len > 0) {
			p->at[p->n++] = p->text.len;
			add_encoded(&p->text, query, name, false);
			buf_addc(&p->text, '\0');
			if (equals != NULL)
				add_encoded(&p->text, equals + 1,
				    len - name - 1, false);
			buf_addc(&p->text, '\0');
		}
		query += len + (query[len] == '&');
	}
}

static int
compare_pairs(const void *a, const void *b, void *text)
{
	const char *x = (const char *)text + *(const size_t *)a;
	const char *y = (const char *)text + *(const size_t *)b;
	int c = strcmp(x, y);

	return c != 0 ? c : strcmp(x + strlen(x) + 1, y + strlen(y) + 1);
}

static void
add_query(struct buf *out, const char *query)
{
	struct pairs p = {.n = 0};

	if (*query == '\0')
		return;
	buf_init(&p.text, 0);
	read_pairs(&p, query);
	qsort_r(p.at, p.n, sizeof(p.at[0]), compare_pairs, p.text.data);
	for (size_t i = 0; i < p.n; i++) {
		const char *name = p.text.data + p.at[i];

		if (i > 0)
			buf_addc(out, '&');
		buf_add(out, name);
		buf_addc(out, '=');
		buf_add(out, name + strlen(name) + 1);
	}
	buf_fini(&p.text);
	free(p.at);
}

void
sign_canonical(struct buf *out, const struct sign_request *q, enum digest d)
{
	unsigned char digest[DIGEST_LEN];
	char hex[DIGEST_HEX + 1];

	digest_make(d, q->body_len > 0 ? q->body : "", q->body_len, digest);
	hex_print(digest, sizeof(digest), hex);
	buf_add(out, q->method);
	buf_addc(out, '\n');
	add_encoded(out, q->path, strlen(q->path), true);
	buf_addc(out, '\n');
	add_query(out, q->query);
	buf_addc(out, '\n');
	buf_add(out, q->timestamp);
	buf_addc(out, '\n');
	buf_add(out, q->nonce);
	buf_addc(out, '\n');
	buf_add(out, hex);
}

static void
make_from(const struct buf *text, enum digest d, const char *secret,
    char out[SIGN_TEXT])
{
	unsigned char mac[DIGEST_LEN];

	hmac_make(d, secret, strlen(secret), text->data, text->len, mac);
	memcpy(out, "v1=", 3);
	hex_print(mac, sizeof(mac), out + 3);
}

void
sign_make(const struct sign_request *q, enum digest d, const char *secret,
    char out[SIGN_TEXT])
{
	struct buf text;

	buf_init(&text, 0);
	sign_canonical(&text, q, d);
	make_from(&text, d, secret, out);
	buf_fini(&text);
}

bool
sign_matches(const struct sign_request *q, enum digest d,
    const char *const *secrets, size_t n, const char *signature)
{
	char made[SIGN_TEXT];
	struct buf text;
	bool same = false;

	if (strlen(signature) != SIGN_TEXT - 1)
		return false;
	buf_init(&text, 0);
	sign_canonical(&text, q, d);
	for (size_t i = 0; i < n; i++) {
		make_from(&text, d, secrets[i], made);
		same |= secret_equal(made, signature, SIGN_TEXT - 1);
	}
	buf_fini(&text);
	return same;
}

/* ---- the form of the headers ---- */

static bool
read_seconds(const char *s, int64_t *at)
{
	size_t n = strspn(s, "0123456789");

	if (n < 1 || n > TIMESTAMP_DIGITS || s[n] != '\0' || *s == '0')
		return false;
	*at = strtoll(s, NULL, 10);
	return true;
}

static bool
is_signature(const char *s)
{
	return text_starts(s, "v1=") &&
	       strspn(s + 3, "0123456789abcdef") == DIGEST_HEX &&
	       strlen(s) == SIGN_TEXT - 1;
}

int
sign_check_form(const struct sign_request *q, const char *key,
    const char *signature, int64_t *at, struct err *e)
{
	if (key == NULL || q->timestamp == NULL || q->nonce == NULL ||
	    signature == NULL)
		return err_set(e, ERR_SIGNHEADERS,
		    "签名请求须同时带X-MS-Key、X-MS-Timestamp、X-MS-Nonce、"
		    "X-MS-Signature");
	if (!id_valid(key))
		return err_set(e, ERR_SIGNHEADERS, "X-MS-Key不是合法的编号");
	if (!read_seconds(q->timestamp, at))
		return err_set(e, ERR_SIGNHEADERS,
		    "X-MS-Timestamp须为1970年以来的秒数，如1567209600");
	if (strlen(q->nonce) < SIGN_NONCE_MIN || !id_valid(q->nonce))
		return err_set(e, ERR_SIGNHEADERS,
		    "X-MS-Nonce须为%d到%d个字母、数字、点、下划线、连字符，"
		    "以字母或数字开头",
		    SIGN_NONCE_MIN, SIGN_NONCE_MAX);
	if (!is_signature(signature))
		return err_set(e, ERR_SIGNHEADERS,
		    "X-MS-Signature须为v1=加64位小写十六进制");
	return 0;
}
