#include <stdlib.h>
#include <string.h>

#include "store/contract.h"

/* ENGINE=name runs the contract on engines of that name only. */
static bool
is_wanted(const struct contract_engine *engine)
{
	const char *only = getenv("ENGINE");

	return only == NULL || strcmp(engine->name, only) == 0;
}

int
main(void)
{
	int failed = 0;

	for (size_t i = 0; i < contract_nengines; i++)
		if (is_wanted(&contract_engines[i]) &&
		    contract_engines[i].available())
			failed += contract_run(&contract_engines[i]);
	return failed;
}
