// Money: what is certain, the honest range, and what nobody has put a number
// to.  Three figures and a list, never one bare total.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { bar } from "../lib/chart.js";
import { stat, to } from "./data.js";
import { fig, files, section, asked, crumbs } from "./parts.js";

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

export function view(q, { level, task, org }) {
	const unknown = level.rows.flatMap((row) => row.unknown.map((item) => ({ ...item, name: row.name })));
	return html`${crumbs(q, "资金")}<h1>资金</h1>${asked(q, level)}
		<p class="note">“明确”是通知写明的数；写法有两种读法的（每县还是合计），一起放进“至少”和“至多”之间；没有数额的单列，不当作0。</p>
		${section("m-level", "按来源", moneyTable(q, level), files(level))}
		${unknown.length ? section("m-unknown", "数额不明", html`<ul class="lines">${unknown.map((u) =>
			html`<li><a href=${to(q, "task", u.taskId)}>第${u.no}件</a> <span class="tag">${u.name}</span> ${u.text}</li>`)}</ul>`) : nothing}
		${section("m-task", "按事项", moneyTable(q, task, "task"), files(task))}
		${org.rows.length ? section("m-org", "按承担单位", moneyTable(q, org, "org"), files(org)) : nothing}`;
}
