// Bad networks: what is submitted arrives once, however it was sent, and counts
// as received only by a receipt.
import { readFileSync } from "node:fs";
import { BASE, accessible, equal, finished, quiet, settled, shot, truth } from "../harness.mjs";
import { api, at, form, kept, phone, pictures, post, report, trial } from "./phone.mjs";

const T3 = "140800-2019-03", T4 = "140800-2019-04", T6 = "140800-2019-06";
const office = await phone("ducha");
const reports = async (org, task) => (await api(office, `reports?org=${org}&task=${task}&limit=200`)).items;

// Every page of it is there.
const whole = (page) => page.waitForFunction(() => performance.getEntriesByType("resource").some((e) => e.name.endsWith("common.json") && e.responseEnd));

await trial("network off, submitted, the tab killed, back online: the office sees exactly one", async () => {
	const page = await phone("wanrong");
	await at(page, "");
	await whole(page);
	await page.context().setOffline(true);
	const id = await report(page, form(T3, "i1", "140822", "2019-04"), 1000, await pictures(page, 2));
	await page.waitForSelector(".state.queued");
	await settled(page);
	await shot(page, "field-queued");
	await accessible(page);
	equal((await reports("140822", T3)).length, 0, "before the network is back:");
	const context = page.context();
	await page.close({ runBeforeUnload: false });
	await context.setOffline(false);
	const again = await context.newPage();
	await again.goto(`${BASE}/m/`);
	await again.waitForFunction(() => document.querySelector(".net")?.textContent === "网络正常");
	await again.goto(`${BASE}/m/#/r/${id}`);
	await again.waitForSelector(".receipt .no");
	const [one, ...more] = await reports("140822", T3);
	equal(more.length, 0, "more than one:");
	equal([one._id, one.value.n, one.attachments.length, one.missing], [id, 1000, 2, []]);
	equal((await kept(again)).photos, 0, "photographs left in the telephone:");
});

await trial("what is half written is there after the tab was killed", async () => {
	const page = await phone("wanrong");
	await at(page, form(T4, "i1", "140822", "2019-04"));
	await page.fill("#number", "321");
	await page.fill("#narrative", "写到一半");
	await page.setInputFiles(".pick input", await pictures(page, 1));
	await page.waitForSelector(".album li");
	const context = page.context();
	await page.close();
	const again = await context.newPage();
	await again.goto(`${BASE}/m/`);
	await again.locator(".card", { has: again.locator(".state.draft") }).first().tap();
	await again.waitForSelector("#number");
	equal([await again.inputValue("#number"), await again.inputValue("#narrative"), await again.locator(".album li").count()], ["321", "写到一半", 1]);
	// The backup of what is not sent.
	await again.goto(`${BASE}/m/#/me`);
	const [file] = await Promise.all([again.waitForEvent("download"), again.getByRole("button", { name: "导出我的草稿" }).tap()]);
	const text = readFileSync(await file.path(), "utf8");
	truth(text.includes("写到一半") && text.includes("321") && text.includes("data:image/jpeg;base64,"), "the backup lacks something");
	// Left for three days: a warning.
	await again.evaluate(() => new Promise((done) => {
		const r = indexedDB.open("minsheng-m");
		r.onsuccess = () => {
			const s = r.result.transaction("entries", "readwrite").objectStore("entries");
			s.getAll().onsuccess = (e) => {
				for (const x of e.target.result.filter((x) => x.state === "draft"))
					s.put({ ...x, changedAt: new Date(Date.now() - 4 * 86400000).toISOString() });
				s.transaction.oncomplete = () => done(r.result.close());
			};
		};
	}));
	await again.goto(`${BASE}/m/?x#/`);
	await again.waitForSelector(".note:has-text('放了3天以上')");
	await shot(again, "field-old");
});

await trial("a login page of a Wi-Fi that answers 200 is no receipt", async () => {
	const page = await phone("xiaxian");
	await at(page, "");
	await whole(page);
	const html = { status: 200, contentType: "text/html", body: "<html><body>请先登录Wi-Fi</body></html>" };
	await page.route("**/api/**", (route) => route.fulfill(html));
	const id = await report(page, form(T3, "i1", "140828", "2019-04"), 500);
	await page.waitForSelector(".note:has-text('上网认证页')");
	equal((await kept(page)).entries.find((e) => e.id === id).state, "queued");
	await shot(page, "field-portal");
	// One that says JSON, and even success, does not echo who asked and what.
	for (const body of ["{}", "{\"receipt\":{\"no\":\"1\"}}", "[]", "{\"id\":\"xiaxian\",\"roles\":[]}", JSON.stringify({ receipt: { no: "2019", clientId: id } })]) {
		await page.unroute("**/api/**");
		await page.route("**/api/v1/reports/**", (route) => route.request().method() === "PUT" ? route.fulfill({ status: 200, contentType: "application/json", body }) : route.continue());
		await page.evaluate(() => window.dispatchEvent(new Event("online")));
		await page.waitForTimeout(300);
		const e = (await kept(page)).entries.find((x) => x.id === id);
		truth(e.state !== "received" && !e.receipt, `taken for a receipt: ${body}`);
		if (e.state === "refused")
			break;
	}
	await page.unroute("**/api/**");
	await page.unroute("**/api/v1/reports/**");
	equal((await reports("140828", T3)).length, 0, "on the server:");
	// The last answer had our number and no hash: a person looks, and sends again.
	await at(page, form(T3, "i1", "140828", "2019-04"));
	await page.tap(".submit .main");
	await page.waitForSelector(".receipt .no");
	equal((await reports("140828", T3)).map((r) => r._id), [id]);
});

await trial("ten answers get lost: one record", async () => {
	const page = await phone("xiaxian");
	await at(page, "");
	let lost = 0;
	await page.route("**/api/v1/reports/**", async (route) => {
		if (route.request().method() !== "PUT" || lost >= 10)
			return route.continue();
		lost++;
		await route.fetch();
		return route.abort("connectionreset");
	});
	const id = await report(page, form(T4, "i1", "140828", "2019-04"), 77);
	await page.waitForFunction(() => document.querySelector(".receipt .no") || (window.dispatchEvent(new Event("online")), false), null, { polling: 300, timeout: 30000 });
	equal(lost, 10, "lost answers:");
	const all = await reports("140828", T4);
	equal(all.map((r) => [r._id, r.revision, r.history.length]), [[id, 1, 1]]);
});

await trial("401 in the middle: nothing is lost, one is asked to sign in, then it goes on", async () => {
	const page = await phone("xiaxian");
	await at(page, "");
	await whole(page);
	await page.context().clearCookies();
	const id = await report(page, form(T6, "i1", "140828", "2019-04"), 9, await pictures(page, 1));
	await page.waitForSelector(".note:has-text('登录过期')");
	await shot(page, "field-401");
	await accessible(page);
	equal((await kept(page)).entries.find((e) => e.id === id).state, "queued");
	await page.getByRole("link", { name: "重新登录" }).tap();
	await page.fill("#user", "xiaxian");
	await page.fill("#secret", process.env.WEB_SECRET);
	await page.tap("#login button");
	await page.waitForURL(/\/m\//);
	await page.waitForSelector(".receipt .no");
	equal((await reports("140828", T6)).length, 1);
});

await trial("a shared telephone: the other one's entries are neither shown nor sent", async () => {
	const page = await phone("pinglu");
	await at(page, "");
	await whole(page);
	await page.context().setOffline(true);
	await report(page, form(T3, "i1", "140829", "2019-04"), 50);
	await page.context().setOffline(false);
	await page.context().clearCookies();
	await page.route("**/api/v1/reports/**", (route) => route.abort());
	await page.goto(`${BASE}/login/?next=/m/`);
	await page.fill("#user", "pinglu.er");
	await page.fill("#secret", process.env.WEB_SECRET);
	await page.tap("#login button");
	await page.waitForSelector(".note:has-text('平陆县填报人的1条没有报出')");
	await page.unroute("**/api/v1/reports/**");
	await page.evaluate(() => window.dispatchEvent(new Event("online")));
	await page.waitForTimeout(500);
	equal((await reports("140829", T3)).length, 0, "sent under another name:");
	await page.context().clearCookies();
	await page.goto(`${BASE}/login/?next=/m/`);
	await page.fill("#user", "pinglu");
	await page.fill("#secret", process.env.WEB_SECRET);
	await page.tap("#login button");
	await page.waitForFunction(() => document.querySelector(".net")?.textContent === "网络正常" && document.querySelector(".card"));
	await page.waitForFunction(() => !document.querySelector(".state.queued"));
	equal((await reports("140829", T3)).map((r) => r.author.name), ["平陆县填报人"]);
});

await trial("returned, opened with what was written, sent again, confirmed, reviewed, accepted", async () => {
	const writer = await phone("pinglu"), confirmer = await phone("pinglu.shenhe"), lead = await phone("fulian");
	const [{ _id: id }] = await reports("140829", T3);
	await at(confirmer, "");
	await shot(confirmer, "field-confirmer");
	await confirmer.locator(".card", { hasText: "两癌" }).first().tap();
	await confirmer.getByRole("button", { name: "退回，请他改" }).tap();
	await confirmer.getByRole("button", { name: "退回给填报人" }).tap();
	await confirmer.waitForSelector("#why-wrong");
	await confirmer.fill("#why", "少了常乐镇的120人。");
	await accessible(confirmer);
	await shot(confirmer, "field-returning");
	await confirmer.getByRole("button", { name: "退回给填报人" }).tap();
	await confirmer.waitForSelector(".note.good");
	await at(writer, "");
	await shot(writer, "field-returned");
	await writer.locator(".card", { hasText: "少了常乐镇的120人" }).tap();
	await writer.waitForSelector("#number");
	equal(await writer.inputValue("#number"), "50");
	await shot(writer, "field-mending");
	await writer.fill("#number", "170");
	await writer.tap(".submit .main");
	await writer.waitForSelector(".receipt .no");
	for (const [who, button] of [[confirmer, "确认无误"], [lead, "审核通过"], [office, "认定"]]) {
		await at(who, `r/${id}`);
		await who.getByRole("button", { name: button, exact: true }).tap();
		await who.waitForSelector(".note.good");
	}
	await shot(confirmer, "field-confirmed");
	equal((await reports("140829", T3)).map((r) => [r.state, r.value.n, r.revision]), [["accepted", 170, 1]]);
	// Accepted and wrong: corrected with a reason, as a new revision.
	await at(writer, `r/${id}`);
	await writer.getByRole("button", { name: "报错了，要更正" }).tap();
	await writer.fill("#revise", "重复统计了3人。");
	await writer.getByRole("button", { name: "去更正" }).tap();
	await writer.waitForSelector("#number");
	await writer.fill("#number", "167");
	await writer.tap(".submit .main");
	await writer.waitForSelector(".receipt .no");
	equal((await reports("140829", T3)).map((r) => [r.state, r.value.n, r.revision]).sort(), [["accepted", 170, 1], ["submitted", 167, 2]]);
});

await trial("a milestone is claimed with a photograph, offline, and verified on a telephone", async () => {
	const page = await phone("wanrong");
	const path = "milestone/140800-2019-05/m1/140822";
	await at(page, path);
	await whole(page);
	await page.context().setOffline(true);
	await page.tap(".submit .main");
	await page.waitForSelector("#metOn-wrong");
	await page.fill("#metOn", "2019-03-29");
	await page.fill("#note", "十二个村已核验。");
	await page.setInputFiles(".pick input", await pictures(page, 1));
	await page.waitForSelector(".album li");
	await page.tap(".submit .main");
	await page.waitForSelector(".state.queued");
	await page.context().setOffline(false);
	await page.waitForSelector(".receipt .no");
	await shot(page, "field-claimed");
	const doc = await api(office, "tasks/140800-2019-05/milestones/m1/orgs/140822");
	equal([doc.state, doc.metOn, doc.note, doc.attachments.length], ["claimed", "2019-03-29", "十二个村已核验。", 1]);
	await at(office, path);
	await office.getByRole("button", { name: "退回，请他补充" }).tap();
	await office.fill("#why", "照片看不清。");
	await office.getByRole("button", { name: "退回", exact: true }).tap();
	await office.waitForSelector(".note.good");
	await at(page, path);
	await page.waitForSelector(".note:has-text('照片看不清')");
	await page.fill("#note", "十二个村已核验，照片重拍了。");
	await page.tap(".submit .main");
	await page.waitForSelector(".receipt .no");
	await at(office, path);
	await office.getByRole("button", { name: "核实无误" }).tap();
	await office.waitForSelector(".note.good");
	equal((await api(office, "tasks/140800-2019-05/milestones/m1/orgs/140822")).state, "verified");
});

await trial("a reminder is read and answered, also when the first answer got lost", async () => {
	const id = "0cf1a2b3-0000-4000-8000-000000000175";
	await post(office, `notices/${id}`, { planId: "140800-2019", taskId: T4, orgId: "140822", kind: "urge", title: "请报4月的产前筛查人数", text: "4月的数还没有收到，请核对后报出。", dueOn: "2019-06-05" }, "put");
	const page = await phone("wanrong");
	await at(page, "");
	await page.locator(".card", { hasText: "请报4月的产前筛查人数" }).tap();
	await page.waitForSelector("#text");
	await shot(page, "field-notice");
	await accessible(page);
	let lost = 0;
	await page.route("**/api/v1/notices/**", async (route) => {
		if (route.request().method() !== "POST" || lost)
			return route.continue();
		lost++;
		await route.fetch();
		return route.abort("connectionreset");
	});
	await page.fill("#text", "今天下班前报出。");
	await page.tap(".submit .main");
	await page.waitForSelector(".receipt .no");
	const doc = await api(office, `notices/${id}`);
	equal([doc.state, doc.answer.text, lost], ["answered", "今天下班前报出。", 1]);
});

await trial("photographs: small, upright, without where they were taken", async () => {
	const page = await phone("jiangxian");
	await at(page, "");
	const [big] = await pictures(page, 1, [2400, 1200]);
	// Exif by hand: turned to the right (6), and a place.
	const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4 + 2 + 12 + 4);
	tiff.write("II*\0", 0, "latin1");
	tiff.writeUInt32LE(8, 4);
	tiff.writeUInt16LE(2, 8);
	const field = (at, tag, type, value) => { tiff.writeUInt16LE(tag, at); tiff.writeUInt16LE(type, at + 2); tiff.writeUInt32LE(1, at + 4); tiff.writeUInt32LE(value, at + 8); };
	field(10, 0x0112, 3, 6);
	field(22, 0x8825, 4, 38);
	tiff.writeUInt16LE(1, 38);
	field(40, 1, 2, 0x4e);
	const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
	const head = Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);
	big.buffer = Buffer.concat([big.buffer.subarray(0, 2), head, body, big.buffer.subarray(2)]);
	const id = await report(page, form("140800-2018-01", "i5", "140826", "2018-01"), 3, [big]);
	await page.waitForSelector(".receipt .no");
	const [sha] = (await api(page, `reports/${id}`)).attachments;
	const sent = await (await page.request.get(`${BASE}/api/v1/blobs/${sha}`)).body();
	truth(!sent.includes("Exif"), "Exif was sent");
	const [w, h] = await page.evaluate(async (url) => {
		const b = await createImageBitmap(await (await fetch(url)).blob());
		return [b.width, b.height];
	}, `/api/v1/blobs/${sha}`);
	equal([w, h], [800, 1600], "upright, the longest side 1600:");
	return `${(sent.length / 1024).toFixed(0)} KB of ${(big.buffer.length / 1024).toFixed(0)} KB`;
});

await trial("without a secure context: the hash by hand is the same", async () => {
	const page = await phone("jiangxian");
	await at(page, "");
	const differ = await page.evaluate(async () => {
		const { sha256, sha256ByHand, uuid } = await import("/m/hash.js");
		const wrong = [];
		for (let n = 0; n < 300; n = n < 130 ? n + 1 : n + 37) {
			const bytes = crypto.getRandomValues(new Uint8Array(n));
			if (await sha256(bytes) !== sha256ByHand(bytes))
				wrong.push(n);
		}
		if (!/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid()))
			wrong.push("uuid");
		return wrong;
	});
	equal(differ, []);
	// No Web Locks, no crypto.subtle, no service worker, no persistence.
	const poor = await phone("jiangxian");
	await poor.addInitScript(() => {
		for (const name of ["locks", "serviceWorker", "storage"])
			Object.defineProperty(Navigator.prototype, name, { value: undefined });
		Object.defineProperty(Crypto.prototype, "subtle", { value: undefined });
		window.BroadcastChannel = undefined;
		window.createImageBitmap = undefined;
	});
	await at(poor, "");
	await report(poor, form("140800-2018-01", "i5", "140826", "2018-02"), 4, await pictures(poor, 1));
	await poor.waitForSelector(".receipt .no");
	quiet(poor);
});

await trial("two tabs send at the same time: one record each", async () => {
	const page = await phone("jiangxian");
	await at(page, "");
	await whole(page);
	const other = await page.context().newPage();
	await other.goto(`${BASE}/m/`);
	await other.waitForSelector(".card");
	await page.context().setOffline(true);
	for (let m = 3; m <= 8; m++)
		await report(page, form("140800-2018-01", "i5", "140826", `2018-0${m}`), m + 10);
	let puts = 0;
	page.context().on("request", (r) => { puts += r.method() === "PUT" && r.url().includes("/reports/"); });
	await page.context().setOffline(false);
	await Promise.all([page, other].map((p) => p.evaluate(() => window.dispatchEvent(new Event("online")))));
	await other.waitForFunction(() => document.querySelector(".net").textContent === "网络正常" && !document.querySelector(".state.queued"));
	equal((await reports("140826", "140800-2018-01")).filter((r) => r.value.n > 10).length, 6);
	equal(puts, 6, "requests:");
});

await trial("where there are service workers, the page opens without a network", async () => {
	const page = await phone("jiangxian", { serviceWorkers: "allow" });
	await at(page, "");
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await page.waitForFunction(async () => {
		const there = (await (await caches.open("minsheng-m-1")).keys()).map((r) => new URL(r.url).pathname);
		return ["/m/", "/m/main.js", "/m/form.js", "/vendor/schemas/common.json"].every((p) => there.includes(p));
	});
	await page.context().setOffline(true);
	await page.goto("about:blank");
	await page.goto(`${BASE}/m/`);
	await page.waitForSelector(".card");
	truth((await page.locator("main").textContent()).includes("这是上次看到的"), "it does not say how old the list is");
	await shot(page, "field-no-network");
	await report(page, form("140800-2018-01", "i5", "140826", "2018-09"), 30);
	await page.context().setOffline(false);
	await page.waitForSelector(".receipt .no");
});
await finished();
