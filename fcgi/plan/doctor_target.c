#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "plan/doctor_rules.h"
#include "plan/money.h"

/* What the quotas of one indicator add up to. */
struct split {
	int64_t sum;
	size_t given;
	size_t missing;
};

static struct split
add_quotas(const json_t *indicator)
{
	struct split s = {0, 0, 0};
	const json_t *quota, *qty;
	size_t i;

	json_array_foreach (json_peek_array(indicator, "quotas"), i, quota) {
		qty = json_object_get(quota, "qty");
		if (!json_is_integer(qty)) {
			s.missing++;
			continue;
		}
		s.sum = add_capped(s.sum, json_integer_value(qty));
		s.given++;
	}
	return s;
}

/* The printed total; false when there is none. */
static bool
stated_target(const json_t *indicator, int64_t *qty)
{
	const json_t *target = json_peek_object(indicator, "target");
	const json_t *n = json_object_get(target, "qty");

	if (!part_is(target, "state", "given") || !json_is_integer(n))
		return false;
	*qty = json_integer_value(n);
	return true;
}

static const char *
unit_of(const json_t *indicator)
{
	const char *unit = json_peek_str(indicator, "unit");

	return unit != NULL ? unit : "";
}

/* What subtasks itemise of an indicator; the number of such subtasks. */
static size_t
add_subtasks(
    const struct exam *x, const char *indicator, int64_t *sum, struct note *n)
{
	const json_t *subtask, *target;
	size_t i, count = 0;

	*sum = 0;
	json_array_foreach (exam_section(x, "subtasks"), i, subtask) {
		target = json_peek_object(subtask, "target");
		if (!part_is(target, "indicator", indicator))
			continue;
		*sum = add_capped(*sum, json_peek_int(target, "qty", 0));
		count++;
		if (n != NULL)
			note_lines(n, subtask);
	}
	return count;
}

/* "、"-joined names of the units without a number. */
static void
name_missing(const struct exam *x, const json_t *indicator, struct note *n)
{
	json_t *ids = json_array();
	const json_t *quota;
	const char *id;
	size_t i;

	json_array_foreach (json_peek_array(indicator, "quotas"), i, quota) {
		if (json_is_integer(json_object_get(quota, "qty")))
			continue;
		id = json_peek_str(quota, "orgId");
		if (json_array_size(ids) > 0)
			buf_add(&n->text, "、");
		buf_add(&n->text, org_index_name(x->orgs, id));
		json_push(ids, json_string(id));
		note_lines(n, quota);
	}
	json_put(n->params, "missing", ids);
}

/* Money that divides without remainder speaks for the total. */
static void
say_credible(
    const struct exam *x, const char *unit, int64_t target, struct note *n)
{
	char money[MONEY_TEXT], each[MONEY_TEXT];

	if (target <= 0 || x->stated_fen <= 0 || !x->money_clear ||
	    x->stated_fen % target != 0)
		return;
	json_put_int(n->params, "statedFen", x->stated_fen);
	json_put_int(n->params, "unitCostFen", x->stated_fen / target);
	buf_addf(&n->text, "资金%s÷%" PRId64 "%s=%s，恰好除尽，总数可信。",
	    money_wan_text(x->stated_fen, money), target, unit,
	    money_yuan_text(x->stated_fen / target, each));
}

/* Some units have a number and some do not. */
static void
note_gaps(
    struct exam *x, size_t at, const json_t *indicator, const struct split *s)
{
	const char *unit = unit_of(indicator);
	int64_t target, rest;
	struct note n;

	note_begin(x, &n);
	name_missing(x, indicator, &n);
	buf_add(&n.text, "没有写明分解数");
	json_put_int(n.params, "sum", s->sum);
	if (stated_target(indicator, &target)) {
		rest = add_capped(target, -s->sum);
		json_put_int(n.params, "target", target);
		json_put_int(n.params, "remainder", rest);
		buf_addf(&n.text,
		    "：总数%" PRId64 "%s，其余%zu个单位合计%" PRId64
		    "%s，%s%" PRId64 "%s",
		    target, unit, s->given, s->sum, unit,
		    rest < 0 ? "已超出" : "相差", rest < 0 ? -rest : rest,
		    unit);
		buf_add(&n.text, "。");
		say_credible(x, unit, target, &n);
	} else {
		buf_add(&n.text, "。");
	}
	buf_add(&n.text, "系统不会自动补数，请向牵头单位核实。");
	note_end(x, &n, part_id(indicator), "/indicators/%zu/quotas", at);
}

/* A total that nobody in particular has to deliver. */
static void
note_unsplit(struct exam *x, size_t at, const json_t *indicator, int64_t target)
{
	struct note n;

	note_begin(x, &n);
	json_put_int(n.params, "target", target);
	note_lines(&n, indicator);
	buf_addf(&n.text,
	    "总数%" PRId64 "%s既没有分解到责任单位，也没有分解到子项，"
	    "无法逐个单位对照，请明确分解数。",
	    target, unit_of(indicator));
	note_end(x, &n, part_id(indicator), "/indicators/%zu/quotas", at);
}

void
doctor_quota_missing(struct exam *x)
{
	const json_t *indicator;
	int64_t target, itemised;
	struct split s;
	size_t i;

	json_array_foreach (exam_section(x, "indicators"), i, indicator) {
		s = add_quotas(indicator);
		if (s.missing > 0)
			note_gaps(x, i, indicator, &s);
		else if (s.given == 0 && stated_target(indicator, &target) &&
			 target > 1 &&
			 add_subtasks(x, part_id(indicator), &itemised, NULL) ==
			     0)
			note_unsplit(x, i, indicator, target);
	}
}

/* Units by what officials call them, in the order of the sentence. */
enum group {
	GROUP_COUNTY,
	GROUP_TROUPE,
	GROUP_DEPARTMENT,
	GROUP_OTHER,
	GROUP__MAX
};

static const struct {
	const char *kind;
	enum group group;
} kinds[] = {
    {"county", GROUP_COUNTY},
    {"zone", GROUP_COUNTY},
    {"troupe", GROUP_TROUPE},
    {"department", GROUP_DEPARTMENT},
};

static const char *const group_names[GROUP__MAX] = {
    [GROUP_COUNTY] = "县区",
    [GROUP_TROUPE] = "院团",
    [GROUP_DEPARTMENT] = "部门",
    [GROUP_OTHER] = "其他单位",
};

static enum group
group_of(const struct exam *x, const char *org_id)
{
	const json_t *org = org_index_unit(x->orgs, org_id);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (part_is(org, "kind", kinds[i].kind))
			return kinds[i].group;
	}
	return GROUP_OTHER;
}

/* The quotas by group. */
struct groups {
	int64_t sums[GROUP__MAX];
	size_t members[GROUP__MAX];
	size_t n; /* groups with members */
};

static struct groups
add_groups(const struct exam *x, const json_t *indicator, struct note *n)
{
	struct groups all = {.n = 0};
	const json_t *quota;
	enum group g;
	size_t i;

	json_array_foreach (json_peek_array(indicator, "quotas"), i, quota) {
		g = group_of(x, json_peek_str(quota, "orgId"));
		all.sums[g] =
		    add_capped(all.sums[g], json_peek_int(quota, "qty", 0));
		all.n += all.members[g]++ == 0;
		note_lines(n, quota);
	}
	return all;
}

/* "县区合计1859加院团170等于2029" */
static void
say_sum(const struct groups *all, int64_t sum, struct note *n)
{
	const char *before = "";
	const char *after = "合计";

	for (size_t i = 0; i < GROUP__MAX; i++) {
		if (all->members[i] == 0)
			continue;
		buf_addf(&n->text, "%s%s%s%" PRId64, before, group_names[i],
		    after, all->sums[i]);
		before = "加";
		after = "";
	}
	if (all->n > 1)
		buf_addf(&n->text, "等于%" PRId64, sum);
}

/* One piece of work may belong to a unit of each group. */
static void
say_twice(const struct groups *all, const char *unit, struct note *n)
{
	const char *link = "既算在";

	buf_addf(&n->text, "同一%s可能", unit[0] != '\0' ? unit : "件事");
	for (size_t i = 0; i < GROUP__MAX; i++) {
		if (all->members[i] == 0)
			continue;
		buf_addf(&n->text, "%s%s", link, group_names[i]);
		link = "又算在";
	}
	buf_add(&n->text, "，被重复计数，请明确计数口径。");
}

static void
note_mismatch(struct exam *x, size_t at, const json_t *indicator, int64_t sum,
    int64_t target)
{
	int64_t over = add_capped(sum, -target);
	struct groups all;
	struct note n;

	note_begin(x, &n);
	json_put_int(n.params, "target", target);
	json_put_int(n.params, "sum", sum);
	json_put_int(n.params, "difference", over);
	all = add_groups(x, indicator, &n);
	say_sum(&all, sum, &n);
	buf_addf(&n.text, "，比总数%" PRId64 "%s%" PRId64 "。", target,
	    over > 0 ? "多" : "少", over > 0 ? over : -over);
	if (all.n > 1)
		say_twice(&all, unit_of(indicator), &n);
	note_end(x, &n, part_id(indicator), "/indicators/%zu/quotas", at);
}

void
doctor_quota_sum_mismatch(struct exam *x)
{
	const json_t *indicator;
	int64_t target;
	struct split s;
	size_t i;

	json_array_foreach (exam_section(x, "indicators"), i, indicator) {
		s = add_quotas(indicator);
		if (s.given > 0 && s.missing == 0 &&
		    stated_target(indicator, &target) && s.sum != target)
			note_mismatch(x, i, indicator, s.sum, target);
	}
}

void
doctor_target_missing(struct exam *x)
{
	const json_t *first = json_array_get(exam_section(x, "indicators"), 0);
	struct note n;

	if (!part_is(x->task, "kind", "quantity") &&
	    !part_is(x->task, "kind", "mixed"))
		return;
	if (first != NULL &&
	    !part_is(json_peek_object(first, "target"), "state", "missing"))
		return;
	note_begin(x, &n);
	buf_add(&n.text,
	    "按数量考核，但没有写明总数，只能统计完成数，不能计算完成率。");
	if (first == NULL) {
		note_end(x, &n, "task", "/indicators");
		return;
	}
	note_lines(&n, first);
	note_end(x, &n, part_id(first), "/indicators/0/target");
}

void
doctor_target_derived(struct exam *x)
{
	const json_t *indicator, *quota;
	struct split s;
	struct note n;
	size_t i, k;

	json_array_foreach (exam_section(x, "indicators"), i, indicator) {
		if (!part_is(json_peek_object(indicator, "target"), "state",
			"derived"))
			continue;
		s = add_quotas(indicator);
		note_begin(x, &n);
		json_put_int(n.params, "sum", s.sum);
		json_put_int(n.params, "units", (json_int_t)s.given);
		json_array_foreach (
		    json_peek_array(indicator, "quotas"), k, quota)
			note_lines(&n, quota);
		buf_addf(&n.text,
		    "没有写明总数，由%zu个单位的分解数相加得到%" PRId64
		    "%s，统计时标明“由分解数推算”。",
		    s.given, s.sum, unit_of(indicator));
		note_end(
		    x, &n, part_id(indicator), "/indicators/%zu/target", i);
	}
}

void
doctor_subtask_sum_gap(struct exam *x)
{
	const json_t *indicator;
	int64_t target, sum, gap;
	const char *unit;
	struct note n;
	size_t i;

	json_array_foreach (exam_section(x, "indicators"), i, indicator) {
		if (!stated_target(indicator, &target) ||
		    add_subtasks(x, part_id(indicator), &sum, NULL) == 0 ||
		    sum == target)
			continue;
		unit = unit_of(indicator);
		gap = add_capped(target, -sum);
		note_begin(x, &n);
		(void)add_subtasks(x, part_id(indicator), &sum, &n);
		json_put_int(n.params, "target", target);
		json_put_int(n.params, "sum", sum);
		json_put_int(n.params, "gap", gap);
		buf_addf(&n.text, "总数%" PRId64 "%s，子项合计%" PRId64 "%s，",
		    target, unit, sum, unit);
		if (gap > 0)
			buf_addf(&n.text,
			    "还有%" PRId64 "%s没有列出子项，请补充或说明。",
			    gap, unit);
		else
			buf_addf(&n.text, "比总数多%" PRId64 "%s，请核对。",
			    -gap, unit);
		note_end(
		    x, &n, part_id(indicator), "/indicators/%zu/target", i);
	}
}
