// Where a figure comes from: the formula in words, the rows it adds up, the
// units that are missing in it, and the address of the answer it was read in.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all } from "../lib/api.js";
import { table } from "../lib/table.js";
import { qty, day } from "../lib/format.js";
import { doc, stat, to } from "./data.js";
import { asked, crumbs, fig, section } from "./parts.js";
import { carried, fetchReports, newest, naming, value } from "./reports.js";

export const title = ({ indicator }) => `${indicator.name}：这个数是怎么来的`;

export async function load(q, taskId, indicatorId) {
	const [completion, task, reports, orgs] = await Promise.all([
		stat("completion", q, "task"), doc(`/api/v1/tasks/${encodeURIComponent(taskId)}`), fetchReports(q, { task: taskId }), all("orgs"),
	]);
	const row = completion.rows.findIndex((r) => r.taskId === taskId);
	const index = completion.rows[row]?.indicators.findIndex((i) => i.id === indicatorId) ?? -1;
	if (index < 0)
		throw new Error("没有这个指标。");
	const mine = newest(reports, q).filter((r) => r.indicatorId === indicatorId).map((r) => ({ ...r, stands: carried(r, reports, q) }));
	return { completion, task, mine, names: naming([task], orgs), pointer: `/rows/${row}/indicators/${index}`, indicator: completion.rows[row].indicators[index] };
}

// Every obliged unit, with its newest accepted report or with none.
export function units(task, indicatorId, mine) {
	const quotas = task.indicators.find((i) => i.id === indicatorId).quotas ?? [];
	const rows = quotas.map((quota) => ({ orgId: quota.orgId, quota, report: mine.find((r) => r.orgId === quota.orgId) }));
	const others = mine.filter((r) => !quotas.some((quota) => quota.orgId === r.orgId)).map((r) => ({ orgId: r.orgId, quota: null, report: r }));
	return [...rows, ...others];
}

export function unitTable(q, { rows, names, taskId, unit, foot }) {
	return table({
		caption: "各单位最近一次已认定的填报", rows, foot, empty: "还没有已认定的填报。",
		columns: [
			{ head: "单位", rowHead: true, cell: (r) => html`<a href=${to(q, "org", r.orgId)}>${names.org(r.orgId)}</a>` },
			{ head: `累计完成（${unit}）`, num: true, cell: (r) => r.report ? html`<a class="fig" href=${to(q, "report", r.report._id)}>${r.report.stands ? value(r.report.stands) : value(r.report)}</a>${r.report.stands ? html` <span class="tag">无进展，沿用</span>` : nothing}` : html`<span class="light red">没有填报</span>` },
			{ head: `任务数（${unit}）`, num: true, cell: (r) => r.quota ? r.quota.qty === null ? html`<span class="tag">未分解</span>` : qty(r.quota.qty) : html`<span class="soft">—</span>` },
			{ head: "截至", num: true, cell: (r) => r.report ? day(r.report.asOf, true) : "—" },
			{ head: "", num: true, cell: (r) => html`<a href=${to(q, "reports", taskId, r.orgId)}>历次填报</a>` },
		],
	});
}

export function view(q, { completion, task, mine, names, pointer, indicator }) {
	const { unit } = indicator;
	const at = (path, as = "qty", options = {}) => fig(completion, pointer + path, as, options);
	const rows = units(task, indicator.id, mine);
	return html`${crumbs(q, html`<a href=${to(q, "task", task._id)}>第${task.no}件</a>`, "这个数是怎么来的")}
		<h1>${indicator.name}：${at("/done", "qty", { unit })}</h1>${asked(q, completion)}
		<ol class="formula">
			<li><b>累计完成 ${at("/done", "qty", { unit })}</b>＝各单位最近一次已认定填报的累计数之和。填报填的是累计数，不把各月加起来。</li>
			<li><b>目标 ${at("/target/qty", "qty", { unit })}</b>${{ given: "：通知写明的。", derived: "：由各单位任务数推算（通知没有写总数）。", missing: "：通知没有写明，所以不算百分比。" }[indicator.target.state]}</li>
			<li><b>完成率 ${at("/percent", "percent")}</b>＝累计完成÷目标，只舍不入。</li>
			${indicator.quota ? html`<li><b>按任务数 ${at("/quota/percent", "percent")}</b>＝各单位不超过自己任务数的部分之和 ${at("/quota/done")}÷任务数之和 ${at("/quota/qty")}；超额 ${at("/over")} 不替别的单位顶数。</li>` : nothing}
			${indicator.units ? html`<li>有任务的单位 ${at("/units/obliged", "qty", { unit: "个" })}：已报数 ${at("/units/reported")}，报“无进展” ${at("/units/none")}，<b>没有填报 ${at("/units/missing")}</b>，已完成 ${at("/units/complete")}，任务数未分解 ${at("/units/unset")}。</li>` : nothing}
		</ol>
		${section("f-rows", "由这些填报相加", unitTable(q, { rows, names, taskId: task._id, unit, foot: ["合计", at("/done"), at("/quota/qty"), "", ""] }))}
		<p class="small soft">应答地址 <a class="address" href=${completion.from}>${completion.from}</a></p>`;
}
