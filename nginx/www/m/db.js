// What this telephone keeps: entries (drafts, what waits to be sent, receipts),
// the bytes of photographs, and answers seen last.  Everything belongs to one
// user; others who use the telephone do not see it.
import { openDB } from "../vendor/idb/build/index.js";

const opened = openDB("minsheng-m", 1, {
	upgrade(db) {
		db.createObjectStore("entries", { keyPath: "key" }).createIndex("user", "user");
		db.createObjectStore("photos", { keyPath: "key" });
		db.createObjectStore("kept");
	},
	blocking(before, after, event) {
		event.target.close();
	},
});

// Other tabs hear of changes, where the browser can.
const channel = globalThis.BroadcastChannel ? new BroadcastChannel("minsheng-m") : null;
const listeners = new Set();
export function onChange(fn) {
	listeners.add(fn);
}
function changed() {
	listeners.forEach((fn) => fn());
	channel?.postMessage("changed");
}
if (channel)
	channel.onmessage = () => listeners.forEach((fn) => fn());

const keyOf = (user, id) => `${user}|${id}`;

// ---- entries ----

export async function entries(user) {
	return (await opened).getAllFromIndex("entries", "user", user);
}

export async function entry(user, id) {
	return (await opened).get("entries", keyOf(user, id));
}

// Keep an entry, if it is still in one of these states (or not there yet):
// another tab may have been faster.  The entry that stands, or null.
export async function keep(item, ...states) {
	const db = await opened;
	const tx = db.transaction("entries", "readwrite");
	const key = keyOf(item.user, item.id);
	const old = await tx.store.get(key);
	const free = !old || !states.length || states.includes(old.state);
	if (free)
		await tx.store.put({ ...item, key });
	await tx.done;
	if (free)
		changed();
	return free ? item : null;
}

// Change some members of an entry that is there; null when it is gone.
export async function change(user, id, patch) {
	const tx = (await opened).transaction("entries", "readwrite");
	const old = await tx.store.get(keyOf(user, id));
	const item = old ? { ...old, ...patch } : null;
	if (item)
		await tx.store.put(item);
	await tx.done;
	if (item)
		changed();
	return item;
}

// An entry leaves, with the photographs that no other entry has.
export async function remove(item) {
	const tx = (await opened).transaction(["entries", "photos"], "readwrite");
	await tx.objectStore("entries").delete(keyOf(item.user, item.id));
	await dropPhotos(tx, item);
	await tx.done;
	changed();
}

// It was received: the receipt stays, the bytes go.
export async function received(user, id, receipt) {
	const tx = (await opened).transaction(["entries", "photos"], "readwrite");
	const old = await tx.objectStore("entries").get(keyOf(user, id));
	if (old) {
		await tx.objectStore("entries").put({ ...old, state: "received", receipt, trouble: null, settledAt: new Date().toISOString() });
		await dropPhotos(tx, old);
	}
	await tx.done;
	changed();
}

async function dropPhotos(tx, item) {
	const others = await tx.objectStore("entries").index("user").getAll(item.user);
	const wanted = new Set(others.filter((o) => o.id !== item.id && o.state !== "received").flatMap((o) => o.photos.map((p) => p.sha)));
	await Promise.all(item.photos.filter((p) => !wanted.has(p.sha)).map((p) => tx.objectStore("photos").delete(keyOf(item.user, p.sha))));
}

// Who else has something unsent here: [[name, how many]].
export async function others(user) {
	const all = (await (await opened).getAll("entries")).filter((e) => e.user !== user && e.state !== "received");
	const names = new Map();
	for (const e of all)
		names.set(e.userName, (names.get(e.userName) ?? 0) + 1);
	return [...names];
}

// ---- photographs ----

export async function putPhoto(user, sha, bytes) {
	await (await opened).put("photos", { key: keyOf(user, sha), user, sha, bytes, sent: false });
}

export async function photo(user, sha) {
	return (await opened).get("photos", keyOf(user, sha));
}

export async function markPhoto(user, sha, sent) {
	const tx = (await opened).transaction("photos", "readwrite");
	const old = await tx.store.get(keyOf(user, sha));
	if (old)
		await tx.store.put({ ...old, sent });
	await tx.done;
}

// ---- answers seen last, and other things by name ----

export async function kept(name) {
	return (await opened).get("kept", name);
}

export async function keepAs(name, value) {
	await (await opened).put("kept", value, name);
}

// One of all tabs may do it: Web Locks, or where the browser has none a lease
// that runs out.  fn gets renew(); what it returns, or null: somebody else is at it.
export async function alone(name, fn) {
	if (navigator.locks)
		return navigator.locks.request(`minsheng-${name}`, { ifAvailable: true }, (lock) => lock ? fn(() => {}) : null);
	const mine = Math.random();
	const take = async (until) => {
		const tx = (await opened).transaction("kept", "readwrite");
		const held = await tx.store.get(`lease|${name}`);
		const free = !held || held.until < Date.now() || held.by === mine;
		if (free)
			await tx.store.put({ by: mine, until }, `lease|${name}`);
		await tx.done;
		return free;
	};
	if (!await take(Date.now() + 150000))
		return null;
	try {
		return await fn(() => take(Date.now() + 150000));
	} finally {
		await take(0);
	}
}
