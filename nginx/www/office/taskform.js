// Changing a task of a draft: the main members as a form, the rest as text.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { send } from "../lib/api.js";
import { KINDS } from "./book.js";
import { createForm, fieldsView, refusal, submit, wrong } from "./forms.js";
import { orgOptions } from "./parts.js";

const REST = ["indicators", "funding", "subtasks", "milestones"];
const KEPT = ["planId", "no", "title", "kind", "lead", "source", "remark", ...REST];
const first = (task) => task.indicators?.[0];

export function startEdit(ctx, task) {
	const rest = Object.fromEntries(REST.map((name) => [name, task[name] ?? []]));
	ctx.state.edit = createForm({
		no: String(task.no ?? ""), title: task.title ?? "", kind: task.kind ?? "quantity", lead: task.lead?.orgId ?? "", remark: task.remark ?? "",
		indicator: first(task)?.name ?? "", unit: first(task)?.unit ?? "", state: first(task)?.target.state ?? "given", qty: first(task)?.target.qty ?? "",
		quotas: (first(task)?.quotas ?? []).map((q) => ({ ...q, qty: q.qty ?? "" })), rest: JSON.stringify(rest, null, 2),
	}, task.rev);
	ctx.draw();
}

const count = (text) => text === "" || text === null ? null : /^\d+$/.test(String(text).trim()) ? Number(text) : String(text);

// The document of the form: its fields over what the text says of the rest.
function made(v, old, plan) {
	let rest;
	try {
		rest = JSON.parse(v.rest);
	} catch (error) {
		throw wrong(`“其余内容”的格式不对：${error.message}`);
	}
	const task = { ...Object.fromEntries(KEPT.filter((k) => old?.[k] !== undefined).map((k) => [k, old[k]])), ...rest };
	Object.assign(task, { planId: plan._id, no: count(v.no), title: v.title, kind: v.kind, lead: { ...(old?.lead ?? { contacts: [] }), orgId: v.lead } });
	if (v.remark)
		task.remark = v.remark;
	else
		delete task.remark;
	if (v.kind === "milestone")
		return { ...task, indicators: [] };
	const was = rest.indicators?.[0] ?? { id: "i1", quotas: [] };
	const quotas = v.quotas.filter((q) => q.orgId).map((q) => ({ ...q, qty: count(q.qty), state: count(q.qty) === null ? "missing" : q.state === "missing" ? "confirmed" : q.state ?? "given" }));
	task.indicators = [{ ...was, name: v.indicator, unit: v.unit, target: { qty: v.state === "given" ? count(v.qty) : null, state: v.state }, quotas }, ...(rest.indicators ?? []).slice(1)];
	return task;
}

const isQuantity = (v) => v.kind !== "milestone";
const fieldsOf = (ctx) => [
	{ name: "no", label: "序号", inputmode: "numeric", required: true }, { name: "title", label: "名称", required: true },
	{ name: "kind", label: "种类", type: "select", options: Object.entries(KINDS.task), required: true },
	{ name: "lead", label: "牵头单位", type: "select", options: [["", "请选择"], ...orgOptions(ctx.book)], required: true },
	{ name: "indicator", label: "指标名称", pointer: "indicators/0/name", required: true, when: isQuantity }, { name: "unit", label: "计量单位", pointer: "indicators/0/unit", required: true, when: isQuantity },
	{ name: "state", label: "总数", type: "select", options: Object.entries(KINDS.target), when: isQuantity, required: true },
	{ name: "qty", label: "总数是多少", pointer: "indicators/0/target", inputmode: "numeric", required: true, when: (v) => isQuantity(v) && v.state === "given" },
	{ name: "remark", label: "备注" },
];

function quotaRows(ctx, f) {
	const rows = f.values.quotas;
	const bad = (i) => f.error?.errors?.find((e) => e.pointer?.startsWith(`/indicators/0/quotas/${i}`));
	const used = rows.filter((q) => q.qty !== "" && /^\d+$/.test(q.qty));
	return html`<fieldset><legend class="label">分解数</legend><p class="small soft">没有写数的单位留空，它仍然是有任务的单位；系统不替您补数。已写${used.length}个单位。</p>
		<div class="scroll"><table><thead><tr><th scope="col">单位</th><th scope="col">分解数</th><th scope="col"><span class="hidden">操作</span></th></tr></thead><tbody>${rows.map((q, i) => html`<tr>
			<td><select aria-label="第${i + 1}行的单位" @change=${(e) => { q.orgId = e.target.value; ctx.draw(); }}><option value="">请选择</option>${orgOptions(ctx.book).map(([id, text]) => html`<option value=${id} ?selected=${id === q.orgId}>${text}</option>`)}</select></td>
			<td><input inputmode="numeric" aria-label="${ctx.book.org(q.orgId)}的分解数" aria-invalid=${bad(i) ? "true" : nothing} .value=${live(String(q.qty))} @input=${(e) => { q.qty = e.target.value; ctx.draw(); }}>${bad(i) ? html`<p class="error small">${bad(i).detail}</p>` : nothing}</td>
			<td><button type="button" @click=${() => { rows.splice(i, 1); ctx.draw(); }}>去掉</button></td></tr>`)}</tbody></table></div>
		<button type="button" @click=${() => { rows.push({ orgId: "", qty: "", state: "given" }); ctx.draw(); }}>加一个单位</button></fieldset>`;
}

async function save(ctx, { task }) {
	const f = ctx.state.edit;
	const id = task?._id ?? `${ctx.plan._id}-${String(f.values.no).padStart(2, "0")}`;
	const done = await submit(f, async (v, rev) => send("PUT", `tasks/${encodeURIComponent(id)}`, made(v, task, ctx.plan), task ? { ifMatch: rev, stay: true } : { create: true, stay: true }), ctx.draw);
	if (!done)
		return;
	ctx.state.edit = null;
	ctx.say("已保存。体检会按新的内容重做。");
	if (task)
		await ctx.reload();
	else
		location.hash = ctx.to("task", id);
}

export function editor(ctx, data) {
	const { state } = ctx;
	if (!state.edit) {
		const last = Math.max(0, ...ctx.book.tasks.map((t) => t.no));
		state.edit = createForm({ no: String(last + 1), title: "", kind: "quantity", lead: "", remark: "", indicator: "", unit: "", state: "given", qty: "", quotas: [], rest: JSON.stringify(Object.fromEntries(REST.map((n) => [n, []])), null, 2) });
	}
	const f = state.edit;
	return html`<h1>${data.task ? `修改第${data.task.no}件` : "新增一件"}</h1>
		<form class="fields" @submit=${(e) => { e.preventDefault(); save(ctx, data); }}>${refusal(f.error)}${fieldsView(f, fieldsOf(ctx), ctx.draw)}
			${isQuantity(f.values) ? quotaRows(ctx, f) : nothing}
			<details><summary>其余内容：资金、任务分解、节点、其他指标（JSON）</summary>${fieldsView(f, [{ name: "rest", label: "其余内容", type: "textarea", code: true, required: true, hint: "第一个指标的名称、总数和分解数以上面的表格为准。" }], ctx.draw)}</details>
			<div class="actions"><button class="main" ?disabled=${f.busy}>保存</button><button type="button" @click=${() => { state.edit = null; if (data.task) ctx.draw(); else location.hash = ctx.to("tasks"); }}>不改了</button></div></form>`;
}
