#ifndef UNIT_SUPPORT_H
#define UNIT_SUPPORT_H

/* What cmocka.h needs before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A small generator (splitmix64): the same seed, the same run everywhere. */
struct rnd {
	uint64_t state;
};

/* Seeded from TEST_SEED or the clock; prints the seed with the name. */
void rnd_init(struct rnd *r, const char *name);
uint64_t rnd_next(struct rnd *r);
/* 0 .. n-1 */
size_t rnd_below(struct rnd *r, size_t n);
/* Fill s with valid UTF-8 of at most cap bytes, controls (no NUL) and all
 * planes included; returns the length.  Not NUL-terminated. */
size_t rnd_utf8(struct rnd *r, char *s, size_t cap);
/* Append code point c as UTF-8 at p (4 bytes of room); returns its length. */
size_t put_utf8(char *p, uint32_t c);

/* The words of text (between single blanks) as argv; new, one free(). */
char **split_words(const char *text, int *argc);

/* Write a file below the temporary folder; new path, free() it. */
char *temp_file(const char *content);

#endif
