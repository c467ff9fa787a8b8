#include "store/bson_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

/* Deeper than any document that was let in (JSON_DEPTH_MAX). */
#define DEPTH_MAX 100

static int
refuse_bytes(struct err *e)
{
	return err_set(e, ERR_INVALID, "内容含有不是UTF-8编码的字节");
}

static void
must(bool ok)
{
	if (!ok)
		abort(); /* 2 GB of BSON: the limits before us failed */
}

static int
append_text(
    bson_t *out, const char *key, size_t nkey, const json_t *v, struct err *e)
{
	const char *s = json_string_value(v);
	size_t n = json_string_length(v);

	if (!bson_utf8_validate(s, n, false))
		return refuse_bytes(e);
	must(bson_append_utf8(out, key, (int)nkey, s, (int)n));
	return 0;
}

static int append(
    bson_t *out, const char *key, size_t nkey, const json_t *v, struct err *e);

static int
append_items(bson_t *out, const json_t *array, struct err *e)
{
	const json_t *item;
	size_t i;

	json_array_foreach (array, i, item) {
		char text[16];
		const char *key;
		size_t n = bson_uint32_to_string(
		    (uint32_t)i, &key, text, sizeof(text));

		if (append(out, key, n, item, e) < 0)
			return -1;
	}
	return 0;
}

static int
append_nested(
    bson_t *out, const char *key, size_t nkey, const json_t *v, struct err *e)
{
	bool array = json_is_array(v);
	bson_t child;
	int rc;

	if (array) {
		must(bson_append_array_begin(out, key, (int)nkey, &child));
		rc = append_items(&child, v, e);
		must(bson_append_array_end(out, &child));
	} else {
		must(bson_append_document_begin(out, key, (int)nkey, &child));
		rc = bson_append_members(&child, v, e);
		must(bson_append_document_end(out, &child));
	}
	return rc;
}

static int
append(
    bson_t *out, const char *key, size_t nkey, const json_t *v, struct err *e)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return append_text(out, key, nkey, v, e);
	case JSON_INTEGER:
		must(bson_append_int64(
		    out, key, (int)nkey, json_integer_value(v)));
		return 0;
	case JSON_REAL:
		must(bson_append_double(
		    out, key, (int)nkey, json_real_value(v)));
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		must(bson_append_bool(out, key, (int)nkey, json_is_true(v)));
		return 0;
	case JSON_NULL:
		must(bson_append_null(out, key, (int)nkey));
		return 0;
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return append_nested(out, key, nkey, v, e);
}

int
bson_append_json(bson_t *out, const char *key, const json_t *v, struct err *e)
{
	return append(out, key, strlen(key), v, e);
}

int
bson_append_members(bson_t *out, const json_t *o, struct err *e)
{
	const char *key;
	json_t *v;

	json_object_foreach (json_iterable(o), key, v) {
		size_t n = strlen(key);

		if (key[0] == '$' || strchr(key, '.') != NULL)
			return err_set(e, ERR_INVALID,
			    "成员名不能以“$”开头，也不能含有“.”");
		if (!bson_utf8_validate(key, n, false))
			return refuse_bytes(e);
		if (append(out, key, n, v, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- printing ---- */

static int print_values(
    struct buf *b, bson_iter_t *iter, bool array, unsigned depth);

static int
print_nested(struct buf *b, bson_iter_t *iter, unsigned depth)
{
	bson_iter_t child;

	if (depth == 0 || !bson_iter_recurse(iter, &child))
		return -1;
	return print_values(b, &child, BSON_ITER_HOLDS_ARRAY(iter), depth - 1);
}

/* As jansson prints it: the shortest way that keeps the value is not ours. */
static int
print_real(struct buf *b, double d)
{
	json_t *v = json_real(d);

	if (v == NULL)
		return -1; /* not finite */
	json_print(b, v);
	json_decref(v);
	return 0;
}

static int
print_value(struct buf *b, bson_iter_t *iter, unsigned depth)
{
	uint32_t n = 0;
	const char *s;

	switch (bson_iter_type(iter)) {
	case BSON_TYPE_UTF8:
		s = bson_iter_utf8(iter, &n);
		buf_add_json_string(b, s, n);
		return 0;
	case BSON_TYPE_INT32:
	case BSON_TYPE_INT64:
		buf_addf(b, "%lld", (long long)bson_iter_as_int64(iter));
		return 0;
	case BSON_TYPE_DOUBLE:
		return print_real(b, bson_iter_double(iter));
	case BSON_TYPE_BOOL:
		buf_add(b, bson_iter_bool(iter) ? "true" : "false");
		return 0;
	case BSON_TYPE_NULL:
		buf_add(b, "null");
		return 0;
	case BSON_TYPE_DOCUMENT:
	case BSON_TYPE_ARRAY:
		return print_nested(b, iter, depth);
	default:
		return -1;
	}
}

static int
print_values(struct buf *b, bson_iter_t *iter, bool array, unsigned depth)
{
	bool first = true;

	buf_addc(b, array ? '[' : '{');
	while (bson_iter_next(iter)) {
		if (!first)
			buf_addc(b, ',');
		first = false;
		if (!array) {
			buf_add_json_string(
			    b, bson_iter_key(iter), bson_iter_key_len(iter));
			buf_addc(b, ':');
		}
		if (print_value(b, iter, depth) < 0)
			return -1;
	}
	buf_addc(b, array ? ']' : '}');
	return 0;
}

int
bson_print(struct buf *b, const bson_t *doc)
{
	bson_iter_t iter;

	if (!bson_iter_init(&iter, doc))
		return -1;
	return print_values(b, &iter, false, DEPTH_MAX);
}
