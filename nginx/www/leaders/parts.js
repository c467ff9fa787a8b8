// Pieces that several of the leaders' pages use.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { qty, wan, percent, day, instant } from "../lib/format.js";
import { light, shape, LIGHTS } from "../lib/lights.js";
import { ask } from "../lib/app.js";
import { at, to } from "./data.js";

const WRITE = { qty, wan, percent };

// A figure out of an answer, by pointer: what is printed and where it came
// from cannot part.  options: href (what it was made of), unit, cls, label.
export function fig(answer, pointer, as = "qty", options = {}) {
	const value = at(answer, pointer);
	const text = WRITE[as](value);
	const of = `${answer.from}#${pointer}`;
	const unit = options.unit && value !== null && value !== undefined ? html`<span class="unit">${options.unit}</span>` : nothing;
	if (!options.href || value === null || value === undefined)
		return html`<span class="fig ${options.cls ?? ""}"><span data-of=${of} data-as=${as}>${text}</span>${unit}</span>`;
	return html`<a class="fig ${options.cls ?? ""}" href=${options.href} aria-label=${options.label ? `${options.label}：${text}${options.unit ?? ""}` : nothing}
		><span data-of=${of} data-as=${as}>${text}</span>${unit}</a>`;
}

// The line under a heading that says which state of things this is.
export function asked(q, answer) {
	return html`<p class="asked soft">截至${day(q.asOf)} · ${q.knownAt ? `按${instant(q.knownAt)}掌握的情况` : "按现在掌握的情况"}${answer
		? html` · <span title="口径（阈值等）的名称和版本">口径${answer.policy.id}第${answer.policy.version}版</span>` : nothing}</p>`;
}

export function section(id, title, content, more = nothing) {
	return html`<section aria-labelledby=${id}><div class="row spread headline"><h2 id=${id}>${title}</h2>${more}</div>${content}</section>`;
}

export function crumbs(q, ...steps) {
	return html`<nav class="crumbs small" aria-label="位置"><a href=${to(q)}>总览</a>${steps.map((s) => html`<span aria-hidden="true"> › </span>${s}`)}</nav>`;
}

export function legend(counts) {
	return html`<ul class="legend small">${Object.keys(LIGHTS).map((key) =>
		html`<li>${light(key)}${counts ? html` <span class="num">${counts[key] ?? 0}</span>` : nothing}</li>`)}</ul>`;
}

// One cell of the matrix in words: why this light, and where to go on.
export function whyCell(q, cell) {
	return ask((close) => html`
		<h2>${cell.orgName} · 第${cell.no}件</h2>
		<p class="soft">${cell.title}</p>
		<p>${light(cell.light)}</p>
		<ul class="reasons">${(cell.reasons ?? []).map((r) => html`<li>${r.text}</li>`)}</ul>
		${lamps(cell)}
		<div class="actions">
			<a class="button" href=${to(q, "task", cell.taskId)} @click=${() => close()}>看这件实事</a>
			<a class="button" href=${to(q, "org", cell.orgId)} @click=${() => close()}>看${cell.orgName}</a>
			<a class="button" href=${to(q, "reports", cell.taskId, cell.orgId)} @click=${() => close()}>看填报</a>
			<button @click=${() => close()}>关闭</button>
		</div>`);
}

function lamps(cell) {
	const list = [["依据", cell.evidence], ["报送", cell.timeliness]].filter(([, lamp]) => lamp);
	return list.length ? html`<dl class="pairs">${list.map(([name, lamp]) => html`<div><dt>${name}</dt><dd>${lamp.text ?? lamp}</dd></div>`)}</dl>` : nothing;
}

export { light, shape };
