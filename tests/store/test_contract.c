#include "store/contract.h"

int
main(void)
{
	int failed = 0;

	for (size_t i = 0; i < contract_nengines; i++)
		if (contract_engines[i].available())
			failed += contract_run(&contract_engines[i]);
	return failed;
}
