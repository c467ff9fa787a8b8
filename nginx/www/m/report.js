// One report: its receipt, where it has got to, and what may be done with it:
// confirm or return it, correct it.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { ask as dialog } from "../lib/app.js";
import { instant, month, qty } from "../lib/format.js";
import * as db from "./db.js";
import * as queue from "./queue.js";
import { takeBack } from "./draft.js";
import { uuid } from "./hash.js";
import { ask } from "./net.js";
import { album, refused } from "./fields.js";
import { WORDS, facts, go, state } from "./parts.js";
import { checkText, tidy } from "./rules.js";
import { loadEntries, loadTodos, seen, store } from "./state.js";

const entryOf = (id) => store.get().entries.find((e) => e.id === id);

export async function load([, id]) {
	const mine = entryOf(id);
	const page = { id, report: null };
	// What still waits here is not on the server, or not as it will be.
	if (mine && mine.state !== "received")
		return page;
	try {
		if (!mine || mine.kind === "report")
			page.report = (await seen(`/api/v1/reports/${id}`)).body;
	} catch (error) {
		if (!mine)
			throw error;
	}
	return page;
}

export function title() {
	return "填报";
}

const valueOf = (value, unit) => value?.kind === "none" ? `无进展：${value.reason}` : value ? qty(value.n, unit) : "";

// ---- the receipt: to be kept as a picture of the screen ----

function receipt({ no, at, hash }, rows, now) {
	return html`<section class="receipt" aria-label="回执">
		<p class="big">${state(now)}</p>
		<p class="no"><span class="soft">回执号</span><b class="num">${no}</b></p>
		<p class="at"><span class="soft">受理时间</span><b class="num">${instant(at)}</b></p>
		${facts(rows)}
		${hash ? html`<p class="small soft hash">内容校验 ${hash.slice(0, 16)}</p>` : nothing}
	</section><p class="soft small">可以截屏留存。凭回执号可以查到这一条。</p>`;
}

function rowsOf(item) {
	const { facts: f, body } = item;
	if (item.kind !== "report")
		return [["事项", f.name], ["内容", body.note ?? body.text], ["完成日期", body.metOn], ["照片", item.photos.length ? `${item.photos.length}张` : ""]];
	return [
		["指标", f.indicator], ["月份", month(f.period)], ["单位", f.orgName], [body.value.kind === "none" ? "情况" : "累计", valueOf(body.value, f.unit)],
		["增加", item.receipt?.increment !== null && item.receipt?.increment !== undefined ? qty(item.receipt.increment, f.unit) : ""],
		["照片", item.photos.length ? `${item.photos.length}张` : ""], ["填报人", item.userName],
	];
}

const how = { draft: "还没有提交，点“接着填”继续。", queued: "已经存在这台手机里，有网时自动报出。看到回执号才算受理。", refused: "服务器没有受理，请按提示改一改再报。" };

async function undo(item) {
	if (await takeBack(item))
		go(item.open);
}

async function discard(item) {
	const sure = await dialog((close) => html`<h2>删掉这一份？</h2><p>它还没有被受理。删掉后这台手机里就没有了。</p>
		<div class="actions"><button class="main" @click=${() => close(null)}>不删</button><button @click=${() => close(true)}>删掉</button></div>`);
	if (!sure)
		return;
	await db.remove(item);
	await loadEntries();
	go("#/");
}

function here(item, redraw) {
	const { queue: q } = store.get();
	return html`<p class="crumb"><a href="#/">返回待办</a></p><h1>${item.facts.name}</h1>
		<section class="receipt waiting"><p class="big">${state(item.state)}</p><p>${how[item.state]}</p>
			${item.state === "queued" && q.sending ? html`<p role="status">正在报出……</p>` : nothing}
			${item.state === "queued" && item.tries && item.trouble ? html`<p class="soft">试过${item.tries}次：${item.trouble.text}</p>` : nothing}
			${facts(rowsOf(item))}</section>
		${item.state === "refused" ? refused(item.trouble, item.trouble.errors.map((e) => e.detail)) : nothing}
		${album(item.photos, item, redraw)}
		<div class="submit">
			${item.state === "queued" ? html`<button class="main" ?disabled=${q.sending} @click=${queue.flushNow}>现在就报</button>` : nothing}
			${item.state === "refused" || item.state === "draft" ? html`<a class="button main" href=${item.open}>${item.state === "draft" ? "接着填" : "改一改再报"}</a>` : nothing}
			${item.state === "queued" && !item.sent ? html`<button @click=${() => undo(item)}>撤回来改</button>` : nothing}
			${item.state === "refused" && item.kind === "report" ? html`<button class="quiet" @click=${() => discard(item)}>不报了，删掉</button>` : nothing}
		</div>`;
}

// ---- what may be done ----

const VERBS = { confirm: "确认无误", "lead-confirm": "审核通过", accept: "认定" };

async function act(page, redraw, verb, body) {
	page.acting = true;
	page.failed = null;
	page.keys ??= {};
	page.keys[verb] ??= uuid();
	redraw();
	try {
		page.report = await ask("POST", `reports/${page.id}:${verb}`, { json: body, headers: { "Idempotency-Key": page.keys[verb] } });
		page.told = verb === "return" ? "已退回，对方会在待办里看到原因。" : `${VERBS[verb]}，已经记下。`;
		page.returning = false;
		await loadTodos();
	} catch (error) {
		page.failed = error;
	}
	page.acting = false;
	redraw();
}

function returning(page, redraw) {
	const wrong = page.returnTried && (tidy(page.why ?? "") ? checkText(tidy(page.why)) : "请写明要改什么，对方照着改。");
	const send = () => {
		page.returnTried = true;
		if (tidy(page.why ?? "") && !checkText(tidy(page.why)))
			return act(page, redraw, "return", { reason: tidy(page.why) });
		redraw();
		document.getElementById("why").focus();
	};
	return html`<div class="field ${wrong ? "wrong" : ""}"><label for="why">退回的原因</label>
		<textarea id="why" .value=${page.why ?? ""} @input=${(e) => { page.why = e.target.value; redraw(); }} aria-invalid=${String(Boolean(wrong))} aria-describedby=${wrong ? "why-wrong" : nothing}></textarea>
		${wrong ? html`<p class="error" id="why-wrong">${wrong}</p>` : nothing}</div>
		<div class="submit"><button class="main" ?disabled=${page.acting} @click=${send}>退回给填报人</button>
		<button ?disabled=${page.acting} @click=${() => { page.returning = false; redraw(); }}>先不退</button></div>`;
}

async function revise(page, redraw) {
	const reason = await dialog((close) => html`<h2>更正已认定的数</h2><p>写明为什么更正。更正被认定以前，原来的数照常使用。</p>
		<form @submit=${(e) => { e.preventDefault(); close(tidy(e.target.reason.value) || null); }}><label for="revise">原因</label><textarea id="revise" name="reason" required></textarea>
		<div class="actions"><button class="main">去更正</button><button type="button" @click=${() => close(null)}>取消</button></div></form>`);
	if (!reason)
		return;
	page.revision ??= uuid();
	try {
		const r = await ask("POST", `reports/${page.id}:revise`, { json: { clientId: page.revision, reason }, headers: { "Idempotency-Key": page.revision } });
		go(`#/report/${r.taskId}/${r.indicatorId}/${r.orgId}/${r.period}?report=${r._id}`);
	} catch (error) {
		page.failed = error;
		redraw();
	}
}

function buttons(page, redraw) {
	const { report } = page;
	const may = report.may ?? [];
	const verb = Object.keys(VERBS).find((v) => may.includes(v));
	const next = store.get().todos?.find((t) => t.reportId && t.reportId !== page.id && /_(confirm|accept)$/.test(t.kind));
	if (page.told)
		return html`<div class="note good" role="status"><p>${page.told}</p></div><div class="submit">
			${next ? html`<a class="button main" href="#/r/${next.reportId}">看下一条</a>` : nothing}<a class="button" href="#/">返回待办</a></div>`;
	if (page.returning)
		return returning(page, redraw);
	return html`<div class="submit">
		${verb ? html`<button class="main" ?disabled=${page.acting} @click=${() => act(page, redraw, verb)}>${VERBS[verb]}</button>` : nothing}
		${may.includes("return") ? html`<button ?disabled=${page.acting} @click=${() => { page.returning = true; redraw(); }}>退回，请他改</button>` : nothing}
		${may.includes("submit") ? html`<a class="button main" href="#/report/${report.taskId}/${report.indicatorId}/${report.orgId}/${report.period}?report=${report._id}">${report.state === "returned" ? "修改重报" : "接着填"}</a>` : nothing}
		${may.includes("revise") ? html`<button class="quiet" @click=${() => revise(page, redraw)}>报错了，要更正</button>` : nothing}</div>`;
}

const steps = (report) => html`<details><summary>办理过程</summary><ol class="steps">${report.history.map((h) => html`<li>
	<span class="num soft">${instant(h.at)}</span> ${h.name ?? ""} ${WORDS[h.to]?.[1] ?? h.to}${h.reason ? html`：${h.reason}` : nothing}</li>`)}</ol></details>`;

function there(page, redraw) {
	const r = page.report;
	const name = page.names ?? {};
	const mine = entryOf(page.id);
	const by = r.author?.name;
	return html`<p class="crumb"><a href="#/">返回待办</a></p><h1>${name.indicator}</h1>
		${r.state === "returned" ? html`<div class="note warn"><p><b>被退回</b>，原因：${r.returnReason}</p></div>` : nothing}
		${r.receipt?.no ? receipt({ no: r.receipt.no, at: r.receipt.receivedAt, hash: r.receipt.contentHash }, [
			["指标", name.indicator], ["月份", month(r.period)], ["单位", name.orgName], [r.value?.kind === "none" ? "情况" : "累计", valueOf(r.value, name.unit)],
			["上次", r.previous ? `${month(r.previous.period, true)}底 ${qty(r.previous.n, name.unit)}` : ""],
			["增加", r.increment === null ? "" : qty(r.increment, name.unit)], ["照片", r.attachments?.length ? `${r.attachments.length}张` : ""],
			["填报人", by], ["进度", WORDS[r.state]?.[2]], ["更正", r.correction?.reason],
		], r.state) : nothing}
		${r.narrative ? html`<h2>做了什么</h2><p class="prose">${r.narrative}</p>` : nothing}
		${r.problems ? html`<h2>困难和问题</h2><p class="prose">${r.problems}</p>` : nothing}
		${r.nextStep ? html`<h2>下一步</h2><p class="prose">${r.nextStep}</p>` : nothing}
		${album((r.attachments ?? []).filter((sha) => !r.missing.includes(sha)).map((sha) => ({ sha, remote: true })), mine)}
		${r.missing.length ? html`<p class="soft">还有${r.missing.length}张照片没有传上来。</p>` : nothing}
		${page.failed ? html`<div class="note bad" role="alert"><p>${page.failed.message}</p><p class="small soft">没有办成，再点一次不会重复。</p></div>` : nothing}
		${buttons(page, redraw)}${steps(r)}`;
}

// Names of the indicator and unit, which a report does not carry.
async function nameIt(page, redraw) {
	const r = page.report;
	page.names = entryOf(page.id)?.facts ?? store.get().todos?.find((t) => t.reportId === page.id) ?? {};
	if (page.names.indicator && page.names.orgName)
		return;
	const [task, org] = await Promise.all([seen(`tasks/${r.taskId}`), seen(`orgs/${r.orgId}`)]).catch(() => []);
	const i = task?.body.indicators.find((x) => x.id === r.indicatorId);
	page.names = { indicator: i?.name ?? r.taskId, unit: i?.unit ?? "", orgName: org?.body.name ?? r.orgId };
	redraw();
}

export function view(page, redraw) {
	const mine = entryOf(page.id);
	if (mine && mine.state !== "received")
		return here(mine, redraw);
	if (!page.report && mine)
		return html`<p class="crumb"><a href="#/">返回待办</a></p><h1>${mine.facts.name}</h1>
			${receipt(mine.receipt, rowsOf(mine), mine.receipt.state in WORDS ? mine.receipt.state : "received")}
			${album(mine.photos, mine, redraw)}`;
	if (!page.names)
		nameIt(page, redraw);
	return there(page, redraw);
}
