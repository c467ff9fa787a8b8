#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "api/audit.h"
#include "api/import.h"
#include "base/buf.h"
#include "base/civil.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/stream.h"
#include "schema/registry.h"
#include "schema/schema.h"
#include "store/store.h"

/* ---- import ---- */

/* A directory of plan.json, tasks.json, ... as one bundle: new. */
static json_t *
read_directory(const char *path, struct err *e)
{
	static const char *const members[] = {
	    "plan", "tasks", "orgs", "orgSets", "reports", "milestoneStates"};
	json_t *bundle = json_object();
	char file[4096];

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		json_t *part;

		snprintf(file, sizeof(file), "%s/%s.json", path, members[i]);
		if (!file_exists(file))
			continue;
		part = file_read_json(file, e);
		if (part == NULL) {
			json_decref(bundle);
			return NULL;
		}
		json_put(bundle, members[i], part);
	}
	if (json_object_size(bundle) > 0)
		return bundle;
	err_set(e, ERR_NOTFOUND,
	    "目录%s里没有可以导入的文件（plan.json、tasks.json等）", path);
	json_decref(bundle);
	return NULL;
}

static json_t *
read_table(
    struct app *app, const char *path, const char *plan_id, struct err *e)
{
	size_t len;
	char *text;
	json_t *bundle;

	if (plan_id == NULL) {
		err_set(e, ERR_IMPORT, "导入csv要用--plan指明计划编号");
		return NULL;
	}
	text = file_read(path, &len, e);
	if (text == NULL)
		return NULL;
	bundle = import_table(app->store, text, len, plan_id, e);
	free(text);
	return bundle;
}

static json_t *
read_bundle(
    struct app *app, const char *path, const char *plan_id, struct err *e)
{
	const char *dot = strrchr(path, '.');

	if (file_is_dir(path))
		return read_directory(path, e);
	if (dot != NULL && strcmp(dot, ".csv") == 0)
		return read_table(app, path, plan_id, e);
	return file_read_json(path, e);
}

static int
write_bundle(
    struct cli *cli, struct app *app, json_t *bundle, const char *plan_id)
{
	struct audit_act act = {.action = "plan.import"};
	struct write_set ws;
	json_t *summary = NULL;
	int rc = -1;

	write_set_init(&ws, instant_now());
	if (schema_check(schema_registry_peek("bundle.json"), bundle, &cli->e) <
	    0)
		goto out;
	if (import_plan(app->store, bundle, plan_id, &ws, &summary, &cli->e) <
	    0)
		goto out;
	audit_add(&ws, &act, NULL);
	if (store_write(app->store, &ws, &cli->e) < 0)
		goto out;
	json_dumpf(summary, stdout, JSON_INDENT(2));
	putchar('\n');
	rc = 0;
out:
	json_decref(summary);
	write_set_fini(&ws);
	return rc;
}

/* Of a whole store, by `export`? */
static bool
is_stream(const struct cli *cli)
{
	const char *dot;

	if (cli->argc == 0 || strcmp(cli->argv[0], "-") == 0)
		return true;
	dot = strrchr(cli->argv[0], '.');
	return dot != NULL && strcmp(dot, ".ndjson") == 0;
}

static int
import(struct cli *cli, struct app *app)
{
	const char *plan_id = cli_option(cli, "--plan");
	json_t *bundle;
	int rc;

	if (plan_id == NULL && is_stream(cli))
		return stream_import_command(cli, app);
	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	bundle = read_bundle(app, cli->argv[0], plan_id, &cli->e);
	if (bundle == NULL)
		return -1;
	rc = write_bundle(cli, app, bundle, plan_id);
	json_decref(bundle);
	return rc;
}

int
cmd_import(struct cli *cli)
{
	return cli_with_app(cli, true, import);
}

/* ---- care ---- */

static int
backup(struct cli *cli, struct store *store)
{
	if (store_backup(store, cli->argv[0], &cli->e) < 0)
		return -1;
	printf("已备份到%s\n", cli->argv[0]);
	return 0;
}

int
cmd_backup(struct cli *cli)
{
	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	return cli_with_store(cli, false, backup);
}

int
cmd_restore(struct cli *cli)
{
	bool force = cli_flag(cli, "--force");

	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	if (store_restore(&cli->cfg, cli->argv[0], force, &cli->e) < 0)
		return -1;
	printf("已从%s恢复\n", cli->argv[0]);
	return 0;
}

/* Mostly done by opening; a store that others see is asked explicitly. */
static int
migrate(struct cli *cli, struct store *store)
{
	if (store_migrate(store, &cli->e) < 0)
		return -1;
	printf("数据就绪：%s\n", store_describe(store));
	return 0;
}

int
cmd_migrate(struct cli *cli)
{
	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	return cli_with_store(cli, true, migrate);
}

static void
print_line(void *arg, const char *line)
{
	(void)arg;
	printf("  %s\n", line);
}

static int
verify_or_repair(struct cli *cli, struct store *store, bool repair)
{
	struct store_verdict v;

	if (store_verify(store, repair, print_line, NULL, &v, &cli->e) < 0)
		return -1;
	printf("文档%lld个，派生数据%lld行；不一致%lld处，损坏%lld处%s\n",
	    (long long)v.documents, (long long)v.facts,
	    (long long)v.differences, (long long)v.broken,
	    repair && v.differences > 0 ? "，派生数据已重建" : "");
	return v.broken > 0 || (v.differences > 0 && !repair) ? 3 : 0;
}

static int
verify(struct cli *cli, struct store *store)
{
	return verify_or_repair(cli, store, false);
}

static int
repair(struct cli *cli, struct store *store)
{
	return verify_or_repair(cli, store, true);
}

int
cmd_verify(struct cli *cli)
{
	bool write = cli_flag(cli, "--repair");

	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	return cli_with_store(cli, write, write ? repair : verify);
}
