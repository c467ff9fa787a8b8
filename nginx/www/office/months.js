// Frozen months: what was known then, for ever; what became known since.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, get, send } from "../lib/api.js";
import { table } from "../lib/table.js";
import { endOf, instant, month, today } from "../lib/format.js";
import { doc, may } from "./book.js";
import { confirmed, refusal, uuid } from "./forms.js";
import { fig } from "./parts.js";
import { months } from "./reports.js";

export const title = (ctx, { frozen }) => frozen ? `封存的${month(frozen.month)}` : "封存月份";

export async function load(ctx, which) {
	if (!ctx.plan)
		return { list: [] };
	const path = `/api/v1/plans/${ctx.plan._id}/months`;
	if (!which)
		return { list: await all(path), path };
	const [frozen, corrections] = await Promise.all([doc(`${path}/${which}`), get(`${path}/${which}/corrections`)]);
	return { frozen, corrections, path: `${path}/${which}` };
}

const FORMATS = [["xlsx", "表格（xlsx）"], ["docx", "文档（docx）"], ["html", "网页（html）"], ["csv", "数据（csv）"]];

function files(path) {
	return html`<span class="row">${FORMATS.map(([f, text]) => html`<a class="button" href="${path}?format=${f}" download=${f === "html" ? nothing : ""} target=${f === "html" ? "_blank" : nothing} rel="noopener">${text}</a>`)}<a class="button" href=${path} download="${path.split("/").slice(-3).filter((p) => p !== "months").join(".")}.json">原始数据（json）</a></span>`;
}

// A month can be frozen when it is over; the first is the month of issue.
function ripe(ctx, list) {
	const since = ctx.plan.issue?.at ? instant(ctx.plan.issue.at).slice(0, 7) : null;
	return since ? months(ctx.plan).filter((m) => m >= since && endOf(lastDay(m)) < endOf(today()) && !list.some((s) => s.month === m)) : [];
}

const lastDay = (m) => new Date(Date.UTC(Number(m.slice(0, 4)), Number(m.slice(5)), 0)).toISOString().slice(0, 10);

async function freeze(ctx, data, m) {
	if (!await confirmed(`封存${month(m)}`, "封存以后，这个月的全部统计按现在掌握的情况定下来，再也不变；以后的更正另外列出。", "封存"))
		return;
	try {
		await send("POST", `${data.path}/${m}:freeze`, undefined, { key: uuid(), stay: true });
		ctx.say(`${month(m)}已封存。`);
		ctx.state.error = null;
	} catch (error) {
		ctx.state.error = error;
	}
	await ctx.reload();
}

function listing(ctx, data) {
	const open = ctx.plan ? ripe(ctx, data.list) : [];
	return html`<h1>封存月份</h1><p class="soft">封存的月份是报出去的数：字节不变，可以随时下载；以后的更正单独列出。</p>${refusal(ctx.state.error)}
		${table({
			caption: "封存的月份", rows: [...data.list].reverse(), empty: "还没有封存过。",
			columns: [{ head: "月份", rowHead: true, cell: (s) => html`<a href=${ctx.to("months", s.month)}>${month(s.month)}</a>` }, { head: "封存", cell: (s) => html`<span class="num">${instant(s.frozenAt)}</span> ${s.by?.name ?? ""}` },
				{ head: "按此刻掌握的情况", cell: (s) => html`<span class="num">${instant(s.knownAt)}</span>` }, { head: "下载", cell: (s) => files(`${data.path}/${s.month}`) }],
		})}
		${may("month.freeze") && open.length ? html`<section aria-labelledby="m-open"><h2 id="m-open">可以封存的月份</h2><div class="pick">${open.map((m) => html`<button @click=${() => freeze(ctx, data, m)}>封存${month(m)}</button>`)}</div></section>` : nothing}`;
}

const CLASSES = ["done", "ahead", "on_pace", "behind", "unassessable"];

function tasks(frozen) {
	const rows = frozen.answers["completion.task"]?.rows ?? [];
	const of = (r, rest) => `/answers/completion.task/rows/${rows.indexOf(r)}/indicators/0${rest}`;
	return table({
		caption: "各件完成情况", rows, empty: "没有。",
		columns: [{ head: "序号", num: true, cell: (r) => r.no }, { head: "事项", rowHead: true, cell: (r) => r.title },
			{ head: "目标", num: true, cell: (r) => r.indicators[0] ? fig(frozen, of(r, "/target/qty")) : "—" }, { head: "累计完成", num: true, cell: (r) => r.indicators[0] ? fig(frozen, of(r, "/done")) : "—" },
			{ head: "完成率", num: true, cell: (r) => r.indicators[0] ? fig(frozen, of(r, "/percent"), "percent") : "—" }, { head: "有任务数的单位", num: true, cell: (r) => r.indicators[0]?.units ? fig(frozen, of(r, "/units/obliged")) : "—" }, { head: "没有报", num: true, cell: (r) => r.indicators[0]?.units ? fig(frozen, of(r, "/units/missing")) : "—" }],
	});
}

function changes(items) {
	return table({ caption: "更正", rows: items, empty: "没有更正。", columns: [{ head: "更正", rowHead: true, cell: (c) => c.text }, { head: "封存时", num: true, cell: (c) => String(c.was ?? "—") }, { head: "现在", num: true, cell: (c) => String(c.now ?? "—") }] });
}

function one(ctx, { frozen, corrections, path }) {
	const head = frozen.answers.headline;
	return html`<p class="crumbs small"><a href=${ctx.to("months")}>封存月份</a> › ${month(frozen.month)}</p><h1>封存的${month(frozen.month)}</h1>
		<p class="asked soft">${frozen.title} · 封存于${instant(frozen.frozenAt)} ${frozen.by?.name ?? ""} · 按${instant(frozen.knownAt)}掌握的情况</p>${files(path)}
		<dl class="tally">${CLASSES.map((k) => html`<div><dt>${head.labels[k]}</dt><dd>${fig(frozen, `/answers/headline/counts/${k}`)}</dd></div>`)}</dl>
		<section aria-labelledby="m-tasks"><h2 id="m-tasks">各件完成情况</h2>${tasks(frozen)}</section>
		<section aria-labelledby="m-since"><h2 id="m-since">封存以后的更正</h2>${changes(corrections.items)}</section>
		${frozen.corrections?.length ? html`<section aria-labelledby="m-late"><h2 id="m-late">封存时已知的、以前月份的更正</h2>${changes(frozen.corrections)}</section>` : nothing}`;
}

export function view(ctx, data) {
	return data.frozen ? one(ctx, data) : listing(ctx, data);
}
