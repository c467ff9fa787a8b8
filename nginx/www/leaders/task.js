// One task on one page: how it stands and why, the figures, the units, the
// milestones, the money, who does what, and the words of the notice.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, maybe, query } from "../lib/api.js";
import { table } from "../lib/table.js";
import { day, wan } from "../lib/format.js";
import { light, reasons } from "../lib/lights.js";
import { bar } from "../lib/chart.js";
import { doc, maybeDoc, stat, statPath, to } from "./data.js";
import { asked, crumbs, fig, files, section } from "./parts.js";
import { carried, fetchReports, newest, naming } from "./reports.js";
import { fetchNotices, instruct, mayInstruct, notices } from "./notice.js";
import { course } from "./course.js";
import { units, unitTable } from "./figure.js";
import { checkList, fetchChecks } from "./checks.js";
import { STAGES } from "./money.js";
import { nodeTable, flat } from "./milestones.js";

export const title = ({ task }) => `第${task.no}件 ${task.title}`;

export async function load(q, id) {
	const path = `/api/v1/tasks/${encodeURIComponent(id)}`;
	const [task, headline, completion, nodes, funding, reports, orgs, findings, trend, said, found, flows] = await Promise.all([
		doc(path), stat("headline", q), stat("completion", q, "task"), stat("milestones", q, "task"), stat("funding", q, "task"),
		fetchReports(q, { task: id }), all("orgs"), maybeDoc(`/api/v1/plans/${encodeURIComponent(q.plan)}/findings`), maybeDoc(`${statPath("trend", q)}&task=${encodeURIComponent(id)}`), fetchNotices(q, { task: id }),
		fetchChecks(q, { task: id }), maybe(`fund-flows?${query({ plan: q.plan, task: id, asOf: q.asOf, limit: 200 })}`),
	]);
	const find = (rows) => rows.findIndex((r) => r.taskId === id);
	return {
		task, headline, completion, nodes, funding, trend, said, found, flows, names: naming([task], orgs), mine: newest(reports, q).map((r) => ({ ...r, stands: carried(r, reports, q) })),
		judged: headline.tasks[find(headline.tasks)], row: find(completion.rows), node: find(nodes.rows), money: find(funding.rows),
		findings: findings?.items.filter((f) => f.taskId === id) ?? [],
	};
}

function indicator(q, data, i, k) {
	const { completion, task, judged, names, mine, row, trend } = data;
	const line = trend ? trend.rows.findIndex((r) => r.taskId === task._id && r.indicatorId === i.id) : -1;
	const at = (path, as, options) => fig(completion, `/rows/${row}/indicators/${k}${path}`, as, options);
	const href = to(q, "figure", task._id, i.id);
	return html`<div class="indicator">
		<h3>${i.name}</h3>
		<ul class="counts">
			<li>${at("/done", "qty", { href, unit: i.unit, cls: "large", label: "累计完成" })}累计完成</li>
			<li>${at("/target/qty", "qty", { unit: i.unit, cls: "large" })}目标${i.target.state === "derived" ? html` <span class="tag">推算</span>` : nothing}</li>
			<li>${at("/percent", "percent", { href, cls: "large", label: "完成率" })}完成率</li>
			${i.units?.obliged ? html`<li>${at("/units/missing", "qty", { href, unit: "个", cls: "large", label: "没有填报的单位" })}没有填报的单位</li>` : nothing}
		</ul>
		${i.target.qty ? bar({ sure: i.done, high: i.done, max: i.target.qty, colour: judged.light }) : nothing}
		${course(trend, line)}
		${unitTable(q, { rows: units(task, i.id, mine.filter((r) => r.indicatorId === i.id)), names, taskId: task._id, unit: i.unit })}
	</div>`;
}

const LEVEL = { central: "中央", province: "省级", city: "市级", county: "县级", self: "自主安排" };
const CERTAIN = { given: "", ambiguous: "两种读法", holder_unknown: "付款方没有写明", unknown: "数额不明" };

// The records of money that moved, the newest first.
function flowList({ flows, names, task }, q) {
	const known = q.knownAt ?? "9999";
	const rows = (flows?.items ?? []).filter((f) => f.recordedAt <= known).sort((a, b) => b.asOf.localeCompare(a.asOf) || b.recordedAt.localeCompare(a.recordedAt));
	if (!rows.length)
		return html`<p class="small soft">还没有资金拨付的记录（没有记录不等于0）。</p>`;
	return table({
		caption: "资金拨付的记录（累计）", rows, showCaption: true,
		columns: [
			{ head: "截至", rowHead: true, cell: (f) => day(f.asOf) },
			{ head: "环节", cell: (f) => STAGES[f.stage] },
			{ head: "累计（万元）", num: true, cell: (f) => wan(f.amountFen) },
			{ head: "来源", cell: (f) => html`${LEVEL[f.level]}${f.orgId ? ` · ${names.org(f.orgId)}` : ""}` },
			{ head: "文号和说明", cls: "what", cell: (f) => html`${f.docNo ?? ""}${f.reason ? html`<div class="small">${f.reason}</div>` : nothing}` },
		],
	});
}

// How much of the stated money of this task has got how far.
function moved({ funding, money: i }) {
	const { flows } = funding.rows[i];
	if (Object.values(flows).every((fen) => fen === null))
		return nothing;
	const at = (path, as = "wan") => fig(funding, `/rows/${i}/${path}`, as);
	return html`<p>计划 ${at("flows/planFen")}，下达 ${at("flows/issuedFen")}，到位 ${at("flows/receivedFen")}（到位率 ${at("receivedPercent", "percent")}），支付 ${at("flows/paidFen")}（支付率 ${at("paidPercent", "percent")}），单位：万元；“—”是没有记录。</p>`;
}

function money({ task, funding, money: i }) {
	if (!task.funding?.length)
		return html`<p class="empty">通知没有写资金。</p>`;
	return html`${i < 0 ? nothing : html`<p>明确 ${fig(funding, `/rows/${i}/statedFen`, "wan")} 万元，至少 ${fig(funding, `/rows/${i}/lowFen`, "wan")} 万元，至多 ${fig(funding, `/rows/${i}/highFen`, "wan")} 万元${funding.rows[i].unitCost
		? html`；平均每个目标单位 ${funding.rows[i].unitCost} 元` : nothing}。</p>`}
	${i < 0 ? nothing : moved({ funding, money: i })}
	${table({
		caption: "通知里的资金", rows: task.funding,
		columns: [
			{ head: "来源", rowHead: true, cell: (f) => LEVEL[f.level] },
			{ head: "万元", num: true, cell: (f) => html`${wan(f.amountFen)}${f.per === "each" ? html` <span class="tag">每个单位</span>` : nothing}` },
			{ head: "原文", cls: "what", cell: (f) => html`${f.srcText} ${CERTAIN[f.certainty] ? html`<span class="tag">${CERTAIN[f.certainty]}</span>` : nothing}` },
		],
	})}`;
}

const ROLE = { lead: "牵头", support: "配合", implement: "落实" };

function duties({ task, names }) {
	return table({
		caption: "任务分工", rows: task.subtasks ?? [], empty: "通知没有写分工。",
		columns: [
			{ head: "单位", rowHead: true, cls: "some", cell: (s) => s.orgSet ?? s.orgs.map(names.org).join("、") },
			{ head: "", cls: "name", cell: (s) => ROLE[s.role] ?? "" },
			{ head: "任务", cls: "what", cell: (s) => s.duties?.length ? s.duties.map((d) => html`<div>${d.text}</div>`) : s.title ?? "" },
		],
	});
}

// The lead first, then the units that owe something.
async function write(q, { task, names }) {
	const ids = new Set([task.lead.orgId, ...(task.indicators ?? []).flatMap((i) => (i.quotas ?? []).map((r) => r.orgId)),
		...(task.milestones ?? []).flatMap((m) => m.orgs ?? [])]);
	if (await instruct(q, task, [...ids].map((id) => ({ id, name: names.org(id) }))))
		dispatchEvent(new Event("minsheng:again"));
}

export function view(q, data) {
	const { task, judged, completion, row, nodes, node, names, findings, headline, said } = data;
	return html`${crumbs(q, `第${task.no}件`)}
		<div class="row spread"><h1>第${task.no}件 ${task.title}</h1>${light(judged.light)}</div>
		${asked(q, headline)}
		<p>牵头：<a href=${to(q, "org", task.lead.orgId)}>${names.org(task.lead.orgId)}</a>${task.lead.contacts?.length
			? html`<span class="soft">，联系人 ${task.lead.contacts.map((c) => `${c.name} ${c.phone ?? ""}`).join("、")}</span>` : nothing}</p>
		<div class="note">${reasons(judged.reasons)}</div>
		${completion.rows[row].indicators.map((i, k) => indicator(q, data, i, k))}
		${data.trend?.rows.length ? html`<p>逐月走势 ${files(data.trend)}</p>` : nothing}
		${section("t-nodes", "节点", nodeTable(q, nodes, flat(nodes).filter((n) => n.pointer.startsWith(`/rows/${node}/`)), false))}
		${section("t-money", "资金", html`${money(data)}${flowList(data, q)}`)}
		${data.found ? section("t-checks", "核查和问责线索", checkList(q, data.found, names)) : nothing}
		${said ? section("t-notices", "批示和催办", notices(q, said, names), mayInstruct() ? html`<button class="screen" @click=${() => write(q, data)}>批示</button>` : nothing) : nothing}
		${section("t-duties", "分工", duties(data))}
		${findings.length ? section("t-findings", "计划体检", html`<ul class="lines">${findings.map((f) => html`<li>${f.text} ${f.disposition
			? html`<span class="tag">${f.disposition.status === "accepted" ? "已认可" : "已处置"}</span>` : html`<span class="tag">尚未处置</span>`}</li>`)}</ul>`) : nothing}
		${section("t-source", "依据", html`<p>${task.source?.docNo ?? ""}${task.source?.lines ? `，第${task.source.lines.join("～")}行` : ""}${task.amendments?.length
			? `；印发后调整过${task.amendments.length}次` : ""}。<a href=${to(q, "reports", task._id)}>全部填报</a></p>`)}`;
}
