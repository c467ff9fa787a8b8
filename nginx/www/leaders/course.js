// The course of a task over the months, against its pace: a picture, the
// table of the same figures, and on demand an interactive chart.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { trend, trendKey } from "../lib/chart.js";
import { table } from "../lib/table.js";
import { month, qty } from "../lib/format.js";
import { fig } from "./parts.js";

// Where a point lies; the words beside it are the server's own.
const place = (text) => text === null ? null : Number(text);

function points(row) {
	const share = row.target !== null;
	// Nobody has reported yet: that is not a zero.
	const done = (p) => p.reported === 0 ? null : share ? place(p.percent) : p.done;
	return row.points.map((p) => ({ label: month(p.month, true), done: done(p), pace: share ? place(p.pace) : null }));
}

async function interactive(event, row) {
	const box = event.target.closest("figure").querySelector(".live");
	const button = event.target;
	button.disabled = true;
	button.textContent = "正在读取图表……";
	const chart = await import("./live.js").catch(() => null);
	if (!chart) {
		button.textContent = "图表没有读到，再试一次";
		button.disabled = false;
		return;
	}
	button.hidden = true;
	chart.show(box, row, points(row));
}

// answer: a trend; i: its row.
export function course(answer, i) {
	const row = answer?.rows[i];
	if (!row || row.points.length < 2)
		return nothing;
	const share = row.target !== null;
	const heading = `${row.indicator}：逐月累计完成${share ? "占目标的百分比，与进度安排对照" : ""}`;
	return html`<figure class="course">
		${trend({ points: points(row), goal: share ? 100 : null, title: heading, format: share ? (n) => `${n}%` : (n) => qty(n) })}
		${trendKey}
		<div class="live screen"></div>
		<div class="row spread"><details><summary>看这张图的数字</summary>${table({
			caption: heading, rows: row.points,
			columns: [
				{ head: "月份", rowHead: true, cell: (p) => month(p.month) },
				{ head: `累计完成（${row.unit}）`, num: true, cell: (p, k) => p.reported === 0 ? html`<span class="soft">没有填报</span>` : fig(answer, `/rows/${i}/points/${k}/done`) },
				{ head: "占目标", num: true, cell: (p, k) => p.reported === 0 ? "—" : fig(answer, `/rows/${i}/points/${k}/percent`, "percent") },
				{ head: "进度安排", num: true, cell: (p, k) => fig(answer, `/rows/${i}/points/${k}/pace`, "percent") },
				{ head: "报过数的单位", num: true, cell: (p, k) => fig(answer, `/rows/${i}/points/${k}/reported`) },
			],
		})}</details><button class="screen" @click=${(e) => interactive(e, row)}>放大，逐点看</button></div>
	</figure>`;
}
