#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#define SORTED_MAX 64 /* members that are sorted without malloc */

static int
add_bytes(const char *s, size_t n, void *arg)
{
	buf_addn(arg, s, n);
	return 0;
}

/* jansson knows how to spell a real number. */
static void
print_real(struct buf *b, const json_t *v)
{
	if (json_dump_callback(v, add_bytes, b, JSON_ENCODE_ANY) != 0)
		abort();
}

static void
print_integer(struct buf *b, int64_t n)
{
	char text[TEXT_DECIMAL];

	buf_addn(b, text, (size_t)(text_print_decimal(text, n) - text));
}

static void
print_string(struct buf *b, const json_t *v)
{
	buf_add_json_string(b, json_string_value(v), json_string_length(v));
}

static void
print_object(struct buf *b, const json_t *v)
{
	const char *key;
	json_t *member;
	char mark = '{';

	if (json_object_size(v) == 0)
		buf_addc(b, mark);
	json_object_foreach (json_iterable(v), key, member) {
		buf_addc(b, mark);
		mark = ',';
		buf_add_json_string(b, key, strlen(key));
		buf_addc(b, ':');
		json_print(b, member);
	}
	buf_addc(b, '}');
}

static void
print_array(
    struct buf *b, const json_t *v, void (*print)(struct buf *, const json_t *))
{
	const json_t *item;
	size_t i;

	buf_addc(b, '[');
	json_array_foreach (v, i, item) {
		if (i > 0)
			buf_addc(b, ',');
		print(b, item);
	}
	buf_addc(b, ']');
}

/*
 * jansson's own printer keeps a table of the containers it is in, against
 * loops.  Our trees have none, and that was a fifth of a large answer's time.
 */
void
json_print(struct buf *b, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		print_object(b, v);
		break;
	case JSON_ARRAY:
		print_array(b, v, json_print);
		break;
	case JSON_STRING:
		print_string(b, v);
		break;
	case JSON_INTEGER:
		print_integer(b, json_integer_value(v));
		break;
	case JSON_TRUE:
		buf_add(b, "true");
		break;
	case JSON_FALSE:
		buf_add(b, "false");
		break;
	case JSON_NULL:
		buf_add(b, "null");
		break;
	case JSON_REAL:
		print_real(b, v);
		break;
	}
}

/* ---- sorted ---- */

struct member {
	const char *key;
	const json_t *v;
};

static int
compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return strcmp(x->key, y->key);
}

/* Most objects are small, and many are in order already. */
static void
sort_members(struct member *m, size_t n)
{
	if (n > SORTED_MAX) {
		qsort(m, n, sizeof(*m), compare_members);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct member one = m[i];
		size_t k = i;

		for (; k > 0 && strcmp(m[k - 1].key, one.key) > 0; k--)
			m[k] = m[k - 1];
		m[k] = one;
	}
}

static void
print_sorted(struct buf *b, const json_t *v)
{
	size_t n = json_object_size(v), i = 0;
	struct member few[SORTED_MAX], *m = few;
	const char *key;
	json_t *member;

	if (n > SORTED_MAX && (m = malloc(n * sizeof(*m))) == NULL)
		abort();
	json_object_foreach (json_iterable(v), key, member)
		m[i++] = (struct member){key, member};
	sort_members(m, n);
	buf_addc(b, '{');
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		buf_add_json_string(b, m[i].key, strlen(m[i].key));
		buf_addc(b, ':');
		json_print_canonical(b, m[i].v);
	}
	buf_addc(b, '}');
	if (m != few)
		free(m);
}

void
json_print_canonical(struct buf *b, const json_t *v)
{
	if (json_is_object(v))
		print_sorted(b, v);
	else if (json_is_array(v))
		print_array(b, v, json_print_canonical);
	else
		json_print(b, v);
}
