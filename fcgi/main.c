#include "base/json_pool.h"
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	json_pool_use();
	return cli_main(argc, argv);
}
