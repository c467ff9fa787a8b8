// The first page: how many tasks stand how, the matrix, what needs attention,
// every task in one line, money, reporting, what has changed.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { bar } from "../lib/chart.js";
import { light, shape, CLASSES, CLASS_COLOUR } from "../lib/lights.js";
import { monthBefore, day } from "../lib/format.js";
import { stat, maybeStat, to } from "./data.js";
import { fig, files, section, asked } from "./parts.js";
import { isPlace, matrix } from "./matrix.js";
import { moneyTable, moved } from "./money.js";
import { reportingBrief } from "./reporting.js";

export const title = () => "总览";

export async function load(q) {
	const before = { ...q, asOf: monthBefore(q.asOf) };
	const [headline, completion, cells, funding, timeliness, earlier] = await Promise.all([
		stat("headline", q), stat("completion", q, "task"), maybeStat("matrix", q),
		stat("funding", q, "level"), maybeStat("timeliness", q, "org"), stat("headline", before),
	]);
	return { headline, completion, cells, funding, timeliness, earlier, before };
}

export function counts(q, { headline }) {
	return html`<ul class="counts five">${CLASSES.map((key) => html`<li class=${CLASS_COLOUR[key]}>
		${fig(headline, `/counts/${key}`, "qty", { href: to(q, "class", key), label: headline.labels[key], unit: "件", cls: "large" })}
		<span class="row tight">${shape(CLASS_COLOUR[key])}${headline.labels[key]}</span></li>`)}</ul>`;
}

// The worst first; tasks of the same light by number.
const ORDER = ["red", "yellow", "grey", "green", "blue"];

export function attention(q, { headline }) {
	const list = headline.tasks.filter((t) => t.light === "red" || t.light === "yellow")
		.sort((a, b) => ORDER.indexOf(a.light) - ORDER.indexOf(b.light) || a.no - b.no);
	if (!list.length)
		return html`<p class="empty">没有需要关注的事项。</p>`;
	return html`<ol class="attention">${list.map((t) => html`<li>
		<a href=${to(q, "task", t.taskId)}>${shape(t.light)}<span>第${t.no}件 ${t.title}</span></a>
		<p class="small soft"><span class="hidden">${light(t.light)}：</span>${t.reasons.map((r) => r.text).join("")}</p></li>`)}</ol>`;
}

function progress(indicator, colour) {
	if (!indicator || !indicator.target.qty)
		return nothing;
	return bar({ sure: indicator.done, high: indicator.done, max: indicator.target.qty, colour });
}

const STATES = { derived: "推算", missing: "未写明" };

// Every task in one line.
export function tasks(q, { headline, completion }) {
	const judged = new Map(headline.tasks.map((t, i) => [t.taskId, [t, i]]));
	const first = (row) => row.indicators[0];
	const pointer = (i) => `/rows/${i}/indicators/0`;
	return table({
		caption: "各件实事的进展", rows: completion.rows, cls: "tasks",
		columns: [
			{ head: "件", num: true, cell: (row) => row.no },
			{ head: "事项", rowHead: true, cls: "what", cell: (row) => html`<a href=${to(q, "task", row.taskId)}>${row.title}</a>
				<div class="small soft"><span class="compact">${light(judged.get(row.taskId)[0].light)} · </span>${row.lead.name}</div>` },
			{ head: "状态", cls: "roomy", cell: (row) => light(judged.get(row.taskId)[0].light) },
			{ head: "完成", num: true, cell: (row, i) => first(row)
				? fig(completion, `${pointer(i)}/done`, "qty", { href: to(q, "figure", row.taskId, first(row).id), unit: first(row).unit }) : html`<span class="soft">按节点</span>` },
			{ head: "目标", num: true, cls: "roomy", cell: (row, i) => first(row) ? html`${fig(completion, `${pointer(i)}/target/qty`)}${STATES[first(row).target.state]
				? html` <span class="tag">${STATES[first(row).target.state]}</span>` : nothing}` : "" },
			{ head: "完成率", num: true, cls: "rate", cell: (row, i) => first(row) ? html`${fig(completion, `${pointer(i)}/percent`, "percent", { href: to(q, "figure", row.taskId, first(row).id) })}
				${progress(first(row), judged.get(row.taskId)[0].light)}` : "" },
			{ head: "节点 完成／到期", num: true, cell: (row, i) => html`${fig(completion, `/rows/${i}/milestones/met`, "qty", { href: to(q, "task", row.taskId) })}／${fig(completion, `/rows/${i}/milestones/due`)}` },
		],
	});
}

// What stands otherwise than at the end of the month before.
function changes(q, { headline, earlier, before }) {
	const old = new Map(earlier.tasks.map((t) => [t.taskId, t]));
	const moved = headline.tasks.filter((t) => old.get(t.taskId) && old.get(t.taskId).light !== t.light);
	return html`<p class="small soft">与${day(before.asOf)}相比</p>${moved.length
		? html`<ul class="moves">${moved.map((t) => html`<li><span class="row">${light(old.get(t.taskId).light)}<span aria-label="变为">→</span>${light(t.light)}</span>
			<a href=${to(q, "task", t.taskId)}>第${t.no}件 ${t.title}</a></li>`)}</ul>`
		: html`<p class="empty">各件实事的状态没有变化。</p>`}`;
}

export function view(q, data) {
	const { headline, cells, funding, timeliness } = data;
	return html`
		<h1>${headline.total}件实事 <span class="soft">总体情况</span></h1>
		${asked(q, headline)}
		${counts(q, data)}
		<div class="split">
			<div>${cells ? section("h-matrix", "县区 × 事项", matrix(q, cells, isPlace), html`<span class="row">${files(cells)}<a class="small" href=${to(q, "orgs")}>看各单位</a></span>`)
				: section("h-tasks", "各件实事", tasks(q, data), files(data.completion))}</div>
			${section("h-attention", "需要关注", attention(q, data))}
		</div>
		${cells ? section("h-tasks", "各件实事", tasks(q, data), files(data.completion)) : nothing}
		<div class="split even">
			${section("h-money", "资金来源（万元）", html`${moneyTable(q, funding)}${moved(funding)}`, html`<a class="small" href=${to(q, "money")}>看每件事的钱</a>`)}
			<div>
				${timeliness ? section("h-reporting", "报送", reportingBrief(q, timeliness), html`<a class="small" href=${to(q, "reporting")}>看各单位报送</a>`) : nothing}
				${section("h-changes", "比上月", changes(q, data), html`<span class="row small"><a href=${to(q, "months")}>月报和更正</a><a href=${to(q, "changes")}>看数字变化</a></span>`)}
			</div>
		</div>`;
}
