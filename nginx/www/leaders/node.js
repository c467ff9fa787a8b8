// One milestone, unit by unit: who says that it is done, who has looked, and
// the photographs.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all } from "../lib/api.js";
import { table } from "../lib/table.js";
import { day, instant } from "../lib/format.js";
import { shape } from "../lib/lights.js";
import { doc, stat, to } from "./data.js";
import { asked, crumbs, fig, photos, section } from "./parts.js";
import { naming } from "./reports.js";

export const title = ({ row }) => `节点：${row.m.text}`;

const COLOUR = {
	met_on_time: "blue", met_late: "blue", overdue: "red", due_soon: "yellow", awaiting_report: "yellow",
};

export async function load(q, taskId, id) {
	const path = `/api/v1/tasks/${encodeURIComponent(taskId)}`;
	const [nodes, task, states, orgs] = await Promise.all([
		stat("milestones", q, "task"), doc(path), doc(`${path}/milestones/${encodeURIComponent(id)}/orgs`), all("orgs"),
	]);
	const i = nodes.rows.findIndex((r) => r.taskId === taskId);
	const k = nodes.rows[i]?.milestones.findIndex((m) => m.id === id) ?? -1;
	if (k < 0)
		throw new Error("没有这个节点。");
	return { nodes, task, states: states.items, names: naming([task], orgs), row: { m: nodes.rows[i].milestones[k], pointer: `/rows/${i}/milestones/${k}` } };
}

function standing(s) {
	const colour = COLOUR[s.standing] ?? "grey";
	return html`<span class="light ${colour}">${shape(colour)}${s.standingTitle}</span>${s.lateDays ? html`<div class="small soft">迟${s.lateDays}天</div>` : nothing}`;
}

// What the unit said, what was found, what it shows.
function told(s) {
	return html`${s.note ?? ""}${s.claimedAt ? html`<div class="small soft">${s.claimedBy?.name} ${instant(s.claimedAt)}申报</div>` : nothing}
		${s.verifiedAt ? html`<div class="small soft">${s.verifiedBy?.name ?? ""} ${instant(s.verifiedAt)}核实</div>` : nothing}
		${s.returnReason ? html`<div class="small">退回：${s.returnReason}</div>` : nothing}${photos(s.attachments, "thumbs")}`;
}

export function view(q, { nodes, task, states, names, row }) {
	return html`${crumbs(q, html`<a href=${to(q, "task", task._id)}>第${task.no}件</a>`, "节点")}
		<h1>${row.m.text}</h1>${asked(q, nodes)}
		<p>期限 ${day(row.m.to)}；完成 ${fig(nodes, `${row.pointer}/met`)}／应完成 ${fig(nodes, `${row.pointer}/obliged`)} 个单位。${row.m.rule === "percent"
			? "这个节点按填报的数自动判断，不用另外申报。" : nothing}</p>
		${section("x-orgs", "各单位（现在的情况）", table({
			caption: "各单位", rows: states, empty: row.m.rule === "percent" ? "按填报的数判断，没有单独的记录。" : "没有单位承担。",
			columns: [
				{ head: "单位", rowHead: true, cell: (s) => html`<a href=${to(q, "org", s.orgId)}>${names.org(s.orgId)}</a>` },
				{ head: "状态", cell: standing },
				{ head: "完成日", num: true, cell: (s) => s.metOn ? day(s.metOn) : "—" },
				{ head: "说明和照片", cls: "what", cell: told },
			],
		}))}
		${row.m.rule === "percent" ? html`<p>${task.indicators.map((i) => html`<a href=${to(q, "figure", task._id, i.id)}>看${i.name}的填报</a> `)}</p>` : nothing}`;
}
