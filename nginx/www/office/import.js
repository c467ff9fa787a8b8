// Taking in a plan: a bundle of JSON, a csv file or a pasted table.  It is
// always a draft; what is wrong is shown where it is.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { send } from "../lib/api.js";
import { link } from "../lib/app.js";
import { askForm, createForm, refusal, submit, uuid, wrong } from "./forms.js";
import { cells, named } from "./table_text.js";

export const title = () => "导入";

export async function load(ctx) {
	ctx.state.form ??= createForm({ text: "", plan: ctx.plan?.status === "draft" ? ctx.plan._id : "" });
	return {};
}

const isJson = (text) => /^\s*[{[]/.test(text);

// Where it goes: the plan chosen, or the one the bundle holds.
function planOf(v) {
	if (v.plan)
		return v.plan;
	if (isJson(v.text))
		try {
			const { plan } = JSON.parse(v.text);
			if (plan)
				return plan._id ?? `${plan.division}-${plan.year}`;
		} catch (error) {
			throw wrong(`不是合法的JSON：${error.message}`);
		}
	throw wrong("请先选定或新建一个草案，再导入表格。");
}

async function run(ctx) {
	const f = ctx.state.form;
	ctx.state.result = null;
	const answer = await submit(f, async (v, rev, key) => {
		if (!v.text.trim())
			throw wrong("还没有内容。请粘贴表格，或者选一个文件。");
		const id = planOf(v);
		const json = isJson(v.text);
		const counts = await send("POST", `plans/${encodeURIComponent(id)}:import`, json ? parse(v.text) : v.text, { key, stay: true, ...(json ? {} : { type: "text/csv; charset=utf-8" }) });
		return { id, counts };
	}, ctx.draw);
	// Another attempt is another request: what was refused is not kept.
	f.once = uuid();
	if (answer) {
		ctx.state.result = answer;
		f.values.text = "";
		await ctx.replan();
	}
}

function parse(text) {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw wrong(`不是合法的JSON：${error.message}`);
	}
}

async function make(ctx) {
	const done = await askForm({
		key: "plan:new", title: "新建草案", label: "新建", values: { division: ctx.who.division ?? "", year: String(new Date().getFullYear()), title: "", docNo: "", issuedOn: "" },
		fields: [{ name: "title", label: "名称", required: true, hint: "例如：2019年市政府实施的10件民生实事" }, { name: "division", label: "行政区划代码", required: true }, { name: "year", label: "年份", inputmode: "numeric", required: true }, { name: "docNo", label: "文号" }, { name: "issuedOn", label: "发文日期", type: "date" }],
		send: (v, rev, key) => send("POST", "plans", { title: v.title, division: v.division, year: Number(v.year), ...(v.docNo ? { docNo: v.docNo } : {}), ...(v.issuedOn ? { issuedOn: v.issuedOn } : {}) }, { key, stay: true }),
	});
	if (!done)
		return;
	ctx.state.form.values.plan = done._id;
	ctx.say("草案已建好，可以导入表格了。");
	await ctx.replan();
}

async function openFile(ctx, event) {
	const [file] = event.target.files;
	if (file) {
		ctx.state.form.values.text = await file.text();
		ctx.draw();
	}
}

// Errors of a table by row (the heading is the first) and column: the row of
// the text is shown with them.
function tableErrors(text, errors) {
	const rows = cells(text);
	const head = rows[0] ?? [];
	const placed = errors.map((e) => ({ ...e, at: /^\/rows\/(\d+)(?:\/(.*))?$/.exec(e.pointer ?? "") }));
	const wanted = [...new Set(placed.filter((e) => e.at).map((e) => Number(e.at[1])))];
	const bad = (n, column) => placed.find((e) => e.at && Number(e.at[1]) === n && e.at[2] === column);
	return html`<ol class="preview">${placed.map((e) => html`<li>${e.at ? html`<b>第${e.at[1]}行${e.at[2] ? `“${e.at[2]}”` : ""}</b> ` : nothing}${e.detail}</li>`)}</ol>
		${wanted.length ? html`<div class="scroll" tabindex="0" role="region" aria-label="有问题的行"><table><caption>有问题的行</caption><thead><tr><th scope="col">行</th>${head.map((h) => html`<th scope="col">${h}</th>`)}</tr></thead>
			<tbody>${wanted.map((n) => html`<tr><th scope="row" class="n">${n}</th>${head.map((h, i) => html`<td class=${bad(n, h) ? "bad-cell" : nothing}>${rows[n - 1]?.[i] ?? ""}</td>`)}</tr>`)}</tbody></table></div>` : nothing}`;
}

function errorsView(f) {
	const list = f.error?.errors ?? [];
	if (!list.length)
		return nothing;
	return html`<section aria-labelledby="i-bad"><h2 id="i-bad">有${list.length}处不对，什么都没有导入</h2>${isJson(f.values.text)
		? html`<ol class="preview">${list.map((e) => html`<li><code>${e.pointer}</code> ${e.detail}<br><code class="small soft">${named(f.values.text, e.pointer ?? "")}</code></li>`)}</ol>` : tableErrors(f.values.text, list)}</section>`;
}

const WHAT = { plans: "计划", tasks: "事项", orgs: "单位", orgSets: "单位集合", reports: "填报", milestoneStates: "节点" };

function resultView(ctx) {
	const r = ctx.state.result;
	if (!r)
		return nothing;
	const rows = Object.entries(r.counts).filter(([, c]) => c && typeof c === "object" && "added" in c);
	return html`<div class="note good" role="status"><p><b>已导入为草案。</b></p><ul>${rows.filter(([, c]) => c.added + c.changed + c.removed + c.same > 0).map(([k, c]) => html`<li>${WHAT[k] ?? k}：新增${c.added}，改动${c.changed}，去掉${c.removed}，没有变${c.same}</li>`)}</ul>
		<p><a class="button" href=${link(["doctor"], { plan: r.id })}>去体检</a></p></div>`;
}

export function view(ctx) {
	const f = ctx.state.form;
	const drafts = ctx.plans.filter((p) => p.status === "draft");
	return html`<div class="row spread"><h1>导入</h1><button @click=${() => make(ctx)}>新建草案</button></div>
		<p class="soft">导入的总是草案，已印发的计划不会被改动。表格的列：序号、工作任务、牵头单位及联系人、投资总额及资金来源、主要落实单位、工作任务分解、年度进度安排及时限要求、备注。</p>
		${resultView(ctx)}${f.error?.errors?.length ? nothing : refusal(f.error)}
		<form class="fields wide" @submit=${(e) => { e.preventDefault(); run(ctx); }}>
			<div><label for="i-plan">导入到</label><select id="i-plan" @change=${(e) => { f.values.plan = e.target.value; ctx.draw(); }}><option value="" ?selected=${!f.values.plan}>由内容决定（JSON里写明的计划）</option>${drafts.map((p) => html`<option value=${p._id} ?selected=${p._id === f.values.plan}>${p.title}（草案）</option>`)}</select></div>
			<div><div class="row spread"><label for="i-text">粘贴表格（从电子表格里直接复制），或JSON</label><label class="file button">选文件（csv、json）<input class="hidden" type="file" accept=".csv,.json,.txt,text/csv,application/json" @change=${(e) => openFile(ctx, e)}></label></div>
			<textarea id="i-text" class="code" spellcheck="false" .value=${live(f.values.text)} @input=${(e) => { f.values.text = e.target.value; }}></textarea></div>
			<div class="actions"><button class="main" ?disabled=${f.busy}>${f.busy ? "正在导入……" : "导入为草案"}</button></div></form>
		${errorsView(f)}`;
}
