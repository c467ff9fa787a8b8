// The reports behind a figure: of a task, of a unit, or of both.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, query } from "../lib/api.js";
import { table } from "../lib/table.js";
import { qty, day, instant, endOf } from "../lib/format.js";
import { doc, to } from "./data.js";
import { asked, crumbs } from "./parts.js";

export const STATES = {
	draft: "草稿", submitted: "已提交", unit_confirmed: "单位已确认", lead_confirmed: "牵头已审核", accepted: "已认定", returned: "被退回", superseded: "已被更正",
};

export function value(report, units) {
	const v = report.value;
	if (!v)
		return "—";
	return v.kind === "number" ? html`<span class="num">${qty(v.n)}</span>${units ? html`<span class="unit">${units}</span>` : nothing}` : html`<span class="soft">无进展可报</span>`;
}

export function fetchReports(q, filter) {
	return all(`reports?${query({ plan: q.plan, asOf: q.asOf, ...filter })}`);
}

// The newest accepted report of each series, as the figures take it: up to the
// day asked for, known at the instant asked for.
export function newest(reports, q) {
	const known = q.knownAt ?? endOf("9999-12-30");
	const best = new Map();
	for (const r of reports) {
		if (!r.acceptedAt || r.acceptedAt > known || r.asOf > q.asOf)
			continue;
		const key = `${r.taskId} ${r.indicatorId} ${r.orgId}`;
		const old = best.get(key);
		if (!old || r.asOf > old.asOf || r.asOf === old.asOf && (r.acceptedAt > old.acceptedAt || r.acceptedAt === old.acceptedAt && r.revision > old.revision))
			best.set(key, r);
	}
	return [...best.values()];
}

// What stands when the newest says that there was nothing: the last number.
export function carried(report, reports, q) {
	if (report.value?.kind !== "none")
		return null;
	return newest(reports.filter((r) => r.value?.kind === "number" && r.taskId === report.taskId && r.indicatorId === report.indicatorId && r.orgId === report.orgId), q)[0] ?? null;
}

export function reportTable(q, reports, names, caption = "填报") {
	return table({
		caption, rows: reports, empty: "没有填报。",
		columns: [
			{ head: "截至", rowHead: true, cell: (r) => html`<a href=${to(q, "report", r._id)}>${day(r.asOf)}</a>` },
			{ head: "单位", cell: (r) => names.org(r.orgId) },
			{ head: "指标", cell: (r) => names.indicator(r) },
			{ head: "累计", num: true, cell: (r) => value(r, names.unit(r)) },
			{ head: "情况", cls: "what", cell: (r) => r.narrative ?? "" },
			{ head: "状态", cell: (r) => html`${STATES[r.state] ?? r.state}${r.revision > 1 ? html` <span class="tag">第${r.revision}稿</span>` : nothing}` },
			{ head: "认定", num: true, cell: (r) => instant(r.acceptedAt) },
		],
	});
}

// Words for ids, out of the plan's tasks and the units.
export function naming(tasks, orgs) {
	const byOrg = new Map(orgs.map((o) => [o._id, o.name]));
	const byTask = new Map(tasks.map((t) => [t._id, t]));
	const of = (r) => byTask.get(r.taskId)?.indicators?.find((i) => i.id === r.indicatorId);
	return {
		org: (id) => byOrg.get(id) ?? id,
		task: (id) => byTask.get(id),
		indicator: (r) => of(r)?.name ?? r.indicatorId,
		unit: (r) => of(r)?.unit ?? "",
	};
}

export const title = () => "填报";

export async function load(q, task, org) {
	const [reports, one, orgs] = await Promise.all([
		fetchReports(q, { task: task === "-" ? null : task, org }), task === "-" ? all(`plans/${q.plan}/tasks`) : doc(`/api/v1/tasks/${encodeURIComponent(task)}`), all("orgs"),
	]);
	const tasks = [one].flat();
	return { reports, task: task === "-" ? null : one, org, names: naming(tasks, orgs) };
}

export function view(q, { reports, task, org, names }) {
	return html`${crumbs(q, ...task ? [html`<a href=${to(q, "task", task._id)}>第${task.no}件</a>`] : [], ...org ? [html`<a href=${to(q, "org", org)}>${names.org(org)}</a>`] : [], "填报")}
		<h1>填报${org ? `：${names.org(org)}` : nothing}</h1>
		${asked(q)}
		${task ? html`<p>第${task.no}件 ${task.title}</p>` : nothing}
		${reportTable(q, reports, names)}`;
}
