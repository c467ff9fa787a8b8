// Who has reported for a month and who has not; reminders to those who have
// not, each seen before it goes out.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { query } from "../lib/api.js";
import { table } from "../lib/table.js";
import { addDays, day, instant, month, today } from "../lib/format.js";
import { doc, may } from "./book.js";
import { fig, state } from "./parts.js";
import { months } from "./reports.js";
import { sending } from "./sending.js";

export const title = () => "报送与催办";

export async function load(ctx) {
	if (!ctx.plan || ctx.plan.status === "draft")
		return { none: true };
	const list = await doc(`/api/v1/plans/${ctx.plan._id}/completeness?${query({ period: ctx.query.period })}`);
	ctx.state.picked ??= new Set();
	return { list };
}

const keyOf = (row) => `${row.taskId}.${row.indicatorId}.${row.orgId}`;
const owes = (row) => ["missing", "draft", "returned"].includes(row.state);
const WHAT = { missing: "没有报", draft: "只存了草稿", returned: "退回后没有重报" };

// One letter to each unit, whatever it owes.
function letters(ctx, list) {
	const byOrg = new Map();
	for (const row of list.rows.filter((r) => owes(r) && ctx.state.picked.has(keyOf(r)))) {
		const rows = byOrg.get(row.orgId) ?? [];
		byOrg.set(row.orgId, [...rows, row]);
	}
	const when = addDays(today(), 3);
	return [...byOrg].map(([orgId, rows]) => ({
		orgId, name: rows[0].orgName, taskId: new Set(rows.map((r) => r.taskId)).size === 1 ? rows[0].taskId : null, dueOn: when,
		title: `请报送${month(list.period)}进度`,
		text: `${rows[0].orgName}：\n截至今天，${month(list.period)}以下数据还没有收到（应于${day(list.dueOn)}前报送）：\n${rows.map((r) => `第${r.no}件 ${r.indicator}：${WHAT[r.state]}`).join("\n")}\n请于${day(when)}前补报；没有进展的，请报“无进展”并写明原因。`,
	}));
}

async function urge(ctx, { list }) {
	const sent = await sending(ctx, { kind: "urge", title: `催办${month(list.period)}的报送`, letters: letters(ctx, list) });
	if (!sent)
		return;
	ctx.state.picked.clear();
	ctx.say(`已向${sent}个单位发出催办。`);
	await ctx.reload();
}

function tick(ctx, rows) {
	const { picked } = ctx.state;
	const open = rows.filter(owes);
	const every = open.length > 0 && open.every((r) => picked.has(keyOf(r)));
	return html`<label class="choice"><input type="checkbox" .checked=${every} @change=${(e) => {
		open.forEach((r) => e.target.checked ? picked.add(keyOf(r)) : picked.delete(keyOf(r)));
		ctx.draw();
	}}> 选中没有报的${open.length}项</label>`;
}

function box(ctx, row) {
	const { picked } = ctx.state;
	return owes(row) ? html`<input type="checkbox" aria-label="催办${row.orgName}第${row.no}件" .checked=${picked.has(keyOf(row))} @change=${(e) => {
		if (e.target.checked)
			picked.add(keyOf(row));
		else
			picked.delete(keyOf(row));
		ctx.draw();
	}}>` : nothing;
}

const COUNTS = [["obliged", "应报"], ["missing", "没有报"], ["draft", "草稿"], ["returned", "已退回"], ["submitted", "已上报"], ["unit_confirmed", "单位已确认"], ["lead_confirmed", "牵头已审核"], ["accepted", "已认定"], ["none", "报无进展"], ["late", "迟报"]];

export function view(ctx, data) {
	if (data.none)
		return html`<h1>报送与催办</h1><p class="empty">计划印发以后才有应报的数据。</p>`;
	const { list } = data;
	const { only } = ctx.state;
	const rows = list.rows.filter((r) => !only || owes(r));
	const picked = list.rows.filter((r) => owes(r) && ctx.state.picked.has(keyOf(r)));
	return html`<h1>${month(list.period)}的报送</h1>
		<form class="controls" @submit=${(e) => e.preventDefault()}><label><span>月份</span><select @change=${(e) => { ctx.state.picked.clear(); location.hash = ctx.toQuery({ period: e.target.value }); }}>${months(ctx.plan).map((m) =>
			html`<option value=${m} ?selected=${m === list.period}>${month(m)}</option>`)}</select></label>
			<label class="choice"><input type="checkbox" .checked=${Boolean(only)} @change=${(e) => { ctx.state.only = e.target.checked; ctx.draw(); }}> 只看没有报的</label></form>
		<p class="soft">应于${day(list.dueOn)}前报送${list.overdue ? "，已经过期" : ""}。</p>
		<dl class="tally">${COUNTS.map(([k, text]) => html`<div><dt>${text}</dt><dd>${fig(list, `/counts/${k}`)}</dd></div>`)}</dl>
		${may("notice.write") ? html`<div class="row bar-of">${tick(ctx, rows)}<button class="main" ?disabled=${!picked.length} @click=${() => urge(ctx, data)}>催办选中的${picked.length}项……</button></div>` : nothing}
		${table({
			caption: `${month(list.period)}应报清单`, rows, empty: "都报了。",
			columns: [
				...(may("notice.write") ? [{ head: html`<span class="hidden">选中</span>`, cls: "tick", cell: (r) => box(ctx, r) }] : []),
				{ head: "单位", rowHead: true, cell: (r) => r.orgName }, { head: "事项", cell: (r) => html`<a href=${ctx.to("task", r.taskId)}>第${r.no}件</a> <span class="soft small">${r.indicator}</span>` },
				{ head: "状态", cell: (r) => r.reportId ? html`<a href=${ctx.to("report", r.reportId)}>${state("report", r.state)}</a>` : state("report", r.state) },
				{ head: "累计完成", num: true, cell: (r) => r.kind === "none" ? "无进展" : r.n === undefined ? "—" : fig(list, `/rows/${list.rows.indexOf(r)}/n`) },
				{ head: "上次", num: true, cell: (r) => r.previous ? fig(list, `/rows/${list.rows.indexOf(r)}/previous/n`) : "—" },
				{ head: "上报", cell: (r) => html`<span class="num">${r.submittedAt ? instant(r.submittedAt) : "—"}</span>${r.daysLate > 0 ? html` <span class="light red small">迟${r.daysLate}天</span>` : nothing}` },
			],
		})}`;
}
