#include "store/contract.h"

#include <stdlib.h>

static const struct contract_engine *engine;

static int
setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_init(f, engine);
	fixture_open(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	fixture_fini(*state);
	free(*state);
	return 0;
}

int
contract_run(const struct contract_engine *which)
{
	const struct CMUnitTest tests[] = {
#define CONTRACT(name) cmocka_unit_test_setup_teardown(name, setup, teardown),
#include "store/contract.def"
#undef CONTRACT
	};

	engine = which;
	return cmocka_run_group_tests_name(which->name, tests, NULL, NULL);
}
