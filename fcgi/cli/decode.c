#include "cli/cli.h"
#include "media/helper.h"

int
cmd_decode_helper(struct cli *cli)
{
	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	helper_run();
}
