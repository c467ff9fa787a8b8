// What forms are made of: fields, what is wrong with them, photographs.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import * as db from "./db.js";
import { addPhotos, keep, PHOTOS_MAX } from "./draft.js";

// A field with its label, help and what is wrong with it.
export function field({ id, label, help, wrong, control }) {
	return html`<div class="field ${wrong ? "wrong" : ""}"><label for=${id}>${label}</label>
		${help ? html`<p class="small soft" id="${id}-help">${help}</p>` : nothing}
		${control}
		${wrong ? html`<p class="error" id="${id}-wrong">${wrong}</p>` : nothing}</div>`;
}

export const described = (id, help, wrong) => [help ? `${id}-help` : "", wrong ? `${id}-wrong` : ""].join(" ").trim() || nothing;

export function area({ id, label, help, wrong, value, input, rows = 3 }) {
	return field({ id, label, help, wrong, control: html`<textarea id=${id} rows=${rows} .value=${value ?? ""} @input=${(e) => input(e.target.value)}
		aria-invalid=${String(Boolean(wrong))} aria-describedby=${described(id, help, wrong)}></textarea>` });
}

// Problems of the server by the field their pointer names; the rest is said above.
export function sort(trouble, fields) {
	const found = {};
	const rest = [];
	for (const e of trouble?.errors ?? []) {
		const name = Object.keys(fields).find((f) => fields[f].some((p) => e.pointer === p || e.pointer.startsWith(`${p}/`)));
		if (name)
			found[name] ??= e.detail;
		else
			rest.push(e.detail);
	}
	return { found, rest };
}

export function refused(trouble, rest = []) {
	if (!trouble)
		return nothing;
	return html`<div class="note bad" role="alert"><p>服务器没有受理：${trouble.text}</p>${rest.map((t) => html`<p>${t}</p>`)}
		${trouble.title ? html`<p class="small soft">${trouble.title}（${trouble.code}）</p>` : nothing}</div>`;
}

export function focusWrong() {
	requestAnimationFrame(() => (document.querySelector("[aria-invalid=true]") ?? document.querySelector(".note.bad"))?.focus());
}

// ---- photographs ----

const urls = new Map();

function picture(item, p, redraw) {
	if (p.remote)
		return `/api/v1/blobs/${p.sha}?size=thumb`;
	const name = `${item.user}|${p.sha}`;
	if (!urls.has(name)) {
		urls.set(name, "");
		db.photo(item.user, p.sha).then((kept) => {
			urls.set(name, kept ? URL.createObjectURL(new Blob([kept.bytes], { type: "image/jpeg" })) : `/api/v1/blobs/${p.sha}?size=thumb`);
			redraw();
		});
	}
	return urls.get(name);
}

export function album(photos, item, redraw = () => {}) {
	return photos.length ? html`<ul class="album">${photos.map((p, i) => html`<li><a href="/api/v1/blobs/${p.sha}" target="_blank" rel="noopener"><img src=${picture(item, p, redraw)} alt="第${i + 1}张照片" loading="lazy"></a></li>`)}</ul>` : nothing;
}

// The chooser: a camera or the pictures of the telephone.
export function picker(item, page, redraw) {
	const add = async (event) => {
		const files = [...event.target.files];
		event.target.value = "";
		page.busy = files.length;
		page.photoTrouble = [];
		redraw();
		page.photoTrouble = await addPhotos(item, files, () => {
			page.busy--;
			redraw();
		});
		page.busy = 0;
		redraw();
	};
	const drop = (p) => {
		item.photos = item.photos.filter((x) => x !== p);
		keep(item);
		redraw();
	};
	return html`<div class="field"><span class="label" id="photos-label">照片${item.photos.length ? `（${item.photos.length}张）` : ""}</span>
		<p class="small soft" id="photos-help">会自动缩小，并去掉拍摄位置。请不要拍到群众的证件和病历。</p>
		${item.photos.length ? html`<ul class="album">${item.photos.map((p, i) => html`<li><img src=${picture(item, p, redraw)} alt="第${i + 1}张照片">
			<button type="button" @click=${() => drop(p)} aria-label="删掉第${i + 1}张照片">删掉</button></li>`)}</ul>` : nothing}
		${page.busy ? html`<p role="status">正在处理照片，还有${page.busy}张……</p>` : nothing}
		${(page.photoTrouble ?? []).map((t) => html`<p class="error" role="alert">${t}</p>`)}
		${item.photos.length < PHOTOS_MAX ? html`<label class="button pick"><input type="file" accept="image/*" multiple @change=${add} aria-labelledby="photos-label pick-word" aria-describedby="photos-help"><span id="pick-word">拍照或选照片</span></label>` : nothing}</div>`;
}
