#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "plan/doctor.h"
#include "plan/import_csv.h"
#include "plan/orgs.h"
#include "plan_fixtures.h"

static struct sample sample;
static struct org_index *orgs;

static json_t *
read_csv(const char *text, struct err *e)
{
	err_init(e);
	return import_csv_read(text, strlen(text), sample.plan, orgs, e);
}

static void
test_notice(void **state)
{
	size_t len;
	char *text = read_source("scripts/sample/140800-2019/plan.csv", &len);
	struct err e;
	json_t *tasks = read_csv(text, &e);

	(void)state;
	for (size_t i = 0; i < e.nitems; i++)
		printf("%s %s\n", e.items[i].pointer, e.items[i].detail);
	assert_non_null(tasks);
	if (getenv("SHOW") != NULL)
		puts(json_dumps(tasks, JSON_INDENT(1)));
	json_decref(tasks);
	free(text);
}

static int
setup(void **state)
{
	(void)state;
	sample_load(&sample, "140800-2019");
	orgs = org_index_new(sample.orgs, sample.orgsets);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	org_index_free(orgs);
	sample_free(&sample);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notice),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
