// What the pages show: who is here, what waits for them, what lies in this
// telephone, and answers seen last, for when there is no network.
import { ApiError, toLogin } from "../lib/api.js";
import { createStore } from "../lib/app.js";
import { ask } from "./net.js";
import * as db from "./db.js";
import * as queue from "./queue.js";

export const store = createStore({
	me: null, todos: null, todosAt: null, fresh: false, entries: [], others: [],
	queue: queue.status, elder: false, online: true, route: null, page: null, trouble: null,
});

const nameOf = (name) => `${store.get().me.id}|${name}`;

// An answer, remembered: {body, at, fresh}; without a network the one seen
// last.  Other refusals are thrown.
export async function seen(path) {
	try {
		const body = await ask("GET", path);
		const at = new Date().toISOString();
		await db.keepAs(nameOf(path), { body, at });
		return { body, at, fresh: true };
	} catch (error) {
		const old = error.status === 0 || error.status === 401 || error.status >= 500 ? await db.kept(nameOf(path)) : null;
		noteDoor(error);
		if (!old)
			throw error;
		return { ...old, fresh: false, trouble: error };
	}
}

function noteDoor(error) {
	if (error.status === 401)
		store.set({ queue: Object.assign(queue.status, { door: "login" }) });
	else if (error.code === "password-due")
		store.set({ queue: Object.assign(queue.status, { door: "password" }) });
}

// Who is here: asked, or without a network who was here last.
export async function enter() {
	try {
		const me = await ask("GET", "session");
		if (typeof me.id !== "string" || !Array.isArray(me.roles))
			throw new ApiError(0, { title: "应答不是本系统的", code: "not-ours" });
		await db.keepAs("me", me);
		return me;
	} catch (error) {
		const last = await db.kept("me");
		if (error.status === 401) {
			queue.status.door = "login";
			const waits = last && (await db.entries(last.id)).some((e) => e.state !== "received");
			return waits ? last : toLogin();
		}
		if (last && (error.status === 0 || error.status >= 500))
			return last;
		throw error;
	}
}

export async function loadEntries() {
	const { me } = store.get();
	store.set({ entries: await db.entries(me.id), others: await db.others(me.id) });
}

// What waits.
export async function loadTodos() {
	try {
		const { body, at, fresh, trouble } = await seen("todos?limit=200");
		store.set({ todos: body.items, todosTotal: body.total, todosAt: at, fresh, trouble: fresh ? null : trouble });
	} catch (error) {
		store.set({ trouble: error, todos: store.get().todos ?? [] });
	}
}

// What the most urgent to-dos are about, so that they open without a network.
export async function keepDocuments() {
	const links = (store.get().todos ?? []).map((t) => t.link).filter(Boolean).slice(0, 10);
	for (const link of links)
		if (!await db.kept(nameOf(link)))
			await seen(link).catch(() => {});
}

// ---- what is worth a warning ----

const unsent = (e) => e.state === "draft" || e.state === "queued" || e.state === "refused";

export function pending(entries) {
	return entries.filter(unsent);
}

export function oldOnes(entries) {
	return entries.filter((e) => unsent(e) && Date.now() - Date.parse(e.changedAt) >= 3 * 86400000);
}

// ---- elder mode ----

export function setElder(on) {
	document.documentElement.classList.toggle("elder", on);
	try {
		localStorage.setItem("minsheng-elder", on ? "1" : "");
	} catch {
		// A browser that keeps nothing: until it is closed, then.
	}
	store.set({ elder: on });
}

export function wasElder() {
	try {
		return localStorage.getItem("minsheng-elder") === "1";
	} catch {
		return false;
	}
}
