// Who changed what, and whether the record is whole.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { get, query } from "../lib/api.js";
import { instant, qty } from "../lib/format.js";
import { table } from "../lib/table.js";
import { sieve } from "./parts.js";
import { refusal } from "./forms.js";

export const title = () => "审计";

const FILTERS = ["actor", "action", "target", "org", "from", "to"];
const FAULTS = { edited: "被改过", removed: "被删过", inserted: "被插入", reordered: "顺序被换", cut: "尾部被截掉", rechained: "整链被重做", damaged: "损坏" };

export async function load(ctx) {
	const page = await get(`audit?${query({ ...Object.fromEntries(FILTERS.map((n) => [n, ctx.query[n]])), limit: 50, cursor: ctx.query.cursor })}`);
	return { page };
}

async function verify(ctx) {
	ctx.state.verdict = null;
	ctx.state.error = null;
	ctx.state.busy = true;
	ctx.draw();
	try {
		ctx.state.verdict = await get("audit:verify");
	} catch (error) {
		ctx.state.error = error;
	}
	ctx.state.busy = false;
	ctx.draw();
}

function verdict(v) {
	if (!v)
		return nothing;
	return html`<div class="note ${v.whole ? "good" : "bad"}" role="status" id="verdict"><p><b>${v.whole ? "审计记录完整，没有被改动。" : `审计记录不完整：发现${v.faultCount}处。`}</b></p>
		<p>核对了 ${qty(v.entries)} 条、${qty(v.anchors)} 个锚点，最后一条是第 ${qty(v.headSeq)} 条。</p>
		${v.faults.length ? html`<ul class="reasons">${v.faults.map((f) => html`<li>第${f.seq}条${FAULTS[f.kind] ?? f.kind}：${f.text}</li>`)}</ul>` : nothing}
		<p class="small soft">链首摘要 <code>${v.headHash}</code></p></div>`;
}

function details(entry) {
	return html`<details><summary>改动</summary><pre class="json" tabindex="0">${JSON.stringify(entry.changes, null, 2)}</pre><p class="small soft">摘要 <code>${entry.hash}</code></p></details>`;
}

export function view(ctx, { page }) {
	return html`<div class="row spread"><h1>审计</h1><button class="main" ?disabled=${ctx.state.busy} @click=${() => verify(ctx)}>${ctx.state.busy ? "正在核对……" : "核对是否完整"}</button></div>
		${refusal(ctx.state.error)}${verdict(ctx.state.verdict)}
		${sieve(ctx, [{ name: "actor", label: "谁", type: "text" }, { name: "action", label: "做了什么", type: "text" }, { name: "target", label: "对什么", type: "text" }, { name: "org", label: "单位编号", type: "text" }, { name: "from", label: "从", type: "date" }, { name: "to", label: "到", type: "date" }])}
		${table({
			caption: "审计记录", rows: page.items, empty: "没有这样的记录。",
			columns: [{ head: "序号", num: true, cell: (a) => a.seq }, { head: "时间", rowHead: true, cell: (a) => html`<span class="num">${instant(a.at)}</span>` }, { head: "谁", cell: (a) => html`${a.actor.name}<span class="small soft block">${{ session: "网页", key: "接口", signed: "签名接口", local: "本机" }[a.actor.via]}</span>` },
				{ head: "做了什么", cell: (a) => html`<code>${a.action}</code>` }, { head: "对什么", cell: (a) => html`<code class="small">${a.target.coll}/${a.target.id ?? ""}</code>` }, { head: "原因", cls: "why", cell: (a) => a.reason ?? "" }, { head: "", cell: details }],
		})}
		<div class="actions">${ctx.query.cursor ? html`<a class="button" href=${ctx.toQuery({ ...ctx.query, cursor: null })}>回到最新</a>` : nothing}${page.nextCursor ? html`<a class="button" href=${ctx.toQuery({ ...ctx.query, cursor: page.nextCursor })}>更早的</a>` : nothing}</div>`;
}
