#include "store/contract.h"

int
main(void)
{
	int failed = 0;

	for (size_t i = 0; i < contract_nengines; i++)
		if (engine_wanted(&contract_engines[i]))
			failed += contract_run(&contract_engines[i]);
	return failed;
}
