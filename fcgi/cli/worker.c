#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "api/app.h"
#include "auth/auth.h"
#include "base/log.h"
#include "cli/cli.h"
#include "http/server.h"
#include "outbox/outbox.h"
#include "store/store.h"

static void
wait_for_end(void)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	while (sigwait(&set, &sig) != 0)
		;
}

static int
work(struct cli *cli, struct app *app)
{
	struct outbox *o =
	    outbox_start(app->store, &cli->cfg, auth_seal(app->auth), &cli->e);

	if (o == NULL)
		return -1;
	log_line(LOG_LEVEL_INFO, "ready",
	    "version=%s worker=%s store=%s pid=%d", MS_VERSION, "alone",
	    store_describe(app->store), (int)getpid());
	wait_for_end();
	outbox_stop(o);
	log_line(LOG_LEVEL_INFO, "stopped", NULL);
	return 0;
}

int
cmd_worker(struct cli *cli)
{
	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	/* Before the store starts threads: they must not get our signals. */
	server_signals();
	return cli_with_app(cli, true, work);
}
