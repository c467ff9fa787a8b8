// What the pages are made of: head, tabs, warnings, states.
import { html, svg, nothing } from "../vendor/lit-html/lit-html.js";
import { explain } from "../lib/api.js";
import * as queue from "./queue.js";
import { oldOnes, store } from "./state.js";

export const go = (hash) => { location.hash = hash; };

// ---- states: a shape, a word, a colour ----

const SHAPES = {
	draft: svg`<path d="M3 13.5V11l7.5-7.5 2.5 2.5L5.5 13.5z"/>`,
	queued: svg`<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>`,
	received: svg`<circle cx="8" cy="8" r="6.5"/><path d="m5 8.2 2.2 2.2L11.2 6"/>`,
	returned: svg`<path d="M6 3 2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6"/>`,
	refused: svg`<path d="M8 1.5 15 14H1zM8 6v4M8 11.8v.4"/>`,
	accepted: svg`<path d="m1.5 8.5 3 3L10 6M7.5 11l.5.5L14.5 5"/>`,
};

export const WORDS = {
	draft: ["draft", "草稿", "只在这台手机里，还没有提交"],
	queued: ["queued", "排队中", "等有网络时自动报出"],
	refused: ["refused", "要改一改", "服务器没有受理"],
	received: ["received", "已受理", ""],
	submitted: ["received", "已受理", "等单位确认"],
	unit_confirmed: ["received", "单位已确认", "等牵头单位审核"],
	lead_confirmed: ["received", "牵头单位已审核", "等认定"],
	accepted: ["accepted", "已认定", ""],
	returned: ["returned", "被退回", "请按原因修改后重报"],
	superseded: ["accepted", "已被更正", ""],
};

export function state(name) {
	const [shape, word] = WORDS[name] ?? ["received", name];
	return html`<span class="state ${shape}"><svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">${SHAPES[shape]}</svg>${word}</span>`;
}

// "还有3天", "今天截止", "已逾期5天".
export function left(days) {
	if (days === null || days === undefined)
		return nothing;
	if (days < 0)
		return html`<span class="left late">已逾期${-days}天</span>`;
	return html`<span class="left ${days <= 3 ? "soon" : ""}">${days ? `还有${days}天` : "今天截止"}</span>`;
}

// ---- around every page ----

function network() {
	const { queue: q, entries } = store.get();
	const n = entries.filter((e) => e.state === "queued").length;
	if (q.sending)
		return html`正在报出，还剩${n}条`;
	if (n)
		return html`${n}条排队中`;
	return navigator.onLine ? html`网络正常` : html`没有网络`;
}

const TABS = [["", "待办"], ["mine", "填报记录"], ["me", "我的"]];

export function frame(page) {
	const { me, route } = store.get();
	const here = route.path[0] ?? "";
	return html`<a class="skip" href="#main" @click=${skip}>跳到正文</a>
		<header class="top"><a class="brand" href="#/">民生实事</a><span class="net" role="status">${network()}</span></header>
		<main id="main"><div class="page">${warnings()}${page}</div></main>
		<nav class="dock" aria-label="页面">${TABS.map(([path, name]) => html`<a href="#/${path}"
			aria-current=${here === path ? "page" : nothing}>${name}${path === "" ? count() : nothing}</a>`)}</nav>
		<p class="who small soft">${me.name} · ${me.orgName ?? ""}</p>`;
}

function skip(event) {
	event.preventDefault();
	document.querySelector("main h1")?.focus();
}

function count() {
	const n = store.get().todos?.length;
	return n ? html`<span class="count">${n}<span class="hidden">件</span></span>` : nothing;
}

const DOORS = {
	login: ["登录过期了。您填的都还在这台手机里，一条也没有丢，重新登录后会接着报出。", "重新登录"],
	password: ["口令要先改一改，改好后会接着报出。您填的都还在。", "去改口令"],
	other: ["现在登录的是另一位同事。这里的内容要您本人登录后才会报出。", "重新登录"],
};

function warnings() {
	const { queue: q, entries, others, trouble } = store.get();
	const waiting = entries.filter((e) => e.state === "queued");
	const next = `/login/?next=${encodeURIComponent(location.pathname + location.hash)}`;
	const old = oldOnes(entries).length;
	return html`
		${q.door ? html`<div class="note warn" role="alert"><p>${DOORS[q.door][0]}</p>
			<a class="button main" href=${q.door === "password" ? "/login/#password" : next}>${DOORS[q.door][1]}</a></div>` : nothing}
		${!q.door && waiting.length && !q.sending ? html`<div class="note warn"><p>有${waiting.length}条排队中，还没有报到服务器。${q.trouble ? explain(q.trouble).text : "等有网络会自动报出。"}</p>
			<button class="main" @click=${queue.flushNow}>现在就报</button></div>` : nothing}
		${old ? html`<div class="note warn"><p>有${old}条在这台手机里放了3天以上，还没有报出。手机清理空间时可能会丢，请尽快连上网报出，或者先导出备份。</p>
			<a class="button" href="#/me">导出我的草稿</a></div>` : nothing}
		${others.length ? html`<div class="note"><p>这台手机上还有${others.map(([name, n]) => `${name}的${n}条`).join("、")}没有报出，请本人登录后报出。</p></div>` : nothing}
		${trouble && !waiting.length && !q.door ? html`<div class="note warn"><p>${explain(trouble).text}下面是上次看到的内容。</p></div>` : nothing}`;
}

// ---- small things ----

export const facts = (rows) => html`<dl class="facts">${rows.filter(([, v]) => v !== null && v !== undefined && v !== "" && v !== nothing)
	.map(([k, v]) => html`<div><dt>${k}</dt><dd>${v}</dd></div>`)}</dl>`;

export const waitingFor = (what) => html`<h1>${what}</h1><p class="soft" role="status">正在打开……</p>`;
