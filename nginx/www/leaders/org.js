// One unit on one page: what it owes in each task, its milestones, its
// reports, the money it has to find.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all } from "../lib/api.js";
import { table } from "../lib/table.js";
import { qty, day } from "../lib/format.js";
import { light } from "../lib/lights.js";
import { maybeDoc, stat, statPath, maybeStat, to } from "./data.js";
import { course } from "./course.js";
import { asked, crumbs, fig, files, section } from "./parts.js";
import { checkList, fetchChecks } from "./checks.js";
import { fetchReports, newest, naming, reportTable, value } from "./reports.js";

export const title = ({ org }) => org.name;

export async function load(q, id) {
	const [orgs, tasks, completion, nodes, funding, headline, cells, reports, trend, found] = await Promise.all([
		all("orgs"), all(`plans/${encodeURIComponent(q.plan)}/tasks`), stat("completion", q, "org"), stat("milestones", q, "org"), stat("funding", q, "org"),
		stat("headline", q), maybeStat("matrix", q), fetchReports(q, { org: id }),
		maybeDoc(`${statPath("trend", q)}&org=${encodeURIComponent(id)}`), fetchChecks(q, { org: id }),
	]);
	const org = orgs.find((o) => o._id === id) ?? { _id: id, name: id };
	return { org, tasks, completion, nodes, funding, headline, cells, reports, trend, found, names: naming(tasks, orgs), mine: newest(reports, q) };
}

// The quotas of this unit, and the tasks it has by milestones or duties only.
function owed({ org, tasks, mine }) {
	const rows = [];
	for (const task of tasks) {
		const quotas = (task.indicators ?? []).flatMap((i) => (i.quotas ?? []).filter((quota) => quota.orgId === org._id).map((quota) => ({ task, indicator: i, quota })));
		const named = [...task.milestones ?? [], ...task.subtasks ?? []].some((x) => x.orgs?.includes(org._id)) || task.lead.orgId === org._id;
		if (quotas.length)
			rows.push(...quotas.map((r) => ({ ...r, report: mine.find((m) => m.taskId === task._id && m.indicatorId === r.indicator.id) })));
		else if (named)
			rows.push({ task, indicator: null });
	}
	return rows;
}

function lightOf({ cells, org, headline }, task) {
	const cell = cells && cells.rows.find((r) => r.orgId === org._id)?.cells?.find((c) => c.taskId === task._id);
	return light(cell ? cell.light : headline.tasks.find((t) => t.taskId === task._id)?.light);
}

export function view(q, data) {
	const { org, completion, nodes, funding, reports, names, cells, trend } = data;
	const row = (answer) => answer.rows.findIndex((r) => r.orgId === org._id);
	const c = row(completion), n = row(nodes), f = row(funding);
	return html`${crumbs(q, html`<a href=${to(q, "orgs")}>各单位</a>`, org.name)}<h1>${org.name}</h1>${asked(q, completion)}
		<ul class="counts">
			${c < 0 ? nothing : html`<li>${fig(completion, `/rows/${c}/obligations/met`, "qty", { cls: "large" })}到期任务 ${fig(completion, `/rows/${c}/obligations/due`)} 项，完成</li>
			<li>${fig(completion, `/rows/${c}/quotas/missing`, "qty", { cls: "large", href: to(q, "reports", "-", org._id), label: "没有填报的任务数" })}任务数 ${fig(completion, `/rows/${c}/quotas/total`)} 项，没有填报</li>`}
			${n < 0 ? nothing : html`<li>${fig(nodes, `/rows/${n}/overdue`, "qty", { cls: "large" })}全年节点 ${fig(nodes, `/rows/${n}/total`)} 个，逾期</li>
			<li>${fig(nodes, `/rows/${n}/dueSoon`, "qty", { cls: "large" })}节点快到期</li>`}
		</ul>
		${section("u-owed", "承担的事项", table({
			caption: "承担的事项", rows: owed(data), empty: "这个单位没有承担事项。",
			columns: [
				{ head: "件", num: true, cell: (r) => r.task.no },
				{ head: "事项", rowHead: true, cls: "what", cell: (r) => html`<a href=${to(q, "task", r.task._id)}>${r.task.title}</a>${r.indicator ? html`<div class="small soft">${r.indicator.name}</div>` : nothing}` },
				{ head: cells ? "本单位" : "整件事", cell: (r) => lightOf(data, r.task) },
				{ head: "累计完成", num: true, cell: (r) => !r.indicator ? html`<span class="soft">按节点</span>` : r.report
					? html`<a class="fig" href=${to(q, "report", r.report._id)}>${value(r.report, r.indicator.unit)}</a>` : html`<span class="light red">没有填报</span>` },
				{ head: "任务数", num: true, cell: (r) => !r.indicator ? "" : r.quota.qty === null ? html`<span class="tag">未分解</span>` : qty(r.quota.qty, r.indicator.unit) },
				{ head: "截至", num: true, cell: (r) => r.report ? day(r.report.asOf, true) : "" },
			],
		}))}
		${f < 0 ? nothing : section("u-money", "要承担的资金", html`<p>明确 ${fig(funding, `/rows/${f}/statedFen`, "wan")} 万元，至少 ${fig(funding, `/rows/${f}/lowFen`, "wan")} 万元，至多 ${fig(funding, `/rows/${f}/highFen`, "wan")} 万元${funding.rows[f].unknown.length
			? html`，另有${funding.rows[f].unknown.length}项数额不明` : nothing}。</p>`)}
		${trend?.rows.length ? section("u-courses", "逐月走势", html`<div class="courses">${trend.rows.map((r, i) =>
			html`<div><h3><a href=${to(q, "task", r.taskId)}>第${r.no}件</a> ${r.indicator}</h3>${course(trend, i)}</div>`)}</div>`, files(trend)) : nothing}
		${data.found ? section("u-checks", "核查和问责线索", checkList(q, data.found, names)) : nothing}
		${section("u-reports", "历次填报", reportTable(q, reports, names))}`;
}
