#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "plan/facts.h"
#include "plan_fixtures.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* fact_fn: "fact_quota a|b|~\n", ~ is null. */
static int
print_row(void *arg, const struct fact_row *row, struct err *e)
{
	struct buf *b = arg;

	(void)e;
	buf_add(b, fact_table_name(row->table));
	for (size_t i = 0; i < row->ncells; i++) {
		const struct fact_cell *c = &row->cells[i];

		buf_addc(b, i == 0 ? ' ' : '|');
		if (c->type == CELL_INT)
			buf_addf(b, "%lld", (long long)c->n);
		else
			buf_add(b, c->type == CELL_TEXT ? c->s : "~");
	}
	buf_addc(b, '\n');
	return 0;
}

typedef int (*walk_fn)(const json_t *doc, fact_fn fn, void *arg, struct err *e);

static void
expect(walk_fn walk, const char *doc, const char *rows)
{
	json_t *v = quick_json(doc);
	struct buf b;
	struct err e;

	err_init(&e);
	buf_init(&b, 0);
	assert_int_equal(walk(v, print_row, &b, &e), 0);
	assert_string_equal(b.data, rows);
	buf_fini(&b);
	json_decref(v);
}

/* A task with the given section. */
#define TASK(section)                                                     \
	"{'_id':'t','planId':'p','division':'140800','no':3,'title':'T'," \
	"'kind':'mixed','status':'issued','lead':{'orgId':'L'}," section "}"
#define HEAD "fact_task t|p||9|3|T|mixed|issued|L\n"

static const struct {
	const char *name;
	const char *section;
	const char *rows;
} sections[] = {
    {"nothing", "'indicators':[]", HEAD},
    {"quotas, one of them missing",
	"'indicators':[{'id':'i1','name':'N','unit':'名',"
	"'target':{'qty':9,'state':'given'},'quotas':["
	"{'orgId':'a','qty':4,'state':'given'},"
	"{'orgId':'b','qty':null,'state':'missing'}]}]",
	HEAD "fact_indicator t|p||9|0|i1|N|名|9|given\n"
	     "fact_quota t|p||9|i1|a|4|given\n"
	     "fact_quota t|p||9|i1|b|~|missing\n"},
    {"derived target",
	"'indicators':[{'id':'i1','name':'N','unit':'条',"
	"'target':{'qty':null,'state':'derived'}}]",
	HEAD "fact_indicator t|p||9|0|i1|N|条|~|derived\n"},
    {"city total: the city pays",
	"'funding':[{'id':'f1','level':'city','amountFen':5,'per':'total',"
	"'certainty':'given','srcText':'S'}]",
	HEAD "fact_funding t|p||9|0|f1|city|140800|5|5|5|0|S\n"},
    {"province total: no payer",
	"'funding':[{'id':'f1','level':'province','amountFen':5,"
	"'per':'total','certainty':'given','srcText':'S'}]",
	HEAD "fact_funding t|p||9|0|f1|province|~|5|5|5|0|S\n"},
    {"each: one row for each member",
	"'funding':[{'id':'f1','level':'county','amountFen':5,"
	"'per':'each','certainty':'given','srcText':'S',"
	"'orgs':['a','b']}]",
	HEAD "fact_funding t|p||9|0|f1|county|a|5|5|5|0|S\n"
	     "fact_funding t|p||9|0|f1|county|b|5|5|5|0|S\n"},
    {"each of nobody is unknown, not nothing",
	"'funding':[{'id':'f1','level':'county','amountFen':5,"
	"'per':'each','certainty':'given','srcText':'S','orgs':[]}]",
	HEAD "fact_funding t|p||9|0|f1|county|~|0|0|0|1|S\n"},
    {"ambiguous: a range",
	"'funding':[{'id':'f1','level':'county','amountFen':25,"
	"'per':'total','certainty':'ambiguous','srcText':'S',"
	"'orgs':['a','b','c']}]",
	HEAD "fact_funding t|p||9|0|f1|county|~|0|25|75|0|S\n"},
    {"holder unknown: the amount is certain",
	"'funding':[{'id':'f1','level':'self','amountFen':28,"
	"'per':'total','certainty':'holder_unknown','srcText':'S'}]",
	HEAD "fact_funding t|p||9|0|f1|self|~|28|28|28|0|S\n"},
    {"unknown, whoever pays: one row",
	"'funding':[{'id':'f1','level':'county','amountFen':null,"
	"'per':'each','certainty':'unknown','srcText':'S',"
	"'orgs':['a','b']}]",
	HEAD "fact_funding t|p||9|0|f1|county|~|0|0|0|1|S\n"},
    {"a milestone of two units, one of nobody: the lead",
	"'milestones':[{'id':'m1','from':null,'to':'2019-06-30',"
	"'text':'X','rule':{'type':'percent','indicator':'i1',"
	"'percent':50},'orgs':['a','b']},"
	"{'id':'m2','from':'2019-05-01','to':null,'text':'Y',"
	"'rule':{'type':'event'},'orgs':[]}]",
	HEAD "fact_milestone "
	     "t|p||9|0|m1|a|~|2019-06-30|percent|i1|50|X\n"
	     "fact_milestone "
	     "t|p||9|0|m1|b|~|2019-06-30|percent|i1|50|X\n"
	     "fact_milestone t|p||9|1|m2|L|2019-05-01|~|event|~|~|Y\n"},
    {"versions follow each other",
	"'amendments':["
	"{'at':'2019-07-01','before':{'title':'A','kind':'quantity',"
	"'lead':{'orgId':'x'}}},"
	"{'at':'2019-08-01','before':{'title':'B','kind':'quantity',"
	"'lead':{'orgId':'y'}}}]",
	"fact_task t|p||2019-07-01|3|A|quantity|issued|x\n"
	"fact_task t|p|2019-07-01|2019-08-01|3|B|quantity|issued|y\n"
	"fact_task t|p|2019-08-01|9|3|T|mixed|issued|L\n"},
};

static void
test_tasks(void **state)
{
	char doc[2048];

	(void)state;
	for (size_t i = 0; i < COUNT(sections); i++) {
		print_message("%s\n", sections[i].name);
		(void)snprintf(
		    doc, sizeof(doc), TASK("%s"), sections[i].section);
		expect(fact_walk_task, doc, sections[i].rows);
	}
}

#define MAX "9223372036854775807"

/* Sums and products that leave int64. */
static const char *const too_large[] = {
    "'indicators':[{'id':'i1','quotas':[{'orgId':'a','qty':" MAX "},"
    "{'orgId':'b','qty':1}]}]",
    "'funding':[{'id':'f1','amountFen':" MAX ",'certainty':'ambiguous',"
    "'orgs':['a','b']}]",
    "'funding':[{'id':'f1','amountFen':" MAX ",'certainty':'given',"
    "'per':'each','orgs':['a','b']}]",
    "'funding':[{'id':'f1','amountFen':" MAX ",'certainty':'given',"
    "'per':'total'},{'id':'f2','amountFen':1,'certainty':'given',"
    "'per':'total'}]",
};

static void
test_too_large(void **state)
{
	char doc[2048];
	struct buf b;
	struct err e;
	json_t *v;

	(void)state;
	for (size_t i = 0; i < COUNT(too_large); i++) {
		(void)snprintf(doc, sizeof(doc), TASK("%s"), too_large[i]);
		v = quick_json(doc);
		err_init(&e);
		buf_init(&b, 0);
		assert_int_equal(fact_walk_task(v, print_row, &b, &e), -1);
		assert_int_equal(e.code, ERR_INVALID);
		buf_fini(&b);
		json_decref(v);
	}
}

#define REPORT(more)                                               \
	"{'_id':'r','planId':'p','taskId':'t','indicatorId':'i1'," \
	"'orgId':'a','asOf':'2019-05-31','revision':2" more "}"
#define ACCEPTED ",'acceptedAt':'2019-06-03T02:00:00.000Z'"
#define VALUE "fact_value r|p|t|i1|a|2019-05-31|2019-06-03T02:00:00.000Z|2|"
#define SPELL "fact_submission r|p|t|i1|a|2019-05-31|2|"
#define IMPORTED \
	SPELL "2019-06-03T02:00:00.000Z|9|2019-06-03T02:00:00.000Z|accepted|"
#define STEP(at, to) "{'at':'" at "','by':'u','to':'" to "'"

static void
test_reports(void **state)
{
	static const struct {
		const char *doc;
		const char *rows;
	} rows[] = {
	    {REPORT(",'value':{'kind':'number','n':7}"), ""},
	    {REPORT(",'acceptedAt':null,'value':{'kind':'number','n':7}"), ""},
	    {REPORT(ACCEPTED ",'value':{'kind':'number','n':7}"),
		VALUE "7\n" IMPORTED "number|0\n"},
	    {REPORT(ACCEPTED ",'value':{'kind':'number','n':0}"),
		VALUE "0\n" IMPORTED "number|0\n"},
	    {REPORT(ACCEPTED ",'value':{'kind':'none','reason':'x'}"),
		VALUE "~\n" IMPORTED "none|0\n"},
	    {REPORT(ACCEPTED ",'problems':'x','value':{'kind':'number','n':7}"),
		VALUE "7\n" IMPORTED "number|1\n"},
	    {REPORT(",'value':{'kind':'none','reason':'x'},'history':[" STEP(
		 "1", "draft") "}]"),
		""},
	    /* What was submitted first stays what was known then. */
	    {REPORT(",'problems':'x','value':{'kind':'none','reason':'x'},"
		    "'history':[" STEP("1", "draft") "}," STEP(
			"2", "submitted") ",'kind':'number'}," STEP("3",
			"returned") "}," STEP("4",
			"submitted") ",'kind':'none','flagged':true}," STEP("5",
			"unit_confirmed") "}]"),
		SPELL "2|3|2|submitted|number|0\n" SPELL
		      "3|4|2|returned|number|0\n" SPELL
		      "4|5|2|submitted|none|1\n" SPELL
		      "5|9|2|unit_confirmed|none|1\n"},
	    {REPORT(ACCEPTED ",'state':'superseded',"
			     "'value':{'kind':'number','n':7}"),
		VALUE "7\n" IMPORTED "number|0\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		expect(fact_walk_report, rows[i].doc, rows[i].rows);
}

#define STATE(name)                                                \
	"{'_id':'s','planId':'p','taskId':'t','milestoneId':'m1'," \
	"'orgId':'a','state':'" name                               \
	"','metOn':'2019-03-28','verifiedAt':'V'}"

static void
test_milestone_states(void **state)
{
	(void)state;
	expect(fact_walk_milestone_state, STATE("claimed"), "");
	expect(fact_walk_milestone_state, STATE("verified"),
	    "fact_met s|p|t|m1|a|2019-03-28|V\n");
}

#define CHECK(more)                                                    \
	"{'_id':'k','planId':'p','taskId':'t','orgId':'a','verdict':'" \
	"false','checkedOn':'2019-06-20','milestoneId':'m1'" more "}"

static void
test_checks(void **state)
{
	(void)state;
	expect(fact_walk_check, CHECK(",'state':'answered'"), "");
	expect(fact_walk_check, CHECK(",'concludedAt':'C'"),
	    "fact_check k|p|t|a|2019-06-20|C|false|~|m1\n");
}

#define FLOW(more)                                                          \
	"{'_id':'f','planId':'p','taskId':'t','level':'city','revision':2," \
	"'stage':'paid','asOf':'2019-05-31','recordedAt':'R'," more "}"

static void
test_flows(void **state)
{
	(void)state;
	expect(fact_walk_flow,
	    FLOW("'fundingId':'f1','orgId':null,'amountFen':9000000000000000"),
	    "fact_flow f|p|t|city|paid|2019-05-31|R|2|f1|~|"
	    "9000000000000000\n");
	expect(fact_walk_flow, FLOW("'orgId':'a','amountFen':0"),
	    "fact_flow f|p|t|city|paid|2019-05-31|R|2|~|a|0\n");
}

static int
stop(void *arg, const struct fact_row *row, struct err *e)
{
	(void)row;
	++*(int *)arg;
	return err_set(e, ERR_INTERNAL, "停");
}

static void
test_stops(void **state)
{
	json_t *v = quick_json(TASK("'indicators':[{'id':'i1'}]"));
	struct err e;
	int calls = 0;

	(void)state;
	err_init(&e);
	assert_int_equal(fact_walk_task(v, stop, &calls, &e), -1);
	assert_int_equal(calls, 1);
	json_decref(v);
}

static void
test_tables(void **state)
{
	size_t n;

	(void)state;
	for (int t = 0; t < FACT__MAX; t++) {
		n = fact_column_count((enum fact_table)t);
		assert_in_range(n, 4, FACT_COLUMNS_MAX);
		assert_string_equal(
		    fact_column_name((enum fact_table)t, 0), "doc_id");
		assert_memory_equal(
		    fact_table_name((enum fact_table)t), "fact_", 5);
		for (size_t i = 0; i < n; i++) {
			const char *type =
			    fact_column_type((enum fact_table)t, i);

			assert_true(strncmp(type, "TEXT", 4) == 0 ||
				    strncmp(type, "INTEGER", 7) == 0);
		}
	}
}

/* fact_fn: money of the sample, added up. */
struct total {
	int64_t stated, low, high, unknown, quotas;
};

static int
add_total(void *arg, const struct fact_row *row, struct err *e)
{
	struct total *t = arg;

	(void)e;
	if (row->table == FACT_QUOTA)
		t->quotas++;
	if (row->table != FACT_FUNDING)
		return 0;
	t->stated += row->cells[8].n;
	t->low += row->cells[9].n;
	t->high += row->cells[10].n;
	t->unknown += row->cells[11].n;
	return 0;
}

/* The figures of the notice: 7845.22 certain, 7870.22 to 8170.22 万元. */
static void
test_sample(void **state)
{
	struct total t = {0};
	struct sample s;
	const json_t *task;
	struct err e;
	size_t i;

	(void)state;
	sample_load(&s, "140800-2019");
	err_init(&e);
	json_array_foreach (s.tasks, i, task)
		assert_int_equal(fact_walk_task(task, add_total, &t, &e), 0);
	assert_int_equal(t.stated, 7845220000);
	assert_int_equal(t.low, 7870220000);
	assert_int_equal(t.high, 8170220000);
	assert_int_equal(t.unknown, 3);
	assert_int_equal(t.quotas, 5 + 13 + 16 + 14);
	sample_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tasks),
	    cmocka_unit_test(test_too_large),
	    cmocka_unit_test(test_reports),
	    cmocka_unit_test(test_milestone_states),
	    cmocka_unit_test(test_checks),
	    cmocka_unit_test(test_flows),
	    cmocka_unit_test(test_stops),
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
