#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "unit/support.h"

static void
pieces_are_zeroed_aligned_and_apart(void **state)
{
	unsigned char *p[200];
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < COUNT(p); i++) {
		size_t n = i * 7;

		p[i] = arena_alloc(&a, n);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % alignof(max_align_t), 0);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(p[i][k], 0);
		memset(p[i], (int)i, n);
	}
	for (size_t i = 0; i < COUNT(p); i++)
		for (size_t k = 0; k < i * 7; k++)
			assert_int_equal(p[i][k], (unsigned char)i);
	arena_fini(&a);
}

static void
large_pieces_fit(void **state)
{
	struct arena a;
	const size_t n = 1 << 20;

	(void)state;
	arena_init(&a);
	char *small = arena_strdup(&a, "小");
	char *p = arena_alloc(&a, n);

	assert_int_equal(p[0] | p[n - 1], 0);
	memset(p, 'x', n);
	assert_string_equal(small, "小");
	arena_fini(&a);
}

/* After a reset memory is used again, and is zeroed again. */
static void
reset_keeps_one_block(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	arena_reset(&a);
	unsigned char *first = NULL;

	for (int round = 0; round < 50; round++) {
		unsigned char *p = arena_alloc(&a, 100);

		if (first == NULL)
			first = p;
		assert_ptr_equal(p, first);
		assert_int_equal(p[0] | p[99], 0);
		memset(p, 0xAA, 100);
		arena_reset(&a);
	}
	arena_fini(&a);
	arena_fini(&a);
}

static void
strings(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&a, "ab", 10), "ab");
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_string_equal(
	    arena_printf(&a, "%s-%04d", "140800", 19), "140800-0019");
	const char *s = arena_printf(&a, "%*d", 20000, 1);

	assert_int_equal(strlen(s), 20000);
	/* Around what is printed in one go. */
	for (int n = 120; n < 140; n++) {
		s = arena_printf(&a, "%0*d", n, 7);
		assert_int_equal(strlen(s), n);
		assert_int_equal(s[n - 1], '7');
	}
	/* A piece that was used before is not in the next string's end. */
	arena_reset(&a);
	memset(arena_alloc(&a, 1000), 'x', 1000);
	arena_reset(&a);
	assert_string_equal(arena_strndup(&a, "ab", 1), "a");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
	    cmocka_unit_test(large_pieces_fit),
	    cmocka_unit_test(reset_keeps_one_block),
	    cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
