#ifndef SCHEMA_VALUE_H
#define SCHEMA_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * JSON values as JSON Schema sees them: a number is its mathematical value,
 * so 1 and 1.0 are the same integer.
 */
enum type_bit {
	TYPE_NULL = 1,
	TYPE_BOOLEAN = 2,
	TYPE_OBJECT = 4,
	TYPE_ARRAY = 8,
	TYPE_STRING = 16,
	TYPE_NUMBER = 32,
	TYPE_INTEGER = 64,
};

/* 0 when there is no such type. */
unsigned value_type_bit(const char *name);
/* Every type the value has: an integer is a number too. */
unsigned value_types(const json_t *v);

bool value_equal(const json_t *a, const json_t *b);
/* Equal values have equal hashes, in one process; init before threads. */
void value_hash_init(void);
uint64_t value_hash(const json_t *v);
/* Numbers only: below 0, 0, above 0.  Exact, also for integer and real. */
int value_compare(const json_t *a, const json_t *b);
/* Numbers only, m > 0.  Exact in the decimal digits both are written with. */
bool value_multiple_of(const json_t *v, const json_t *m);

/* For sentences: "文字或空值", and the value itself, shortened. */
void value_add_types(struct buf *b, unsigned types);
void value_add(struct buf *b, const json_t *v);

#endif
