// How each kind of entry is sent, and how its receipt is told from any other
// answer.  deliver() returns {no, at, state, ...} or throws: an ApiError, or a
// Refusal that a person has to look at.
import { ApiError } from "../lib/api.js";
import { canonical } from "./hash.js";
import { ask, passing } from "./net.js";
import * as db from "./db.js";

export class Refusal extends Error {
	constructor(text, { code = "differs", errors = [], title = "" } = {}) {
		super(text);
		Object.assign(this, { code, errors, title });
	}
}

const strange = () => new ApiError(0, { code: "not-ours", title: "应答不是本系统的", detail: "收到的应答对不上，还不能算已受理，会自动再试。" });

// ---- photographs go first ----

async function sendPhoto(item, sha, nth) {
	const kept = await db.photo(item.user, sha);
	if (!kept)
		throw new Refusal(`第${nth}张照片的内容在这台手机里找不到了，请删掉它重新拍。`);
	if (kept.sent)
		return;
	try {
		const answer = await ask("PUT", `blobs/${sha}`, { raw: kept.bytes, type: "image/jpeg", timeout: 120000 });
		if (answer._id !== sha)
			throw strange();
	} catch (error) {
		// Not arrived whole is the way's fault, not the picture's.
		if (error.code === "invalid")
			throw strange();
		if (error instanceof ApiError && error.status !== 401 && error.code !== "password-due" && !passing(error))
			throw new Refusal(`第${nth}张照片：${error.message}`, error);
		throw error;
	}
	await db.markPhoto(item.user, sha, true);
}

export async function sendPhotos(item, patiently) {
	for (const [i, p] of item.photos.entries())
		if (!p.remote)
			await patiently(() => sendPhoto(item, p.sha, i + 1));
}

// ---- the entries ----

// The server misses photographs that we thought were there.
async function sendAgain(item, error) {
	const gone = (error.errors ?? []).filter((e) => e.keyword === "missing" && e.pointer.startsWith("/attachments/"));
	const mine = gone.map((e) => item.photos[Number(e.pointer.split("/")[2])]).filter((p) => p && !p.remote);
	for (const p of mine)
		await db.markPhoto(item.user, p.sha, false);
	if (mine.length)
		throw strange();
}

async function report(item) {
	const headers = item.ifMatch ? { "If-Match": `"${item.ifMatch}"` } : {};
	let answer;
	try {
		answer = await ask("PUT", `reports/${item.id}`, { json: item.body, headers });
	} catch (error) {
		await sendAgain(item, error);
		throw error;
	}
	const receipt = answer.receipt;
	if (receipt?.clientId !== item.id || typeof receipt.no !== "string")
		throw strange();
	if (receipt.contentHash !== item.hash)
		throw new Refusal("服务器上这一条的内容和这里的不一样，可能已有人改过。请先看看服务器上的内容。");
	return { no: receipt.no, at: receipt.receivedAt, state: receipt.state, hash: receipt.contentHash, increment: answer.increment, rev: answer.rev };
}

const same = (a, b) => canonical(a ?? null) === canonical(b ?? null);

// A POST that was carried out, and only its answer got lost, is a wrong state
// the next time: then the document itself tells.
async function post(item, verb, arrived) {
	let doc;
	try {
		doc = await ask("POST", `${item.link}:${verb}`, { json: item.body, headers: { "Idempotency-Key": item.id } });
	} catch (error) {
		if (error.code !== "wrong-state")
			throw error;
		doc = await ask("GET", item.link);
		if (!arrived(doc))
			throw error;
	}
	if (!arrived(doc))
		throw strange();
	return doc;
}

async function claim(item) {
	const doc = await post(item, "claim", (d) => d._id === item.docId && d.claimedBy?.userId === item.user &&
		["metOn", "note", "attachments"].every((k) => same(d[k], item.body[k])));
	return { no: doc._id, at: doc.claimedAt, state: doc.state };
}

async function answer(item) {
	const said = (d) => d.answer ?? d.statement;
	const doc = await post(item, item.verb, (d) => d._id === item.docId && said(d)?.by?.userId === item.user &&
		["text", "attachments"].every((k) => same(said(d)[k], item.body[k])));
	return { no: doc._id, at: said(doc).at, state: doc.state };
}

const doors = { report, claim, answer };

export function deliver(item) {
	return doors[item.kind](item);
}
