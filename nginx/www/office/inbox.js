// What waits for me, the most urgent first: a list and, beside it, the one
// that is looked at.  j k move, a agrees, c confirms, r sends back.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { get } from "../lib/api.js";
import { day, month } from "../lib/format.js";
import { may } from "./book.js";
import { confirmed, refusal } from "./forms.js";
import { detail, fetchOne } from "./detail.js";
import { kindOf, stepsOf, take } from "./steps.js";

const GROUPS = [["", "全部"], ["report", "填报"], ["milestone", "节点"], ["change", "变更"], ["check", "核查"], ["case", "线索"], ["notice", "通知"], ["task", "销号"]];

export const title = () => "待办";

// The address of what a to-do is about, without the part that is only its view.
const baseOf = (item) => item.link.replace(/\/steps$/, "");

export async function load(ctx) {
	const { state } = ctx;
	const todos = await get("todos?limit=200");
	const items = todos.items.filter((item) => item.link && kindOf(item) && !/_(due|overdue|returned)$/.test(item.kind) && (!ctx.plan || item.planId === ctx.plan._id));
	state.seen ??= new Map();
	const data = { todos, items, one: null };
	await choose(ctx, data, shown(ctx, data).some((i) => i.link === state.link) ? state.link : shown(ctx, data)[Math.min(state.at ?? 0, shown(ctx, data).length - 1)]?.link);
	return data;
}

const shown = (ctx, data) => data.items.filter((i) => !ctx.query.kind || i.kind.startsWith(ctx.query.kind));

// Look at one of them: from now on it has been seen as it is.
async function choose(ctx, data, link) {
	const { state } = ctx;
	state.link = link;
	state.error = null;
	state.at = Math.max(0, shown(ctx, data).findIndex((i) => i.link === link));
	const item = data.items.find((i) => i.link === link);
	data.one = null;
	if (!item)
		return;
	const kind = kindOf(item);
	const one = await fetchOne(kind, item.link);
	if (state.link !== link)
		return;
	data.one = { ...one, item, kind };
	state.seen.set(link, one.document);
}

async function look(ctx, data, link, focus = false) {
	try {
		const chosen = choose(ctx, data, link);
		ctx.draw();
		await chosen;
	} catch (error) {
		ctx.state.error = error;
	}
	ctx.draw();
	if (focus)
		queueMicrotask(() => {
			const row = document.querySelector(".waiting [aria-current=true]");
			row?.focus();
			row?.scrollIntoView({ block: "nearest" });
		});
}

async function step(ctx, data, s) {
	const { state } = ctx;
	if (state.working)
		return;
	state.working = true;
	try {
		const { item, document } = data.one;
		const done = await take(s, baseOf(item), document, item.title);
		if (done) {
			ctx.say(`已${s.word}：${item.title.replace(/^[^：]*：/, "")}`);
			state.link = null;
			await ctx.reload();
			queueMicrotask(() => document_().focus());
		}
	} catch (error) {
		state.error = error;
		ctx.draw();
	} finally {
		state.working = false;
	}
}

const document_ = () => globalThis.document.querySelector(".waiting [aria-current=true]") ?? globalThis.document.querySelector("main h1");

// Many at once, but only those that were looked at just as they are now.
function ready(ctx, data) {
	return shown(ctx, data).filter((i) => i.kind === "report_accept" && ctx.state.seen.get(i.link)?.may?.includes("accept"));
}

async function acceptSeen(ctx, data) {
	const list = ready(ctx, data);
	const marked = list.filter((i) => ctx.state.seen.get(i.link).problems).length;
	if (!await confirmed("批量认定", `认定您已经看过的${list.length}条填报？${marked ? `其中${marked}条写了问题。` : ""}没看过的不会认定。`, `认定${list.length}条`))
		return;
	const failed = [];
	for (const item of list) {
		const seen = ctx.state.seen.get(item.link);
		try {
			await take({ verb: "accept", word: "认定" }, item.link, seen, item.title);
			ctx.state.seen.delete(item.link);
		} catch (error) {
			failed.push(`${item.title}：${error.message}`);
		}
	}
	ctx.say(failed.length ? `认定了${list.length - failed.length}条，${failed.length}条没有成功：${failed.join("；")}` : `认定了${list.length}条。`, failed.length ? "warn" : "good");
	await ctx.reload();
}

export function key(ctx, data, event) {
	const list = shown(ctx, data);
	const { state } = ctx;
	if (event.key === "j" || event.key === "k") {
		const next = list[Math.max(0, Math.min(list.length - 1, state.at + (event.key === "j" ? 1 : -1)))];
		if (next)
			look(ctx, data, next.link, true);
		return;
	}
	const s = data.one && stepsOf(data.one.kind, data.one.document).find((x) => x.key === event.key);
	if (s) {
		event.preventDefault();
		step(ctx, data, s);
	}
}

function row(ctx, data, item) {
	const { state } = ctx;
	const late = item.daysLeft !== null && item.daysLeft !== undefined && item.daysLeft < 0;
	return html`<li><button class="line" aria-current=${state.link === item.link ? "true" : "false"} @click=${() => look(ctx, data, item.link)}>
		<span class="seen" title=${state.seen.has(item.link) ? "看过" : "没看过"}>${state.seen.has(item.link) ? "○" : "●"}<span class="hidden">${state.seen.has(item.link) ? "看过" : "没看过"}</span></span>
		<span class="about"><b>${ctx.book.org(item.orgId) || ctx.book.task(item.taskId)}</b> ${item.title.split("：")[0]}${item.period ? ` · ${month(item.period, true)}` : ""}
		<span class="soft small block">${ctx.book.titled(item.taskId)}</span></span>
		${late ? html`<span class="light red small">过期${-item.daysLeft}天</span>` : item.dueOn ? html`<span class="soft small">${day(item.dueOn, true)}</span>` : nothing}</button></li>`;
}

function panel(ctx, data) {
	const { one } = data;
	if (ctx.state.error)
		return html`<div class="panel">${refusal(ctx.state.error)}<button @click=${ctx.reload}>看最新的</button></div>`;
	if (!one)
		return nothing;
	const steps = stepsOf(one.kind, one.document);
	return html`<section class="panel" aria-labelledby="one"><h2 id="one">${ctx.book.org(one.item.orgId ?? one.document.orgId) || ctx.book.task(one.item.taskId)}${one.item.period ? ` · ${month(one.item.period)}` : ""}</h2>
		<p class="soft">${ctx.book.titled(one.item.taskId)}${one.document.indicatorId ? ` · ${ctx.book.indicator(one.document.taskId, one.document.indicatorId)?.name ?? ""}` : ""}</p>
		${detail(ctx, one.kind, one)}
		<div class="actions steps">${steps.map((s) => html`<button class=${s.on ? "main" : nothing} aria-keyshortcuts=${s.key} @click=${() => step(ctx, data, s)}>${s.word} <kbd>${s.key}</kbd></button>`)}
			${steps.length ? nothing : html`<p class="soft">现在没有您能做的。</p>`}</div></section>`;
}

export function view(ctx, data) {
	const list = shown(ctx, data);
	const count = (kind) => data.items.filter((i) => i.kind.startsWith(kind)).length;
	const many = ready(ctx, data);
	return html`<h1>待办 <span class="soft num">${data.items.length}</span></h1>
		<nav class="pick" aria-label="种类">${GROUPS.filter(([k]) => !k || count(k)).map(([k, text]) => html`<a class="button" href=${ctx.toQuery({ kind: k || null })} aria-current=${(ctx.query.kind ?? "") === k ? "true" : nothing}>${text} ${count(k)}</a>`)}</nav>
		${list.length ? html`<p class="keys small soft"><kbd>j</kbd> 下一条 <kbd>k</kbd> 上一条 <kbd>a</kbd> 认定 <kbd>c</kbd> 审核通过 <kbd>r</kbd> 退回</p>
			<div class="inbox"><div><ol class="waiting">${list.map((i) => row(ctx, data, i))}</ol>
				${may("report.accept") && many.length > 1 ? html`<button @click=${() => acceptSeen(ctx, data)}>认定看过的${many.length}条填报</button>` : nothing}</div>
			${panel(ctx, data)}</div>` : html`<p class="empty">没有等您办的事。</p>`}`;
}
