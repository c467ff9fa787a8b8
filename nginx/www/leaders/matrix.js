// The picture leaders know: a row for each unit, a column for each task, a
// light in each cell.  A cell says why when it is pressed.  One stop for the
// Tab key, arrows within.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { month } from "../lib/format.js";
import { LIGHTS, shape, light, reasons } from "../lib/lights.js";
import { ask } from "../lib/app.js";
import { to } from "./data.js";
import { fig, legend } from "./parts.js";

const EVIDENCE = { none: "还没有", self: "单位自报", unit: "单位确认过", lead: "牵头单位确认过", office: "督查办认定", checked: "现场核查过" };
const TIMING = { on_time: "按时", late: "迟报", open: "还没到期限", missing: "没有报" };
const VERDICT = { true: "属实", partly: "部分属实", false: "不属实" };
const MARK = { late: "迟", missing: "缺" };

export function evidence({ lamp, verdict, checkedOn }) {
	return html`${EVIDENCE[lamp]}${verdict ? html`（${checkedOn}抽查：${VERDICT[verdict]}）` : nothing}`;
}

export function timing(t) {
	return t ? html`${month(t.period)}的填报：${TIMING[t.lamp]}${t.lamp === "late" && t.daysLate ? `${t.daysLate}天` : ""}` : "不需要按月填报";
}

const pair = (name, content) => html`<div><dt>${name}</dt><dd>${content}</dd></div>`;

// One cell in words: why this light, how sure we are, where to go on.
function why(q, answer, row, cell, pointer) {
	const task = answer.tasks.find((t) => t.taskId === cell.taskId);
	const f = cell.figure;
	return ask((close) => html`
		<h2>${row.name} · 第${cell.no}件</h2>
		<p class="soft">${task?.title}</p>
		<p>${light(cell.light)}</p>${reasons(cell.reasons)}
		<dl class="pairs">
			${f ? pair("完成", f.reported === "missing" ? html`<b>没有填报</b>` : html`${fig(answer, `${pointer}/figure/done`, "qty", { unit: f.unit })}，任务数 ${f.qty === null ? "未分解" : fig(answer, `${pointer}/figure/qty`)}，完成率 ${fig(answer, `${pointer}/figure/percent`, "percent")}`) : nothing}
			${cell.milestones ? pair("节点", html`到期 ${fig(answer, `${pointer}/milestones/due`)} 个，完成 ${fig(answer, `${pointer}/milestones/met`)} 个，逾期 ${fig(answer, `${pointer}/milestones/overdue`)} 个`) : nothing}
			${pair("依据", evidence(cell.evidence))}${pair("报送", timing(cell.timeliness))}
		</dl>
		<div class="actions">
			<a class="button" href=${to(q, "reports", cell.taskId, row.orgId)} @click=${() => close()}>看填报</a>
			${cell.evidence.verdict ? html`<a class="button" href=${to(q, "checks", cell.taskId, row.orgId)} @click=${() => close()}>看核查</a>` : nothing}
			<a class="button" href=${to(q, "task", cell.taskId)} @click=${() => close()}>看这件事</a>
			<a class="button" href=${to(q, "org", row.orgId)} @click=${() => close()}>看${row.name}</a>
			<button @click=${() => close()}>关闭</button>
		</div>`);
}

const STEP = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

// Arrows: the next cell that has a light, in that direction.
function walk(event) {
	const step = STEP[event.key];
	const here = event.target.closest("td");
	if (!step || !here)
		return;
	event.preventDefault();
	const rows = [...event.currentTarget.querySelectorAll("tbody tr")];
	let r = rows.indexOf(here.parentNode) + step[0];
	let c = here.cellIndex + step[1];
	while (rows[r]?.cells[c]) {
		const next = rows[r].cells[c].querySelector("button");
		if (next) {
			event.currentTarget.querySelectorAll("button[tabindex='0']").forEach((b) => { b.tabIndex = -1; });
			next.tabIndex = 0;
			next.focus();
			return;
		}
		r += step[0];
		c += step[1];
	}
}

function cellButton(q, answer, row, cell, pointer, first) {
	const late = MARK[cell.timeliness?.lamp];
	const words = `${row.name}，第${cell.no}件：${LIGHTS[cell.light].word}${late ? `，最近一期${TIMING[cell.timeliness.lamp]}` : ""}`;
	return html`<button class="cell ${cell.light}" tabindex=${first ? 0 : -1} aria-label=${words} title=${words}
		@click=${() => why(q, answer, row, cell, pointer)}>${shape(cell.light)}${late ? html`<span class="late" aria-hidden="true">${late}</span>` : nothing}</button>`;
}

// only: the rows to show (a function of the row); all of them without.
export function matrix(q, answer, only = () => true) {
	const { tasks } = answer;
	let first = true;
	const cellAt = (row, i, task) => {
		const k = row.cells.findIndex((c) => c.taskId === task.taskId);
		if (k < 0)
			return html`<td class="none"><span class="hidden">没有任务</span></td>`;
		const button = cellButton(q, answer, row, row.cells[k], `/rows/${i}/cells/${k}`, first);
		first = false;
		return html`<td>${button}</td>`;
	};
	return html`<div class="scroll"><table class="matrix" role="grid" @keydown=${walk}>
		<caption class="hidden">单位与事项的状态，用方向键在格子间移动，回车看原因</caption>
		<thead><tr><th scope="col">单位</th>${tasks.map((t) => html`<th scope="col" title=${t.title}><a href=${to(q, "task", t.taskId)} aria-label="第${t.no}件 ${t.title}">${t.no}</a></th>`)}</tr></thead>
		<tbody>${answer.rows.map((row, i) => only(row) ? html`<tr><th scope="row"><a href=${to(q, "org", row.orgId)}>${row.name}</a></th>${tasks.map((t) => cellAt(row, i, t))}</tr>` : nothing)}</tbody>
		<tfoot><tr><th scope="row">整件事</th>${tasks.map((t) => html`<td title="第${t.no}件：${LIGHTS[t.light].word}">${shape(t.light)}<span class="hidden">${LIGHTS[t.light].word}</span></td>`)}</tr></tfoot>
	</table></div>${legend()}<p class="small soft">格子右上角的“缺”是最近一期没有报，“迟”是报得晚。空格是没有任务。</p>`;
}

// Counties and zones are what leaders look at; departments lead or help.
export const isPlace = (row) => row.kind === "county" || row.kind === "zone" || row.kind === "city";
