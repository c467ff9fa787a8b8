// One frozen month: the figures as they were reported, and what has become
// known since.
import { html } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { day, instant, month } from "../lib/format.js";
import { light, shape, CLASSES, CLASS_COLOUR } from "../lib/lights.js";
import { doc, to } from "./data.js";
import { crumbs, fig, section } from "./parts.js";
import { corrections, monthFiles } from "./months.js";

export const title = ({ frozen }) => `${month(frozen.month)}月报`;

export async function load(q, m) {
	const path = `/api/v1/plans/${encodeURIComponent(q.plan)}/months/${encodeURIComponent(m)}`;
	const [frozen, since] = await Promise.all([doc(path), doc(`${path}/corrections`)]);
	return { frozen, since };
}

export function view(q, { frozen, since }) {
	const { headline } = frozen.answers;
	const done = frozen.answers["completion.task"];
	const of = (path, as, options) => fig(frozen, `/answers/${path}`, as, options);
	const rows = done.rows.flatMap((row, i) => row.indicators.map((indicator, k) => ({ row, indicator, at: `completion.task/rows/${i}/indicators/${k}` })));
	return html`${crumbs(q, html`<a href=${to(q, "months")}>月报</a>`, month(frozen.month))}
		<div class="row spread"><h1>${month(frozen.month)}月报</h1><span class="small screen">下载 ${monthFiles(q, frozen.month)}</span></div>
		<p class="asked soft">截至${day(frozen.asOf)} · ${instant(frozen.frozenAt)}由${frozen.by.name}封存，从此不变</p>
		<ul class="counts five">${CLASSES.map((key) => html`<li class=${CLASS_COLOUR[key]}>${of(`headline/counts/${key}`, "qty", { unit: "件", cls: "large" })}
			<span class="row tight">${shape(CLASS_COLOUR[key])}${headline.labels[key]}</span></li>`)}</ul>
		${section("z-after", "封存之后的更正", corrections(q, since.items, "封存以后没有更正。"))}
		${section("z-lights", "各件实事", table({
			caption: "各件实事的状态", rows: headline.tasks,
			columns: [
				{ head: "件", num: true, cell: (t) => t.no },
				{ head: "事项", rowHead: true, cls: "what", cell: (t) => html`<a href=${to({ ...q, asOf: frozen.asOf }, "task", t.taskId)}>${t.title}</a><div class="small soft">${t.reasons.map((r) => r.text).join("")}</div>` },
				{ head: "状态", cell: (t) => light(t.light) },
			],
		}))}
		${section("z-done", "数量", table({
			caption: "各指标的累计完成", rows,
			columns: [
				{ head: "件", num: true, cell: (r) => r.row.no },
				{ head: "指标", rowHead: true, cls: "what", cell: (r) => r.indicator.name },
				{ head: "累计完成", num: true, cell: (r) => of(`${r.at}/done`, "qty", { unit: r.indicator.unit }) },
				{ head: "目标", num: true, cell: (r) => of(`${r.at}/target/qty`) },
				{ head: "完成率", num: true, cell: (r) => of(`${r.at}/percent`, "percent") },
			],
		}))}
		${section("z-before", "这份月报里写明的更正（更早的月份）", corrections(q, frozen.corrections))}`;
}
