// One report: the number, what was said, the photos, and its way so far.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all } from "../lib/api.js";
import { table } from "../lib/table.js";
import { day, instant } from "../lib/format.js";
import { doc, to } from "./data.js";
import { crumbs, photos, section } from "./parts.js";
import { STATES, naming, value } from "./reports.js";

export const title = () => "一条填报";

export async function load(q, id) {
	const report = await doc(`/api/v1/reports/${encodeURIComponent(id)}`);
	const [task, orgs] = await Promise.all([doc(`/api/v1/tasks/${encodeURIComponent(report.taskId)}`), all("orgs")]);
	return { report, task, names: naming([task], orgs) };
}

const field = (name, content) => content ? html`<div><dt>${name}</dt><dd>${content}</dd></div>` : nothing;

export function view(q, { report: r, task, names }) {
	const unit = names.unit(r);
	return html`${crumbs(q, html`<a href=${to(q, "task", r.taskId)}>第${task.no}件</a>`, html`<a href=${to(q, "reports", r.taskId, r.orgId)}>${names.org(r.orgId)}</a>`, day(r.asOf))}
		<h1>${names.org(r.orgId)}：截至${day(r.asOf)}</h1>
		<p class="soft">第${task.no}件 ${task.title}</p>
		<dl class="facts">
			${field(`${names.indicator(r)}（累计）`, html`<b class="huge">${value(r, unit)}</b>`)}
			${field("状态", html`${STATES[r.state] ?? r.state}${r.revision > 1 ? html` <span class="tag">第${r.revision}稿</span>` : nothing}`)}
			${field("说明", r.value?.reason)}
			${field("进展", r.narrative)}
			${field("问题", r.problems)}
			${field("下一步", r.nextStep)}
			${field("更正原因", r.correction?.reason)}
			${field("填报人", r.author?.name)}
			${field("提交", r.submittedAt && instant(r.submittedAt))}
			${field("认定", r.acceptedAt && instant(r.acceptedAt))}
			${field("回执号", r.receipt?.no)}
		</dl>
		${r.attachments?.length ? section("r-photos", "照片", photos(r.attachments)) : nothing}
		${r.supersedes ? html`<p><a href=${to(q, "report", r.supersedes)}>看更正前的那一稿</a></p>` : nothing}
		${r.history?.length ? section("r-history", "经过", table({
			caption: "经过", rows: r.history,
			columns: [
				{ head: "时间", cell: (h) => instant(h.at) }, { head: "经办", cell: (h) => h.name ?? h.by ?? "" },
				{ head: "变为", cell: (h) => STATES[h.to] ?? h.to }, { head: "原因", cell: (h) => h.reason ?? "" },
			],
		})) : nothing}`;
}
