// Money: what is certain, the honest range, and what nobody has put a number
// to.  Three figures and a list, never one bare total.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { bar } from "../lib/chart.js";
import { stat, to } from "./data.js";
import { fig, files, section, asked, crumbs } from "./parts.js";
import { wanRange } from "../lib/format.js";

export const title = () => "资金";

export async function load(q) {
	const [level, task, org] = await Promise.all([stat("funding", q, "level"), stat("funding", q, "task"), stat("funding", q, "org")]);
	return { level, task, org };
}

const name = { level: (row) => row.name, task: (row) => `第${row.no}件 ${row.title}`, org: (row) => row.name };

// What a row is about, as a link where there is a page for it.
function subject(q, row, by) {
	if (by === "org" && !row.orgId)
		return html`<span class="soft">付款方没有写明</span>`;
	return by === "level" ? name.level(row) : html`<a href=${by === "task" ? to(q, "task", row.taskId) : to(q, "org", row.orgId)}>${name[by](row)}</a>`;
}

export function moneyTable(q, answer, by = "level") {
	const max = Math.max(...answer.rows.map((row) => row.highFen));
	const money = (key) => (row, i) => fig(answer, `/rows/${i}/${key}`, "wan");
	return table({
		caption: "资金（万元）", rows: answer.rows, cls: "money", empty: "没有登记资金。",
		columns: [
			{ head: { level: "来源", task: "事项", org: "单位" }[by], rowHead: true, cell: (row) => html`${subject(q, row, by)}
				${bar({ sure: row.lowFen, high: row.highFen, max })}` },
			{ head: "明确", num: true, cell: money("statedFen") },
			{ head: "至少", num: true, cell: money("lowFen") },
			{ head: "至多", num: true, cell: money("highFen") },
			{ head: "数额不明", num: true, cell: (row) => row.unknown.length ? html`<a href=${to(q, "money")}>${row.unknown.length}项</a>` : "—" },
			...by === "task" ? [{ head: "单位成本（元）", num: true, cell: (row) => row.unitCost ?? "—" }] : [],
		],
		foot: ["合计", fig(answer, "/total/statedFen", "wan"), fig(answer, "/total/lowFen", "wan"), fig(answer, "/total/highFen", "wan"),
			html`${fig(answer, "/total/unknown")}项`],
	});
}

// ---- money that moved ----

export const STAGES = { plan: "计划", issued: "下达", received: "到位", paid: "支付" };

const recorded = (row) => Object.values(row.flows ?? {}).some((fen) => fen !== null);
const rate = (answer, pointer, value) => value === null ? html`<span class="soft">没有记录</span>` : fig(answer, pointer, "percent");

// In one line, of the whole.
export function moved(answer) {
	if (!recorded(answer.total))
		return html`<p class="small soft">还没有资金拨付的记录（没有记录不等于0）。</p>`;
	const at = (key, as = "wan") => fig(answer, `/total/${key}`, as);
	return html`<p class="small">已下达 ${at("flows/issuedFen")}，已到位 ${at("flows/receivedFen")}（到位率 ${at("receivedPercent", "percent")}），已支付 ${at("flows/paidFen")}（支付率 ${at("paidPercent", "percent")}），单位：万元。</p>`;
}

// By level or by task: what was stated, how much of it went how far.
export function flowTable(q, answer, by) {
	const rows = answer.rows.map((row, at) => ({ ...row, at })).filter((row) => row.statedFen > 0 || row.highFen > 0 || recorded(row));
	const flow = (key) => (row) => row.flows[`${key}Fen`] === null ? html`<span class="soft">没有记录</span>` : fig(answer, `/rows/${row.at}/flows/${key}Fen`, "wan");
	const total = (key, as = "wan") => fig(answer, `/total/${key}`, as);
	return table({
		caption: "资金进度（万元）", rows, empty: "没有登记资金。",
		columns: [
			{ head: { level: "来源", task: "事项" }[by], rowHead: true, cls: by === "task" ? "what" : "", cell: (row) => subject(q, row, by) },
			{ head: "明确", num: true, cell: (row) => fig(answer, `/rows/${row.at}/statedFen`, "wan") },
			{ head: "至少～至多", num: true, cell: (row) => wanRange(row) },
			...Object.entries(STAGES).map(([key, head]) => ({ head, num: true, cell: flow(key) })),
			{ head: "到位率", num: true, cell: (row) => rate(answer, `/rows/${row.at}/receivedPercent`, row.receivedPercent) },
			{ head: "支付率", num: true, cell: (row) => rate(answer, `/rows/${row.at}/paidPercent`, row.paidPercent) },
		],
		foot: ["合计", total("statedFen"), wanRange(answer.total), ...Object.keys(STAGES).map((key) => total(`flows/${key}Fen`)), total("receivedPercent", "percent"), total("paidPercent", "percent")],
	});
}

export function view(q, { level, task, org }) {
	const unknown = level.rows.flatMap((row) => row.unknown.map((item) => ({ ...item, name: row.name })));
	return html`${crumbs(q, "资金")}<h1>资金</h1>${asked(q, level)}
		<p class="note">“明确”是通知写明的数；写法有两种读法的（每县还是合计），一起放进“至少”和“至多”之间；没有数额的单列，不当作0。</p>
		${section("m-level", "按来源", moneyTable(q, level), files(level))}
		${unknown.length ? section("m-unknown", "数额不明", html`<ul class="lines">${unknown.map((u) =>
			html`<li><a href=${to(q, "task", u.taskId)}>第${u.no}件</a> <span class="tag">${u.name}</span> ${u.text}</li>`)}</ul>`) : nothing}
		${section("m-moved", "资金进度（万元）", html`<p class="note">计划→下达→到位→支付，都是累计数。到位率、支付率＝到位、支付÷“明确”的数；数额不明的钱不在分母里，所以旁边列出“至少～至多”。没有记录不等于0。</p>
			${flowTable(q, level, "level")}${flowTable(q, task, "task")}`)}
		${section("m-task", "按事项", moneyTable(q, task, "task"), files(task))}
		${org.rows.length ? section("m-org", "按承担单位", moneyTable(q, org, "org"), files(org)) : nothing}`;
}
