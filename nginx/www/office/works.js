// Lists of what is worked on (changes, checks, cases, notices) and one of
// them: the same page with other columns.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { STATES, may } from "./book.js";
import { refusal } from "./forms.js";
import { detail, fetchOne } from "./detail.js";
import { listOf, orgOptions, sieve, state, taskOptions } from "./parts.js";
import { stepsOf, take } from "./steps.js";

async function step(ctx, one, s, name, kind) {
	ctx.state.error = null;
	try {
		if (await take(s, `/api/v1/${kind}/${one.document._id}`, one.document, name))
			ctx.say(`已${s.word}。`);
	} catch (error) {
		ctx.state.error = error;
	}
	await ctx.reload();
}

// works({kind: "changes", word: "变更", states: "change", columns(ctx), name(ctx, doc),
//        make: [permission, button, fn(ctx)], more(ctx, doc), intro})
export function works(about) {
	const { kind, word } = about;
	const single = (ctx, { one }) => html`<p class="crumbs small"><a href=${ctx.to(kind)}>${word}</a></p><h1>${about.name(ctx, one.document)}</h1>
		<p class="soft">${one.document.taskId ? html`<a href=${ctx.to("task", one.document.taskId)}>${ctx.book.titled(one.document.taskId)}</a>` : ctx.plan.title}</p>${refusal(ctx.state.error)}${detail(ctx, kind, one)}
		<div class="actions">${stepsOf(kind, one.document).map((s) => html`<button class=${s.on ? "main" : ""} @click=${() => step(ctx, one, s, about.name(ctx, one.document), kind)}>${s.word}</button>`)}${about.more?.(ctx, one.document) ?? nothing}</div>`;
	const list = (ctx, { items }) => html`<div class="row spread"><h1>${word}</h1><span class="row">${(about.make ?? []).filter(([permission]) => may(permission)).map(([, text, fn]) => html`<button @click=${() => fn(ctx)}>${text}</button>`)}</span></div>
		${about.intro ? html`<p class="soft">${about.intro}</p>` : nothing}
		${sieve(ctx, [{ name: "state", label: "状态", options: Object.entries(STATES[about.states]) }, { name: "task", label: "事项", options: taskOptions(ctx.book) }, { name: "org", label: "单位", options: orgOptions(ctx.book) }, ...(about.sieve ?? [])])}
		${table({
			caption: word, rows: items, empty: `没有${word}。`,
			columns: [{ head: word, rowHead: true, cell: (d) => html`<a href=${ctx.to(kind, d._id)}>${about.name(ctx, d)}</a>` }, { head: "事项", cell: (d) => d.taskId ? ctx.book.task(d.taskId) : "整个计划" }, ...about.columns(ctx), { head: "状态", cell: (d) => state(about.states, d.state) }],
		})}`;
	return {
		title: (ctx, { one }) => one ? about.name(ctx, one.document) : word,
		async load(ctx, id) {
			if (id)
				return { one: await fetchOne(kind, `/api/v1/${kind}/${encodeURIComponent(id)}`) };
			const items = ctx.plan ? await listOf(ctx, kind, ["state", "task", "org", ...(about.sieve ?? []).map((s) => s.name)]) : [];
			return { items: items.sort((a, b) => b.createdAt.localeCompare(a.createdAt)) };
		},
		view: (ctx, data) => data.one ? single(ctx, data) : list(ctx, data),
	};
}

export function to(ctx, kind, id) {
	location.hash = ctx.to(kind, id);
}
