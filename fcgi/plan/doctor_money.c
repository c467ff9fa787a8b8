#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "plan/doctor_rules.h"
#include "plan/money.h"

static const struct {
	const char *level;
	const char *name;
} levels[] = {
    {"central", "中央财政资金"},
    {"province", "省级财政资金"},
    {"city", "市级财政资金"},
    {"county", "县级财政资金"},
    {"self", "自筹资金"},
};

static const char *
level_name(const json_t *item)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (part_is(item, "level", levels[i].level))
			return levels[i].name;
	}
	return "资金";
}

static bool
is_unknown(const json_t *item)
{
	return part_is(item, "certainty", "unknown") ||
	       !json_is_integer(json_object_get(item, "amountFen"));
}

/* （原文：“……”） */
static void
quote_source(struct note *n, const json_t *item)
{
	const char *text = json_peek_str(item, "srcText");

	if (text != NULL && text[0] != '\0')
		buf_addf(&n->text, "（原文：“%s”）", text);
}

void
doctor_funding_missing(struct exam *x)
{
	const json_t *items = exam_section(x, "funding");
	const json_t *item;
	struct note n;
	size_t i;

	if (json_array_size(items) == 0) {
		note_begin(x, &n);
		buf_add(&n.text, "没有写明投资总额及资金来源。");
		note_end(x, &n, "task", "/funding");
	}
	json_array_foreach (items, i, item) {
		if (!is_unknown(item))
			continue;
		note_begin(x, &n);
		note_lines(&n, item);
		buf_addf(&n.text, "的%s没有写明金额", level_name(item));
		quote_source(&n, item);
		buf_add(&n.text, "，统计时单独列为未知，不按0计算。");
		note_end(x, &n, part_id(item), "/funding/%zu", i);
	}
}

/* Total or each?  Both readings, with their sums. */
static void
note_total_or_each(struct exam *x, size_t at, const json_t *item)
{
	int64_t amount = json_peek_int(item, "amountFen", 0);
	size_t units = json_array_size(json_peek_array(item, "orgs"));
	int64_t high = mul_capped(amount, (int64_t)(units > 0 ? units : 1));
	char one[MONEY_TEXT], all[MONEY_TEXT];
	struct note n;

	note_begin(x, &n);
	note_lines(&n, item);
	json_put_int(n.params, "lowFen", amount);
	json_put_int(n.params, "highFen", high);
	json_put_int(n.params, "units", (json_int_t)units);
	(void)money_wan_text(amount, one);
	buf_addf(&n.text, "的%s%s没有写明是合计还是每个单位的数",
	    level_name(item), one);
	quote_source(&n, item);
	if (units > 1)
		buf_addf(&n.text,
		    "：按合计为%s，按%zu个单位各%s则为%s。统计时给出区间。",
		    one, units, one, money_wan_text(high, all));
	else
		buf_add(&n.text, "，也没有写明由哪些单位承担。");
	note_end(x, &n, part_id(item), "/funding/%zu", at);
}

/* One amount, `before` and `after` the sum, and what follows from it. */
static void
note_amount(struct exam *x, size_t at, const json_t *item, const char *before,
    const char *after, const char *end)
{
	int64_t amount = json_peek_int(item, "amountFen", 0);
	char text[MONEY_TEXT];
	struct note n;

	note_begin(x, &n);
	note_lines(&n, item);
	json_put_int(n.params, "amountFen", amount);
	buf_addf(&n.text, "的%s%s%s%s", level_name(item), before,
	    money_wan_text(amount, text), after);
	quote_source(&n, item);
	buf_add(&n.text, end);
	note_end(x, &n, part_id(item), "/funding/%zu", at);
}

static void
note_holder(struct exam *x, size_t at, const json_t *item)
{
	note_amount(x, at, item, "", "没有写明由谁承担",
	    "，计入总额，但不归到任何单位名下。");
}

/* "Each" of whom? */
static void
note_each_of_nobody(struct exam *x, size_t at, const json_t *item)
{
	note_amount(x, at, item, "写明各", "",
	    "，但没有写明是哪些单位，无法计算合计。");
}

void
doctor_funding_ambiguous(struct exam *x)
{
	const json_t *item;
	size_t i;

	json_array_foreach (exam_section(x, "funding"), i, item) {
		if (is_unknown(item))
			continue;
		if (part_is(item, "certainty", "ambiguous"))
			note_total_or_each(x, i, item);
		else if (part_is(item, "certainty", "holder_unknown"))
			note_holder(x, i, item);
		else if (part_is(item, "per", "each") &&
			 json_array_size(json_peek_array(item, "orgs")) == 0)
			note_each_of_nobody(x, i, item);
	}
}

static bool
same_lines(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "lines"),
		   json_object_get(b, "lines")) != 0;
}

/* Did an earlier item stand in the same cell? */
static bool
seen_before(const json_t *items, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (same_lines(
			json_array_get(items, i), json_array_get(items, at)))
			return true;
	}
	return false;
}

/* One cell, printed in several rows, may hold several items. */
static void
note_repeated(struct exam *x, const json_t *items, size_t at)
{
	const json_t *first = json_array_get(items, at);
	size_t times = json_array_size(json_peek_array(first, "lines"));
	const json_t *item;
	char text[MONEY_TEXT];
	int64_t sum = 0, extra, amount;
	struct note n;

	note_begin(x, &n);
	note_lines(&n, first);
	buf_add(&n.text, "的资金单元格（");
	for (size_t i = at; i < json_array_size(items); i++) {
		item = json_array_get(items, i);
		if (!same_lines(first, item))
			continue;
		amount = json_peek_int(item, "amountFen", 0);
		sum = add_capped(sum, amount);
		buf_addf(&n.text, "%s%s%s", i > at ? "、" : "",
		    level_name(item), money_wan_text(amount, text));
	}
	extra = mul_capped(sum, (int64_t)times - 1);
	json_put_int(n.params, "times", (json_int_t)times);
	json_put_int(n.params, "countedFen", sum);
	json_put_int(n.params, "extraFen", extra);
	buf_addf(&n.text,
	    "）在表中印了%zu次，只按1次计算；如重复相加会多出%s。", times,
	    money_wan_text(extra, text));
	note_end(x, &n, part_id(first), "/funding/%zu", at);
}

void
doctor_funding_duplicate(struct exam *x)
{
	const json_t *items = exam_section(x, "funding");
	const json_t *item;
	size_t i;

	json_array_foreach (items, i, item) {
		if (json_array_size(json_peek_array(item, "lines")) > 1 &&
		    !seen_before(items, i))
			note_repeated(x, items, i);
	}
}

void
doctor_unit_cost_outlier(struct exam *x)
{
	const json_t *first = json_array_get(exam_section(x, "indicators"), 0);
	const char *unit = json_peek_str(first, "unit");
	int64_t target, cost;
	char money[MONEY_TEXT], each[MONEY_TEXT];
	char min[MONEY_TEXT], max[MONEY_TEXT];
	struct note n;

	target = json_peek_int(json_peek_object(first, "target"), "qty", 0);
	if (target <= 0 || x->stated_fen <= 0)
		return;
	cost = x->stated_fen / target;
	if (cost >= x->policy.unit_cost_min_fen &&
	    cost <= x->policy.unit_cost_max_fen)
		return;
	note_begin(x, &n);
	note_lines(&n, first);
	json_put_int(n.params, "statedFen", x->stated_fen);
	json_put_int(n.params, "target", target);
	json_put_int(n.params, "unitCostFen", cost);
	buf_addf(&n.text,
	    "资金%s÷总数%" PRId64 "%s=每%s约%s，不在通常范围（%s至%s）之内，"
	    "请核对金额和数量的单位。",
	    money_wan_text(x->stated_fen, money), target,
	    unit != NULL ? unit : "", unit != NULL ? unit : "项",
	    money_yuan_text(cost, each),
	    money_yuan_text(x->policy.unit_cost_min_fen, min),
	    money_wan_text(x->policy.unit_cost_max_fen, max));
	note_end(x, &n, part_id(first), "/indicators/0/target");
}
