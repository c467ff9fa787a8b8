// One report by its id: where a photo or a list leads to.
import { html } from "../vendor/lit-html/lit-html.js";
import { month } from "../lib/format.js";
import { refusal } from "./forms.js";
import { detail, fetchOne } from "./detail.js";
import { stepsOf, take } from "./steps.js";

export const title = (ctx, { document }) => `${ctx.book.org(document.orgId)} ${month(document.period)}`;

export async function load(ctx, id) {
	return { ...await fetchOne("reports", `/api/v1/reports/${encodeURIComponent(id)}`), id };
}

async function step(ctx, data, s) {
	try {
		if (await take(s, `/api/v1/reports/${data.id}`, data.document, title(ctx, data))) {
			ctx.say(`已${s.word}。`);
			await ctx.reload();
		}
	} catch (error) {
		ctx.state.error = error;
		await ctx.reload();
	}
}

export function view(ctx, data) {
	const r = data.document;
	return html`<p class="crumbs small"><a href=${ctx.to("reports")}>填报</a> › ${ctx.book.task(r.taskId)}</p>
		<h1>${ctx.book.org(r.orgId)} · ${month(r.period)}</h1><p class="soft">${ctx.book.titled(r.taskId)} · ${ctx.book.indicator(r.taskId, r.indicatorId)?.name ?? ""}</p>
		${refusal(ctx.state.error)}${detail(ctx, "reports", data)}
		<div class="actions">${stepsOf("reports", r).map((s) => html`<button class=${s.on ? "main" : ""} @click=${() => step(ctx, data, s)}>${s.word}</button>`)}</div>`;
}
