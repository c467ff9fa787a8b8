#include "base/mask.h"

#include <stdlib.h>
#include <string.h>

#include "unit/support.h"

static const struct {
	const char *in, *out;
} texts[] = {
    {"", ""},
    {"13900000100", "139****0100"},
    {"电话13900000100。", "电话139****0100。"},
    {"139-0000-0100 或 186 0000 0100", "139-****-0100 或 186 **** 0100"},
    {"+8613900000100,+86 13900000100", "+86139****0100,+86 139****0100"},
    {"8613900000100", "86139****0100"},
    {"13900000100,13900000101", "139****0100,139****0101"},
    {"139****0100", "139****0100"},
    /* No mobile numbers. */
    {"139000001001", "139000001001"},
    {"a13900000100", "a13900000100"},
    {"13900000100f", "13900000100f"},
    {"12900000100", "12900000100"},
    {"140829 11900 2019-04-10", "140829 11900 2019-04-10"},
    {"140800-2019-03.i1.140829", "140800-2019-03.i1.140829"},
    {"1390000010", "1390000010"},
    {"+86", "+86"},
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char *out = mask_text(texts[i].in);

		assert_string_equal(out, texts[i].out);
		assert_int_equal(mask_finds(texts[i].in),
		    strcmp(texts[i].in, texts[i].out) != 0);
		free(out);
	}
}

static const struct {
	const char *in, *out;
} phones[] = {
    {"13900000100", "139****0100"},
    {"139****0100", "139****0100"},
    {"0359-2220100", "035*-***0100"},
    {"2220100", "***0100"},
    {"***0100", "***0100"},
    {"", ""},
};

static void
test_phones(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(phones); i++) {
		char *out = mask_phone(phones[i].in);

		assert_string_equal(out, phones[i].out);
		free(out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_phones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
