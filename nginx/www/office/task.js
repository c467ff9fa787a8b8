// One task: as it stands and as it was set at first, its text, its steps;
// changing a draft, amending what is issued.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { get, send } from "../lib/api.js";
import { table } from "../lib/table.js";
import { day, instant, qty, wan } from "../lib/format.js";
import { KINDS, maybeDoc, may } from "./book.js";
import { askForm, wrong } from "./forms.js";
import { field, history, state } from "./parts.js";
import { stepsOf, take } from "./steps.js";
import { editor, startEdit } from "./taskform.js";

export const title = (ctx, { task }) => task ? `第${task.no}件` : "新增一件";

export async function load(ctx, id) {
	if (id === "new")
		return { task: null };
	const path = `tasks/${encodeURIComponent(id)}`;
	const task = await get(path);
	const steps = task.status === "draft" ? null : await maybeDoc(`${path}/steps`);
	return { task, steps, path };
}

const SAME = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// What stands now and what stood at first, where they differ.
function then(was, now, write) {
	return was !== undefined && !SAME(was, now) ? html`<span class="then">原定 ${write(was)}</span> <b>现行 ${write(now)}</b>` : write(now);
}

function indicators(ctx, task, was) {
	return task.indicators?.map((i) => {
		const old = was?.indicators?.find((x) => x.id === i.id);
		const number = (unit) => (n) => n === null || n === undefined ? "没有写" : qty(n, unit);
		return html`<h3>${i.name}</h3><p>目标 ${then(old?.target?.qty, i.target.qty, number(i.unit))} <span class="tag">${KINDS.target[i.target.state]}</span></p>
			${i.quotas?.length ? table({
				caption: `${i.name}的分解数`, rows: i.quotas,
				columns: [{ head: "单位", rowHead: true, cell: (q) => ctx.book.org(q.orgId) },
					{ head: `分解数（${i.unit}）`, num: true, cell: (q) => then(old?.quotas?.find((x) => x.orgId === q.orgId)?.qty, q.qty, number("")) }],
			}) : html`<p class="soft">没有分解到单位。</p>`}`;
	});
}

function milestones(ctx, task, was) {
	return table({
		caption: "节点", rows: task.milestones ?? [], empty: "没有节点。",
		columns: [{ head: "节点", rowHead: true, cell: (m) => m.text }, { head: "期限", cell: (m) => then(was?.milestones?.find((x) => x.id === m.id)?.to, m.to, (d) => d ? day(d) : "没有写") },
			{ head: "要求", cell: (m) => m.rule.type === "percent" ? `完成${m.rule.percent}%` : "事项办成" }, { head: "单位", cell: (m) => m.orgs?.length ? m.orgs.map(ctx.book.org).join("、") : "牵头单位" }],
	});
}

function funding(ctx, task) {
	return table({
		caption: "资金", rows: task.funding ?? [], empty: "没有写资金。",
		columns: [{ head: "来源", rowHead: true, cell: (f) => KINDS.level[f.level] }, { head: "金额（万元）", num: true, cell: (f) => f.amountFen === null ? "没有写" : html`${f.per === "each" ? "各" : ""}${wan(f.amountFen)}` }, { head: "原文", cell: (f) => f.srcText }],
	});
}

function duties(ctx, task) {
	return table({
		caption: "任务分解", rows: task.subtasks ?? [], empty: "没有写任务分解。",
		columns: [{ head: "单位", rowHead: true, cell: (s) => s.title ?? (s.orgs ?? []).map(ctx.book.org).join("、") }, { head: "任务", cell: (s) => html`<ul class="reasons">${(s.duties ?? []).map((d) => html`<li>${d.text}</li>`)}</ul>` }],
	});
}

function amended(ctx, task) {
	if (!task.amendments?.length)
		return nothing;
	return html`<section aria-labelledby="t-amended"><h2 id="t-amended">调整经过</h2><ol class="preview">${task.amendments.map((a) => html`<li>
		<b>第${a.n}次</b> ${instant(a.at)} ${a.by ?? ""} ${a.docNo ?? ""}<br>${a.reason}<details><summary>调整前的内容</summary><pre class="json" tabindex="0">${JSON.stringify(a.before, null, 2)}</pre></details></li>`)}</ol></section>`;
}

const SECTIONS = { milestones: "节点", indicators: "指标和分解数", funding: "资金", subtasks: "任务分解", lead: "牵头单位", title: "名称" };

// Sections are replaced whole; the present text stands ready to be changed.
function amend(ctx, { task, path }) {
	const pretty = (name) => JSON.stringify(task[name], null, 2);
	return askForm({
		key: `amend:${task._id}`, title: `调整第${task.no}件`, label: "调整", rev: task.rev, values: { section: "milestones", body: pretty("milestones"), docNo: "", reason: "" },
		intro: html`<p class="broad">调整要有依据文件。原来的内容留作“原定”，随时可查。</p>`,
		fields: [
			{ name: "docNo", label: "依据文号", required: true }, { name: "reason", label: "理由", type: "textarea", rows: 2, required: true },
			{ name: "section", label: "调整哪一部分", type: "select", required: true, options: Object.entries(SECTIONS), changed: (v) => { v.body = pretty(v.section); } },
			{ name: "body", label: "调整后的内容", type: "textarea", code: true, required: true, pointer: "changes", hint: "写成和现在一样的格式（JSON），整段替换。" },
		],
		send: ({ docNo, reason, section, body }, rev, key) => send("POST", `${path}:amend`, { docNo, reason, by: ctx.who.name, changes: { [section]: parsed(body) } }, { ifMatch: rev, key, stay: true }),
	});
}

export function parsed(text) {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw wrong(`这段内容的格式不对：${error.message}`);
	}
}

async function again(ctx, promise, word) {
	try {
		if (await promise) {
			ctx.say(word);
			await ctx.reload();
		}
	} catch (error) {
		ctx.fail(error);
	}
}

function reveal(ctx, { task, path }) {
	return askForm({
		key: `reveal:${task._id}`, title: "查看联系电话", label: "查看", fields: [{ name: "reason", label: "为什么要看", required: true, hint: "会记入审计。" }],
		send: async ({ reason }) => { ctx.state.contacts = await send("POST", `${path}:reveal`, { reason }, { stay: true }); return ctx.state.contacts; },
	}).then(() => ctx.draw());
}

function lead(ctx, data) {
	const shown = ctx.state.contacts?.contacts ?? data.task.lead.contacts ?? [];
	return html`${ctx.book.org(data.task.lead.orgId)} ${shown.map((c) => html`<span class="soft">${c.name} ${c.phone ?? ""} </span>`)}
		${shown.some((c) => c.phone?.includes("*")) && may("contact.reveal") && !ctx.state.contacts ? html`<button class="plain" @click=${() => reveal(ctx, data)}>看电话</button>` : nothing}`;
}

export function view(ctx, data) {
	const { task, steps } = data;
	if (!task || ctx.state.edit)
		return editor(ctx, data);
	const was = task.amendments?.[0]?.before;
	const draft = task.status === "draft";
	return html`<p class="crumbs small"><a href=${ctx.to("tasks")}>事项</a> › 第${task.no}件</p>
		<h1>第${task.no}件 ${task.title}</h1>
		<div class="actions">${draft && may("task.write") ? html`<button class="main" @click=${() => startEdit(ctx, task)}>修改草案</button>` : nothing}
			${!draft && may("task.amend") ? html`<button @click=${() => again(ctx, amend(ctx, data), "调整已生效，原定可查。")}>调整……</button>` : nothing}
			${steps ? stepsOf("tasks", steps).map((s) => html`<button @click=${() => again(ctx, take(s, `/api/v1/${data.path}`, steps, `第${task.no}件`), `已${s.word}。`)}>${s.word}</button>`) : nothing}</div>
		<dl class="facts">${field("状态", state("task", task.status))}${field("种类", KINDS.task[task.kind])}${field("牵头单位", lead(ctx, data))}${field("出处", task.source ? `${task.source.docNo ?? ""} 第${(task.source.lines ?? []).join("～")}行` : nothing)}${field("备注", task.remark)}</dl>
		${task.indicators?.length ? html`<section aria-labelledby="t-i"><h2 id="t-i">目标和分解数</h2>${indicators(ctx, task, was)}</section>` : nothing}
		<section aria-labelledby="t-m"><h2 id="t-m">节点</h2>${milestones(ctx, task, was)}</section>
		<section aria-labelledby="t-f"><h2 id="t-f">资金</h2>${funding(ctx, task)}</section>
		<section aria-labelledby="t-s"><h2 id="t-s">任务分解</h2>${duties(ctx, task)}</section>
		${amended(ctx, task)}${steps ? history(steps.history, "task") : nothing}`;
}
