#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/table.h"

#define KEYS "/api/v1/api-keys"

/* "a,b" as an array: new. */
static json_t *
split(const char *words)
{
	json_t *list = json_array();

	while (*words != '\0') {
		size_t n = strcspn(words, ",");

		json_array_append_new(list, json_stringn(words, n));
		words += n + (words[n] == ',');
	}
	return list;
}

static void
put_option(struct cli *cli, json_t *body, const char *option, const char *key,
    bool list)
{
	const char *value = cli_option(cli, option);

	if (value == NULL)
		return;
	json_object_set_new(
	    body, key, list ? split(value) : json_string(value));
}

/* What is shown this once. */
static int
print_secret(struct cli *cli, const struct buf *out)
{
	json_t *answer = json_read_own(out->data, out->len, &cli->e);
	const char *key = json_peek_str(answer, "key");

	if (answer == NULL)
		return -1;
	if (key != NULL)
		puts(key);
	else
		printf("X-MS-Key：%s\n密钥：%s\n", json_peek_str(answer, "_id"),
		    json_peek_str(answer, "secret"));
	json_decref(answer);
	return 0;
}

static int
key_add(struct cli *cli, struct app *app)
{
	json_t *body = json_object();
	char *text = NULL;
	struct buf out;
	int rc = CLI_USAGE;

	put_option(cli, body, "--user", "userId", false);
	put_option(cli, body, "--org", "orgId", false);
	put_option(cli, body, "--roles", "roles", true);
	put_option(cli, body, "--sign", "sign", false);
	put_option(cli, body, "--expires", "expiresAt", false);
	put_option(cli, body, "--ip", "ips", true);
	buf_init(&out, 0);
	if (!cli_arguments(cli, 1, 1))
		goto out;
	json_object_set_new(body, "name", json_string(cli->argv[0]));
	text = cli_print(body);
	if (text == NULL)
		rc = err_set(&cli->e, ERR_BADREQUEST, "须用UTF-8");
	else
		rc = cli_request(cli, app, "POST", KEYS, text, &out);
	if (rc == 0)
		rc = print_secret(cli, &out);
out:
	free(text);
	buf_fini(&out);
	json_decref(body);
	return rc;
}

/* ---- those that are there ---- */

static const char *
or_dash(const char *s)
{
	return s != NULL ? s : "-";
}

static void
add_key(struct table *t, const json_t *key)
{
	const json_t *sign = json_object_get(key, "sign");
	const char *user = json_peek_str(key, "userId");

	table_add(t, "%s", json_peek_str(key, "_id"));
	table_add(t, "%s", json_peek_str(key, "name"));
	table_add(t, "%s",
	    user != NULL ? user : or_dash(json_peek_str(key, "orgId")));
	table_add(t, "%s",
	    sign != NULL ? json_peek_str(sign, "algorithm") : "Bearer");
	table_add(t, "%s", or_dash(json_peek_str(key, "expiresAt")));
	table_add(t, "%s", or_dash(json_peek_str(key, "lastUsedAt")));
	table_add(
	    t, "%s", json_peek_bool(key, "disabled", false) ? "停用" : "");
}

static int
key_list(struct cli *cli, struct app *app)
{
	static const char *const headings[] = {
	    "编号", "名称", "用户或单位", "方式", "有效期", "最近使用", "状态"};
	char target[700] = KEYS "?limit=200";
	struct table *t = table_new(7, headings);
	int rc = cli_arguments(cli, 0, 0) ? 0 : CLI_USAGE;

	while (rc == 0 && target[0] != '\0') {
		json_t *page = NULL, *key;
		struct buf out;
		size_t i;

		buf_init(&out, 0);
		rc = cli_request(cli, app, "GET", target, NULL, &out);
		if (rc == 0)
			page = json_read_own(out.data, out.len, &cli->e);
		json_array_foreach (json_object_get(page, "items"), i, key)
			add_key(t, key);
		target[0] = '\0';
		if (json_peek_str(page, "nextCursor") != NULL)
			snprintf(target, sizeof(target),
			    KEYS "?limit=200&cursor=%s",
			    json_peek_str(page, "nextCursor"));
		json_decref(page);
		buf_fini(&out);
	}
	if (rc == 0)
		table_print(t, false);
	table_free(t);
	return rc;
}

/* The address of the key that is named; false: usage, or cli->e. */
static bool
take_key(struct cli *cli, const char *verb, char *out, size_t size)
{
	if (!cli_arguments(cli, 1, 1))
		return false;
	if (!id_valid(cli->argv[0])) {
		err_set(&cli->e, ERR_BADREQUEST, "“%.80s”不是密钥编号",
		    cli->argv[0]);
		return false;
	}
	snprintf(out, size, KEYS "/%s%s", cli->argv[0], verb);
	return true;
}

static int
usage_or_error(const struct cli *cli)
{
	return cli->e.code == ERR_NONE ? CLI_USAGE : -1;
}

static int
key_rotate(struct cli *cli, struct app *app)
{
	char target[160];
	struct buf out;
	int rc;

	if (!take_key(cli, ":rotate", target, sizeof(target)))
		return usage_or_error(cli);
	buf_init(&out, 0);
	rc = cli_request(cli, app, "POST", target, NULL, &out);
	if (rc == 0)
		rc = print_secret(cli, &out);
	buf_fini(&out);
	return rc;
}

static int
set_state(struct cli *cli, struct app *app, const char *body, const char *done)
{
	char target[160];
	struct buf out;
	int rc;

	if (!take_key(cli, "", target, sizeof(target)))
		return usage_or_error(cli);
	buf_init(&out, 0);
	rc = cli_patch(cli, app, target, body, &out);
	if (rc == 0)
		printf("密钥%s%s\n", cli->argv[0], done);
	buf_fini(&out);
	return rc;
}

static int
key_disable(struct cli *cli, struct app *app)
{
	return set_state(cli, app, "{\"state\":\"off\"}", "已停用");
}

static int
key_enable(struct cli *cli, struct app *app)
{
	return set_state(cli, app, "{\"state\":\"on\"}", "已启用");
}

static const struct cli_verb verbs[] = {
    {"add", key_add, true},
    {"list", key_list, false},
    {"rotate", key_rotate, true},
    {"disable", key_disable, true},
    {"enable", key_enable, true},
    {NULL, NULL, false},
};

int
cmd_key(struct cli *cli)
{
	return cli_run_verb(cli, verbs, "key");
}
