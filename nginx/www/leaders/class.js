// The tasks that are counted in one number of the headline.
import { html } from "../vendor/lit-html/lit-html.js";
import { light, reasons } from "../lib/lights.js";
import { stat, to } from "./data.js";
import { asked, crumbs, fig } from "./parts.js";

const HOW = {
	done: "目标数已达到，到期节点都已核实。",
	ahead: "比进度安排超前，超前的幅度达到口径规定的百分点。",
	on_pace: "与进度安排相符，或者没有到期未完成的节点。",
	behind: "落后于进度安排，或者有到期未完成的节点。",
	unassessable: "没有可以对照的目标，也没有到期的节点。",
};

export const title = ({ headline, key }) => headline.labels[key] ?? "各类事项";

export async function load(q, key) {
	return { headline: await stat("headline", q), key };
}

export function view(q, { headline, key }) {
	const list = headline.tasks.filter((t) => t.class === key);
	return html`${crumbs(q, headline.labels[key])}
		<h1>${headline.labels[key]}：${fig(headline, `/counts/${key}`, "qty", { unit: "件" })}</h1>${asked(q, headline)}
		<p class="note">${HOW[key]}这是件数，不是百分比的平均。</p>
		${list.length ? html`<ul class="lines">${list.map((t) => html`<li class="keep"><div class="row spread"><a href=${to(q, "task", t.taskId)}>第${t.no}件 ${t.title}</a>${light(t.light)}</div>${reasons(t.reasons)}</li>`)}</ul>`
		: html`<p class="empty">没有这一类的事项。</p>`}`;
}
