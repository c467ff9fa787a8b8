// What stands otherwise than at the end of the month before: two states of
// things side by side.  Both columns are the program's own figures.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { day, monthBefore } from "../lib/format.js";
import { light, CLASSES } from "../lib/lights.js";
import { stat, to } from "./data.js";
import { asked, crumbs, fig, section } from "./parts.js";

export const title = () => "变化";

export async function load(q) {
	const before = { ...q, asOf: monthBefore(q.asOf) };
	const [now, old, done, earlier] = await Promise.all([stat("headline", q), stat("headline", before), stat("completion", q, "task"), stat("completion", before, "task")]);
	return { now, old, done, earlier, before };
}

export function view(q, { now, old, done, earlier, before }) {
	const heads = [day(before.asOf), day(q.asOf)];
	const was = (row) => earlier.rows.findIndex((r) => r.taskId === row.taskId);
	const rows = done.rows.flatMap((row, i) => row.indicators.map((indicator, k) => ({ row, indicator, here: `/rows/${i}/indicators/${k}`, there: `/rows/${was(row)}/indicators/${k}` })));
	return html`${crumbs(q, "变化")}<h1>${heads[0]}以来的变化</h1>${asked(q, now)}
		${section("c-counts", "件数", table({
			caption: "各类事项的件数", rows: CLASSES,
			columns: [
				{ head: "", rowHead: true, cell: (key) => now.labels[key] },
				{ head: heads[0], num: true, cell: (key) => fig(old, `/counts/${key}`, "qty", { href: to(before, "class", key) }) },
				{ head: heads[1], num: true, cell: (key) => fig(now, `/counts/${key}`, "qty", { href: to(q, "class", key) }) },
			],
		}))}
		${section("c-tasks", "状态", table({
			caption: "各件实事的状态", rows: now.tasks,
			columns: [
				{ head: "件", num: true, cell: (t) => t.no },
				{ head: "事项", rowHead: true, cls: "what", cell: (t) => html`<a href=${to(q, "task", t.taskId)}>${t.title}</a>` },
				{ head: heads[0], cell: (t) => light(old.tasks.find((o) => o.taskId === t.taskId)?.light) },
				{ head: heads[1], cell: (t) => light(t.light) },
				{ head: "", cell: (t) => old.tasks.find((o) => o.taskId === t.taskId)?.light === t.light ? nothing : html`<span class="tag">有变化</span>` },
			],
		}))}
		${section("c-done", "数量", table({
			caption: "各指标的累计完成", rows,
			columns: [
				{ head: "件", num: true, cell: (r) => r.row.no },
				{ head: "指标", rowHead: true, cls: "what", cell: (r) => r.indicator.name },
				{ head: heads[0], num: true, cell: (r) => fig(earlier, `${r.there}/done`, "qty", { unit: r.indicator.unit, href: to(before, "figure", r.row.taskId, r.indicator.id) }) },
				{ head: heads[1], num: true, cell: (r) => fig(done, `${r.here}/done`, "qty", { unit: r.indicator.unit, href: to(q, "figure", r.row.taskId, r.indicator.id) }) },
				{ head: "完成率", num: true, cell: (r) => html`${fig(earlier, `${r.there}/percent`, "percent")} → ${fig(done, `${r.here}/percent`, "percent")}` },
			],
		}))}`;
}
