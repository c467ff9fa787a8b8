// Spot checks: recorded, the unit is heard, then concluded.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { send } from "../lib/api.js";
import { addDays, day, today } from "../lib/format.js";
import { KINDS, may } from "./book.js";
import { askForm, uuid } from "./forms.js";
import { orgOptions, taskOptions } from "./parts.js";
import { to, works } from "./works.js";
import { propose } from "./cases.js";

const needs = (v) => v.verdict !== "true";

// What of the task was looked at: the task as a whole, an indicator, a node.
function subjects(ctx, taskId) {
	const task = ctx.book.findTask(taskId);
	return [["", "整件事项"], ...(task?.indicators ?? []).map((i) => [`i:${i.id}`, `指标：${i.name}`]), ...(task?.milestones ?? []).map((m) => [`m:${m.id}`, `节点：${m.text}`])];
}

function body(v, ask) {
	const [kind, id] = v.subject ? v.subject.split(":") : [];
	return {
		taskId: v.taskId, orgId: v.orgId, ...(kind === "i" ? { indicatorId: id } : {}), ...(kind === "m" ? { milestoneId: id } : {}), checkedOn: v.checkedOn, verdict: v.verdict, text: v.text,
		...(needs(v) ? { statementDue: v.statementDue } : {}), submit: ask,
	};
}

async function record(ctx, old = null) {
	const id = old?._id ?? uuid();
	const values = old ? { ...old, subject: old.indicatorId ? `i:${old.indicatorId}` : old.milestoneId ? `m:${old.milestoneId}` : "", statementDue: old.statementDue ?? addDays(today(), 7), ask: false }
		: { taskId: "", orgId: "", subject: "", checkedOn: today(), verdict: "true", text: "", statementDue: addDays(today(), 7), ask: false };
	const done = await askForm({
		key: `check:${old?._id ?? "new"}`, title: old ? "修改核查" : "记一次核查", label: "保存", rev: old?.rev, values,
		fields: [
			{ name: "taskId", label: "事项", type: "select", required: true, options: [["", "请选择"], ...taskOptions(ctx.book)], changed: (v) => { v.subject = ""; } },
			{ name: "orgId", label: "单位", type: "select", required: true, options: [["", "请选择"], ...orgOptions(ctx.book)] }, { name: "subject", label: "核查什么", type: "select", options: (v) => subjects(ctx, v.taskId) },
			{ name: "checkedOn", label: "核查日期", type: "date", required: true, max: today() }, { name: "verdict", label: "所报情况", type: "radio", options: Object.entries(KINDS.verdict) },
			{ name: "text", label: "看到的情况", type: "textarea", rows: 4, required: true },
			{ name: "statementDue", label: "请单位在这天以前说明", type: "date", required: true, when: needs }, { name: "ask", label: "现在就请单位说明（以后不能再改）", type: "check", when: needs },
		],
		send: (v, rev) => send("PUT", `checks/${id}`, body(v, Boolean(needs(v) && v.ask)), old ? { ifMatch: rev, stay: true } : { stay: true }),
	});
	if (!done)
		return;
	ctx.say("核查已记下。");
	if (old)
		await ctx.reload();
	else
		to(ctx, "checks", id);
}

export const { title, load, view } = works({
	kind: "checks", word: "核查", states: "check", intro: "不属实的，先听单位说明（或等说明期限过去）再认定。",
	name: (ctx, c) => `${ctx.book.org(c.orgId)} ${day(c.checkedOn)}`,
	columns: () => [{ head: "所报情况", cell: (c) => html`<span class="light ${{ true: "green", partly: "yellow", false: "red" }[c.verdict]}">${KINDS.verdict[c.verdict]}</span>` }, { head: "看到的情况", cell: (c) => c.text }],
	make: [["check.write", "记一次核查", (ctx) => record(ctx)]],
	more: (ctx, c) => html`${c.may?.includes("edit") ? html`<button @click=${() => record(ctx, c)}>修改</button>` : nothing}
		${c.state === "concluded" && c.verdict !== "true" && may("case.write") ? html`<button @click=${() => propose(ctx, c)}>提出问责线索</button>` : nothing}`,
});
