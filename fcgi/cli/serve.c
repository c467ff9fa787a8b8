#include <string.h>
#include <unistd.h>

#include "api/app.h"
#include "api/keeper.h"
#include "auth/auth.h"
#include "base/log.h"
#include "cli/cli.h"
#include "http/server.h"
#include "outbox/outbox.h"
#include "store/store.h"

static void
tell_ready(void *arg)
{
	const struct app *app = arg;

	log_line(LOG_LEVEL_INFO, "ready",
	    "version=%s listen=%s store=%s pid=%d", MS_VERSION,
	    app->cfg->listen, store_describe(app->store), (int)getpid());
}

/* An embedded store has one process, so what a worker does is done here. */
static bool
works_too(const struct cfg *cfg)
{
	return strcmp(cfg->worker, "on") == 0 ||
	       (strcmp(cfg->worker, "auto") == 0 &&
		   strncmp(cfg->store, "sqlite", 6) == 0);
}

static int
serve(struct cli *cli, struct app *app)
{
	struct keeper *keeper = keeper_start(app, &cli->e);
	struct outbox *o = NULL;
	int rc = -1;

	if (keeper == NULL)
		return -1;
	if (works_too(&cli->cfg))
		o = outbox_start(
		    app->store, &cli->cfg, auth_seal(app->auth), &cli->e);
	if (o != NULL || !works_too(&cli->cfg))
		rc = server_run(&cli->cfg, app->http, tell_ready, app, &cli->e);
	outbox_stop(o);
	keeper_stop(keeper);
	if (rc < 0 && cli->e.code == ERR_UNAVAILABLE) {
		/* Threads still use all there is: end without tidying up. */
		log_line(LOG_LEVEL_ERROR, "stopped too early", "detail=%s",
		    cli->e.detail);
		_exit(1);
	}
	log_line(LOG_LEVEL_INFO, "stopped", NULL);
	return rc;
}

int
cmd_serve(struct cli *cli)
{
	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	/* Before the store starts threads: they must not get our signals. */
	server_signals();
	return cli_with_app(cli, true, serve);
}
