// 我的: large letters, a backup of what is not sent, leaving.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { ask as dialog } from "../lib/app.js";
import { instant } from "../lib/format.js";
import * as db from "./db.js";
import { ask } from "./net.js";
import { WORDS } from "./parts.js";
import { pending, setElder, store } from "./state.js";

export async function load() {
	const kept = await navigator.storage?.persisted?.().catch(() => null);
	return { kept };
}

export function title() {
	return "我的";
}

// ---- the backup ----

const escape = (text) => String(text ?? "").replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

const base64 = (bytes) => new Promise((done) => {
	const reader = new FileReader();
	reader.onload = () => done(reader.result);
	reader.readAsDataURL(new Blob([bytes], { type: "image/jpeg" }));
});

const NAMES = { number: "累计数", none: "本月无进展", reason: "原因", narrative: "做了什么", problems: "困难和问题", nextStep: "下一步", metOn: "完成日期", note: "说明", text: "答复" };

function linesOf(e) {
	return [`${WORDS[e.state][1]}：${e.facts.name}`, e.facts.line, e.facts.orgName,
		...Object.entries(e.fields).filter(([, v]) => v).map(([k, v]) => `${NAMES[k] ?? k}：${v === true ? "是" : v}`),
		`编号：${e.id}`, e.hash ? `内容校验：${e.hash}` : "", `最后修改：${instant(e.changedAt)}`].filter(Boolean);
}

async function sheet(entries) {
	const parts = [];
	for (const e of entries) {
		const pictures = [];
		for (const p of e.photos) {
			const kept = p.remote ? null : await db.photo(e.user, p.sha);
			if (kept)
				pictures.push(`<img src="${await base64(kept.bytes)}" alt="照片" width="320">`);
		}
		parts.push(`<section>${linesOf(e).map((t) => `<p>${escape(t)}</p>`).join("")}${pictures.join("")}</section>`);
	}
	return `<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>我的草稿</title><h1>${escape(entries[0]?.userName)}没有报出的内容</h1>${parts.join("<hr>")}</html>`;
}

async function save(page, redraw) {
	const entries = pending(store.get().entries);
	const blob = new Blob([await sheet(entries)], { type: "text/html" });
	const a = document.createElement("a");
	a.href = URL.createObjectURL(blob);
	a.download = `我的草稿-${new Date().toISOString().slice(0, 10)}.html`;
	document.body.append(a);
	a.click();
	a.remove();
	setTimeout(() => URL.revokeObjectURL(a.href), 60000);
	page.text = entries.map((e) => linesOf(e).join("\n")).join("\n\n");
	redraw();
}

// ---- leaving ----

async function leave(page, redraw) {
	const n = pending(store.get().entries).length;
	const sure = !n || await dialog((close) => html`<h2>还有${n}条没有报出</h2><p>退出后它们留在这台手机里，要您本人再登录才会报出。</p>
		<div class="actions"><button class="main" @click=${() => close(null)}>先不退出</button><button @click=${() => close(true)}>退出</button></div>`);
	if (!sure)
		return;
	try {
		await ask("DELETE", "session", { json: {} });
	} catch (error) {
		if (error.status !== 401 && error.code !== "wrong-state") {
			page.failed = error;
			redraw();
			return;
		}
	}
	location.assign("/login/");
}

const FACES = { "/": ["看情况", ["leader", "office", "auditor", "admin", "lead"]], "/office/": ["督查办工作台", ["office", "admin", "lead", "auditor"]] };

export function view(page, redraw) {
	const { me, elder, entries } = store.get();
	const n = pending(entries).length;
	return html`<h1>${me.name}</h1><p class="soft">${me.orgName ?? ""} · ${me.roles.map((r) => r.title).join("、")}</p>
		<label class="switch"><input type="checkbox" role="switch" .checked=${elder} @change=${(e) => setElder(e.target.checked)}><span>大字版<span class="small soft block">字大、按钮大，记在这台手机里</span></span></label>
		<h2>没有报出的</h2>
		<p>${n ? `这台手机里有${n}条没有报出。` : "都报出了，没有留下的。"}${page.kept === false && n ? "浏览器不保证长期保存，请尽快报出。" : ""}</p>
		${n ? html`<button class="wide" @click=${() => save(page, redraw)}>导出我的草稿</button>` : nothing}
		${page.text ? html`<div class="field"><label for="copy">要是没有下载成功，可以长按复制这些文字</label><textarea id="copy" rows="8" readonly .value=${page.text}></textarea></div>` : nothing}
		<h2>账号</h2>
		${page.failed ? html`<p class="error" role="alert">没有退出成功：${page.failed.message}</p>` : nothing}
		<div class="submit">${Object.entries(FACES).map(([path, [name, roles]]) => me.roles.some((r) => roles.includes(r.id)) ? html`<a class="button" href=${path}>${name}</a>` : nothing)}
			<a class="button" href="/login/#password">改口令</a><button @click=${() => leave(page, redraw)}>退出登录</button></div>`;
}

