#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/table.h"
#include "http/local.h"

/* GET a target and parse its answer: new, or NULL. */
static json_t *
ask(struct cli *cli, struct app *app, const char *target)
{
	struct buf body;
	json_t *answer = NULL;

	buf_init(&body, 0);
	if (cli_request(cli, app, "GET", target, NULL, &body) == 0)
		answer = json_read_own(body.data, body.len, &cli->e);
	buf_fini(&body);
	return answer;
}

/* ---- doctor ---- */

static const char *
disposition_title(const json_t *finding)
{
	static const struct {
		const char *status;
		const char *title;
	} titles[] = {
	    {"accepted", "认可"},
	    {"corrected", "已更正"},
	    {"clarify", "待明确"},
	};
	const json_t *d = json_object_get(finding, "disposition");
	const char *status = json_peek_str(d, "status");

	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
		if (status != NULL && strcmp(status, titles[i].status) == 0)
			return titles[i].title;
	}
	return "未处置";
}

static void
print_findings(const json_t *findings)
{
	static const char *const headings[] = {">事项", "问题", "处置", "说明"};
	struct table *t = table_new(4, headings);
	size_t i;
	json_t *f;

	json_array_foreach (findings, i, f) {
		table_add(t, "%lld", (long long)json_peek_int(f, "taskNo", 0));
		table_add(t, "%s", json_peek_str(f, "code"));
		table_add(t, "%s", disposition_title(f));
		table_add(t, "%s", json_peek_str(f, "text"));
	}
	table_print(t, false);
	table_free(t);
	printf("共%zu个问题\n", json_array_size(findings));
}

static int
doctor(struct cli *cli, struct app *app)
{
	bool json = cli_flag(cli, "--json");
	char target[256];
	json_t *answer;

	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	if (cli_check_id(cli, cli->argv[0]) < 0)
		return -1;
	snprintf(
	    target, sizeof(target), "/api/v1/plans/%s/findings", cli->argv[0]);
	answer = ask(cli, app, target);
	if (answer == NULL)
		return -1;
	if (json) {
		json_dumpf(answer, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_findings(json_object_get(answer, "items"));
	}
	json_decref(answer);
	return 0;
}

int
cmd_doctor(struct cli *cli)
{
	return cli_with_app(cli, false, doctor);
}

/* ---- issue ---- */

static int
issue(struct cli *cli, struct app *app)
{
	const char *by = cli_option(cli, "--by");
	bool leave_open = cli_flag(cli, "--leave-open");
	struct buf body, out;
	int rc;

	if (by == NULL || !cli_arguments(cli, 1, 1)) {
		fprintf(stderr, "minsheng: 印发要用--by写明经办人\n");
		return CLI_USAGE;
	}
	if (cli_check_id(cli, cli->argv[0]) < 0)
		return -1;
	buf_init(&body, 0);
	buf_init(&out, 0);
	buf_add(&body, "{\"by\":");
	buf_add_json_string(&body, by, strlen(by));
	buf_addf(&body, ",\"leaveOpen\":%s}", leave_open ? "true" : "false");
	buf_addf(&out, "/api/v1/plans/%s:issue", cli->argv[0]);
	rc = cli_request(cli, app, "POST", out.data, body.data, &out);
	if (rc == 0)
		printf("计划%s已印发\n", cli->argv[0]);
	buf_fini(&body);
	buf_fini(&out);
	return rc;
}

int
cmd_issue(struct cli *cli)
{
	return cli_with_app(cli, true, issue);
}

/* ---- any request ---- */

static int
request(struct cli *cli, struct app *app)
{
	const char *rev = cli_option(cli, "--if-match");
	struct local_request in = {.local = true};
	char *body = NULL;
	char etag[64];
	struct buf out;
	int status;

	if (!cli_arguments(cli, 2, 3))
		return CLI_USAGE;
	in.method = cli->argv[0];
	in.target = cli->argv[1];
	if (rev != NULL) {
		const char *quote = strcmp(rev, "*") == 0 ? "" : "\"";

		snprintf(etag, sizeof(etag), "%s%s%s", quote, rev, quote);
		in.if_match = etag;
	}
	if (cli->argc == 3) {
		body = file_read(cli->argv[2], &in.body_len, &cli->e);
		if (body == NULL)
			return -1;
		in.body = body;
		in.content_type = "application/json";
	}
	buf_init(&out, 0);
	status = local_request(app->http, &in, &out);
	fwrite(out.data, 1, out.len, stdout);
	putchar('\n');
	buf_fini(&out);
	free(body);
	return status < 400 ? 0 : 3;
}

int
cmd_request(struct cli *cli)
{
	const char *method = cli->argc > 0 ? cli->argv[0] : "";
	bool reads = strcmp(method, "GET") == 0 ||
		     strcmp(method, "HEAD") == 0 ||
		     strcmp(method, "OPTIONS") == 0;

	return cli_with_app(cli, !reads, request);
}
