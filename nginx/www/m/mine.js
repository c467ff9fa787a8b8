// 填报记录: what lies in this telephone, then what the server has of my unit.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { instant, month, qty } from "../lib/format.js";
import { state } from "./parts.js";
import { ask } from "./net.js";
import { seen, store } from "./state.js";

export async function load() {
	const { me } = store.get();
	const page = { items: [], next: null, trouble: null };
	try {
		const { body } = await seen(`reports?org=${encodeURIComponent(me.orgId)}&limit=20`);
		page.items = body.items;
		page.next = body.nextCursor;
		await nameTasks(page);
	} catch (error) {
		page.trouble = error;
	}
	return page;
}

// Titles of the tasks on the page, each asked for once.
async function nameTasks(page) {
	page.tasks ??= {};
	for (const plan of new Set(page.items.map((r) => r.planId)))
		if (!Object.values(page.tasks).some((t) => t.planId === plan))
			for (const t of (await seen(`plans/${plan}/tasks?limit=200`)).body.items)
				page.tasks[t._id] = { planId: plan, no: t.no, indicators: Object.fromEntries((t.indicators ?? []).map((i) => [i.id, i])) };
}

export function title() {
	return "填报记录";
}

async function more(page, redraw) {
	const { me } = store.get();
	page.loading = true;
	redraw();
	try {
		const body = await ask("GET", `reports?org=${encodeURIComponent(me.orgId)}&limit=20&cursor=${encodeURIComponent(page.next)}`);
		page.items.push(...body.items);
		page.next = body.nextCursor;
	} catch (error) {
		page.trouble = error;
	}
	page.loading = false;
	redraw();
}

const value = (v, unit) => !v ? "" : v.kind === "none" ? "无进展" : qty(v.n, unit);

function local(e) {
	const v = e.kind === "report" && e.body ? value(e.body.value, e.facts.unit) : "";
	return html`<li><a class="card" href=${e.state === "draft" || e.state === "refused" ? e.open : `#/r/${e.id}`}><span class="head">${state(e.state)}</span>
		<span class="what">${e.facts.name}</span><span class="soft">${e.facts.line ?? ""}${v ? html` · <b class="num">${v}</b>` : nothing}</span>
		${e.receipt ? html`<span class="small soft">回执号 <b class="num">${e.receipt.no}</b>，${instant(e.receipt.at)}</span>` : nothing}</a></li>`;
}

function remote(r, tasks = {}) {
	const t = tasks[r.taskId];
	const i = t?.indicators[r.indicatorId];
	return html`<li><a class="card" href="#/r/${r._id}"><span class="head">${state(r.state)}</span>
		<span class="what">${i?.name ?? r.taskId}</span><span class="soft">${t ? `第${t.no}件 · ` : ""}${month(r.period)} · <b class="num">${value(r.value, i?.unit)}</b></span>
		${r.state === "returned" ? html`<span class="reason">退回原因：${r.returnReason}</span>` : nothing}
		${r.receipt?.no ? html`<span class="small soft">回执号 <b class="num">${r.receipt.no}</b></span>` : nothing}</a></li>`;
}

export function view(page, redraw) {
	const { entries } = store.get();
	const known = new Set(page.items.map((r) => r._id));
	const mine = entries.filter((e) => e.state !== "received" || !known.has(e.id)).sort((a, b) => b.changedAt.localeCompare(a.changedAt));
	return html`<h1>填报记录</h1>
		${mine.length ? html`<h2>这台手机里的</h2><ul class="cards">${mine.map(local)}</ul>` : nothing}
		${page.items.length ? html`<h2>本单位报过的</h2><ul class="cards">${page.items.map((r) => remote(r, page.tasks))}</ul>` : nothing}
		${!mine.length && !page.items.length && !page.trouble ? html`<p class="empty">还没有报过。</p>` : nothing}
		${page.trouble ? html`<p class="soft">${page.trouble.message}</p>` : nothing}
		${page.next ? html`<button class="wide" ?disabled=${page.loading} @click=${() => more(page, redraw)}>再看一些</button>` : nothing}`;
}
