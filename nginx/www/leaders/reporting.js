// Who has reported, on time, late or not at all.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { month } from "../lib/format.js";
import { maybeStat, to } from "./data.js";
import { asked, crumbs, fig, files, section } from "./parts.js";

export const title = () => "报送";

export async function load(q) {
	const [org, task, months] = await Promise.all(["org", "task", "month"].map((by) => maybeStat("timeliness", q, by)));
	return { org, task, months };
}

const COLUMNS = [["obliged", "应报（期）"], ["onTime", "按时"], ["late", "迟报"], ["missing", "没有报"], ["open", "未到期限"], ["none", "其中报“无进展”"]];

function columns(answer, first, keys = COLUMNS) {
	return [first, ...keys.map(([key, head]) => ({ head, num: true, cell: (r, i) => fig(answer, `/rows/${r.at ?? i}/${key}`, "qty", { cls: key === "missing" && r.missing ? "strong red" : "" }) }))];
}

const byOrg = (q) => ({ head: "单位", rowHead: true, cell: (r) => html`<a href=${to(q, "org", r.orgId)}>${r.name}</a>` });

// Why nobody is on the list.
function nobody(rows) {
	if (!rows.some((r) => r.obliged > 0))
		return "还没有应报的。";
	return rows.some((r) => r.onTime > 0) ? "应报的都按时报了。" : "应报的都还没到期限。";
}

// The units that owe something, those that owe most first.
export function reportingBrief(q, answer) {
	const owing = answer.rows.map((row, at) => ({ ...row, at })).filter((r) => r.missing > 0 || r.late > 0)
		.sort((a, b) => b.missing - a.missing || b.late - a.late).slice(0, 6);
	return table({
		caption: "没有报和迟报的单位", rows: owing, empty: nobody(answer.rows),
		columns: columns(answer, byOrg(q), COLUMNS.slice(0, 4)),
	});
}

export function view(q, { org, task, months }) {
	if (!org)
		return html`${crumbs(q, "报送")}<h1>报送</h1><p class="empty">没有报送情况可看。</p>`;
	return html`${crumbs(q, "报送")}<h1>报送</h1>${asked(q, org)}
		<p class="note">一个单位一项指标一个月算一期。期限以提交那天为准，不以认定那天为准。报“无进展”算报了。</p>
		${section("s-org", "按单位", table({ caption: "各单位报送情况", rows: org.rows, empty: "还没有应报的。", columns: columns(org, byOrg(q)) }), files(org))}
		${months.rows.length ? section("s-month", "按月", table({ caption: "各月报送情况", rows: months.rows, columns: columns(months, { head: "月份", rowHead: true, cell: (r) => month(r.month) }) }), files(months)) : nothing}
		${section("s-task", "按事项", table({
			caption: "各件实事报送情况", rows: task.rows, empty: "还没有应报的。",
			columns: columns(task, { head: "事项", rowHead: true, cls: "what", cell: (r) => html`<a href=${to(q, "task", r.taskId)}>第${r.no}件 ${r.title}</a>` }),
		}), files(task))}`;
}
