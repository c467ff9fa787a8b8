#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/table.h"

#define PASSWORD_LINE 256
#define TARGET_BYTES 160

/* ---- the password: never in the arguments, where everybody sees it ---- */

static int
read_line(char out[PASSWORD_LINE], struct err *e)
{
	if (fgets(out, PASSWORD_LINE, stdin) == NULL)
		return err_set(e, ERR_BADREQUEST, "没有读到口令");
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}

/* From a terminal twice and unseen, else a line of standard input. */
static int
read_password(char out[PASSWORD_LINE], struct err *e)
{
	char again[PASSWORD_LINE];
	struct termios seen, unseen;
	int rc;

	if (tcgetattr(STDIN_FILENO, &seen) < 0)
		return read_line(out, e);
	unseen = seen;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSANOW, &unseen);
	fputs("口令：", stderr);
	rc = read_line(out, e);
	if (rc == 0) {
		fputs("\n再输一次：", stderr);
		rc = read_line(again, e);
	}
	tcsetattr(STDIN_FILENO, TCSANOW, &seen);
	fputc('\n', stderr);
	if (rc == 0 && strcmp(out, again) != 0)
		rc = err_set(e, ERR_BADREQUEST, "两次输入的口令不同");
	explicit_bzero(again, sizeof(again));
	return rc;
}

/* ---- what is asked of the program ---- */

static int
check_id(struct cli *cli, const char *id)
{
	if (id_valid(id))
		return 0;
	return err_set(&cli->e, ERR_BADREQUEST,
	    "“%.80s”不是用户名，用户名只能用字母、数字、点、下划线和连字符",
	    id);
}

enum way { POST, PUT_NEW, PATCH };

/* Send a body (taken). */
static int
send_body(struct cli *cli, struct app *app, enum way way, const char *target,
    json_t *body, struct buf *out)
{
	char *text = cli_print(body);
	int rc;

	json_decref(body);
	if (text == NULL)
		return err_set(&cli->e, ERR_BADREQUEST, "须用UTF-8");
	if (way == PUT_NEW)
		rc = cli_put_new(cli, app, target, text, out);
	else if (way == PATCH)
		rc = cli_patch(cli, app, target, text, out);
	else
		rc = cli_request(cli, app, "POST", target, text, out);
	explicit_bzero(text, strlen(text));
	free(text);
	return rc;
}

/* "admin,office" as an array: new. */
static json_t *
split_roles(const char *roles)
{
	json_t *list = json_array();

	while (*roles != '\0') {
		size_t n = strcspn(roles, ",");

		json_array_append_new(list, json_stringn(roles, n));
		roles += n + (roles[n] == ',');
	}
	return list;
}

static int
set_password(struct cli *cli, struct app *app, const char *id, bool temporary)
{
	char text[PASSWORD_LINE], target[TARGET_BYTES];
	struct buf out;
	int rc;

	if (read_password(text, &cli->e) < 0)
		return -1;
	snprintf(target, sizeof(target), "/api/v1/users/%s:password", id);
	buf_init(&out, 0);
	rc = send_body(cli, app, POST, target,
	    json_pack("{s:s, s:b}", "password", text, "temporary", temporary),
	    &out);
	explicit_bzero(text, sizeof(text));
	buf_fini(&out);
	return rc;
}

/* ---- user add, list, disable, enable, password, roles ---- */

static int
user_add(struct cli *cli, struct app *app)
{
	const char *org = cli_option(cli, "--org");
	const char *roles = cli_option(cli, "--roles");
	const char *name = cli_option(cli, "--name");
	bool no_password = cli_flag(cli, "--no-password");
	bool temporary = cli_flag(cli, "--temporary");
	char target[TARGET_BYTES];
	struct buf out;
	int rc;

	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	if (org == NULL || roles == NULL) {
		fprintf(stderr, "minsheng: 新建用户要写明--org和--roles\n");
		return CLI_USAGE;
	}
	if (check_id(cli, cli->argv[0]) < 0)
		return -1;
	snprintf(target, sizeof(target), "/api/v1/users/%s", cli->argv[0]);
	buf_init(&out, 0);
	rc = send_body(cli, app, PUT_NEW, target,
	    json_pack("{s:s, s:s, s:o}", "orgId", org, "name",
		name != NULL ? name : cli->argv[0], "roles",
		split_roles(roles)),
	    &out);
	buf_fini(&out);
	if (rc == 0 && !no_password) {
		rc = set_password(cli, app, cli->argv[0], temporary);
		if (rc < 0)
			fprintf(stderr,
			    "minsheng: 用户已建立，但还没有口令：minsheng user "
			    "password %s\n",
			    cli->argv[0]);
	}
	if (rc == 0)
		printf("用户%s已建立\n", cli->argv[0]);
	return rc;
}

static const char *
state_of(const json_t *user)
{
	if (json_peek_bool(user, "disabled", false))
		return "停用";
	if (json_peek_str(user, "lockedUntil") != NULL)
		return "锁定";
	return json_peek_bool(user, "hasPassword", false) ? "" : "无口令";
}

static void
add_user(struct table *t, const json_t *user)
{
	struct buf roles;
	size_t i;
	json_t *role;

	buf_init(&roles, 0);
	json_array_foreach (json_peek_array(user, "roles"), i, role)
		buf_addf(
		    &roles, "%s%s", i > 0 ? "," : "", json_string_value(role));
	table_add(t, "%s", json_peek_str(user, "_id"));
	table_add(t, "%s", json_peek_str(user, "name"));
	table_add(t, "%s", json_peek_str(user, "orgId"));
	table_add(t, "%s", roles.data);
	table_add(t, "%s", state_of(user));
	buf_fini(&roles);
}

/* One page into the table; *next: the cursor (free it), NULL at the end. */
static int
add_page(struct cli *cli, struct app *app, struct table *t, char **next)
{
	struct buf target, out;
	json_t *page = NULL;
	size_t i;
	json_t *user;

	buf_init(&target, 0);
	buf_init(&out, 0);
	buf_add(&target, "/api/v1/users?limit=200");
	if (*next != NULL)
		buf_addf(&target, "&cursor=%s", *next);
	free(*next);
	*next = NULL;
	if (cli_request(cli, app, "GET", target.data, NULL, &out) == 0)
		page = json_read_own(out.data, out.len, &cli->e);
	json_array_foreach (json_object_get(page, "items"), i, user)
		add_user(t, user);
	if (json_peek_str(page, "nextCursor") != NULL)
		*next = strdup(json_peek_str(page, "nextCursor"));
	buf_fini(&target);
	buf_fini(&out);
	json_decref(page);
	return cli->e.code == ERR_NONE ? 0 : -1;
}

static int
user_list(struct cli *cli, struct app *app)
{
	static const char *const headings[] = {
	    "用户名", "姓名", "单位", "角色", "状态"};
	struct table *t;
	char *next = NULL;
	int rc;

	if (!cli_arguments(cli, 0, 0))
		return CLI_USAGE;
	t = table_new(5, headings);
	do {
		rc = add_page(cli, app, t, &next);
	} while (rc == 0 && next != NULL);
	if (rc == 0)
		table_print(t, false);
	table_free(t);
	return rc;
}

/* PATCH the user with a member (taken). */
static int
change(struct cli *cli, struct app *app, const char *key, json_t *value)
{
	char target[TARGET_BYTES];
	struct buf out;
	int rc;

	snprintf(target, sizeof(target), "/api/v1/users/%s", cli->argv[0]);
	buf_init(&out, 0);
	rc = send_body(
	    cli, app, PATCH, target, json_pack("{s:o}", key, value), &out);
	buf_fini(&out);
	if (rc == 0)
		printf("用户%s已修改\n", cli->argv[0]);
	return rc;
}

static int
user_disable(struct cli *cli, struct app *app)
{
	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	if (check_id(cli, cli->argv[0]) < 0)
		return -1;
	return change(cli, app, "disabled", json_true());
}

static int
user_enable(struct cli *cli, struct app *app)
{
	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	if (check_id(cli, cli->argv[0]) < 0)
		return -1;
	return change(cli, app, "disabled", json_false());
}

static int
user_roles(struct cli *cli, struct app *app)
{
	if (!cli_arguments(cli, 2, 2))
		return CLI_USAGE;
	if (check_id(cli, cli->argv[0]) < 0)
		return -1;
	return change(cli, app, "roles", split_roles(cli->argv[1]));
}

static int
user_password(struct cli *cli, struct app *app)
{
	bool temporary = cli_flag(cli, "--temporary");

	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	if (check_id(cli, cli->argv[0]) < 0 ||
	    set_password(cli, app, cli->argv[0], temporary) < 0)
		return -1;
	printf("用户%s的口令已设置\n", cli->argv[0]);
	return 0;
}

/* ---- the commands ---- */

static const struct cli_verb verbs[] = {
    {"add", user_add, true},
    {"list", user_list, false},
    {"disable", user_disable, true},
    {"enable", user_enable, true},
    {"password", user_password, true},
    {"roles", user_roles, true},
    {NULL, NULL, false},
};

int
cmd_user(struct cli *cli)
{
	return cli_run_verb(cli, verbs, "user");
}
