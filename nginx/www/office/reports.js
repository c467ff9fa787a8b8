// The reports of this plan, whatever has become of them.
import { html } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { instant, month, qty } from "../lib/format.js";
import { STATES } from "./book.js";
import { listOf, orgOptions, sieve, state, taskOptions } from "./parts.js";

export const title = () => "填报";

export async function load(ctx) {
	return { list: ctx.plan ? await listOf(ctx, "reports", ["period", "task", "org", "state"]) : [] };
}

export function months(plan) {
	return Array.from({ length: 12 }, (_, i) => `${plan.year}-${String(i + 1).padStart(2, "0")}`);
}

export function view(ctx, { list }) {
	const { book } = ctx;
	const unit = (r) => book.indicator(r.taskId, r.indicatorId)?.unit ?? "";
	const rows = [...list].sort((a, b) => (b.submittedAt ?? b.createdAt).localeCompare(a.submittedAt ?? a.createdAt));
	return html`<h1>填报</h1>${ctx.plan ? sieve(ctx, [
		{ name: "period", label: "月份", options: months(ctx.plan).map((m) => [m, month(m)]) }, { name: "task", label: "事项", options: taskOptions(book) },
		{ name: "org", label: "单位", options: orgOptions(book) }, { name: "state", label: "状态", options: Object.entries(STATES.report).filter(([s]) => s !== "missing") },
	]) : ""}
		<p class="soft small">${rows.length}条</p>
		${table({
			caption: "填报", rows: rows.slice(0, 500), empty: "没有这样的填报。",
			columns: [
				{ head: "月份", rowHead: true, cell: (r) => html`<a href=${ctx.to("report", r._id)}>${month(r.period)}</a>` }, { head: "单位", cell: (r) => book.org(r.orgId) }, { head: "事项", cell: (r) => book.task(r.taskId) },
				{ head: "累计完成", num: true, cell: (r) => r.value ? r.value.kind === "none" ? "无进展" : qty(r.value.n, unit(r)) : "—" },
				{ head: "状态", cell: (r) => state("report", r.state) }, { head: "上报", cell: (r) => html`<span class="num">${instant(r.submittedAt)}</span>` }, { head: "填报人", cell: (r) => r.author?.name ?? "" },
			],
		})}`;
}
