// Forms that lose nothing: what was typed stays in `drafts` until the server
// has it, whatever happens to the dialog, the network or the session.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { ApiError, explain } from "../lib/api.js";
import { ask } from "../lib/app.js";

const drafts = new Map();

// A random UUID; crypto.randomUUID is not there where a page came by http.
export function uuid() {
	const b = crypto.getRandomValues(new Uint8Array(16));
	b[6] = b[6] & 0x0f | 0x40;
	b[8] = b[8] & 0x3f | 0x80;
	const hex = Array.from(b, (n) => n.toString(16).padStart(2, "0")).join("");
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// "568.32" 万元 → 56832000000 分 exactly, or null.
export function fen(text) {
	const m = /^(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text.trim().replaceAll(",", ""));
	return m ? Number(m[1]) * 1000000 + Number((m[2] ?? "").padEnd(6, "0")) : null;
}

export function createForm(values, rev) {
	return { values: { ...values }, rev, error: null, busy: false, key: uuid(), once: uuid() };
}

// What the page itself finds wrong, before anything is sent.
export const wrong = (detail, pointer) => new ApiError(0, { code: "check", title: "请检查", detail, errors: pointer ? [{ pointer, detail }] : [] });

const mine = (error, name) => error instanceof ApiError ? error.errors.filter((e) => e.pointer === `/${name}` || e.pointer?.startsWith(`/${name}/`)) : [];

// What the server said about the whole: a refused session does not cost what
// was typed, somebody faster is told as such.
export function refusal(error) {
	if (!error)
		return nothing;
	if (error.status === 401)
		return html`<div class="note bad" role="alert"><p>登录已过期，这里填的内容还在。请<a href="/login/" target="_blank" rel="noopener">在新窗口登录</a>，回来再点一次。</p></div>`;
	const { text, hint } = explain(error);
	return html`<div class="note bad" role="alert"><p>${text}</p>
		${error.status === 412 ? html`<p>您填的内容还在。看过最新的情况以后再点一次，就按最新的提交。</p>` : nothing}
		${error.errors?.length ? html`<ul class="reasons small">${error.errors.map((e) => html`<li>${e.pointer ? html`<code>${e.pointer}</code> ` : nothing}${e.detail}</li>`)}</ul>` : nothing}
		${hint ? html`<p class="small soft">${hint}</p>` : nothing}</div>`;
}

function control(f, field, id, bad, draw) {
	const value = f.values[field.name] ?? "";
	const set = (v) => {
		f.values[field.name] = v;
		field.changed?.(f.values);
		draw();
	};
	const told = bad.length ? `${id}-e` : field.hint ? `${id}-h` : nothing;
	if (field.type === "textarea")
		return html`<textarea id=${id} rows=${field.rows ?? nothing} ?required=${field.required} maxlength="16000" aria-invalid=${bad.length ? "true" : nothing} aria-describedby=${told}
			class=${field.code ? "code" : nothing} spellcheck="false" .value=${live(value)} @input=${(e) => set(e.target.value)}></textarea>`;
	if (field.type === "select")
		return html`<select id=${id} ?required=${field.required} aria-invalid=${bad.length ? "true" : nothing} aria-describedby=${told} @change=${(e) => set(e.target.value)}>
			${(typeof field.options === "function" ? field.options(f.values) : field.options).map(([v, text]) => html`<option value=${v} ?selected=${live(v === value)}>${text}</option>`)}</select>`;
	return html`<input id=${id} type=${field.type ?? "text"} ?required=${field.required} inputmode=${field.inputmode ?? nothing} autocomplete="off" list=${field.list ?? nothing}
		max=${field.max ?? nothing} aria-invalid=${bad.length ? "true" : nothing} aria-describedby=${told} .value=${live(value)} @input=${(e) => set(e.target.value)}>`;
}

function choices(f, field, id, draw) {
	const several = field.type === "checks";
	const has = (v) => several ? (f.values[field.name] ?? []).includes(v) : f.values[field.name] === v;
	const set = (v, on) => {
		const old = f.values[field.name] ?? [];
		f.values[field.name] = several ? on ? [...old, v] : old.filter((x) => x !== v) : v;
		draw();
	};
	return html`<fieldset><legend class="label">${field.label}</legend><div class="choices">${field.options.map(([v, text]) => html`<label class="choice">
		<input type=${several ? "checkbox" : "radio"} name=${id} value=${v} .checked=${live(has(v))} @change=${(e) => set(v, e.target.checked)}> ${text}</label>`)}</div></fieldset>`;
}

function fieldView(f, field, index, draw) {
	const id = `${f.key}-${index}`;
	const bad = mine(f.error, field.pointer ?? field.name);
	const below = html`${field.hint ? html`<p class="small soft" id="${id}-h">${field.hint}</p>` : nothing}
		${bad.length ? html`<p class="error" id="${id}-e">${bad.map((e) => e.detail).join("；")}</p>` : nothing}`;
	if (field.when && !field.when(f.values))
		return nothing;
	if (field.type === "radio" || field.type === "checks")
		return html`<div>${choices(f, field, id, draw)}${below}</div>`;
	if (field.type === "check")
		return html`<div><label class="choice"><input type="checkbox" .checked=${live(Boolean(f.values[field.name]))} @change=${(e) => { f.values[field.name] = e.target.checked; draw(); }}> ${field.label}</label>${below}</div>`;
	return html`<div><label for=${id}>${field.label}${field.required || field.type === "select" ? nothing : html`<span class="soft small">（可不填）</span>`}</label>${control(f, field, id, bad, draw)}${below}</div>`;
}

export function fieldsView(f, fields, draw) {
	return html`<div class="fields">${fields.map((field, i) => fieldView(f, field, i, draw))}</div>`;
}

// Send a form: send(values, rev, key) → what the server made of it, or null.
export async function submit(f, send, draw) {
	if (f.busy)
		return null;
	f.busy = true;
	f.error = null;
	draw();
	try {
		const answer = await send(f.values, f.rev, f.once);
		f.busy = false;
		return answer ?? {};
	} catch (error) {
		f.busy = false;
		f.error = error;
		if (error.status === 412 && error.current?.rev)
			f.rev = error.current.rev;
		draw();
		queueMicrotask(() => document.querySelector("dialog[open] [aria-invalid=true], main form [aria-invalid=true], dialog[open] .note.bad")?.scrollIntoView({ block: "nearest" }));
		return null;
	}
}

// A form in a dialog.  Closed without sending, what was typed is there again
// next time.  {key, title, intro, fields, values, rev, label, send}
export function askForm({ key, title, intro = nothing, fields, values = {}, rev, label = "确定", send }) {
	const f = drafts.get(key) ?? createForm(values, rev);
	f.rev = rev ?? f.rev;
	f.error = null;
	drafts.set(key, f);
	return ask((close, draw) => html`<h2>${title}</h2>${typeof intro === "function" ? intro(f.values) : intro}
		<form @submit=${async (event) => {
			event.preventDefault();
			const answer = await submit(f, send, draw);
			if (answer) {
				drafts.delete(key);
				close(answer);
			}
		}}>${refusal(f.error)}${fieldsView(f, fields, draw)}
		<div class="actions"><button class="main" ?disabled=${f.busy}>${f.busy ? "正在提交……" : label}</button>
			<button type="button" @click=${() => close(null)}>取消</button></div></form>`);
}

// A question with yes and no.
export function confirmed(title, text, label) {
	return ask((close) => html`<h2>${title}</h2><p>${text}</p><div class="actions"><button class="main" @click=${() => close(true)}>${label}</button><button @click=${() => close(null)}>取消</button></div>`);
}

// Something that is shown this one time only.
export function showOnce(title, what, text) {
	return ask((close, draw) => html`<h2>${title}</h2><p>${what}</p><pre class="secret" tabindex="0" aria-label="只显示一次的内容">${text}</pre>
		<div class="actions"><button class="main" @click=${async (e) => { await navigator.clipboard?.writeText(text).catch(() => {}); e.target.textContent = navigator.clipboard ? "已复制" : "请手工选中复制"; draw(); }}>复制</button>
		<button @click=${() => close(true)}>已经记下，关闭</button></div>`);
}
