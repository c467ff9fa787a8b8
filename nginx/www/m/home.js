// 我的待办: what is due, the most urgent first; what waits for a word of mine.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { instant, month, qty } from "../lib/format.js";
import { left, state } from "./parts.js";
import { loadTodos, pending, store } from "./state.js";

export const about = {
	report: (t) => `report:${t.taskId}.${t.indicatorId}.${t.orgId}.${t.period}`,
	claim: (t) => `claim:${t.taskId}.${t.milestoneId}.${t.orgId}`,
	answer: (link) => `answer:${link}`,
};

const tail = (link) => link.split("/").slice(3).join("/");

// Which page a to-do opens, and what names the entry made there.
const KINDS = {
	report_returned: { group: "write", open: (t) => `#/report/${t.taskId}/${t.indicatorId}/${t.orgId}/${t.period}`, about: about.report },
	report_overdue: { group: "write", open: (t) => `#/report/${t.taskId}/${t.indicatorId}/${t.orgId}/${t.period}`, about: about.report },
	report_due: { group: "write", open: (t) => `#/report/${t.taskId}/${t.indicatorId}/${t.orgId}/${t.period}`, about: about.report },
	milestone_returned: { group: "claim", open: (t) => `#/milestone/${t.taskId}/${t.milestoneId}/${t.orgId}`, about: about.claim },
	milestone_overdue: { group: "claim", open: (t) => `#/milestone/${t.taskId}/${t.milestoneId}/${t.orgId}`, about: about.claim },
	milestone_due: { group: "claim", open: (t) => `#/milestone/${t.taskId}/${t.milestoneId}/${t.orgId}`, about: about.claim },
	notice_answer: { group: "answer", open: (t) => `#/answer/${tail(t.link)}`, about: (t) => about.answer(t.link) },
	check_statement: { group: "answer", open: (t) => `#/answer/${tail(t.link)}`, about: (t) => about.answer(t.link) },
	case_statement: { group: "answer", open: (t) => `#/answer/${tail(t.link)}`, about: (t) => about.answer(t.link) },
	report_confirm: { group: "confirm", open: (t) => `#/r/${t.reportId}` },
	report_lead_confirm: { group: "confirm", open: (t) => `#/r/${t.reportId}` },
	report_accept: { group: "confirm", open: (t) => `#/r/${t.reportId}` },
	milestone_verify: { group: "confirm", open: (t) => `#/milestone/${t.taskId}/${t.milestoneId}/${t.orgId}` },
};

const GROUPS = [["answer", "要答复的"], ["write", "要填报的"], ["claim", "要申报的节点"], ["confirm", "要我确认、审核的"]];

// What this telephone already has for it.
const local = (t, entries) => {
	const name = KINDS[t.kind].about?.(t);
	return name ? entries.find((e) => e.about === name && e.state !== "received") : null;
};

// Received here, and the list is older than that: not to be done again.
const settled = (t, entries, at) => {
	const name = KINDS[t.kind].about?.(t);
	return entries.some((e) => e.about === name && e.state === "received" && e.settledAt > at);
};

function lines(t) {
	if (t.indicator)
		return html`<span class="what">${t.indicator}</span>
			<span class="soft">第${t.no}件 · ${month(t.period)}${t.orgName ? ` · ${t.orgName}` : ""}</span>
			${t.previous ? html`<span class="soft">上次报到 <b class="num">${qty(t.previous.n, t.unit)}</b></span>` : nothing}`;
	return html`<span class="what">${t.text ?? t.title}</span>${t.text ? html`<span class="soft">${t.title}</span>` : nothing}`;
}

function card(t, entries) {
	const mine = local(t, entries);
	const back = t.kind.endsWith("_returned") && !mine;
	return html`<li><a class="card" href=${mine && mine.state === "queued" ? `#/r/${mine.id}` : KINDS[t.kind].open(t)}>
		<span class="head">${mine ? state(mine.state) : back ? state("returned") : nothing}${left(t.daysLeft)}</span>
		${lines(t)}
		${back && t.reason ? html`<span class="reason">退回原因：${t.reason}</span>` : nothing}</a></li>`;
}

export async function load() {
	await loadTodos();
}

export function title() {
	return "我的待办";
}

export function view() {
	const { todos, todosAt, entries, fresh, todosTotal } = store.get();
	if (!todos)
		return html`<h1>我的待办</h1><p class="soft" role="status">正在打开……</p>`;
	const here = todos.filter((t) => KINDS[t.kind] && !settled(t, entries, todosAt));
	const elsewhere = todos.filter((t) => !KINDS[t.kind]).length;
	const loose = pending(entries).filter((e) => !here.some((t) => KINDS[t.kind].about?.(t) === e.about));
	return html`<h1>我的待办</h1>
		${here.length || loose.length ? nothing : html`<div class="note good"><p>都办完了，没有等您办的事。</p></div>`}
		${loose.length ? html`<h2>这台手机里没有报完的</h2><ul class="cards">${loose.map((e) => html`<li><a class="card" href=${e.state === "queued" ? `#/r/${e.id}` : e.open}>
			<span class="head">${state(e.state)}</span><span class="what">${e.facts.name}</span><span class="soft">${e.facts.line ?? ""}</span></a></li>`)}</ul>` : nothing}
		${GROUPS.map(([group, name]) => {
			const items = here.filter((t) => KINDS[t.kind].group === group);
			return items.length ? html`<h2>${name} <span class="soft">${items.length}件</span></h2><ul class="cards">${items.map((t) => card(t, entries))}</ul>` : nothing;
		})}
		${elsewhere ? html`<p class="soft">还有${elsewhere}件事请在电脑上办理。</p>` : nothing}
		${todosTotal > todos.length ? html`<p class="soft">只列出最急的${todos.length}件，一共${todosTotal}件。</p>` : nothing}
		<p class="soft small">${todosAt ? `${fresh ? "更新于" : "这是上次看到的："}${instant(todosAt)}` : ""}</p>`;
}
