#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "api/openapi.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/table.h"
#include "schema/registry.h"
#include "schema/schema.h"
#include "store/store.h"

static void
add_setting(const struct cfg_row *row, void *arg)
{
	struct table *t = arg;

	table_add(t, "%s", row->name);
	table_add(t, "%s", row->value);
	table_add(t, "%s", row->origin);
	table_add(t, "%s", row->help);
}

int
cmd_config(struct cli *cli)
{
	static const char *const headings[] = {
	    "设置", "生效的值", "来自", "说明"};
	struct table *t;

	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	t = table_new(4, headings);
	cfg_each(&cli->cfg, add_setting, t);
	table_print(t, false);
	table_free(t);
	return 0;
}

static void
print_routes(void)
{
	static const char *const headings[] = {
	    "方法", "地址", "权限", "正文", "说明"};
	struct table *t = table_new(5, headings);

	for (size_t i = 0; i < api_nroutes; i++) {
		const struct route *route = &api_routes[i];

		table_add(t, "%s", method_name(route->method));
		table_add(t, "%s", route->pattern);
		table_add(t, "%s", route->permission);
		table_add(t, "%s", route->schema != NULL ? route->schema : "-");
		table_add(t, "%s", route->title);
	}
	table_print(t, false);
	table_free(t);
}

static int
print_openapi(struct cli *cli)
{
	json_t *doc = openapi_new(&cli->e);

	if (doc == NULL)
		return -1;
	json_dumpf(doc, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(doc);
	return 0;
}

int
cmd_routes(struct cli *cli)
{
	bool openapi = cli_flag(cli, "--openapi");

	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	if (openapi)
		return print_openapi(cli);
	print_routes();
	return 0;
}

/* ".../task.json" checks against task.json unless told otherwise. */
static int
schema_check_file(struct cli *cli, const char *path, const char *name)
{
	const struct schema *schema;
	json_t *doc;
	int rc;

	if (name == NULL)
		name =
		    strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	schema = schema_registry_peek(name);
	if (schema == NULL)
		return err_set(&cli->e, ERR_NOTFOUND,
		    "没有名为%s的Schema，请用--schema指明，如task.json", name);
	doc = file_read_json(path, &cli->e);
	if (doc == NULL)
		return -1;
	rc = schema_check(schema, doc, &cli->e);
	json_decref(doc);
	if (rc == 0)
		printf("%s：符合%s\n", path, name);
	return rc;
}

int
cmd_schema(struct cli *cli)
{
	const char *name = cli_option(cli, "--schema");
	int rc = -1;

	if (!cli_arguments(cli, 2, 2) || strcmp(cli->argv[0], "check") != 0)
		return CLI_USAGE;
	if (schema_registry_init(&cli->e) == 0)
		rc = schema_check_file(cli, cli->argv[1], name);
	schema_registry_fini();
	return rc;
}

int
cmd_version(struct cli *cli)
{
	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	printf("minsheng %s\njansson %s\n", MS_VERSION, jansson_version_str());
	for (size_t i = 0; store_engine_version(i) != NULL; i++)
		puts(store_engine_version(i));
	return 0;
}
