// A notice (催办, 批示, 通报), a check or a case that wants a word of the unit:
// read it, answer it.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { day } from "../lib/format.js";
import * as queue from "./queue.js";
import { begin, keep, submit, unfinished } from "./draft.js";
import { uuid } from "./hash.js";
import { about } from "./home.js";
import { album, area, focusWrong, picker, refused, sort } from "./fields.js";
import { facts, go, state } from "./parts.js";
import { checkText, tidy } from "./rules.js";
import { loadEntries, seen, store } from "./state.js";

const POINTERS = { text: ["/text"], photos: ["/attachments"] };
const KINDS = {
	notices: { verb: "answer", name: { urge: "催办", instruction: "批示", bulletin: "通报" } },
	checks: { verb: "statement", name: {} },
	cases: { verb: "statement", name: {} },
};
const WHAT = { notices: "通知", checks: "核查情况", cases: "问责线索" };
const VERDICTS = { true: "属实", partly: "部分属实", false: "不属实" };

export async function load([, coll, id]) {
	const link = `/api/v1/${coll}/${id}`;
	const name = about.answer(link);
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
	const what = KINDS[coll].name[doc.kind] ?? WHAT[coll];
	item ??= begin("answer", name, { name: doc.title ?? what, line: what, doc }, {
		link, docId: doc._id, verb: KINDS[coll].verb, open: `#/answer/${coll}/${id}`, fields: { text: "" },
	});
	return { item, doc, what, wrong: "" };
}

export function title(page) {
	return page.what ?? "答复";
}

const check = (item) => tidy(item.fields.text ?? "") ? checkText(tidy(item.fields.text)) : "请写下答复。";

async function send(page, redraw) {
	const { item } = page;
	page.wrong = check(item);
	page.tried = true;
	if (page.wrong || page.busy || page.sending) {
		redraw();
		return focusWrong();
	}
	page.sending = true;
	const body = { text: tidy(item.fields.text) };
	if (item.photos.length)
		body.attachments = item.photos.map((p) => p.sha);
	const id = item.trouble ? uuid() : item.id;
	await submit({ ...item, id }, body);
	await loadEntries();
	queue.flushNow();
	go(`#/r/${id}`);
}

export function view(page, redraw) {
	const { item, doc, what } = page;
	const stored = store.get().entries.find((e) => e.id === item.id);
	const { found, rest } = sort(item.trouble, POINTERS);
	const wrong = page.wrong || found.text;
	const given = doc.answer ?? doc.statement;
	const set = (value) => {
		item.fields.text = value;
		if (page.tried)
			page.wrong = check(item);
		keep(item);
		redraw();
	};
	return html`<p class="crumb"><a href="#/">返回待办</a>${stored ? state(stored.state) : nothing}</p>
		<p class="tag">${what}</p><h1>${doc.title ?? what}</h1>
		<p class="prose">${doc.text}</p>
		${album((doc.attachments ?? []).map((sha) => ({ sha, remote: true })), item)}
		${facts([["期限", doc.dueOn ?? doc.statementDue ? day(doc.dueOn ?? doc.statementDue) : ""], ["来自", doc.author?.name], ["结论", VERDICTS[doc.verdict]], ["日期", doc.checkedOn ? day(doc.checkedOn) : ""]])}
		${given ? html`<h2>已答复</h2><p class="prose">${given.text}</p><p class="soft small">${given.by?.name ?? ""}</p>` : nothing}
		${refused(item.trouble, rest)}
		${(doc.may ?? []).includes(item.verb) ? html`<form novalidate @submit=${(e) => { e.preventDefault(); send(page, redraw); }}>
			${area({ id: "text", label: "答复", wrong, value: item.fields.text, input: set, rows: 5 })}
			${picker(item, page, redraw)}
			<div class="submit"><button class="main" ?disabled=${page.sending || Boolean(page.busy)}>提交答复</button></div></form>` : nothing}`;
}
