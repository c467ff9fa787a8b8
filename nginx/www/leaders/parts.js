// Pieces that several of the leaders' pages use.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { qty, wan, percent, day, instant } from "../lib/format.js";
import { light, LIGHTS } from "../lib/lights.js";
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

// The same answer as a file.
export function files(answer) {
	return html`<span class="small soft screen">导出${["xlsx", "docx", "html", "csv"].map((form) =>
		html` <a href=${`${answer.from}${answer.from.includes("?") ? "&" : "?"}format=${form}`} download>${form}</a>`)}</span>`;
}

// A picture that was sent in, small; the press shows it whole.
export function photos(list, size = "") {
	return list?.length ? html`<ul class="photos ${size}">${list.map((hash, i) => html`<li>
		<a href="/api/v1/blobs/${hash}" target="_blank" rel="noopener"><img src="/api/v1/blobs/${hash}${size ? "?size=thumb" : ""}" alt="第${i + 1}张照片" loading="lazy"></a>
		${size ? nothing : html`<code class="small soft" title=${hash}>${hash.slice(0, 12)}…</code>`}</li>`)}</ul>` : nothing;
}

export function section(id, title, content, more = nothing) {
	return html`<section aria-labelledby=${id}><div class="row spread headline"><h2 id=${id}>${title}</h2>${more}</div>${content}</section>`;
}

export function crumbs(q, ...steps) {
	return html`<nav class="crumbs small" aria-label="位置"><a href=${to(q)}>总览</a>${steps.map((s) => html`<span aria-hidden="true"> › </span>${s}`)}</nav>`;
}

export function legend() {
	return html`<ul class="legend small" aria-label="图例">${Object.keys(LIGHTS).map((key) => html`<li>${light(key)}</li>`)}</ul>`;
}
