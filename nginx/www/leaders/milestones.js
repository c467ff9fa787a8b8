// Milestones in the order of their days, and how far each unit is with them.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { day, percent } from "../lib/format.js";
import { stat, to } from "./data.js";
import { asked, crumbs, fig, files, section } from "./parts.js";
import { shape } from "../lib/lights.js";

export const title = () => "节点";

export const NODE = {
	met: ["blue", "已完成"], overdue: ["red", "逾期"], due_soon: ["yellow", "快到期"], partly_met: ["yellow", "部分完成"],
	not_due: ["grey", "未到期"], undated: ["grey", "没有期限"], due_before_issue: ["grey", "期限早于发文"],
};

export function nodeState(state) {
	const [colour, word] = NODE[state] ?? ["grey", state];
	return html`<span class="light ${colour}">${shape(colour)}${word}</span>`;
}

export async function load(q) {
	const [task, org] = await Promise.all([stat("milestones", q, "task"), stat("milestones", q, "org")]);
	return { task, org };
}

export function nodeTable(q, answer, rows, withTask = true) {
	return table({
		caption: "节点", rows, empty: "没有节点。",
		columns: [
			{ head: "期限", rowHead: true, cell: (r) => r.m.to ? html`${day(r.m.to)}${r.m.evaluationDay ? html`<div class="small soft">宽限到${day(r.m.evaluationDay, true)}</div>` : nothing}` : "没有写明" },
			...withTask ? [{ head: "件", num: true, cell: (r) => html`<a href=${to(q, "task", r.row.taskId)}>${r.row.no}</a>` }] : [],
			{ head: "节点", cls: "what", cell: (r) => html`<a href=${to(q, "node", r.row.taskId, r.m.id)}>${r.m.text}</a>` },
			{ head: "状态", cell: (r) => nodeState(r.m.state) },
			{ head: "完成／应完成（单位）", num: true, cell: (r) => html`${fig(answer, `${r.pointer}/met`)}／${fig(answer, `${r.pointer}/obliged`)}` },
		],
	});
}

// All milestones of an answer by task, flat, each with its pointer.
export function flat(answer) {
	return answer.rows.flatMap((row, i) => row.milestones.map((m, k) => ({ row, m, pointer: `/rows/${i}/milestones/${k}` })));
}

export function view(q, { task, org }) {
	const nodes = flat(task).sort((a, b) => (a.m.to ?? "9").localeCompare(b.m.to ?? "9") || a.row.no - b.row.no);
	return html`${crumbs(q, "节点")}<h1>节点</h1>${asked(q, task)}
		${section("n-org", "各单位", table({
			caption: "各单位的节点", rows: org.rows,
			columns: [
				{ head: "单位", rowHead: true, cell: (r) => html`<a href=${to(q, "org", r.orgId)}>${r.name}</a>` },
				...[["due", "到期"], ["met", "其中完成"], ["early", "提前完成"], ["overdue", "逾期"], ["dueSoon", "快到期"], ["total", "全年"]].map(([key, head]) =>
					({ head, num: true, cell: (r, i) => fig(org, `/rows/${i}/${key}`) })),
			],
		}), files(org))}
		${section("n-all", "全部节点（按期限）", nodeTable(q, task, nodes), files(task))}
		${section("n-rate", "节点完成率（按事项）", html`<p class="small soft">每个节点：完成的单位÷应完成的单位；各节点权重相同。它不是完成率。</p>${table({
			caption: "节点完成率", rows: task.rows.filter((r) => r.milestones.length),
			columns: [
				{ head: "件", num: true, cell: (r) => r.no }, { head: "事项", rowHead: true, cell: (r) => html`<a href=${to(q, "task", r.taskId)}>${r.title}</a>` },
				{ head: "节点完成率", num: true, cell: (r) => percent(r.nodeRate) },
			],
		})}`)}`;
}
