#include "schema/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/text.h"
#include "schema/node.h"

#define TWO_63 9223372036854775808.0
/* How much of a value is shown in a sentence, in bytes. */
#define SHOW_MAX 60

/* In the order sentences name them. */
static const struct {
	unsigned bit;
	const char *name, *zh;
} types[] = {
    {TYPE_STRING, "string", "文字"},
    {TYPE_INTEGER, "integer", "整数"},
    {TYPE_NUMBER, "number", "数字"},
    {TYPE_BOOLEAN, "boolean", "true或false"},
    {TYPE_ARRAY, "array", "列表"},
    {TYPE_OBJECT, "object", "对象"},
    {TYPE_NULL, "null", "空值"},
};
#define NTYPES (sizeof(types) / sizeof(*types))

unsigned
value_type_bit(const char *name)
{
	for (size_t i = 0; i < NTYPES; i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].bit;
	return 0;
}

static bool
real_is_integer(double d)
{
	return isfinite(d) && floor(d) >= d;
}

unsigned
value_types(const json_t *v)
{
	static const unsigned bits[] = {
	    [JSON_OBJECT] = TYPE_OBJECT,
	    [JSON_ARRAY] = TYPE_ARRAY,
	    [JSON_STRING] = TYPE_STRING,
	    [JSON_INTEGER] = TYPE_NUMBER | TYPE_INTEGER,
	    [JSON_REAL] = TYPE_NUMBER,
	    [JSON_TRUE] = TYPE_BOOLEAN,
	    [JSON_FALSE] = TYPE_BOOLEAN,
	    [JSON_NULL] = TYPE_NULL,
	};
	unsigned t = bits[json_typeof(v)];

	if (json_is_real(v) && real_is_integer(json_real_value(v)))
		t |= TYPE_INTEGER;
	return t;
}

static int
order(double a, double b)
{
	return (a > b) - (a < b);
}

static int
compare_int_real(json_int_t i, double d)
{
	json_int_t whole;

	if (d >= TWO_63)
		return -1;
	if (d < -TWO_63)
		return 1;
	whole = (json_int_t)d;
	if (i != whole)
		return i < whole ? -1 : 1;
	return order((double)whole, d);
}

int
value_compare(const json_t *a, const json_t *b)
{
	if (json_is_integer(a) && json_is_integer(b)) {
		json_int_t i = json_integer_value(a);
		json_int_t j = json_integer_value(b);

		return (i > j) - (i < j);
	}
	if (json_is_integer(a))
		return compare_int_real(
		    json_integer_value(a), json_real_value(b));
	if (json_is_integer(b))
		return -compare_int_real(
		    json_integer_value(b), json_real_value(a));
	return order(json_real_value(a), json_real_value(b));
}

static bool
objects_equal(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *sub;

	if (json_object_size(a) != json_object_size(b))
		return false;
	json_object_foreach (json_lend(a), key, sub) {
		const json_t *other = json_object_get(b, key);

		if (!other || !value_equal(sub, other))
			return false;
	}
	return true;
}

static bool
arrays_equal(const json_t *a, const json_t *b)
{
	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!value_equal(json_array_get(a, i), json_array_get(b, i)))
			return false;
	return true;
}

bool
value_equal(const json_t *a, const json_t *b)
{
	if (json_is_number(a) && json_is_number(b))
		return value_compare(a, b) == 0;
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_object(a))
		return objects_equal(a, b);
	if (json_is_array(a))
		return arrays_equal(a, b);
	if (json_is_string(a))
		return json_string_length(a) == json_string_length(b) &&
		       memcmp(json_string_value(a), json_string_value(b),
			   json_string_length(a)) == 0;
	return true;
}

static uint64_t
mix(uint64_t h)
{
	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return h ^ (h >> 31);
}

/*
 * Members of a list that claim to be different may be anybody's: with a
 * secret nobody can choose them to have one hash.
 */
static uint64_t secret;

void
value_hash_init(void)
{
	if (secret == 0)
		random_bytes(&secret, sizeof(secret));
}

static uint64_t
hash_bytes(const void *p, size_t n)
{
	return mix(hash_more(HASH_START ^ secret, p, n));
}

static uint64_t
hash_number(const json_t *v)
{
	double d = json_real_value(v);
	uint64_t bits;

	if (json_is_integer(v))
		return mix((uint64_t)json_integer_value(v));
	if (real_is_integer(d) && d >= -TWO_63 && d < TWO_63)
		return mix((uint64_t)(json_int_t)d);
	memcpy(&bits, &d, sizeof(bits));
	return mix(bits + 1);
}

static uint64_t
hash_object(const json_t *v)
{
	uint64_t h = 7;
	const char *key;
	json_t *sub;

	/* A sum, because the order of members means nothing. */
	json_object_foreach (json_lend(v), key, sub)
		h += mix(hash_bytes(key, strlen(key)) ^ (value_hash(sub) * 31));
	return mix(h);
}

uint64_t
value_hash(const json_t *v)
{
	uint64_t h = 3;

	if (json_is_number(v))
		return hash_number(v);
	if (json_is_string(v))
		return hash_bytes(json_string_value(v), json_string_length(v));
	if (json_is_object(v))
		return hash_object(v);
	if (!json_is_array(v))
		return mix(0x1000 + (uint64_t)json_typeof(v));
	for (size_t i = 0; i < json_array_size(v); i++)
		h = mix(h + value_hash(json_array_get(v, i)));
	return mix(h + 5);
}

/* digits * 10^exp, digits without trailing zeros; the sign is dropped. */
struct decimal {
	uint64_t digits;
	int exp;
};

/* The shortest decimal that reads back as d: what its author wrote. */
static struct decimal
real_decimal(double d)
{
	struct decimal out = {0, 0};
	char text[40];
	char *p;

	for (int precision = 14; precision <= 16; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, fabs(d));
		if (order(strtod(text, NULL), fabs(d)) == 0)
			break;
	}
	for (p = text; *p && *p != 'e'; p++) {
		if (*p < '0' || *p > '9')
			continue;
		out.digits = out.digits * 10 + (uint64_t)(*p - '0');
		out.exp -= p > text;
	}
	if (*p == 'e')
		out.exp += (int)strtol(p + 1, NULL, 10);
	return out;
}

static struct decimal
decimal_of(const json_t *v)
{
	struct decimal d = {0, 0};
	json_int_t i = json_integer_value(v);

	if (json_is_real(v))
		d = real_decimal(json_real_value(v));
	else
		d.digits = i < 0 ? -(uint64_t)i : (uint64_t)i;
	while (d.digits > 0 && d.digits % 10 == 0) {
		d.digits /= 10;
		d.exp++;
	}
	return d;
}

static uint64_t
add_modulo(uint64_t a, uint64_t b, uint64_t m)
{
	return a >= m - b ? a - (m - b) : a + b;
}

bool
value_multiple_of(const json_t *v, const json_t *m)
{
	struct decimal a = decimal_of(v), b = decimal_of(m);
	uint64_t r;

	if (a.digits == 0)
		return true;
	/* Trailing zeros are gone: a cannot have another factor of ten. */
	if (a.exp < b.exp)
		return false;
	r = a.digits % b.digits;
	for (int k = a.exp - b.exp; k > 0 && r != 0; k--) {
		uint64_t two = add_modulo(r, r, b.digits);
		uint64_t four = add_modulo(two, two, b.digits);

		r = add_modulo(add_modulo(four, four, b.digits), two, b.digits);
	}
	return r == 0;
}

void
value_add_types(struct buf *b, unsigned bits)
{
	const char *sep = "";

	if (bits & TYPE_NUMBER)
		bits &= ~(unsigned)TYPE_INTEGER;
	for (size_t i = 0; i < NTYPES; i++) {
		if (!(bits & types[i].bit))
			continue;
		buf_addf(b, "%s%s", sep, types[i].zh);
		sep = "或";
	}
}

void
value_add(struct buf *b, const json_t *v)
{
	size_t n;

	if (json_is_string(v)) {
		n = utf8_cut(json_string_value(v),
		    json_string_length(v) < SHOW_MAX ? json_string_length(v)
						     : SHOW_MAX);
		buf_addn(b, json_string_value(v), n);
		if (n < json_string_length(v))
			buf_add(b, "…");
	} else if (json_is_integer(v)) {
		buf_addf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	} else if (json_is_real(v)) {
		buf_addf(b, "%.15g", json_real_value(v));
	} else if (json_is_boolean(v)) {
		buf_add(b, json_is_true(v) ? "true" : "false");
	} else {
		value_add_types(b, value_types(v));
	}
}
