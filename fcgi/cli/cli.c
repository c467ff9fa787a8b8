#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "http/local.h"
#include "store/store.h"

static const struct {
	const char *name;
	cli_fn fn;
	const char *args;
	const char *help;
} commands[] = {
#define COMMAND(name, fn, args, help) {name, fn, args, help},
#include "cli/commands.def"
#undef COMMAND
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

int
cmd_help(struct cli *cli)
{
	(void)cli;
	printf("用法：minsheng 命令 [参数] [--设置=值 ...]\n\n");
	for (size_t i = 0; i < NCOMMANDS; i++) {
		printf(
		    "  minsheng %s %s\n", commands[i].name, commands[i].args);
		printf("      %s\n", commands[i].help);
	}
	printf("\n设置可以写在文件（--config 文件）、环境变量MINSHENG_名称"
	       "或命令行里；minsheng config 列出全部。\n");
	return 0;
}

/* A failure as people read it: title, detail, one line per item. */
static void
print_err(const struct err *e)
{
	fprintf(stderr, "minsheng: %s", err_title(e->code));
	if (e->detail[0] != '\0')
		fprintf(stderr, "：%s", e->detail);
	fputc('\n', stderr);
	for (size_t i = 0; i < e->nitems; i++)
		fprintf(stderr, "  %s  %s\n",
		    e->items[i].pointer[0] != '\0' ? e->items[i].pointer
						   : "（整体）",
		    e->items[i].detail);
	if (e->nmore > 0)
		fprintf(stderr, "  另有%zu处\n", e->nmore);
}

/* ---- arguments ---- */

static void
take_argument(struct cli *cli, int i, int n)
{
	for (; i + n < cli->argc; i++)
		cli->argv[i] = cli->argv[i + n];
	cli->argc -= n;
}

bool
cli_flag(struct cli *cli, const char *name)
{
	for (int i = 0; i < cli->argc; i++) {
		if (strcmp(cli->argv[i], name) != 0)
			continue;
		take_argument(cli, i, 1);
		return true;
	}
	return false;
}

const char *
cli_option(struct cli *cli, const char *name)
{
	size_t n = strlen(name);

	for (int i = 0; i < cli->argc; i++) {
		const char *value = NULL;

		if (strncmp(cli->argv[i], name, n) != 0)
			continue;
		if (cli->argv[i][n] == '=') {
			value = cli->argv[i] + n + 1;
			take_argument(cli, i, 1);
		} else if (cli->argv[i][n] == '\0' && i + 1 < cli->argc) {
			value = cli->argv[i + 1];
			take_argument(cli, i, 2);
		}
		if (value != NULL)
			return value;
	}
	return NULL;
}

bool
cli_arguments(struct cli *cli, int least, int most)
{
	for (int i = 0; i < cli->argc; i++) {
		if (!text_starts(cli->argv[i], "--"))
			continue;
		fprintf(stderr, "minsheng: 不认识的选项：%s\n", cli->argv[i]);
		return false;
	}
	if (cli->argc >= least && cli->argc <= most)
		return true;
	fprintf(stderr, "minsheng: 参数个数不对，用法见 minsheng help\n");
	return false;
}

int
cli_check_id(struct cli *cli, const char *id)
{
	if (id_valid(id))
		return 0;
	return err_set(&cli->e, ERR_BADREQUEST,
	    "“%.80s”不是计划编号，编号如140800-2019", id);
}

/* ---- store and program ---- */

int
cli_with_store(struct cli *cli, bool writes,
    int (*fn)(struct cli *cli, struct store *store))
{
	struct store *store = writes ? store_open(&cli->cfg, &cli->e)
				     : store_open_reader(&cli->cfg, &cli->e);
	int rc;

	if (store == NULL)
		return -1;
	rc = fn(cli, store);
	store_close(store);
	return rc;
}

/* An application around a store, for the time of one call. */
static int
run_app(struct cli *cli, struct store *store,
    int (*fn)(struct cli *cli, struct app *app))
{
	struct app app = {0};
	int rc = -1;

	if (app_init(&app, &cli->cfg, store, &cli->e) == 0)
		rc = fn(cli, &app);
	app_fini(&app);
	return rc;
}

int
cli_with_app(
    struct cli *cli, bool writes, int (*fn)(struct cli *cli, struct app *app))
{
	struct store *store = writes ? store_open(&cli->cfg, &cli->e)
				     : store_open_reader(&cli->cfg, &cli->e);
	int rc;

	if (store == NULL)
		return -1;
	rc = run_app(cli, store, fn);
	store_close(store);
	return rc;
}

int
cli_run_verb(struct cli *cli, const struct cli_verb *verbs, const char *noun)
{
	const char *verb = cli->argc > 0 ? cli->argv[0] : "";

	for (const struct cli_verb *v = verbs; v->verb != NULL; v++) {
		if (strcmp(v->verb, verb) != 0)
			continue;
		take_argument(cli, 0, 1);
		return cli_with_app(cli, v->writes, v->fn);
	}
	fprintf(stderr, "minsheng: %s后面要写做什么：", noun);
	for (const struct cli_verb *v = verbs; v->verb != NULL; v++)
		fprintf(stderr, " %s", v->verb);
	fputc('\n', stderr);
	return CLI_USAGE;
}

/* A problem document back into the story it was made from. */
static int
read_problem(const char *body, size_t len, struct err *e)
{
	json_t *problem = json_read_own(body, len, e);
	const char *slug;
	size_t i;
	json_t *item;

	if (problem == NULL)
		return -1;
	slug = json_peek_str(problem, "code");
	e->code = ERR_INTERNAL;
	for (int c = ERR_NONE + 1; c < ERR__MAX; c++) {
		if (slug != NULL &&
		    strcmp(err_slug((enum err_code)c), slug) == 0)
			e->code = (enum err_code)c;
	}
	json_array_foreach (json_object_get(problem, "errors"), i, item)
		err_add(e, e->code, json_peek_str(item, "pointer"),
		    json_peek_str(item, "keyword"), "%s",
		    json_peek_str(item, "detail"));
	e->nmore += (size_t)json_peek_int(problem, "more", 0);
	snprintf(e->detail, sizeof(e->detail), "%s",
	    json_peek_str(problem, "detail"));
	json_decref(problem);
	return -1;
}

static int
exchange(struct cli *cli, struct app *app, struct local_request *in,
    const char *body, struct buf *out)
{
	struct buf answer;
	const char *text;
	int status, rc = 0;

	in->local = true;
	if (body != NULL) {
		in->content_type = "application/json";
		in->body = body;
		in->body_len = strlen(body);
	}
	buf_init(&answer, 0);
	status = local_request(app->http, in, &answer);
	text = strstr(answer.data, "\r\n\r\n") + 4;
	if (status >= 400)
		rc = read_problem(
		    text, answer.len - (size_t)(text - answer.data), &cli->e);
	else
		buf_add(out, text);
	buf_fini(&answer);
	return rc;
}

char *
cli_print(const json_t *body)
{
	size_t n = json_dumpb(body, NULL, 0, JSON_COMPACT);
	char *text = n > 0 ? calloc(1, n + 1) : NULL;

	if (text != NULL)
		(void)json_dumpb(body, text, n, JSON_COMPACT);
	return text;
}

int
cli_request(struct cli *cli, struct app *app, const char *method,
    const char *target, const char *body, struct buf *out)
{
	struct local_request in = {.method = method, .target = target};

	return exchange(cli, app, &in, body, out);
}

int
cli_put_new(struct cli *cli, struct app *app, const char *target,
    const char *body, struct buf *out)
{
	struct local_request in = {
	    .method = "PUT", .target = target, .if_none_match = "*"};

	return exchange(cli, app, &in, body, out);
}

int
cli_patch(struct cli *cli, struct app *app, const char *target,
    const char *body, struct buf *out)
{
	struct local_request in = {
	    .method = "PATCH", .target = target, .if_match = "*"};

	return exchange(cli, app, &in, body, out);
}

/* ---- the run ---- */

/* Settings may stand before and after the command. */
static int
load_settings(struct cli *cli, char **argv, struct err *e)
{
	const char *file = cli_option(cli, "--config");
	int argc;

	if (file == NULL)
		file = getenv("MINSHENG_CONFIG");
	if (file != NULL && cfg_load_file(&cli->cfg, file, e) < 0)
		return -1;
	argc = cli->argc + 1;
	if (cfg_load_env(&cli->cfg, environ, e) < 0 ||
	    cfg_load_args(&cli->cfg, &argc, argv, e) < 0)
		return -1;
	cli->argc = argc - 1;
	return 0;
}

/* A command that answers on the terminal logs only what is wrong. */
static void
set_log_level(const struct cli *cli, const char *command)
{
	enum log_level level = LOG_LEVEL_INFO;

	if (!log_level_parse(cli->cfg.log_level, &level))
		return;
	if (level == LOG_LEVEL_INFO && strcmp(command, "serve") != 0 &&
	    strcmp(command, "worker") != 0)
		level = LOG_LEVEL_WARN;
	log_set_level(level);
}

static int
run_command(struct cli *cli, const char *name)
{
	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].fn(cli);
	}
	fprintf(stderr, "minsheng: 没有“%s”这个命令\n", name);
	cmd_help(cli);
	return CLI_USAGE;
}

/* What did not reach its reader was not said. */
static int
end_output(struct cli *cli, int rc)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	if (rc < 0)
		return rc;
	return err_set(
	    &cli->e, ERR_NOSPACE, "输出没有写完整：%s", err_reason(errno));
}

int
cli_main(int argc, char **argv)
{
	struct cli cli = {.argc = argc - 1, .argv = argv + 1};
	const char *name = "help";
	int rc;

	json_init();
	err_init(&cli.e);
	cfg_init(&cli.cfg);
	rc = load_settings(&cli, argv, &cli.e);
	if (rc == 0 && cli.argc > 0) {
		name = cli.argv[0];
		take_argument(&cli, 0, 1);
	}
	set_log_level(&cli, name);
	if (rc == 0)
		rc = end_output(&cli, run_command(&cli, name));
	if (rc < 0)
		print_err(&cli.e);
	cfg_fini(&cli.cfg);
	return rc < 0 ? 1 : rc;
}
