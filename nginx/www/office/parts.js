// Pieces that several pages of the office use.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, query } from "../lib/api.js";
import { qty, wan, percent, instant, day } from "../lib/format.js";
import { STATES } from "./book.js";

const WRITE = { qty, wan, percent };

// A figure out of an answer, by pointer: it says where it came from.
export function fig(answer, pointer, as = "qty") {
	const value = pointer.split("/").slice(1).reduce((v, key) => v?.[key], answer);
	return html`<span class="fig" data-of="${answer.from}#${pointer}" data-as=${as}>${WRITE[as](value)}</span>`;
}

export function state(kind, value) {
	return html`<span class="tag ${value}">${STATES[kind][value] ?? value}</span>`;
}

export function field(name, content) {
	return content === null || content === undefined || content === "" || content === nothing ? nothing : html`<div><dt>${name}</dt><dd>${content}</dd></div>`;
}

export function photos(list) {
	if (!list?.length)
		return nothing;
	return html`<ul class="photos">${list.map((hash, i) => html`<li><a href="/api/v1/blobs/${hash}" target="_blank" rel="noopener">
		<img src="/api/v1/blobs/${hash}?size=thumb" alt="第${i + 1}张照片，点开看大图"></a></li>`)}</ul>`;
}

export function history(list, kind) {
	if (!list?.length)
		return nothing;
	return html`<details class="history"><summary>经过（${list.length}步）</summary><ol>${list.map((h) => html`<li><span class="num soft">${instant(h.at)}</span> ${h.name ?? h.by ?? ""}：${STATES[kind]?.[h.to] ?? h.to}${h.reason ? html`——${h.reason}` : nothing}</li>`)}</ol></details>`;
}

// What a unit said for itself, or a person decided.
export function words(name, w) {
	return w ? field(name, html`${w.support === undefined ? nothing : w.support ? "同意。" : "不同意。"}${w.text}${photos(w.attachments)}<span class="small soft block">${w.by?.name ?? ""} ${instant(w.at)}${w.docNo ? ` ${w.docNo}` : ""}</span>`) : nothing;
}

// Which of a list: selects that stand in the address.
export function sieve(ctx, fields) {
	const set = (name, value) => { location.hash = ctx.toQuery({ ...ctx.query, plan: ctx.plan?._id, [name]: value }); };
	return html`<form class="controls sieve" @submit=${(e) => e.preventDefault()}>${fields.map(({ name, label, options, type }) => html`<label><span>${label}</span>${type
		? html`<input type=${type} .value=${ctx.query[name] ?? ""} @change=${(e) => set(name, e.target.value)}>`
		: html`<select @change=${(e) => set(name, e.target.value)}><option value="">全部</option>${options.map(([v, text]) => html`<option value=${v} ?selected=${v === ctx.query[name]}>${text}</option>`)}</select>`}</label>`)}</form>`;
}

export const orgOptions = (book, list = book.orgs) => list.map((o) => [o._id, o.name]);
export const taskOptions = (book) => book.tasks.map((t) => [t._id, `第${t.no}件 ${t.title}`]);

// All items of a list of this plan, filtered by what stands in the address.
export function listOf(ctx, path, names) {
	const filter = Object.fromEntries(names.map((n) => [n, ctx.query[n]]));
	return all(`${path}?${query({ plan: ctx.plan?._id, ...filter })}`);
}

export { day, instant };
