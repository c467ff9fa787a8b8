#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
/* A gap behind each piece, so that running over its end is seen. */
#define REDZONE 16
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define REDZONE 0
#endif

#define BLOCK_SIZE 8192
/* What one large answer needed is not kept for the next small ones. */
#define KEEP_MAX ((size_t)1 << 20)
#define ALIGN alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void
arena_init(struct arena *a)
{
	a->head = NULL;
}

static void
free_blocks(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *next = b->next;

		ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
		free(b);
		b = next;
	}
}

void
arena_reset(struct arena *a)
{
	if (a->head == NULL)
		return;
	if (a->head->size > KEEP_MAX) {
		arena_fini(a);
		return;
	}
	free_blocks(a->head->next);
	a->head->next = NULL;
	a->head->used = 0;
	ASAN_POISON_MEMORY_REGION(a->head->bytes, a->head->size);
}

void
arena_fini(struct arena *a)
{
	free_blocks(a->head);
	a->head = NULL;
}

static void
add_block(struct arena *a, size_t need)
{
	size_t size = need > BLOCK_SIZE ? need : BLOCK_SIZE;
	struct arena_block *b = malloc(sizeof(*b) + size);

	if (b == NULL)
		abort();
	b->next = a->head;
	b->used = 0;
	b->size = size;
	ASAN_POISON_MEMORY_REGION(b->bytes, size);
	a->head = b;
}

/* n bytes with anything in them. */
static void *
take(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		abort();
	size_t need = (n + REDZONE + ALIGN - 1) / ALIGN * ALIGN;

	if (a->head == NULL || a->head->size - a->head->used < need)
		add_block(a, need);
	void *p = a->head->bytes + a->head->used;

	a->head->used += need;
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return memset(take(a, n), 0, n);
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = take(a, len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	char text[128]; /* most are short: printed once */
	va_list ap;

	assert(fmt != NULL);
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	va_end(ap);
	if (n < 0)
		abort();
	if ((size_t)n < sizeof(text))
		return arena_strndup(a, text, (size_t)n);
	char *p = arena_alloc(a, (size_t)n + 1);

	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
