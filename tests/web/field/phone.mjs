// A telephone in the hand of somebody, and what is done on it by touch.
import { BASE, open, settled, test } from "../harness.mjs";
import { signIn } from "../people.mjs";

export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

const switchedOn = [];

// A case with telephones of its own: they are switched off after it.
export function trial(name, fn) {
	return test(name, async () => {
		const before = switchedOn.length;
		try {
			return await fn();
		} finally {
			await Promise.all(switchedOn.splice(before).map((p) => p.context().close()));
		}
	});
}

export async function phone(user, options = {}) {
	const page = await open({ ...PHONE, serviceWorkers: "block", ...options });
	switchedOn.push(page);
	await signIn(page, user);
	return page;
}

export async function at(page, hash) {
	await page.goto("about:blank");
	await page.goto(`${BASE}/m/${hash ? `#/${hash}` : ""}`);
	await settled(page);
}

// What the interface says to this person, whatever the page is told.
export async function api(page, path) {
	return (await page.request.get(`${BASE}/api/v1/${path}`)).json();
}

export async function post(page, path, body, method = "post", headers = {}) {
	const answer = await page.request[method](`${BASE}/api/v1/${path}`, { data: body, headers: { Origin: BASE, "X-Requested-With": "test", ...headers } });
	const json = await answer.json();
	if (!answer.ok())
		throw new Error(`${path}: ${answer.status()} ${JSON.stringify(json)}`);
	return json;
}

// Pictures, each of its own look: JPEG bytes from the browser itself.
export async function pictures(page, n, [width, height] = [64, 48]) {
	const data = await page.evaluate(async ([n, width, height]) => {
		const canvas = Object.assign(document.createElement("canvas"), { width, height });
		const pen = canvas.getContext("2d");
		const out = [];
		for (let i = 0; i < n; i++) {
			for (let k = 0; k < 40; k++) {
				pen.fillStyle = `rgb(${(i * 37 + k * 91) % 256} ${(i * 11 + k * 53) % 256} ${(i * 71 + k * 29) % 256})`;
				pen.fillRect((k * 97 + i * 13) % width, (k * 61 + i * 7) % height, width / 4, height / 4);
			}
			out.push(canvas.toDataURL("image/jpeg", .9).split(",")[1]);
		}
		return out;
	}, [n, width, height]);
	return data.map((b64, i) => ({ name: `${i}.jpg`, mimeType: "image/jpeg", buffer: Buffer.from(b64, "base64") }));
}

export const form = (task, indicator, org, period) => `report/${task}/${indicator}/${org}/${period}`;

// Fill in a report and press the button; it is in the queue afterwards.
export async function report(page, path, n, files = []) {
	await page.goto(`${BASE}/m/#/${path}`);
	await page.waitForFunction((h) => location.hash === `#/${h}` && document.querySelector("#number"), path);
	await page.fill("#number", String(n));
	if (files.length) {
		await page.setInputFiles(".pick input", files);
		await page.waitForFunction((k) => document.querySelectorAll(".album li").length === k && !document.querySelector(".submit .main").disabled, files.length);
	}
	await page.tap(".submit .main");
	await page.waitForFunction(() => location.hash.startsWith("#/r/"));
	return page.evaluate(() => location.hash.split("/")[2]);
}

// What the telephone keeps.
export function kept(page) {
	return page.evaluate(async () => {
		const db = await new Promise((done, fail) => {
			const r = indexedDB.open("minsheng-m");
			r.onsuccess = () => done(r.result);
			r.onerror = () => fail(r.error);
		});
		const all = (name) => new Promise((done) => {
			const r = db.transaction(name).objectStore(name).getAll();
			r.onsuccess = () => done(r.result);
		});
		const out = { entries: await all("entries"), photos: (await all("photos")).length };
		db.close();
		return out;
	});
}
