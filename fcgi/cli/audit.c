#include <stdio.h>
#include <string.h>

#include "api/audit_verify.h"
#include "cli/cli.h"

static void
print_fault(void *arg, const char *kind, int64_t seq, const char *line)
{
	(void)arg;
	(void)kind;
	(void)seq;
	printf("  %s\n", line);
}

static int
verify(struct cli *cli, struct store *store)
{
	struct audit_verdict v;

	if (audit_verify(store, &cli->cfg, print_fault, NULL, &v, &cli->e) < 0)
		return -1;
	if (v.faults > AUDIT_FAULTS_TOLD)
		printf("  ……还有%lld处\n",
		    (long long)v.faults - AUDIT_FAULTS_TOLD);
	printf("审计记录%lld条，锚定%zu次；%s\n", (long long)v.entries,
	    v.anchors, v.faults == 0 ? "完整" : "不完整");
	if (v.head.seq > 0)
		printf("最后一条：第%lld条，指纹%s\n", (long long)v.head.seq,
		    v.head.hash);
	return v.faults == 0 ? 0 : 3;
}

int
cmd_audit(struct cli *cli)
{
	if (!cli_arguments(cli, 1, 1))
		return CLI_USAGE;
	if (strcmp(cli->argv[0], "verify") != 0) {
		fprintf(stderr, "minsheng: audit之后应是verify\n");
		return CLI_USAGE;
	}
	return cli_with_store(cli, false, verify);
}
