#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "plan/doctor.h"
#include "plan/lifecycle.h"
#include "plan_fixtures.h"

#define NOW INT64_C(1554426000000) /* 2019-04-05T01:00:00.000Z */

struct fixture {
	struct sample s;
	json_t *findings;
	struct err e;
};

static int
setup(void **state)
{
	static struct fixture f;

	sample_load(&f.s, "140800-2019");
	err_init(&f.e);
	f.findings =
	    doctor_examine(f.s.plan, f.s.tasks, f.s.orgs, f.s.orgsets, &f.e);
	assert_non_null(f.findings);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	json_decref(f->findings);
	sample_free(&f->s);
	return 0;
}

static int
issue(struct fixture *f, const char *body)
{
	json_t *b = quick_json(body);
	int rc;

	err_init(&f->e);
	rc = lifecycle_issue_plan(
	    f->s.plan, f->s.tasks, f->findings, b, NOW, &f->e);
	json_decref(b);
	return rc;
}

static int
amend(struct fixture *f, json_t *task, const char *body, instant_t now)
{
	json_t *b = quick_json(body);
	int rc;

	err_init(&f->e);
	rc = lifecycle_amend_task(task, b, now, &f->e);
	json_decref(b);
	return rc;
}

static void
test_issue_wants_dispositions(void **state)
{
	struct fixture *f = *state;
	json_t *plan = json_deep_copy(f->s.plan);
	json_t *tasks = json_deep_copy(f->s.tasks);

	assert_int_equal(issue(f, "{'by':'督查室'}"), -1);
	assert_int_equal(f->e.code, ERR_UNRESOLVED);
	assert_int_equal(
	    f->e.nitems + f->e.nmore, json_array_size(f->findings));
	assert_string_equal(
	    f->e.items[0].pointer, "/findings/01.QUOTA_MISSING.i1");
	assert_string_equal(f->e.items[0].keyword, "QUOTA_MISSING");
	assert_non_null(strstr(f->e.detail, "17个"));
	assert_true(json_equal(plan, f->s.plan));
	assert_true(json_equal(tasks, f->s.tasks));
	json_decref(plan);
	json_decref(tasks);
}

static void
test_issue_leaves_open(void **state)
{
	struct fixture *f = *state;
	const json_t *member, *task;
	char hash[SHA256_HEX + 1];

	assert_int_equal(
	    issue(f, "{'by':'督查室','leaveOpen':true,'docNo':'x1'}"), 0);
	assert_string_equal(json_peek_str(f->s.plan, "status"), "issued");
	member = json_peek_object(f->s.plan, "issue");
	assert_int_equal(json_array_size(json_peek_array(member, "open")), 17);
	assert_string_equal(
	    json_peek_str(member, "at"), "2019-04-05T01:00:00.000Z");
	assert_string_equal(json_peek_str(member, "by"), "督查室");
	assert_string_equal(json_peek_str(member, "docNo"), "x1");
	assert_int_equal(strlen(json_peek_str(member, "hash")), SHA256_HEX);
	task = sample_task(&f->s, 3);
	assert_string_equal(json_peek_str(task, "status"), "issued");
	lifecycle_task_hash(task, hash);
	member = json_peek_object(task, "baseline");
	assert_string_equal(json_peek_str(member, "hash"), hash);
	check_schema("plan.json", f->s.plan);
	check_schema("task.json", task);

	assert_int_equal(issue(f, "{'by':'x','leaveOpen':true}"), -1);
	assert_int_equal(f->e.code, ERR_STATE);
	assert_non_null(strstr(f->e.detail, "已印发"));
}

static void
test_issue_refuses(void **state)
{
	struct fixture *f = *state;
	json_t *tasks = f->s.tasks;
	json_t *m = json_array_get(
	    json_object_get(sample_task(&f->s, 4), "milestones"), 0);

	assert_int_equal(issue(f, "{'by':'x','leaveOpen':true,"
				  "'at':'2019-04-05T01:00:00.001Z'}"),
	    -1);
	assert_string_equal(f->e.items[0].pointer, "/at");
	json_put(m, "orgs", json_array());
	assert_int_equal(issue(f, "{'by':'x','leaveOpen':true}"), -1);
	assert_int_equal(f->e.code, ERR_INVALID);
	assert_string_equal(
	    f->e.items[0].pointer, "/tasks/3/milestones/0/orgSet");
	f->s.tasks = json_array();
	assert_int_equal(issue(f, "{'by':'x','leaveOpen':true}"), -1);
	assert_int_equal(f->e.code, ERR_INVALID);
	json_decref(f->s.tasks);
	f->s.tasks = tasks;
}

/* Dispose of every finding; then the doctor shows it and the issue goes. */
static void
test_dispose(void **state)
{
	struct fixture *f = *state;
	json_t *body = quick_json(
	    "{'status':'clarify','by':'督查室','text':'已去函','docNo':null}");
	const json_t *finding, *entry;
	size_t i;

	for (int twice = 0; twice < 2; twice++) {
		json_array_foreach (f->findings, i, finding)
			assert_int_equal(
			    lifecycle_dispose(
				sample_task(&f->s,
				    (int)json_peek_int(finding, "taskNo", 0)),
				finding, body, NOW, &f->e),
			    0);
	}
	json_decref(f->findings);
	f->findings = doctor_examine(
	    f->s.plan, f->s.tasks, f->s.orgs, f->s.orgsets, &f->e);
	json_array_foreach (f->findings, i, finding) {
		entry = json_peek_object(finding, "disposition");
		assert_string_equal(json_peek_str(entry, "status"), "clarify");
		assert_string_equal(
		    json_peek_str(entry, "id"), json_peek_str(finding, "id"));
	}
	assert_int_equal(json_array_size(json_object_get(
			     sample_task(&f->s, 5), "discrepancies")),
	    3);
	check_schema("task.json", sample_task(&f->s, 5));
	assert_int_equal(issue(f, "{'by':'督查室'}"), 0);
	assert_int_equal(json_array_size(json_peek_array(
			     json_peek_object(f->s.plan, "issue"), "open")),
	    0);
	json_put_str(sample_task(&f->s, 1), "status", "done");
	assert_int_equal(lifecycle_dispose(sample_task(&f->s, 1),
			     json_array_get(f->findings, 0), body, NOW, &f->e),
	    -1);
	assert_int_equal(f->e.code, ERR_STATE);
	json_decref(body);
}

static void
test_open_disposition_is_open(void **state)
{
	struct fixture *f = *state;
	const json_t *finding;
	json_t *entry;
	size_t i;

	json_array_foreach (f->findings, i, finding) {
		entry = json_object();
		json_put_str(entry, "status", i == 0 ? "open" : "accepted");
		json_put(json_array_get(f->findings, i), "disposition", entry);
	}
	assert_int_equal(issue(f, "{'by':'x'}"), -1);
	assert_int_equal(f->e.nitems, 1);
}

#define AMEND_TARGET                                                                \
	"{'docNo':'运政办函〔2019〕1号','reason':'核减','by':'督查室'," \
	"'changes':{'indicators':[{'id':'i1','name':'n','unit':'名',"              \
	"'target':{'qty':40000,'state':'given'},'quotas':[]}]}}"

static void
test_amend(void **state)
{
	struct fixture *f = *state;
	json_t *task = sample_task(&f->s, 3);
	json_t *first, *baseline;
	const json_t *entry;

	assert_int_equal(amend(f, task, AMEND_TARGET, NOW), -1);
	assert_int_equal(f->e.code, ERR_STATE);
	assert_non_null(strstr(f->e.detail, "草案"));
	assert_int_equal(issue(f, "{'by':'x','leaveOpen':true}"), 0);
	first = json_deep_copy(json_object_get(task, "indicators"));
	baseline = json_deep_copy(json_object_get(task, "baseline"));

	assert_int_equal(amend(f, task, AMEND_TARGET, NOW + 1000), 0);
	entry = json_array_get(json_object_get(task, "amendments"), 0);
	assert_int_equal(json_peek_int(entry, "n", 0), 1);
	assert_string_equal(
	    json_peek_str(entry, "at"), "2019-04-05T01:00:01.000Z");
	assert_true(json_equal(
	    json_object_get(json_peek_object(entry, "before"), "indicators"),
	    first));
	assert_int_equal(
	    json_object_size(json_peek_object(entry, "before")), 8);
	assert_string_equal(
	    json_peek_str(json_peek_object(entry, "before"), "status"),
	    "issued");
	assert_true(json_equal(json_object_get(task, "baseline"), baseline));
	assert_string_equal(json_peek_str(task, "title"),
	    json_peek_str(json_peek_object(entry, "before"), "title"));

	check_schema("task.json", task);

	/* The same again changes nothing; a clock that stands still does. */
	assert_int_equal(amend(f, task, AMEND_TARGET, NOW + 2000), -1);
	assert_int_equal(f->e.code, ERR_INVALID);
	assert_int_equal(
	    amend(f, task, "{'reason':'r','docNo':'d','changes':{'title':'t'}}",
		NOW),
	    0);
	entry = json_array_get(json_object_get(task, "amendments"), 1);
	assert_string_equal(
	    json_peek_str(entry, "at"), "2019-04-05T01:00:01.001Z");
	json_decref(first);
	json_decref(baseline);
}

static void
test_amend_refuses(void **state)
{
	static const struct {
		const char *body;
		const char *pointer;
	} rows[] = {
	    {"{'changes':{'indicators':[]}}", "/milestones/0/rule/indicator"},
	    {"{'changes':{'funding':[{'id':'f1','orgSet':'各县'}]}}",
		"/changes/funding/0/orgSet"},
	    {"{'changes':{'subtasks':[{'id':'s1'},{'id':'s1'}]}}",
		"/subtasks/1/id"},
	};
	struct fixture *f = *state;
	json_t *task = sample_task(&f->s, 4);
	json_t *before;

	assert_int_equal(issue(f, "{'by':'x','leaveOpen':true}"), 0);
	before = json_deep_copy(task);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(amend(f, task, rows[i].body, NOW), -1);
		assert_int_equal(f->e.code, ERR_INVALID);
		assert_string_equal(f->e.items[0].pointer, rows[i].pointer);
		assert_true(json_equal(task, before));
	}
	json_put_str(task, "status", "cancelled");
	assert_int_equal(amend(f, task, AMEND_TARGET, NOW), -1);
	assert_int_equal(f->e.code, ERR_STATE);
	json_decref(before);
}

static void
test_put_task(void **state)
{
	struct fixture *f = *state;
	json_t *old = sample_task(&f->s, 2);
	json_t *body = json_deep_copy(old);

	json_put(old, "discrepancies", quick_json("[{'id':'x'}]"));
	json_object_del(body, "_id");
	json_put_str(body, "status", "done");
	json_put_str(body, "division", "999999");
	json_put(body, "baseline", json_object());
	json_put(body, "amendments", json_array());
	json_put(body, "discrepancies", json_array());
	err_init(&f->e);
	assert_int_equal(lifecycle_put_task(body, f->s.plan, old, &f->e), 0);
	assert_string_equal(json_peek_str(body, "_id"), "140800-2019-02");
	assert_string_equal(json_peek_str(body, "status"), "draft");
	assert_string_equal(json_peek_str(body, "division"), "140800");
	assert_null(json_object_get(body, "baseline"));
	assert_null(json_object_get(body, "amendments"));
	assert_int_equal(
	    json_array_size(json_object_get(body, "discrepancies")), 1);

	assert_int_equal(lifecycle_put_task(body, f->s.plan, NULL, &f->e), 0);
	assert_null(json_object_get(body, "discrepancies"));

	json_put_str(f->s.plan, "status", "issued");
	assert_int_equal(lifecycle_put_task(body, f->s.plan, old, &f->e), -1);
	assert_int_equal(f->e.code, ERR_STATE);
	assert_non_null(strstr(f->e.detail, "变更"));
	json_decref(body);
}

static void
test_draft_plan(void **state)
{
	struct fixture *f = *state;
	json_t *plan = quick_json("{'_id':'p','status':'issued','issue':{}}");

	err_init(&f->e);
	assert_int_equal(lifecycle_draft_plan(plan, NULL, &f->e), 0);
	assert_string_equal(json_peek_str(plan, "status"), "draft");
	assert_null(json_object_get(plan, "issue"));
	assert_int_equal(lifecycle_draft_plan(plan, f->s.plan, &f->e), 0);
	json_put_str(f->s.plan, "status", "closed");
	assert_int_equal(lifecycle_draft_plan(plan, f->s.plan, &f->e), -1);
	assert_int_equal(f->e.code, ERR_STATE);
	json_decref(plan);
}

/* The hash depends on what a task means and on nothing else. */
static void
test_hash(void **state)
{
	static const struct {
		const char *key;
		bool matters;
	} rows[] = {
	    {"title", true},
	    {"kind", true},
	    {"rev", false},
	    {"updatedAt", false},
	    {"remark", false},
	};
	struct fixture *f = *state;
	json_t *task;
	char a[SHA256_HEX + 1], b[SHA256_HEX + 1];

	lifecycle_task_hash(sample_task(&f->s, 3), a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		task = json_deep_copy(sample_task(&f->s, 3));
		json_put_str(task, rows[i].key, "x");
		lifecycle_task_hash(task, b);
		assert_int_equal(strcmp(a, b) != 0, rows[i].matters);
		json_decref(task);
	}
}

int
main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_issue_wants_dispositions),
	    TEST(test_issue_leaves_open),
	    TEST(test_issue_refuses),
	    TEST(test_dispose),
	    TEST(test_open_disposition_is_open),
	    TEST(test_amend),
	    TEST(test_amend_refuses),
	    TEST(test_put_task),
	    TEST(test_draft_plan),
	    TEST(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
