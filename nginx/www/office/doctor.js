// The plan doctor: each finding with the words it is about beside it, what
// was decided about it, and the issue once all of them are decided.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { send } from "../lib/api.js";
import { day, instant, today } from "../lib/format.js";
import { KINDS, STATES, doc, may } from "./book.js";
import { askForm, createForm, fieldsView, refusal, submit } from "./forms.js";
import { keepNotice, noticeText, sourceView } from "./source.js";

export const title = () => "体检与印发";

export async function load(ctx) {
	if (!ctx.plan)
		return { none: true };
	const [plan, findings] = await Promise.all([doc(`plans/${ctx.plan._id}`), doc(`plans/${ctx.plan._id}/findings`)]);
	ctx.state.forms ??= new Map();
	ctx.state.notice ??= noticeText(plan._id);
	return { plan, findings };
}

const FIELDS = [
	{ name: "status", label: "怎么处置", type: "radio", options: Object.entries(KINDS.disposition) },
	{ name: "text", label: "处置意见", type: "textarea", rows: 3, required: true },
	{ name: "docNo", label: "依据文号" },
];

function formOf(ctx, finding) {
	const { forms } = ctx.state;
	if (!forms.has(finding.id)) {
		const was = finding.disposition;
		forms.set(finding.id, createForm({ status: was?.status ?? "accepted", text: was?.decision?.text ?? was?.text ?? "", docNo: was?.decision?.docNo ?? was?.docNo ?? "" }, finding.rev));
	}
	const f = forms.get(finding.id);
	f.rev = Math.max(f.rev, finding.rev);
	return f;
}

async function dispose(ctx, finding) {
	const f = formOf(ctx, finding);
	const done = await submit(f, ({ status, text, docNo }, rev) => send("PATCH", `plans/${ctx.plan._id}/findings/${encodeURIComponent(finding.id)}`,
		{ status, text, docNo: docNo || null, by: ctx.who.name }, { ifMatch: rev, stay: true }), ctx.draw);
	if (!done)
		return;
	ctx.state.forms.delete(finding.id);
	ctx.state.open = null;
	await ctx.reload();
	const next = document.querySelector(".finding.undecided h3 a");
	(next ?? document.querySelector(".issue button:not(:disabled)"))?.focus();
}

function decided(finding) {
	const d = finding.disposition;
	const say = d.decision ?? d;
	return html`<div class="decided"><p><b>${KINDS.disposition[d.status] ?? d.status}</b>：${say.text}</p>
		<p class="small soft">${say.by}${say.at ? ` · ${instant(say.at)}` : ""}${say.docNo ? ` · ${say.docNo}` : ""}</p></div>`;
}

function disposition(ctx, finding, editable) {
	const { state } = ctx;
	if (!editable)
		return finding.disposition ? decided(finding) : html`<p><span class="tag">没有处置，印在每张报表上</span></p>`;
	if (finding.disposition && state.open !== finding.id)
		return html`${decided(finding)}<button class="plain" @click=${() => { state.open = finding.id; ctx.draw(); }}>改处置</button>`;
	if (state.open !== finding.id)
		return html`<button @click=${() => open(ctx, finding.id)}>处置</button>`;
	const f = formOf(ctx, finding);
	return html`<form @submit=${(e) => { e.preventDefault(); dispose(ctx, finding); }} @keydown=${(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) e.target.form?.requestSubmit(); }}>
		${refusal(f.error)}${fieldsView(f, FIELDS, ctx.draw)}
		<div class="actions"><button class="main" ?disabled=${f.busy}>记下处置</button><button type="button" @click=${() => { state.open = null; ctx.draw(); }}>先放着</button>
			${f.values.status === "corrected" ? html`<a class="button" href=${ctx.to("task", finding.taskId)}>去改事项</a>` : nothing}</div></form>`;
}

function open(ctx, id) {
	ctx.state.open = id;
	ctx.draw();
	queueMicrotask(() => document.querySelector(".finding form textarea")?.focus());
}

function findingView(ctx, finding, i, editable) {
	const task = ctx.book.findTask(finding.taskId);
	return html`<li class="finding ${finding.disposition ? "" : "undecided"}" id="finding-${i}">
		<div><h3><a href=${ctx.to("task", finding.taskId)}>${finding.taskNo ? `第${finding.taskNo}件` : "整个计划"}</a> ${finding.title}</h3>
			<p>${finding.text}</p>${disposition(ctx, finding, editable)}</div>
		<aside aria-label="第${finding.taskNo}件的原文"><h4>原文</h4>${sourceView(finding, task, ctx.book, ctx.state.notice)}</aside></li>`;
}

async function issue(ctx, { plan, findings }) {
	const first = plan.issuedOn && plan.issuedOn <= today() ? plan.issuedOn : today();
	const done = await askForm({
		key: `issue:${plan._id}`, title: "印发这个计划", label: "印发", values: { docNo: plan.docNo ?? "", by: ctx.who.name, on: first }, rev: plan.rev,
		intro: html`<p>印发以后，目标、分解数和单位集合就定下来了（原定），以后的调整都留有“原定／现行”。${findings.open ? html`<b>还有${findings.open}个问题没有处置，会印在这个计划的每张报表上。</b>` : nothing}</p>`,
		fields: [{ name: "docNo", label: "文号" }, { name: "by", label: "印发人", required: true }, { name: "on", label: "印发日期", type: "date", required: true, max: today(), hint: "从印发的那个月起，单位按月报数。" }],
		send: ({ docNo, by, on }, rev, key) => send("POST", `plans/${plan._id}:issue`,
			{ docNo: docNo || null, by, leaveOpen: findings.open > 0, ...(on === today() ? {} : { at: `${on}T01:00:00.000Z` }) }, { ifMatch: rev, key, stay: true }),
	});
	if (done) {
		ctx.say("计划已印发。各单位从现在起可以填报。");
		await ctx.replan();
	}
}

function issueBar(ctx, data) {
	const { plan, findings } = data;
	const { state } = ctx;
	if (plan.status !== "draft")
		return html`<p class="note good">${STATES.plan[plan.status]}${plan.issue?.at ? `：${instant(plan.issue.at)}` : ""}${plan.issue?.by ? `，${plan.issue.by}` : ""}。${plan.issue?.open?.length ? `印发时有${plan.issue.open.length}个问题没有处置。` : "印发时问题都已处置。"}</p>`;
	if (!may("plan.issue"))
		return nothing;
	const ready = findings.open === 0 || state.leaveOpen;
	return html`<div class="issue">${findings.open ? html`<label class="choice"><input type="checkbox" .checked=${Boolean(state.leaveOpen)} @change=${(e) => { state.leaveOpen = e.target.checked; ctx.draw(); }}>
			我知道还有${findings.open}个问题没有处置，它们会印在这个计划的每张报表上</label>` : html`<p class="soft">问题都已处置，可以印发。</p>`}
		<button class="main" ?disabled=${!ready} @click=${() => issue(ctx, data)}>印发……</button></div>`;
}

async function openNotice(ctx, event) {
	const file = event.target.files[0];
	if (!file)
		return;
	const text = await file.text();
	keepNotice(ctx.plan._id, text);
	ctx.state.notice = text.split(/\r?\n/);
	ctx.draw();
}

function filters(ctx, findings) {
	const { state } = ctx;
	const only = (v) => () => { state.only = v; ctx.draw(); };
	return html`<div class="row spread bar-of"><div class="pick" role="group" aria-label="看哪些">
			<button aria-pressed=${state.only ? "false" : "true"} @click=${only(false)}>全部 ${findings.items.length}</button>
			<button aria-pressed=${state.only ? "true" : "false"} @click=${only(true)}>没有处置 ${findings.open}</button></div>
		<label class="file button">${ctx.state.notice ? "换一份通知原文（txt）" : "打开通知原文（txt）逐行对照"}<input class="hidden" type="file" accept=".txt,text/plain" @change=${(e) => openNotice(ctx, e)}></label></div>`;
}

export function key(ctx, data, event) {
	if (event.key !== "j" && event.key !== "k")
		return;
	const heads = [...document.querySelectorAll(".finding h3 a")];
	const at = heads.indexOf(document.activeElement?.closest(".finding")?.querySelector("h3 a"));
	heads[Math.max(0, Math.min(heads.length - 1, at + (event.key === "j" ? 1 : -1)))]?.focus();
}

export function view(ctx, data) {
	if (data.none)
		return html`<h1>体检与印发</h1><p class="empty">还没有计划。<a href=${ctx.to("import")}>先导入一份</a>。</p>`;
	const { plan, findings } = data;
	const shown = findings.items.filter((f) => !ctx.state.only || !f.disposition);
	const editable = may("plan.write") && plan.status === "draft";
	return html`<h1>体检与印发</h1>
		<p class="asked soft">${plan.title} · ${plan.docNo ?? "没有文号"} · ${day(plan.issuedOn)}</p>
		<p>系统核对出 <b>${findings.items.length}</b> 个问题，已处置 <b>${findings.items.length - findings.open}</b> 个，还有 <b>${findings.open}</b> 个。${editable ? "系统只指出问题，不替您改数。" : nothing}</p>
		${issueBar(ctx, data)}${filters(ctx, findings)}
		${shown.length ? html`<ol class="findings">${shown.map((f) => findingView(ctx, f, findings.items.indexOf(f), editable))}</ol>` : html`<p class="empty">${findings.items.length ? "都处置完了。" : "没有发现问题。"}</p>`}`;
}
