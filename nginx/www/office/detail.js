// One thing that waits, in full: what is said, what was said before, what
// speaks for and against it.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { day, instant, month, qty } from "../lib/format.js";
import { KINDS, doc, maybeDoc } from "./book.js";
import { field, fig, history, photos, state, words } from "./parts.js";

const WHY = { same: "同一张", alike: "很像", unit: "不同单位", task: "不同事项", period: "不同月份", indicator: "不同指标" };

// The document behind an address, and what stands beside it.
export async function fetchOne(kind, path) {
	const document = await doc(path);
	const evidence = kind === "reports" && document.attachments?.length ? await maybeDoc(`${path}/evidence`) : null;
	return { document, evidence };
}

function amount(report, unit) {
	const v = report.value;
	if (!v)
		return "没有填";
	return v.kind === "none" ? html`无进展：${v.reason}` : html`<b class="huge">${fig(report, "/value/n")}</b><span class="unit">${unit}</span>`;
}

function flags(ctx, evidence) {
	if (!evidence?.flags?.length)
		return nothing;
	return html`<div class="note warn"><p><b>照片可能重复使用</b></p><ul>${evidence.flags.map((f) => html`<li>${WHY[f.match] ?? f.match}，${(f.why ?? []).map((w) => WHY[w] ?? w).join("、")}：
		<ul class="photos small">${f.uses.map((u) => html`<li><a href=${u.kind === "reports" ? ctx.to("report", u.targetId) : nothing}><img src=${u.thumb} alt="${ctx.book.org(u.orgId)} ${u.asOf ?? ""}的照片"></a>${ctx.book.org(u.orgId)}${u.asOf ? ` ${month(u.asOf.slice(0, 7))}` : ""}</li>`)}</ul></li>`)}</ul></div>`;
}

function report(ctx, { document: r, evidence }) {
	const { book } = ctx;
	const unit = book.indicator(r.taskId, r.indicatorId)?.unit ?? "";
	return html`<dl class="facts">
		${field("累计完成", amount(r, unit))}
		${field("上次", r.previous ? html`${fig(r, "/previous/n")}${unit} <span class="soft small">（${month(r.previous.period)}${r.previous.accepted ? "，已认定" : "，还没认定"}）</span>` : "没有报过")}
		${field("本月增加", r.increment === null || r.increment === undefined ? nothing : html`<b>${r.increment > 0 ? "+" : ""}${fig(r, "/increment")}${unit}</b>`)}
		${field("任务数", quotaOf(book, r, unit))}
		${field("问题", r.problems ? html`<span class="light yellow">${r.problems}</span>` : nothing)}
		${field("进展", r.narrative)}${field("下一步", r.nextStep)}
		${field("更正原因", r.correction?.reason)}${field("退回原因", r.state === "returned" ? r.returnReason : nothing)}
		${field("填报人", html`${r.author?.name ?? ""}${r.submittedAt ? html` <span class="soft small">${instant(r.submittedAt)}</span>` : nothing}${r.daysLate > 0 ? html` <span class="light red">迟报${r.daysLate}天</span>` : nothing}`)}
		${field("状态", html`${state("report", r.state)}${r.revision > 1 ? html` <span class="tag">第${r.revision}稿</span>` : nothing}`)}
		${field("照片", r.attachments?.length ? photos(r.attachments) : "没有")}
		${field("没有传到的照片", r.missing?.length ? `${r.missing.length}张` : nothing)}
	</dl>${flags(ctx, evidence)}${history(r.history, "report")}`;
}

function quotaOf(book, r, unit) {
	const quota = book.indicator(r.taskId, r.indicatorId)?.quotas?.find((q) => q.orgId === r.orgId);
	return quota ? quota.qty === null ? "没有分解" : qty(quota.qty, unit) : nothing;
}

function milestone(ctx, { document: m }) {
	return html`<dl class="facts">${field("节点", m.text)}${field("期限", m.dueOn ? day(m.dueOn) : "没有写")}
		${field("现在", html`${state("milestone", m.state)} ${m.standingTitle ?? ""}${m.lateDays ? `，晚${m.lateDays}天` : ""}`)}
		${field("申报完成日期", m.metOn ? day(m.metOn) : nothing)}${field("说明", m.note)}${field("申报人", m.claimedBy ? `${m.claimedBy.name} ${instant(m.claimedAt)}` : nothing)}
		${field("退回原因", m.state === "returned" ? m.returnReason : nothing)}${field("照片", m.attachments?.length ? photos(m.attachments) : nothing)}</dl>${history(m.history, "milestone")}`;
}

function change(ctx, { document: c }) {
	const node = ctx.book.milestone(c.taskId, c.milestoneId);
	return html`<dl class="facts">${field("申请", html`${KINDS.change[c.kind]} ${state("change", c.state)}`)}${field("节点", node?.text)}
		${field("期限", c.newDue ? html`${day(c.dueWas)} → <b>${day(c.newDue)}</b>` : nothing)}${field("理由", c.reason)}
		${c.late ? field("提醒", html`<span class="light yellow">期限过后才提出，按说明处理，批准也不改期限</span>`) : nothing}
		${c.proposal ? field("调整内容", html`<pre class="json" tabindex="0">${JSON.stringify(c.proposal, null, 2)}</pre>`) : nothing}
		${words("牵头意见", c.opinion)}${words("决定", c.decision)}${field("提出", `${c.author?.name ?? ""} ${instant(c.submittedAt ?? c.createdAt)}`)}</dl>${history(c.history, "change")}`;
}

function check(ctx, { document: c }) {
	return html`<dl class="facts">${field("结论", html`<span class="light ${{ true: "green", partly: "yellow", false: "red" }[c.verdict]}">${KINDS.verdict[c.verdict]}</span> ${state("check", c.state)}`)}
		${field("核查日期", day(c.checkedOn))}${field("情况", c.text)}${field("照片", c.attachments?.length ? photos(c.attachments) : nothing)}
		${field("单位说明截止", c.statementDue ? day(c.statementDue) : nothing)}${words("单位说明", c.statement)}${words("认定", c.conclusion ?? c.decision)}</dl>${history(c.history, "check")}`;
}

function casework(ctx, { document: c }) {
	const e = c.evidence ?? {};
	return html`<dl class="facts">${field("线索", html`${KINDS.label[c.label]} ${state("case", c.state)}`)}${field("情况", c.text)}
		${field("依据", html`${[[e.checks, "次核查"], [e.reports, "条填报"], [e.milestones, "个节点"], [e.attachments, "张照片"]].filter(([l]) => l?.length).map(([l, w]) => `${l.length}${w}`).join("、")}${photos(e.attachments)}`)}
		${field("单位说明截止", day(c.statementDue))}${words("单位说明", c.statement)}${words("决定", c.decision)}${field("提出", `${c.author?.name ?? ""} ${instant(c.createdAt)}`)}</dl>${history(c.history, "case")}`;
}

function notice(ctx, { document: n }) {
	return html`<dl class="facts">${field("通知", html`${KINDS.notice[n.kind]} ${state("notice", n.state)}`)}${field("标题", n.title)}${field("正文", html`<span class="prose">${n.text}</span>`)}
		${field("答复期限", n.dueOn ? day(n.dueOn) : "没有写")}${words("单位答复", n.answer)}${field("发出", `${n.author?.name ?? ""} ${instant(n.createdAt)}`)}</dl>${history(n.history, "notice")}`;
}

function task(ctx, { document: t }) {
	return html`<dl class="facts">${field("状态", state("task", t.status))}${field("牵头单位", ctx.book.org(t.lead?.orgId ?? ctx.book.findTask(t._id)?.lead.orgId))}</dl>${history(t.history, "task")}`;
}

const VIEWS = { reports: report, milestones: milestone, changes: change, checks: check, cases: casework, notices: notice, tasks: task };

export function detail(ctx, kind, one) {
	return VIEWS[kind](ctx, one);
}
