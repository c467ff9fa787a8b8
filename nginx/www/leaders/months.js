// Frozen months: what was reported then, for good, and what has become known
// since.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all } from "../lib/api.js";
import { table } from "../lib/table.js";
import { instant, month, qty } from "../lib/format.js";
import { maybeDoc, to } from "./data.js";
import { crumbs, section } from "./parts.js";

export const title = () => "月报";

const path = (q, rest = "") => `/api/v1/plans/${encodeURIComponent(q.plan)}/months${rest}`;

// The newest first, each with what was corrected since.
export async function load(q) {
	const months = (await all(path(q))).reverse();
	const since = await Promise.all(months.map((m) => maybeDoc(path(q, `/${m.month}/corrections`))));
	return { months: months.map((m, i) => ({ ...m, since: since[i]?.items ?? [] })) };
}

export function monthFiles(q, m) {
	const from = path(q, `/${m}`);
	return html`${["xlsx", "docx", "html"].map((form) => html`<a href=${`${from}?format=${form}`} download>${form}</a> `)}<a href=${from} download=${`${q.plan}.${m}.json`}>json</a>`;
}

// What became known about months that were frozen before.
export function corrections(q, list, empty = "没有更正。") {
	return table({
		caption: "更正", rows: list, empty,
		columns: [
			{ head: "月份", rowHead: true, cell: (c) => month(c.month) },
			{ head: "指标", cls: "what", cell: (c) => html`<a href=${to(q, "figure", c.taskId, c.indicatorId)}>第${c.no}件 ${c.name}</a>` },
			{ head: "月报里", num: true, cell: (c) => qty(c.was, c.unit) },
			{ head: "更正为", num: true, cell: (c) => html`<b>${qty(c.now, c.unit)}</b>` },
		],
	});
}

export function view(q, { months }) {
	const since = months.flatMap((m) => m.since);
	return html`${crumbs(q, "月报")}<h1>月报</h1>
		<p class="note">一个月封存以后，那份月报一个字节也不再变。后来更正的数不改月报，写在下面，也写在下一份月报里。</p>
		${section("z-months", "封存的月份", table({
			caption: "封存的月份", rows: months, empty: "还没有封存的月份。由督查办在每月报送期过后封存。",
			columns: [
				{ head: "月份", rowHead: true, cell: (m) => html`<a href=${to(q, "month", m.month)}>${month(m.month)}</a>` },
				{ head: "封存", cell: (m) => html`<span class="num">${instant(m.frozenAt)}</span>` },
				{ head: "经办", cell: (m) => m.by.name },
				{ head: "之后更正", num: true, cell: (m) => m.since.length ? html`<a href=${to(q, "month", m.month)}>${m.since.length}处</a>` : "没有" },
				{ head: "下载", cell: (m) => html`<span class="name">${monthFiles(q, m.month)}</span>` },
			],
		}))}
		${months.length ? section("z-since", "封存之后的更正", corrections(q, since)) : nothing}`;
}
