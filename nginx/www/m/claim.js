// A milestone of a unit: claim it with a photograph and a note; whoever may,
// verifies or returns it here too.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { day, today } from "../lib/format.js";
import * as queue from "./queue.js";
import { begin, keep, submit, unfinished } from "./draft.js";
import { uuid } from "./hash.js";
import { about } from "./home.js";
import { ask } from "./net.js";
import { album, area, field, focusWrong, picker, refused, sort } from "./fields.js";
import { facts, go, state } from "./parts.js";
import { checkText, tidy } from "./rules.js";
import { loadEntries, loadTodos, seen, store } from "./state.js";

const POINTERS = { metOn: ["/metOn"], note: ["/note"], photos: ["/attachments"] };

export async function load([, taskId, milestoneId, orgId]) {
	const link = `/api/v1/tasks/${taskId}/milestones/${milestoneId}/orgs/${orgId}`;
	const name = about.claim({ taskId, milestoneId, orgId });
	let item = unfinished(name);
	if (item?.state === "queued")
		return { moved: `#/r/${item.id}` };
	let doc = item?.facts.doc;
	try {
		doc = (await seen(link)).body;
	} catch (error) {
		if (!doc)
			throw error;
	}
	const { body: task } = await seen(`tasks/${taskId}`).catch(() => ({ body: { title: "" } }));
	item ??= begin("claim", name, { name: doc.text ?? "节点", line: task.title, doc }, {
		link, docId: doc._id, open: `#/milestone/${taskId}/${milestoneId}/${orgId}`,
		fields: { metOn: doc.metOn ?? "", note: doc.note ?? "" }, photos: (doc.attachments ?? []).map((sha) => ({ sha, remote: true })),
	});
	return { item, doc, task, link, wrong: {} };
}

export function title() {
	return "节点";
}

function check({ fields: f }) {
	const wrong = {
		metOn: !f.metOn ? "请填哪一天完成的。" : f.metOn > today() ? "完成日期不能在今天以后。" : "",
		note: checkText(tidy(f.note ?? "")),
	};
	return Object.fromEntries(Object.entries(wrong).filter(([, v]) => v));
}

async function send(page, redraw) {
	const { item } = page;
	page.wrong = check(item);
	page.tried = true;
	if (Object.keys(page.wrong).length || page.busy || page.sending) {
		redraw();
		return focusWrong();
	}
	page.sending = true;
	const body = { metOn: item.fields.metOn };
	if (tidy(item.fields.note ?? ""))
		body.note = tidy(item.fields.note);
	if (item.photos.length)
		body.attachments = item.photos.map((p) => p.sha);
	// What is claimed anew is another request.
	const id = item.trouble ? uuid() : item.id;
	await submit({ ...item, id }, body);
	await loadEntries();
	queue.flushNow();
	go(`#/r/${id}`);
}

function claiming(page, redraw) {
	const { item } = page;
	const f = item.fields;
	const { found, rest } = sort(item.trouble, POINTERS);
	const say = (name) => page.wrong[name] ?? found[name];
	const set = (name, value) => {
		f[name] = value;
		if (page.tried)
			page.wrong = check(item);
		keep(item);
		redraw();
	};
	return html`${refused(item.trouble, rest)}<form novalidate @submit=${(e) => { e.preventDefault(); send(page, redraw); }}>
		${field({ id: "metOn", label: "哪一天完成的", wrong: say("metOn"), control: html`<input id="metOn" type="date" max=${today()} .value=${f.metOn} @change=${(e) => set("metOn", e.target.value)} aria-invalid=${String(Boolean(say("metOn")))}>` })}
		${picker(item, page, redraw)}
		${area({ id: "note", label: "说明（可不填）", wrong: say("note"), value: f.note, input: (v) => set("note", v) })}
		<div class="submit"><button class="main" ?disabled=${page.sending || Boolean(page.busy)}>申报完成</button></div></form>`;
}

async function act(page, redraw, verb, body) {
	page.acting = true;
	page.failed = null;
	page.keys ??= {};
	page.keys[verb] ??= uuid();
	redraw();
	try {
		page.doc = await ask("POST", `${page.link}:${verb}`, { json: body, headers: { "Idempotency-Key": page.keys[verb] } });
		page.told = verb === "verify" ? "已核实。" : "已退回，对方会看到原因。";
		await loadTodos();
	} catch (error) {
		page.failed = error;
	}
	page.acting = false;
	redraw();
}

function deciding(page, redraw) {
	const wrong = page.returnTried && !tidy(page.why ?? "") ? "请写明退回的原因。" : "";
	const back = () => {
		page.returnTried = true;
		if (tidy(page.why ?? ""))
			return act(page, redraw, "return", { reason: tidy(page.why) });
		redraw();
		focusWrong();
	};
	return html`${page.returning ? area({ id: "why", label: "退回的原因", wrong, value: page.why, input: (v) => { page.why = v; redraw(); } }) : nothing}
		<div class="submit">${page.returning
			? html`<button class="main" ?disabled=${page.acting} @click=${back}>退回</button>`
			: html`<button class="main" ?disabled=${page.acting} @click=${() => act(page, redraw, "verify", {})}>核实无误</button>
				<button @click=${() => { page.returning = true; redraw(); }}>退回，请他补充</button>`}</div>`;
}

const NAMES = { pending: ["draft", "未申报"], claimed: ["received", "已申报，等核实"], verified: ["accepted", "已核实"], returned: ["returned", "被退回"], waived: ["accepted", "已批准免除"] };

export function view(page, redraw) {
	const { item, doc, task } = page;
	const stored = store.get().entries.find((e) => e.id === item.id);
	const may = doc.may ?? [];
	return html`<p class="crumb"><a href="#/">返回待办</a>${stored ? state(stored.state) : nothing}</p>
		<h1>${doc.text}</h1><p class="soft">${task.title}</p>
		${facts([["期限", doc.dueOn ? day(doc.dueOn) : ""], ["情况", doc.standingTitle], ["状态", NAMES[doc.state]?.[1]],
			["完成日期", doc.state === "pending" || !doc.metOn ? "" : day(doc.metOn)], ["申报人", doc.claimedBy?.name], ["说明", doc.state === "pending" ? "" : doc.note]])}
		${doc.state === "returned" ? html`<div class="note warn"><p><b>被退回</b>，原因：${doc.returnReason}</p></div>` : nothing}
		${may.includes("claim") ? nothing : album((doc.attachments ?? []).map((sha) => ({ sha, remote: true })), item)}
		${page.told ? html`<div class="note good" role="status"><p>${page.told}</p></div>` : nothing}
		${page.failed ? html`<div class="note bad" role="alert"><p>${page.failed.message}</p></div>` : nothing}
		${may.includes("claim") || item.trouble ? claiming(page, redraw) : nothing}
		${may.includes("verify") && !page.told ? deciding(page, redraw) : nothing}`;
}
