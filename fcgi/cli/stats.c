#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/table.h"
#include "plan/assess.h"
#include "plan/money.h"
#include "stats/stats.h"

enum format { TEXT, NUMBER, PERCENT, MONEY, COUNT, CLASS, LIGHT };

/* A column: its heading, where the value is in a row, how it is shown. */
struct column {
	const char *heading;
	const char *path;
	enum format format;
};

#define COLUMNS_MAX 10

/* How an answer is shown.  by: "" for a family without groupings. */
struct view {
	const char *family;
	const char *by;
	const char *list; /* the member that holds the rows */
	struct column columns[COLUMNS_MAX];
};

/* clang-format off */
static const struct view views[] = {
	{ "headline", "", "tasks", {
		{ ">序号", "no", NUMBER }, { "事项", "title", TEXT },
		{ "进度", "class", CLASS }, { "灯", "light", LIGHT } } },
	{ "completion", "task", "rows", {
		{ ">序号", "no", NUMBER }, { "事项", "title", TEXT },
		{ ">完成", "indicators.0.done", NUMBER },
		{ ">目标", "indicators.0.target.qty", NUMBER },
		{ "目标来历", "indicators.0.target.state", TEXT },
		{ "单位", "indicators.0.unit", TEXT },
		{ ">完成率", "indicators.0.percent", PERCENT },
		{ ">节点已到期", "milestones.due", NUMBER },
		{ ">其中完成", "milestones.met", NUMBER },
		{ "进度", "class", CLASS } } },
	{ "completion", "org", "rows", {
		{ "单位", "name", TEXT }, { ">任务数", "quotas.total", NUMBER },
		{ ">已报", "quotas.reported", NUMBER },
		{ ">未报", "quotas.missing", NUMBER },
		{ ">完成", "quotas.met", NUMBER },
		{ ">到期义务", "obligations.due", NUMBER },
		{ ">已履行", "obligations.met", NUMBER } } },
	{ "completion", "lead", "rows", {
		{ "牵头单位", "name", TEXT }, { ">事项", "tasks", NUMBER },
		{ ">已完成", "counts.done", NUMBER },
		{ ">超进度", "counts.ahead", NUMBER },
		{ ">达进度", "counts.on_pace", NUMBER },
		{ ">欠进度", "counts.behind", NUMBER },
		{ ">无法评估", "counts.unassessable", NUMBER },
		{ ">到期义务", "obligations.due", NUMBER },
		{ ">已履行", "obligations.met", NUMBER } } },
	{ "completion", "month", "rows", {
		{ "月份", "month", TEXT }, { ">已完成", "counts.done", NUMBER },
		{ ">超进度", "counts.ahead", NUMBER },
		{ ">达进度", "counts.on_pace", NUMBER },
		{ ">欠进度", "counts.behind", NUMBER },
		{ ">无法评估", "counts.unassessable", NUMBER },
		{ ">到期义务", "obligations.due", NUMBER },
		{ ">已履行", "obligations.met", NUMBER } } },
	{ "matrix", "", "rows", {
		{ "单位", "name", TEXT }, { ">事项", "cells", COUNT },
		{ ">已完成", "lights.blue", NUMBER },
		{ ">正常推进", "lights.green", NUMBER },
		{ ">需要关注", "lights.yellow", NUMBER },
		{ ">严重滞后", "lights.red", NUMBER },
		{ ">无法评估", "lights.grey", NUMBER } } },
	{ "timeliness", "org", "rows", {
		{ "单位", "name", TEXT }, { ">应报", "obliged", NUMBER },
		{ ">按时", "onTime", NUMBER }, { ">迟报", "late", NUMBER },
		{ ">漏报", "missing", NUMBER }, { ">未到期", "open", NUMBER },
		{ ">其中无可报", "none", NUMBER } } },
	{ "timeliness", "task", "rows", {
		{ ">序号", "no", NUMBER }, { "事项", "title", TEXT },
		{ ">应报", "obliged", NUMBER }, { ">按时", "onTime", NUMBER },
		{ ">迟报", "late", NUMBER }, { ">漏报", "missing", NUMBER },
		{ ">未到期", "open", NUMBER }, { ">其中无可报", "none", NUMBER } } },
	{ "timeliness", "month", "rows", {
		{ "月份", "month", TEXT }, { ">应报", "obliged", NUMBER },
		{ ">按时", "onTime", NUMBER }, { ">迟报", "late", NUMBER },
		{ ">漏报", "missing", NUMBER }, { ">未到期", "open", NUMBER },
		{ ">其中无可报", "none", NUMBER } } },
	{ "trend", "", "rows", {
		{ ">序号", "no", NUMBER }, { "事项", "title", TEXT },
		{ "单位", "unit", TEXT }, { ">目标", "target", NUMBER },
		{ ">月数", "points", COUNT } } },
	{ "funding", "level", "rows", {
		{ "资金来源", "name", TEXT }, { ">确定", "statedFen", MONEY },
		{ ">至少", "lowFen", MONEY }, { ">至多", "highFen", MONEY },
		{ ">未知项", "unknown", COUNT } } },
	{ "funding", "task", "rows", {
		{ ">序号", "no", NUMBER }, { "事项", "title", TEXT },
		{ ">确定", "statedFen", MONEY },
		{ ">至少", "lowFen", MONEY }, { ">至多", "highFen", MONEY },
		{ ">未知项", "unknown", COUNT }, { ">单位成本（元）", "unitCost", TEXT } } },
	{ "funding", "lead", "rows", {
		{ "牵头单位", "name", TEXT }, { ">确定", "statedFen", MONEY },
		{ ">至少", "lowFen", MONEY }, { ">至多", "highFen", MONEY },
		{ ">未知项", "unknown", COUNT } } },
	{ "funding", "org", "rows", {
		{ "出资单位", "name", TEXT }, { ">确定", "statedFen", MONEY },
		{ ">至少", "lowFen", MONEY }, { ">至多", "highFen", MONEY },
		{ ">未知项", "unknown", COUNT } } },
	{ "milestones", "task", "rows", {
		{ ">序号", "no", NUMBER }, { "事项", "title", TEXT },
		{ ">节点", "milestones", COUNT },
		{ ">节点完成率", "nodeRate", PERCENT } } },
	{ "milestones", "org", "rows", {
		{ "单位", "name", TEXT }, { ">已到期", "due", NUMBER },
		{ ">完成", "met", NUMBER }, { ">提前完成", "early", NUMBER },
		{ ">逾期", "overdue", NUMBER }, { ">即将到期", "dueSoon", NUMBER } } },
};
/* clang-format on */

/* "indicators.0.target.qty": borrowed, or NULL. */
static const json_t *
peek_path(const json_t *v, const char *path)
{
	char key[64];

	while (v != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)n, path);
		v = json_is_array(v)
			? json_array_get(v, (size_t)strtoul(key, NULL, 10))
			: json_object_get(v, key);
		path += n + (path[n] == '.');
	}
	return v;
}

static const char *
title_of_class(const char *text)
{
	for (int c = 0; c < CLASS__MAX; c++) {
		if (strcmp(class_text((enum assess_class)c), text) == 0)
			return class_title((enum assess_class)c);
	}
	return text;
}

static const char *
title_of_light(const char *text)
{
	for (int l = 0; l < LIGHT__MAX; l++) {
		if (strcmp(light_text((enum light)l), text) == 0)
			return light_title((enum light)l);
	}
	return text;
}

static void
add_value(struct table *t, const json_t *v, enum format format)
{
	char money[MONEY_TEXT];

	if (format == COUNT)
		table_add(t, "%zu", json_array_size(v));
	else if (v == NULL || json_is_null(v))
		table_add(t, "-");
	else if (format == MONEY)
		table_add(
		    t, "%s", money_wan_text(json_integer_value(v), money));
	else if (format == PERCENT)
		table_add(t, "%s%%", json_string_value(v));
	else if (format == CLASS)
		table_add(t, "%s", title_of_class(json_string_value(v)));
	else if (format == LIGHT)
		table_add(t, "%s", title_of_light(json_string_value(v)));
	else if (json_is_integer(v))
		table_add(t, "%lld", (long long)json_integer_value(v));
	else
		table_add(t, "%s", json_string_value(v));
}

static struct table *
view_table(const struct view *view, const json_t *answer)
{
	const char *headings[COLUMNS_MAX];
	const json_t *rows = json_object_get(answer, view->list);
	struct table *t;
	size_t n = 0, i;
	json_t *row;

	while (n < COLUMNS_MAX && view->columns[n].heading != NULL) {
		headings[n] = view->columns[n].heading;
		n++;
	}
	t = table_new(n, headings);
	json_array_foreach (rows, i, row) {
		for (size_t c = 0; c < n; c++)
			add_value(t, peek_path(row, view->columns[c].path),
			    view->columns[c].format);
	}
	return t;
}

/* The total of money, and what stays unknown: never a bare sum. */
static void
print_money_notes(const json_t *answer)
{
	const json_t *total = json_object_get(answer, "total");
	char low[MONEY_TEXT], high[MONEY_TEXT];
	size_t i, k;
	json_t *row, *item;

	printf("合计：%s 至 %s，另有%lld项未知\n",
	    money_wan_text(json_peek_int(total, "lowFen", 0), low),
	    money_wan_text(json_peek_int(total, "highFen", 0), high),
	    (long long)json_peek_int(total, "unknown", 0));
	json_array_foreach (json_object_get(answer, "rows"), i, row) {
		json_array_foreach (json_object_get(row, "unknown"), k, item)
			printf("  未知：第%lld件，%s\n",
			    (long long)json_peek_int(item, "no", 0),
			    json_peek_str(item, "text"));
	}
}

static void
print_counts(const json_t *answer)
{
	const json_t *counts = json_object_get(answer, "counts");

	for (int c = 0; c < CLASS__MAX; c++)
		printf("%s%s %lld", c > 0 ? "，" : "",
		    class_title((enum assess_class)c),
		    (long long)json_peek_int(
			counts, class_text((enum assess_class)c), 0));
	printf("，共 %lld 件\n", (long long)json_peek_int(answer, "total", 0));
}

static void
print_answer(const json_t *answer)
{
	const char *family = json_peek_str(answer, "family");
	const char *by = json_peek_str(answer, "by");

	printf("截至%s，当时所知%s\n\n", json_peek_str(answer, "asOf"),
	    json_peek_str(answer, "knownAt"));
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		struct table *t;

		if (strcmp(views[i].family, family) != 0 ||
		    strcmp(views[i].by, by != NULL ? by : "") != 0)
			continue;
		t = view_table(&views[i], answer);
		table_print(t, false);
		table_free(t);
	}
	putchar('\n');
	if (strcmp(family, "funding") == 0)
		print_money_notes(answer);
	if (strcmp(family, "headline") == 0)
		print_counts(answer);
}

static void
add_param(struct buf *target, const char *name, const char *value)
{
	if (value != NULL)
		buf_addf(target, "&%s=%s", name, value);
}

static int
refuse_family(struct cli *cli, const char *name)
{
	struct buf names;

	buf_init(&names, 0);
	for (int f = 0; f < STAT__MAX; f++)
		buf_addf(&names, "%s%s", f > 0 ? "、" : "",
		    stats_family_name((enum stats_family)f));
	err_set(&cli->e, ERR_BADREQUEST, "没有“%.80s”这种统计，可以是：%s",
	    name, names.data);
	buf_fini(&names);
	return -1;
}

static int
stats(struct cli *cli, struct app *app)
{
	const char *by = cli_option(cli, "--by");
	const char *as_of = cli_option(cli, "--as-of");
	const char *known_at = cli_option(cli, "--known-at");
	bool json = cli_flag(cli, "--json");
	struct buf target, body;
	json_t *answer = NULL;

	if (!cli_arguments(cli, 2, 2))
		return CLI_USAGE;
	if (stats_family_by_name(cli->argv[0]) < 0)
		return refuse_family(cli, cli->argv[0]);
	if (cli_check_id(cli, cli->argv[1]) < 0)
		return -1;
	buf_init(&target, 0);
	buf_init(&body, 0);
	buf_addf(
	    &target, "/api/v1/stats/%s?plan=%s", cli->argv[0], cli->argv[1]);
	add_param(&target, "by", by);
	add_param(&target, "asOf", as_of);
	add_param(&target, "knownAt", known_at);
	if (cli_request(cli, app, "GET", target.data, NULL, &body) == 0)
		answer = json_read_own(body.data, body.len, &cli->e);
	if (answer != NULL && json)
		puts(body.data);
	else if (answer != NULL)
		print_answer(answer);
	buf_fini(&target);
	buf_fini(&body);
	json_decref(answer);
	return cli->e.code == ERR_NONE ? 0 : -1;
}

int
cmd_stats(struct cli *cli)
{
	return cli_with_app(cli, false, stats);
}
