// Spot checks and the labels that were proposed: what was found, what the unit
// says, what was decided.  They explain lights.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, maybe, query } from "../lib/api.js";
import { day, instant } from "../lib/format.js";
import { shape } from "../lib/lights.js";
import { doc, to } from "./data.js";
import { crumbs, photos, section } from "./parts.js";
import { naming } from "./reports.js";

export const title = () => "核查和问责线索";

const VERDICT = { true: ["blue", "属实"], partly: ["yellow", "部分属实"], false: ["red", "不属实"] };
const CHECK = { draft: "还没有发出", asked: "等单位说明", answered: "单位已说明", concluded: "已认定" };
const LABEL = { not_done: "不落实", false_done: "假落实", slow: "慢落实" };
const CASE = { proposed: "提出，等单位说明", answered: "单位已说明，等认定", upheld: "认定", dismissed: "不予认定" };

// Those of the day asked for and before; null where this person may not.
export async function fetchChecks(q, filter) {
	const [checks, cases] = await Promise.all(["checks", "cases"].map((what) => maybe(`${what}?${query({ plan: q.plan, limit: 200, ...filter })}`)));
	if (!checks && !cases)
		return null;
	const known = q.knownAt ?? "9999";
	return {
		checks: (checks?.items ?? []).filter((c) => c.checkedOn <= q.asOf && c.createdAt <= known),
		cases: (cases?.items ?? []).filter((c) => c.createdAt <= known),
	};
}

const said = (who, what) => what ? html`<p class="small">${who}（${what.by.name}，${instant(what.at)}）：${what.text}</p>${photos(what.attachments, "thumbs")}` : nothing;

function one(q, names, c, head, state) {
	return html`<li class="keep"><div class="row spread"><b>${head}</b><span class="tag">${state}</span></div>
		<p class="small soft"><a href=${to(q, "task", c.taskId)}>第${names.task(c.taskId)?.no ?? ""}件</a> · <a href=${to(q, "org", c.orgId)}>${names.org(c.orgId)}</a>${c.reportId
			? html` · <a href=${to(q, "report", c.reportId)}>看被核查的填报</a>` : nothing}</p>
		<p>${c.text}</p>${photos(c.attachments ?? c.evidence?.attachments, "thumbs")}
		${(c.evidence?.reports ?? []).map((id, i) => html`<a class="small" href=${to(q, "report", id)}>依据的填报${i + 1}</a> `)}
		${said("单位说明", c.statement)}${said("认定", c.conclusion ?? c.decision)}</li>`;
}

export function checkList(q, { checks, cases }, names) {
	if (!checks.length && !cases.length)
		return html`<p class="empty">没有核查，也没有问责线索。</p>`;
	const verdict = (c) => html`<span class="light ${VERDICT[c.verdict][0]}">${shape(VERDICT[c.verdict][0])}${VERDICT[c.verdict][1]}</span> ${day(c.checkedOn)}核查`;
	return html`<ul class="lines">${checks.map((c) => one(q, names, c, verdict(c), CHECK[c.state]))}${cases.map((c) =>
		one(q, names, c, html`${LABEL[c.label]}（线索）`, CASE[c.state]))}</ul>`;
}

export async function load(q, task, org) {
	const filter = { task: task === "-" ? null : task, org };
	const [found, tasks, orgs] = await Promise.all([
		fetchChecks(q, filter), filter.task ? doc(`/api/v1/tasks/${encodeURIComponent(task)}`) : all(`plans/${encodeURIComponent(q.plan)}/tasks`), all("orgs"),
	]);
	return { found, org, names: naming([tasks].flat(), orgs) };
}

export function view(q, { found, org, names }) {
	return html`${crumbs(q, ...org ? [html`<a href=${to(q, "org", org)}>${names.org(org)}</a>`] : [], "核查")}
		<h1>核查和问责线索${org ? `：${names.org(org)}` : nothing}</h1>
		<p class="note">核查由督查办做；不落实、假落实、慢落实只是提出的线索，要有依据，由人认定，单位有说明的机会。</p>
		${found ? section("k-list", "全部", checkList(q, found, names)) : html`<p class="empty">没有可以看的。</p>`}`;
}
