// One indicator, one month: the number, what was done, photographs, submit.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { ask as dialog } from "../lib/app.js";
import { month, qty } from "../lib/format.js";
import * as db from "./db.js";
import * as queue from "./queue.js";
import { begin, keep, submit, unfinished } from "./draft.js";
import { reportHash } from "./hash.js";
import { about } from "./home.js";
import { area, described, field, focusWrong, picker, refused, sort } from "./fields.js";
import { go, state } from "./parts.js";
import { checkNumber, checkText, readNumber, tidy } from "./rules.js";
import { loadEntries, loadTodos, seen, store } from "./state.js";

const POINTERS = {
	number: ["/value/n", "/value"], reason: ["/value/reason"], narrative: ["/narrative"], problems: ["/problems"],
	nextStep: ["/nextStep"], photos: ["/attachments"],
};

const lastDay = (period) => {
	const [y, m] = period.split("-").map(Number);
	return new Date(Date.UTC(y, m, 0)).toISOString().slice(0, 10);
};

// The to-do in the list, else what the task itself says.
async function factsOf([, taskId, indicatorId, orgId, period]) {
	if (!store.get().todos)
		await loadTodos();
	const t = store.get().todos?.find((x) => x.taskId === taskId && x.indicatorId === indicatorId && x.orgId === orgId && x.period === period && x.kind.startsWith("report_"));
	if (t)
		return { ...t, name: t.indicator, line: `第${t.no}件 · ${month(period)}` };
	const { body: task } = await seen(`tasks/${taskId}`);
	const i = task.indicators.find((x) => x.id === indicatorId);
	return { taskId, indicatorId, orgId, period, no: task.no, taskTitle: task.title, indicator: i.name, unit: i.unit, name: i.name, line: `第${task.no}件 · ${month(period)}`, previous: null };
}

// What the server has of it, into the fields.
function prefill(report) {
	const v = report.value;
	return {
		fields: {
			number: v?.kind === "number" ? String(v.n) : "", none: v?.kind === "none", reason: v?.reason ?? "",
			narrative: report.narrative ?? "", problems: report.problems ?? "", nextStep: report.nextStep ?? "",
		},
		photos: (report.attachments ?? []).map((sha) => ({ sha, remote: true })),
		id: report._id, ifMatch: report.rev, returnReason: report.state === "returned" ? report.returnReason : null,
		correction: report.correction?.reason ?? null,
	};
}

// The last number before this month: the server's, or one that waits here.
function before(known) {
	const mine = store.get().entries.filter((e) => e.kind === "report" && e.state === "queued" && e.body.value.kind === "number" &&
		e.facts.taskId === known.taskId && e.facts.indicatorId === known.indicatorId && e.facts.orgId === known.orgId && e.facts.period < known.period)
		.sort((a, b) => b.facts.period.localeCompare(a.facts.period))[0];
	if (mine && !(known.previous?.period >= mine.facts.period))
		return { period: mine.facts.period, n: mine.body.value.n, here: true };
	return known.previous;
}

export async function load(path) {
	const known = await factsOf(path);
	const [, taskId, indicatorId, orgId, period] = path;
	const name = about.report({ taskId, indicatorId, orgId, period });
	let item = unfinished(name);
	if (item?.state === "queued")
		return { moved: `#/r/${item.id}` };
	let previous = before(known);
	if (!item) {
		item = begin("report", name, known, { open: `#/report/${path.slice(1).join("/")}` });
		const id = known.reportId ?? store.get().route.query.report;
		if (id) {
			const { body } = await seen(`/api/v1/reports/${id}`);
			if (!body.may.includes("submit"))
				return { moved: `#/r/${id}` };
			previous = body.previous ?? previous;
			known.dueOn ??= body.dueOn;
			Object.assign(item, prefill(body));
		} else if (previous) {
			item.fields.number = String(previous.n);
		}
	}
	return { item, known, previous, wrong: {}, more: Boolean(item.fields.problems || item.fields.nextStep) };
}

export function title(page) {
	return page.known?.indicator ?? "填报";
}

// ---- checking ----

function check(item) {
	const f = item.fields;
	const wrong = {};
	if (f.none)
		wrong.reason = tidy(f.reason ?? "") ? checkText(tidy(f.reason)) : "请写明为什么没有进展。";
	else
		wrong.number = checkNumber(f.number ?? "");
	for (const name of ["narrative", "problems", "nextStep"])
		wrong[name] = checkText(tidy(f[name] ?? ""));
	return Object.fromEntries(Object.entries(wrong).filter(([, v]) => v));
}

function bodyOf(item, known) {
	const f = item.fields;
	const body = {
		taskId: known.taskId, indicatorId: known.indicatorId, orgId: known.orgId, asOf: lastDay(known.period),
		value: f.none ? { kind: "none", reason: tidy(f.reason) } : { kind: "number", n: readNumber(f.number) },
	};
	for (const name of ["narrative", "problems", "nextStep"]) {
		const text = tidy(f[name] ?? "");
		if (text)
			body[name] = text;
	}
	if (item.photos.length)
		body.attachments = item.photos.map((p) => p.sha);
	return { ...body, submit: true };
}

const gone = (n, unit) => dialog((close) => html`<h2>${n === 0 ? "数字和上次一样" : "比上次的数小"}</h2>
	<p>${n === 0 ? `累计数没有变，等于这个月增加0${unit}。` : `比上次少${qty(-n, unit)}。填的应该是从年初到月底的累计数，只会增加，不会减少。`}</p>
	<p>${n === 0 ? "要是这个月没有可报的数，请选“本月无进展”并说明原因。" : "如果是上次报多了，请在“填报记录”里打开上次那一条，点“报错了，要更正”。"}</p>
	<div class="actions"><button class="main" @click=${() => close(null)}>回去改</button><button @click=${() => close(true)}>就报这个数</button></div>`);

async function send(page, redraw) {
	const { item, known, previous } = page;
	page.wrong = check(item);
	page.tried = true;
	if (Object.keys(page.wrong).length || page.busy) {
		redraw();
		return focusWrong();
	}
	const body = bodyOf(item, known);
	if (body.value.kind === "number" && previous && body.value.n <= previous.n && !page.sure) {
		page.sure = await gone(body.value.n - previous.n, known.unit);
		if (!page.sure)
			return document.getElementById("number")?.focus();
	}
	if (page.sending)
		return;
	page.sending = true;
	redraw();
	if (!await submit(item, body, { hash: await reportHash(body), facts: { ...known, previous } }))
		page.moved = true;
	await loadEntries();
	queue.flushNow();
	askToPersist();
	go(`#/r/${item.id}`);
}

// The browser is asked not to throw away what waits here.
function askToPersist() {
	navigator.storage?.persist?.().catch(() => {});
}

// ---- what is shown ----

function increment(page) {
	const { item, previous, known } = page;
	const n = readNumber(item.fields.number ?? "");
	if (n === null)
		return html`<p class="increment soft">填从开始到${month(known.period)}底的累计数</p>`;
	if (!previous)
		return html`<p class="increment">第一次报，累计 <b class="num">${qty(n, known.unit)}</b></p>`;
	const more = n - previous.n;
	return html`<p class="increment ${more < 0 ? "fall" : ""}">比上次（${month(previous.period, true)}底${qty(previous.n, known.unit)}）
		${more < 0 ? html`少了 <b class="num">${qty(-more, known.unit)}</b>，累计数不能减少` : html`增加 <b class="num">${qty(more, known.unit)}</b>`}</p>`;
}

// Where this is, as a line of text, only when the person taps.
function place(page, set, redraw) {
	if (!globalThis.isSecureContext || !navigator.geolocation)
		return nothing;
	const tap = () => {
		page.place = "正在取位置……";
		redraw();
		navigator.geolocation.getCurrentPosition(({ coords: c }) => {
			page.place = "已写进文字里，不想要可以删掉。";
			set("narrative", `${page.item.fields.narrative ?? ""}\n位置：东经${c.longitude.toFixed(5)}，北纬${c.latitude.toFixed(5)}（精度约${Math.round(c.accuracy)}米）`.trim());
		}, () => {
			page.place = "没有取到位置，可以不填。";
			redraw();
		}, { timeout: 15000, enableHighAccuracy: true });
	};
	return html`<div class="field"><button type="button" @click=${tap}>记下我现在的位置</button>${page.place ? html`<p class="small soft" role="status">${page.place}</p>` : nothing}</div>`;
}

async function discard(page) {
	const sure = await dialog((close) => html`<h2>删掉这份草稿？</h2><p>写的内容和照片会从这台手机里删掉，不能恢复。</p>
		<div class="actions"><button class="main" @click=${() => close(null)}>不删</button><button @click=${() => close(true)}>删掉</button></div>`);
	if (!sure)
		return;
	await db.remove(page.item);
	await loadEntries();
	go("#/");
}

export function view(page, redraw) {
	const { item, known, wrong } = page;
	const f = item.fields;
	const stored = store.get().entries.find((e) => e.id === item.id);
	const { found, rest } = sort(item.trouble, POINTERS);
	const say = (name) => wrong[name] ?? found[name];
	const set = (name, value) => {
		f[name] = value;
		page.sure = false;
		if (page.tried)
			page.wrong = check(item);
		if (found[name])
			item.trouble = { ...item.trouble, errors: item.trouble.errors.filter((e) => !POINTERS[name].includes(e.pointer)) };
		keep(item).then((free) => free || go(`#/r/${item.id}`));
		redraw();
	};
	const number = (e) => set("number", e.target.value);
	return html`<p class="crumb"><a href="#/">返回待办</a>${stored ? state(stored.state) : nothing}</p>
		<h1>${known.indicator}</h1>
		<p class="soft">${month(known.period)} · 第${known.no}件 ${known.taskTitle}${known.orgName ? ` · ${known.orgName}` : ""}</p>
		${item.returnReason ? html`<div class="note warn"><p><b>被退回</b>，原因：${item.returnReason}</p></div>` : nothing}
		${item.correction ? html`<div class="note"><p>更正，原因：${item.correction}</p></div>` : nothing}
		${refused(item.trouble, rest)}
		<form novalidate @submit=${(e) => { e.preventDefault(); send(page, redraw); }}>
			<fieldset class="choice"><legend class="hidden">这个月有没有进展</legend>
				<label><input type="radio" name="kind" .checked=${!f.none} @change=${() => set("none", false)}><span>报累计数</span></label>
				<label><input type="radio" name="kind" .checked=${Boolean(f.none)} @change=${() => set("none", true)}><span>本月无进展</span></label></fieldset>
			${f.none
				? area({ id: "reason", label: "为什么没有进展", help: "没有进展和报0不一样，写一句原因就行。", wrong: say("reason"), value: f.reason, input: (v) => set("reason", v) })
				: field({ id: "number", label: `累计完成（${known.unit}）`, wrong: say("number"), control: html`
					<input id="number" class="number num" inputmode="numeric" autocomplete="off" enterkeyhint="done" .value=${f.number ?? ""} @input=${number}
						@focus=${(e) => e.target.select()} aria-invalid=${String(Boolean(say("number")))} aria-describedby="increment ${described("number", "", say("number")) === nothing ? "" : "number-wrong"}">
					<div id="increment" aria-live="polite">${increment(page)}</div>` })}
			${picker(item, page, redraw)}
			${say("photos") ? html`<p class="error">${say("photos")}</p>` : nothing}
			${area({ id: "narrative", label: "做了什么（可不填）", wrong: say("narrative"), value: f.narrative, input: (v) => set("narrative", v) })}
			<details .open=${page.more} @toggle=${(e) => { page.more = e.target.open; }}><summary>有困难、问题要说</summary>
				${area({ id: "problems", label: "困难和问题", help: "早说早协调，写了会提醒牵头单位和督查室。", wrong: say("problems"), value: f.problems, input: (v) => set("problems", v) })}
				${area({ id: "nextStep", label: "下一步打算", wrong: say("nextStep"), value: f.nextStep, input: (v) => set("nextStep", v) })}
				${place(page, set, redraw)}</details>
			<div class="submit"><button class="main" ?disabled=${page.sending || Boolean(page.busy)}>${page.sending ? "正在提交……" : item.returnReason ? "重新上报" : "上报"}</button>
			<p class="small soft">写下的随时存在这台手机里；没有网也可以上报，有网后自动报出。</p>
			${stored ? html`<button type="button" class="quiet" @click=${() => discard(page)}>删掉这份草稿</button>` : nothing}</div>
		</form>`;
}

