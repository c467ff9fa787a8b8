// The words of the notice beside what was made of them.  Documents keep the
// numbers of the lines they were read from; where somebody opens the text of
// the notice (it stays in this browser), the very lines are shown.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { qty } from "../lib/format.js";

const name = (plan) => `minsheng.notice.${plan}`;

export function noticeText(plan) {
	try {
		return sessionStorage.getItem(name(plan))?.split(/\r?\n/) ?? null;
	} catch {
		return null;
	}
}

export function keepNotice(plan, text) {
	try {
		sessionStorage.setItem(name(plan), text);
	} catch {
		// Private windows may refuse: then it is shown until the page is left.
	}
}

// Everything a task holds of the notice: [{lines, text, what}], as printed.
export function pieces(task, book) {
	const list = [{ lines: (task.source?.lines ?? []).slice(0, 1), text: task.title, what: "标题", at: "/title" }];
	const add = (from, text, what, at) => text && list.push({ lines: from.lines ?? [], text, what, at });
	(task.indicators ?? []).forEach((indicator, i) => (indicator.quotas ?? []).forEach((quota, k) =>
		add(quota, `${book.org(quota.orgId)}：${quota.qty === null ? "（没有写数）" : qty(quota.qty, indicator.unit)}`, "分解数", `/indicators/${i}/quotas/${k}`)));
	(task.funding ?? []).forEach((f, i) => add(f, f.srcText, "资金", `/funding/${i}`));
	(task.subtasks ?? []).forEach((s, i) => {
		const units = s.orgSet ? s.orgSetText ?? s.orgSet : (s.orgs ?? []).map(book.org).join("、");
		add(s, s.title ?? units, s.title ? "子项" : "落实单位", `/subtasks/${i}`);
		(s.duties ?? []).forEach((d, k) => add(d, d.text, "任务分解", `/subtasks/${i}/duties/${k}`));
	});
	(task.milestones ?? []).forEach((m, i) => add(m, m.text, "时限", `/milestones/${i}`));
	return list;
}

// Does this piece have to do with the finding?
export function concerns(finding, piece) {
	const { pointer = "", lines = [] } = finding;
	if (piece.at.startsWith(pointer) || pointer.startsWith(`${piece.at}/`))
		return true;
	return piece.lines.some((n) => lines.includes(n)) && (pointer.split("/")[1] ?? "") === piece.at.split("/")[1];
}

const MUCH = 30;

function printed(lines, notice) {
	const wanted = [...new Set(lines)].filter((n) => n >= 1 && n <= notice.length);
	const shown = wanted.length > 2 ? wanted : [...new Set(wanted.flatMap((n) => [n - 1, n, n + 1]))].filter((n) => n >= 1 && n <= notice.length);
	return html`<ol class="lines-of" tabindex="0" aria-label="通知原文">${shown.map((n) => html`<li class=${wanted.includes(n) ? "hit" : nothing}><span class="no">${n}</span>${notice[n - 1] || " "}</li>`)}</ol>`;
}

export function sourceView(finding, task, book, notice) {
	if (!task)
		return html`<p class="soft">原件没有这件事项。</p>`;
	const every = pieces(task, book);
	const hits = every.filter((p) => concerns(finding, p)).slice(0, MUCH);
	const title = every[0];
	const where = finding.lines?.length ? html`<p class="small soft">${task.source?.docNo ?? ""} 第${finding.lines.join("、")}行</p>` : nothing;
	return html`${where}
		${notice && finding.lines?.length ? printed(finding.lines, notice) : nothing}
		<dl class="pieces">${(hits.includes(title) ? hits : [title, ...hits]).map((p) => html`<div class=${hits.includes(p) ? "hit" : nothing}>
			<dt>${p.what}</dt><dd>${p.text}</dd></div>`)}</dl>
		${finding.pointer?.startsWith("/indicators") ? sums(task) : nothing}`;
}

function sums(task) {
	return html`<p class="small soft">${(task.indicators ?? []).map((i) => html`${i.name}：总数 ${i.target.qty === null ? "没有写" : qty(i.target.qty, i.unit)}，${(i.quotas ?? []).length ? `分解到${i.quotas.length}个单位` : "没有分解到单位"}。`)}</p>`;
}
