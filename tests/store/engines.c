#include "store/engines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/mongo_server.h"

void
fixture_set(char **option, const char *value)
{
	free(*option);
	*option = strdup(value);
	if (*option == NULL)
		abort();
}

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

static bool
single_available(void)
{
	return mongo_server(MONGO_SINGLE) != NULL;
}

static bool
set_available(void)
{
	return mongo_server(MONGO_SET) != NULL;
}

static void
single_configure(struct cfg *cfg, const char *dir)
{
	mongo_configure(cfg, dir, MONGO_SINGLE);
}

static void
set_configure(struct cfg *cfg, const char *dir)
{
	mongo_configure(cfg, dir, MONGO_SET);
}

const struct contract_engine contract_engines[] = {
    {"sqlite", sqlite_available, sqlite_configure, NULL, false, false},
    {"mongodb", single_available, single_configure, mongo_clean, true, true},
    {"mongodb-set", set_available, set_configure, mongo_clean, true, false},
};

const size_t contract_nengines =
    sizeof(contract_engines) / sizeof(contract_engines[0]);

bool
engine_wanted(const struct contract_engine *engine)
{
	const char *only = getenv("MINSHENG_TEST_ENGINE");

	if (only != NULL && strncmp(engine->name, only, strlen(only)) != 0)
		return false;
	return engine->available();
}
