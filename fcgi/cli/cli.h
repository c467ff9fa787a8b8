#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>

#include "base/cfg.h"
#include "base/err.h"

struct app;
struct buf;
struct store;

/* One run of the program: settings, and what the settings left of argv. */
struct cli {
	struct cfg cfg;
	int argc; /* without the program's name and the command */
	char **argv;
	struct err e;
};

/*
 * A command: 0 done, -1 failed with cli->e (printed by cli_main), or another
 * exit status, already explained.
 */
typedef int (*cli_fn)(struct cli *cli);

#define COMMAND(name, fn, args, help) int fn(struct cli *cli);
#include "cli/commands.def"
#undef COMMAND

#define CLI_USAGE 2

/* Settings, command, exit status. */
int cli_main(int argc, char **argv);

/* ---- what commands share ---- */

/* Take "--name" out of the arguments: was it there? */
bool cli_flag(struct cli *cli, const char *name);
/* Take "--name value" (or --name=value) out: the value, or NULL. */
const char *cli_option(struct cli *cli, const char *name);
/*
 * After flags and options: are there exactly `least` to `most` arguments and
 * no unknown option?  false: usage was printed; return CLI_USAGE.
 */
bool cli_arguments(struct cli *cli, int least, int most);

/* Can it be the id of a plan?  It becomes part of an address.  -1: no. */
int cli_check_id(struct cli *cli, const char *id) MUST_CHECK;

/* Run fn with an open store and the program around it, then close both. */
int cli_with_app(
    struct cli *cli, bool writes, int (*fn)(struct cli *cli, struct app *app));
/* The same without the program: only the store. */
int cli_with_store(struct cli *cli, bool writes,
    int (*fn)(struct cli *cli, struct store *store));

/* A command of several: "user add", "user list".  A NULL verb ends them. */
struct cli_verb {
	const char *verb;
	int (*fn)(struct cli *cli, struct app *app);
	bool writes;
};
/* The one that the first argument names, around an open store. */
int cli_run_verb(
    struct cli *cli, const struct cli_verb *verbs, const char *noun);

/* new: the text of a body, or NULL when something in it is not UTF-8. */
char *cli_print(const json_t *body);

/*
 * Carry out a request inside the process; the answer's body goes to out.
 * An answer of 400 or more is -1 with cli->e filled from the problem.
 */
int cli_request(struct cli *cli, struct app *app, const char *method,
    const char *target, const char *body, struct buf *out);
/* The same: PUT of what must not be there yet, PATCH of any revision. */
int cli_put_new(struct cli *cli, struct app *app, const char *target,
    const char *body, struct buf *out);
int cli_patch(struct cli *cli, struct app *app, const char *target,
    const char *body, struct buf *out);

#endif
