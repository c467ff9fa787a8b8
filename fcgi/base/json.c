#include "base/json.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json_plain.h"
#include "base/text.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static json_t *empty_array;
static json_t *empty_object;

static void
init_once(void)
{
	json_object_seed(0);
	empty_array = json_array();
	empty_object = json_object();
	if (empty_array == NULL || empty_object == NULL)
		abort();
}

void
json_init(void)
{
	pthread_once(&once, init_once);
}

/* Report what is wrong at byte `at`: people count lines and characters. */
static int
refuse_at(const char *s, size_t at, struct err *e, const char *why)
{
	size_t line = 1, start = 0;

	for (size_t i = 0; i < at; i++)
		if (s[i] == '\n') {
			line++;
			start = i + 1;
		}
	return err_set(e, ERR_BADJSON, "第%zu行第%zu列：%s", line,
	    utf8_count(s + start, at - start) + 1, why);
}

static int
check_utf8(const char *s, size_t n, struct err *e)
{
	if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0)
		return refuse_at(s, 0, e, "开头不能有BOM字节顺序标记");
	size_t span = utf8_span(s, n);

	if (span < n)
		return refuse_at(s, span, e, "不是合法的UTF-8编码");
	return 0;
}

/* The parser recurses, so its depth is limited before it starts. */
static int
check_depth(const char *s, size_t n, struct err *e)
{
	bool in_string = false;
	size_t depth = 0;

	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			if (++depth > JSON_DEPTH_MAX)
				return refuse_at(s, i, e, "嵌套超过32层");
		} else if ((c == ']' || c == '}') && depth > 0) {
			depth--;
		}
	}
	return 0;
}

static const char *
reason(const json_error_t *je)
{
	switch (json_error_code(je)) {
	case json_error_duplicate_key:
		return "重复的成员";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "字符串中不能有\\u0000";
	case json_error_numeric_overflow:
		return "数值超出范围";
	case json_error_premature_end_of_input:
		return "内容不完整，提前结束";
	case json_error_end_of_input_expected:
		return "JSON之后还有多余的内容";
	case json_error_invalid_utf8:
		return "不是合法的UTF-8编码";
	case json_error_stack_overflow:
		return "嵌套过深";
	default:
		return "不符合JSON语法";
	}
}

static int
refuse_parse(const json_error_t *je, enum err_code code, struct err *e)
{
	return err_set(e, code, "第%d行第%d列：%s", je->line,
	    je->column > 0 ? je->column : 1, reason(je));
}

static const char *
bad_key(const char *key)
{
	if (key[0] == '$')
		return "成员名不能以“$”开头";
	if (strchr(key, '.') != NULL)
		return "成员名不能含有“.”";
	return NULL;
}

/* Append one step of an RFC 6901 pointer. */
static void
pointer_add(struct buf *pointer, const char *key)
{
	buf_addc(pointer, '/');
	for (; *key != '\0'; key++)
		if (*key == '~')
			buf_add(pointer, "~0");
		else if (*key == '/')
			buf_add(pointer, "~1");
		else
			buf_addc(pointer, *key);
}

static void
pointer_cut(struct buf *pointer, size_t len)
{
	if (pointer->len > len) {
		pointer->len = len;
		pointer->data[len] = '\0';
	}
}

static int check_keys(const json_t *v, struct buf *pointer, struct err *e);

static int
check_member(
    const char *key, const json_t *v, struct buf *pointer, struct err *e)
{
	const char *why = bad_key(key);
	size_t len = pointer->len;

	pointer_add(pointer, key);
	if (why != NULL)
		return err_add(e, ERR_BADJSON, pointer->data, "key", "%s", why);
	if (check_keys(v, pointer, e) < 0)
		return -1;
	pointer_cut(pointer, len);
	return 0;
}

/* Depth is bounded by check_depth(). */
static int
check_keys(const json_t *v, struct buf *pointer, struct err *e)
{
	json_t *o = json_iterable(v);
	const char *key;
	json_t *item;
	size_t i;

	json_object_foreach (o, key, item)
		if (check_member(key, item, pointer, e) < 0)
			return -1;
	json_array_foreach (v, i, item) {
		size_t len = pointer->len;

		buf_addf(pointer, "/%zu", i);
		if (check_keys(item, pointer, e) < 0)
			return -1;
		pointer_cut(pointer, len);
	}
	return 0;
}

/* The whole rules, and what to say about them. */
static json_t *
read_any(const char *s, size_t n, struct err *e)
{
	json_error_t je;
	struct buf pointer;

	if (check_depth(s, n, e) < 0)
		return NULL;
	json_t *v =
	    json_loadb(s, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);

	if (v == NULL) {
		refuse_parse(&je, ERR_BADJSON, e);
		return NULL;
	}
	err_init(e);
	buf_init(&pointer, 0);
	if (check_keys(v, &pointer, e) < 0) {
		json_decref(v);
		v = NULL;
	}
	buf_fini(&pointer);
	return v;
}

json_t *
json_read(const char *s, size_t n, size_t limit, struct err *e)
{
	json_t *v;

	json_init();
	if (n > limit) {
		err_set(e, ERR_TOOBIG, "内容超过%zu字节", limit);
		return NULL;
	}
	if (check_utf8(s, n, e) < 0)
		return NULL;
	v = json_read_plain(s, n, true);
	return v != NULL ? v : read_any(s, n, e);
}

json_t *
json_read_own(const char *s, size_t n, struct err *e)
{
	json_error_t je;
	json_t *v;

	json_init();
	v = json_read_plain(s, n, false);
	if (v != NULL)
		return v;
	v = json_loadb(s, n, JSON_DECODE_ANY, &je);
	if (v == NULL)
		refuse_parse(&je, ERR_INTERNAL, e);
	return v;
}

const char *
json_peek_str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

int64_t
json_peek_int(const json_t *o, const char *key, int64_t dflt)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : dflt;
}

bool
json_peek_bool(const json_t *o, const char *key, bool dflt)
{
	const json_t *v = json_object_get(o, key);

	return json_is_boolean(v) ? json_is_true(v) : dflt;
}

const json_t *
json_peek_array(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	json_init();
	return json_is_array(v) ? v : empty_array;
}

const json_t *
json_peek_object(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	json_init();
	return json_is_object(v) ? v : empty_object;
}

json_t *
json_iterable(const json_t *v)
{
	union {
		const json_t *in;
		json_t *out;
	} u = {.in = v};

	return u.out;
}

static void
must(int rc)
{
	if (rc != 0)
		abort();
}

/* Keys are our own, or came in by a parser that looked at them. */
void
json_put(json_t *o, const char *key, json_t *value)
{
	must(json_object_set_new_nocheck(o, key, value));
}

/* jansson looks at each byte for itself; utf8_span takes eight at a time. */
void
json_put_str(json_t *o, const char *key, const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;

	if (!utf8_valid(s, n))
		abort();
	json_put(o, key, s != NULL ? json_stringn_nocheck(s, n) : json_null());
}

void
json_put_int(json_t *o, const char *key, int64_t n)
{
	json_put(o, key, json_integer(n));
}

void
json_push(json_t *array, json_t *value)
{
	must(json_array_append_new(array, value));
}

static json_t *
copy(const json_t *v)
{
	json_t *c = json_deep_copy(v);

	if (c == NULL)
		abort();
	return c;
}

/* Merge into `into`, which we own; new. */
static json_t *
merge(json_t *into, const json_t *patch)
{
	const char *key;
	json_t *v;

	if (!json_is_object(patch)) {
		json_decref(into);
		return copy(patch);
	}
	if (!json_is_object(into)) {
		json_decref(into);
		into = json_object();
	}
	json_object_foreach (json_iterable(patch), key, v) {
		if (json_is_null(v))
			json_object_del(into, key);
		else
			json_put(into, key,
			    merge(json_incref(json_object_get(into, key)), v));
	}
	return into;
}

json_t *
json_merge_patch(const json_t *target, const json_t *patch)
{
	return merge(target != NULL ? copy(target) : NULL, patch);
}
