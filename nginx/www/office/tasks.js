// The tasks of the plan.
import { html } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { qty } from "../lib/format.js";
import { KINDS, may } from "./book.js";
import { state } from "./parts.js";

export const title = () => "事项";

export async function load() {
	return {};
}

function target(task) {
	const first = task.indicators?.[0];
	return first ? first.target.qty === null ? html`<span class="soft">${KINDS.target[first.target.state]}</span>` : qty(first.target.qty, first.unit) : "—";
}

export function view(ctx) {
	const draft = ctx.plan?.status === "draft";
	return html`<div class="row spread"><h1>事项</h1>${may("task.write") && draft ? html`<a class="button" href=${ctx.to("task", "new")}>新增一件</a>` : ""}</div>
		<p class="soft">${ctx.plan ? ctx.plan.title : ""}${draft ? "（草案，可以改）" : "（已印发，改动走调整，原定可查）"}</p>
		${table({
			caption: "事项", rows: [...ctx.book.tasks].sort((a, b) => a.no - b.no), empty: "还没有事项。",
			columns: [
				{ head: "序号", num: true, cell: (t) => t.no }, { head: "事项", rowHead: true, cell: (t) => html`<a href=${ctx.to("task", t._id)}>${t.title}</a>` },
				{ head: "种类", cell: (t) => KINDS.task[t.kind] }, { head: "牵头单位", cell: (t) => ctx.book.org(t.lead.orgId) }, { head: "目标", num: true, cell: target },
				{ head: "分解到", num: true, cell: (t) => t.indicators?.[0]?.quotas?.length ?? "—" }, { head: "状态", cell: (t) => html`${state("task", t.status)}${t.amendments?.length ? html` <span class="tag">调整${t.amendments.length}次</span>` : ""}` },
			],
		})}`;
}
