#include <stdio.h>

#include "store/contract.h"

static bool
sqlite_available(void)
{
	return true;
}

static void
sqlite_configure(struct cfg *cfg, const char *dir)
{
	char data[128];

	snprintf(data, sizeof(data), "%s/data", dir);
	fixture_set(&cfg->store, "sqlite");
	fixture_set(&cfg->data, data);
}

const struct contract_engine contract_engines[] = {
    {"sqlite", sqlite_available, sqlite_configure},
};

const size_t contract_nengines = COUNT(contract_engines);
