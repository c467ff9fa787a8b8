// An entry while it is being written: kept in the telephone with every change,
// so that a killed tab loses nothing.
import * as db from "./db.js";
import { sha256, uuid } from "./hash.js";
import { shrink } from "./photo.js";
import { store } from "./state.js";

export const PHOTOS_MAX = 20;

// The entry about this, if there is one that is not finished.
export function unfinished(about) {
	return store.get().entries.find((e) => e.about === about && e.state !== "received");
}

// A new one; it is not stored before something is written into it.
export function begin(kind, about, facts, more = {}) {
	const { me } = store.get();
	const now = new Date().toISOString();
	return {
		kind, about, facts, id: uuid(), user: me.id, userName: me.name, state: "draft", fields: {}, photos: [],
		createdAt: now, changedAt: now, tries: 0, trouble: null, sent: false, ...more,
	};
}

// Writes one after the other: the last one stands.
let writing = Promise.resolve();

// Keep it; false: another tab has submitted it meanwhile.
export function keep(item) {
	item.changedAt = new Date().toISOString();
	item.state = "draft";
	const copy = structuredCopy(item);
	writing = writing.catch(() => {}).then(async () => Boolean(await db.keep(copy, "draft", "refused")));
	return writing;
}

function structuredCopy(item) {
	return JSON.parse(JSON.stringify(item));
}

// On its way: body and hash never change from here on.
export async function submit(item, body, more = {}) {
	await writing.catch(() => {});
	const now = new Date().toISOString();
	const ready = { ...structuredCopy(item), ...more, body, state: "queued", queuedAt: now, changedAt: now, tries: 0, trouble: null, sent: false };
	return Boolean(await db.keep(ready, "draft", "refused"));
}

// What waits, but was never sent, may be taken back and changed.
export async function takeBack(item) {
	return Boolean(await db.keep({ ...item, state: "draft" }, "queued"));
}

// Files of a picture chooser into the entry; returns sentences about those that failed.
export async function addPhotos(item, files, told) {
	const wrong = [];
	for (const file of files) {
		if (item.photos.length >= PHOTOS_MAX) {
			wrong.push(`最多放${PHOTOS_MAX}张照片。`);
			break;
		}
		try {
			const { bytes, width, height } = await shrink(file);
			const sha = await sha256(bytes);
			if (!item.photos.some((p) => p.sha === sha)) {
				await db.putPhoto(item.user, sha, bytes);
				item.photos.push({ sha, width, height, size: bytes.byteLength });
			}
		} catch (error) {
			wrong.push(error.name === "QuotaExceededError" ? "手机存储空间不够，照片没有存下。请先报出排队中的内容。" : error.message);
		}
		told();
	}
	await keep(item);
	return wrong;
}
