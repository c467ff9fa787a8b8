#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/text.h"
#include "store/engine.h"

/*
 * The bytes of a cursor: a hash of the query (8), the type of the sort value
 * (1), an integer (8) or a text with its NUL, the id.  As base64url, so it
 * can stand in an address.  It is opaque, not secret: one that was forged
 * only leads to another place in the same list.
 */
#define CURSOR_MAX 4096
#define HEAD_LEN 9

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
hash_add(uint64_t *h, const void *data, size_t n)
{
	*h = hash_more(*h, data, n);
}

static void
hash_int(uint64_t *h, int64_t n)
{
	hash_add(h, &n, sizeof(n));
}

static uint64_t
hash_query(const struct store_query *q)
{
	uint64_t h = HASH_START;

	hash_add(&h, coll_name(q->coll), strlen(coll_name(q->coll)) + 1);
	for (size_t i = 0; i < q->nfilters; i++) {
		const struct store_filter *f = &q->filters[i];
		const char *path = field_path(f->field);

		hash_add(&h, path, strlen(path) + 1);
		hash_int(&h, (int64_t)f->op);
		if (field_type(f->field) == FIELD_TYPE_INT)
			hash_int(&h, f->n);
		else if (f->text != NULL)
			hash_add(&h, f->text, strlen(f->text) + 1);
	}
	hash_add(&h, field_path(q->sort), strlen(field_path(q->sort)) + 1);
	hash_int(&h, q->desc);
	return h;
}

static void
add_number(struct buf *b, uint64_t n)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_addc(b, (char)(unsigned char)(n >> shift & 0xff));
}

static uint64_t
get_number(const char *p)
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | (unsigned char)p[i];
	return n;
}

static const char *
print_base64(const struct buf *b, struct arena *a)
{
	char *out = arena_alloc(a, b->len * 4 / 3 + 3);
	size_t n = 0;
	uint32_t bits = 0;
	unsigned nbits = 0;

	for (size_t i = 0; i < b->len; i++) {
		bits = bits << 8 | (unsigned char)b->data[i];
		nbits += 8;
		while (nbits >= 6) {
			nbits -= 6;
			out[n++] = alphabet[bits >> nbits & 63];
		}
	}
	if (nbits > 0)
		out[n++] = alphabet[bits << (6 - nbits) & 63];
	return out;
}

/* The bytes (arena) and *n of them, or NULL. */
static char *
parse_base64(const char *text, struct arena *a, size_t *n)
{
	size_t len = strlen(text);
	uint32_t bits = 0;
	unsigned nbits = 0;

	if (len > CURSOR_MAX)
		return NULL;
	char *out = arena_alloc(a, len + 1);

	*n = 0;
	for (size_t i = 0; i < len; i++) {
		const char *at = strchr(alphabet, text[i]);

		if (at == NULL)
			return NULL;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		nbits += 6;
		if (nbits >= 8) {
			nbits -= 8;
			out[(*n)++] = (char)(unsigned char)(bits >> nbits);
		}
	}
	return out;
}

const char *
cursor_print(
    const struct store_query *q, const struct store_key *key, struct arena *a)
{
	struct buf b;

	buf_init(&b, 0);
	add_number(&b, hash_query(q));
	buf_addc(&b, (char)key->sort.type);
	if (key->sort.type == CELL_INT)
		add_number(&b, (uint64_t)key->sort.n);
	else if (key->sort.type == CELL_TEXT)
		buf_addn(&b, key->sort.s, strlen(key->sort.s) + 1);
	buf_add(&b, key->id);
	const char *text = print_base64(&b, a);

	buf_fini(&b);
	return text;
}

/* Read the sort value that begins at p; its end, or NULL. */
static const char *
parse_sort(const char *p, const char *end, char type, struct fact_cell *out)
{
	switch (type) {
	case CELL_NULL:
		out->type = CELL_NULL;
		return p;
	case CELL_INT:
		if (end - p < 8)
			return NULL;
		out->type = CELL_INT;
		out->n = (int64_t)get_number(p);
		return p + 8;
	case CELL_TEXT:
		out->type = CELL_TEXT;
		out->s = p;
		p += strlen(p) + 1; /* the bytes end with a NUL of ours */
		return p > end ? NULL : p;
	default:
		return NULL;
	}
}

/* Does a sort value of this type fit the query? */
static bool
sort_fits(const struct store_query *q, const struct fact_cell *v)
{
	if (q->sort == FIELD_ID)
		return v->type == CELL_NULL;
	if (v->type == CELL_NULL)
		return true;
	return (v->type == CELL_INT) == (field_type(q->sort) == FIELD_TYPE_INT);
}

int
cursor_parse(const struct store_query *q, const char *text, struct arena *a,
    struct store_key *out, struct err *e)
{
	size_t n = 0;
	const char *p = parse_base64(text, a, &n);

	memset(out, 0, sizeof(*out));
	if (p == NULL || n < HEAD_LEN || get_number(p) != hash_query(q))
		goto bad;
	out->id = parse_sort(p + HEAD_LEN, p + n, p[HEAD_LEN - 1], &out->sort);
	if (out->id == NULL || strlen(out->id) != (size_t)(p + n - out->id) ||
	    out->id[0] == '\0' || !sort_fits(q, &out->sort))
		goto bad;
	if (!utf8_valid(out->id, strlen(out->id)) ||
	    (out->sort.type == CELL_TEXT &&
		!utf8_valid(out->sort.s, strlen(out->sort.s))))
		goto bad;
	return 0;
bad:
	return err_set(e, ERR_BADQUERY,
	    "翻页标记无效：它不是由同样条件的查询得到的，请从第一页重新查询");
}
