// Money that moved: 计划 → 下达 → 到位 → 支付, cumulative figures, corrections
// as documents of their own.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { query, send } from "../lib/api.js";
import { table } from "../lib/table.js";
import { day, instant, today, wan } from "../lib/format.js";
import { KINDS, doc, may } from "./book.js";
import { askForm, fen, uuid, wrong } from "./forms.js";
import { fig, listOf, orgOptions, sieve, taskOptions } from "./parts.js";

export const title = () => "资金";

const asOf = (plan) => today() < `${plan.year}-12-31` ? today() : `${plan.year}-12-31`;

export async function load(ctx) {
	if (!ctx.plan)
		return { list: [] };
	const [list, level] = await Promise.all([listOf(ctx, "fund-flows", ["task", "org", "stage"]), doc(`/api/v1/stats/funding?${query({ plan: ctx.plan._id, by: "level", asOf: asOf(ctx.plan) })}`)]);
	return { list, level };
}

function items(ctx, taskId) {
	return [["", "计划没有逐项写"], ...(ctx.book.findTask(taskId)?.funding ?? []).map((f) => [f.id, `${KINDS.level[f.level]} ${f.amountFen === null ? "（没有写金额）" : `${wan(f.amountFen)}万元`} ${f.srcText ?? ""}`])];
}

// old: the figure that is corrected.
async function record(ctx, old = null) {
	const id = uuid();
	const values = old ? { ...old, fundingId: old.fundingId ?? "", orgId: old.orgId ?? "", amount: wan(old.amountFen).replaceAll(",", ""), docNo: old.docNo ?? "", reason: "" }
		: { taskId: "", fundingId: "", level: "city", stage: "issued", orgId: "", amount: "", asOf: today(), docNo: "", reason: "" };
	const done = await askForm({
		key: `fund:${old?._id ?? "new"}`, title: old ? "更正一笔资金" : "记一笔资金", label: "记下", values,
		intro: html`<p class="soft">填<b>累计</b>数，不是本次增加的数。记下以后不能改，只能另记一笔更正。</p>`,
		fields: [
			{ name: "taskId", label: "事项", type: "select", required: true, options: [["", "请选择"], ...taskOptions(ctx.book)], changed: (v) => { v.fundingId = ""; }, when: () => !old },
			{ name: "fundingId", label: "哪一笔", type: "select", options: (v) => items(ctx, v.taskId), when: () => !old, changed: (v) => { v.level = ctx.book.findTask(v.taskId)?.funding?.find((f) => f.id === v.fundingId)?.level ?? v.level; } },
			{ name: "level", label: "资金来源", type: "select", required: true, options: Object.entries(KINDS.level), when: () => !old }, { name: "stage", label: "环节", type: "radio", options: Object.entries(KINDS.stage), when: () => !old },
			{ name: "orgId", label: "单位", type: "select", options: [["", "不分单位"], ...orgOptions(ctx.book)], when: () => !old },
			{ name: "amount", label: "累计金额（万元）", inputmode: "decimal", required: true, pointer: "amountFen" }, { name: "asOf", label: "截至", type: "date", required: true, max: today(), when: () => !old },
			{ name: "docNo", label: "文号" }, { name: "reason", label: "原因", type: "textarea", rows: 2, required: Boolean(old), hint: old ? nothing : "累计数比以前少时须写明。" },
		],
		send: (v) => {
			const amountFen = fen(v.amount);
			if (amountFen === null)
				throw wrong("金额写成万元的数字，最多六位小数，例如 568.32", "/amountFen");
			return send("PUT", `fund-flows/${id}`, {
				taskId: v.taskId, fundingId: v.fundingId || null, level: v.level, stage: v.stage, orgId: v.orgId || null, amountFen, asOf: v.asOf, docNo: v.docNo || null,
				...(v.reason ? { reason: v.reason } : {}), ...(old ? { supersedes: old._id } : {}),
			}, { stay: true });
		},
	});
	if (!done)
		return;
	ctx.say(done.warnings?.length ? `已记下。请留意：${done.warnings.map((w) => w.text ?? w.detail ?? w).join("；")}` : "已记下。", done.warnings?.length ? "warn" : "good");
	await ctx.reload();
}

function levels({ level }) {
	const at = (i, member, as = "wan") => fig(level, `/rows/${i}/${member}`, as);
	return table({
		caption: "各级资金（万元）", rows: level.rows, empty: "没有资金。",
		columns: [{ head: "来源", rowHead: true, cell: (r) => r.name }, { head: "写明的", num: true, cell: (r, i) => at(i, "statedFen") }, { head: "至少", num: true, cell: (r, i) => at(i, "lowFen") }, { head: "至多", num: true, cell: (r, i) => at(i, "highFen") },
			{ head: "没有写金额", num: true, cell: (r) => r.unknown.length ? `${r.unknown.length}项` : "—" },
			...["issued", "received", "paid"].map((s) => ({ head: KINDS.stage[s], num: true, cell: (r, i) => r.flows ? at(i, `flows/${s}Fen`) : "—" })),
			{ head: "到位率", num: true, cell: (r, i) => r.flows ? at(i, "flows/receivedPercent", "percent") : "—" }, { head: "支付率", num: true, cell: (r, i) => r.flows ? at(i, "flows/paidPercent", "percent") : "—" }],
	});
}

export function view(ctx, data) {
	const gone = new Set(data.list.map((f) => f.supersedes).filter(Boolean));
	const rows = [...data.list].sort((a, b) => b.recordedAt.localeCompare(a.recordedAt));
	return html`<div class="row spread"><h1>资金</h1>${may("fund.write") && ctx.plan && ctx.plan.status !== "draft" ? html`<button @click=${() => record(ctx)}>记一笔资金</button>` : nothing}</div>
		${data.level ? html`<section aria-labelledby="f-level"><h2 id="f-level">各级资金（万元）</h2>${levels(data)}</section>` : nothing}
		<section aria-labelledby="f-list"><h2 id="f-list">记录</h2>${sieve(ctx, [{ name: "task", label: "事项", options: taskOptions(ctx.book) }, { name: "stage", label: "环节", options: Object.entries(KINDS.stage) }, { name: "org", label: "单位", options: orgOptions(ctx.book) }])}
		${table({
			caption: "资金记录", rows, empty: "还没有资金记录。",
			columns: [{ head: "事项", rowHead: true, cell: (f) => ctx.book.task(f.taskId) }, { head: "来源", cell: (f) => KINDS.level[f.level] }, { head: "环节", cell: (f) => KINDS.stage[f.stage] }, { head: "单位", cell: (f) => ctx.book.org(f.orgId) || "不分单位" },
				{ head: "累计（万元）", num: true, cell: (f) => html`<span class=${gone.has(f._id) ? "then" : ""}>${wan(f.amountFen)}</span>` }, { head: "截至", cell: (f) => html`<span class="num">${day(f.asOf)}</span>` }, { head: "文号", cell: (f) => f.docNo ?? "" }, { head: "记录", cell: (f) => html`<span class="num">${instant(f.recordedAt)}</span>${f.reason ? html`<span class="small soft block">${f.supersedes ? "更正：" : ""}${f.reason}</span>` : nothing}` },
				{ head: "", cell: (f) => gone.has(f._id) ? html`<span class="tag">已更正</span>` : may("fund.write") ? html`<button aria-label="更正${ctx.book.task(f.taskId)}这一笔" @click=${() => record(ctx, f)}>更正</button>` : nothing }],
		})}</section>`;
}
