// Every unit in one line: what it owes, what it has done.  Sorted as the
// notice does; there is no ranking.
import { html } from "../vendor/lit-html/lit-html.js";
import { table } from "../lib/table.js";
import { stat, maybeStat, to } from "./data.js";
import { asked, crumbs, fig, files, section } from "./parts.js";
import { matrix } from "./matrix.js";

export const title = () => "各单位";

export async function load(q) {
	const [org, lead, cells] = await Promise.all([stat("completion", q, "org"), stat("completion", q, "lead"), maybeStat("matrix", q)]);
	return { org, lead, cells };
}

function columns(answer, q, list) {
	return [
		{ head: "单位", rowHead: true, cell: (r) => html`<a href=${to(q, "org", r.orgId)}>${r.name}</a>` },
		...list.map(([pointer, head]) => ({ head, num: true, cell: (r, i) => fig(answer, `/rows/${i}${pointer}`) })),
	];
}

export function view(q, { org, lead, cells }) {
	return html`${crumbs(q, "各单位")}<h1>各单位</h1>${asked(q, org)}
		${cells ? section("o-matrix", "单位 × 事项", matrix(q, cells), files(cells)) : ""}
		${section("o-org", "承担任务的单位", table({
			caption: "承担任务的单位", rows: org.rows,
			columns: columns(org, q, [["/obligations/due", "到期任务"], ["/obligations/met", "其中完成"], ["/quotas/total", "任务数（项）"], ["/quotas/reported", "已填报"],
				["/quotas/missing", "没有填报"], ["/quotas/met", "已完成"], ["/milestones/due", "到期节点"], ["/milestones/met", "节点完成"]]),
		}), files(org))}
		${section("o-lead", "牵头单位", table({
			caption: "牵头单位", rows: lead.rows,
			columns: columns(lead, q, [["/tasks", "牵头件数"], ["/counts/done", "已完成"], ["/counts/ahead", "超进度"], ["/counts/on_pace", "达进度"], ["/counts/behind", "欠进度"],
				["/counts/unassessable", "无法评估"], ["/obligations/due", "到期任务"], ["/obligations/met", "其中完成"]]),
		}), files(lead))}`;
}
