// The pages of field staff, one by one: weight, touch, width, words, colours.
import { BASE, accessible, equal, finished, keyboard, narrow, quiet, settled, shot, test, truth, visit, weigh } from "../harness.mjs";
import { at, form, phone, pictures, report } from "./phone.mjs";

const FORM = form("140800-2019-03", "i1", "140827", "2019-04");
const PAGES = { todos: "", form: FORM, milestone: "milestone/140800-2019-05/m1/140827", mine: "mine", me: "me" };

const page = await phone("yuanqu");

await test("the first load weighs at most 60 KB in all", async () => {
	const { files, total } = await weigh(page, async () => {
		await visit(page, "/m/");
		await page.waitForSelector(".card");
	});
	truth(total <= 60 * 1024, `${total} bytes`);
	truth([...files.keys()].some((u) => u.includes("todos")), "without the to-dos");
	truth(![...files.keys()].some((u) => u.endsWith("/m/form.js")), "the rest came at once");
	const all = await weigh(page, async () => {
		await visit(page, "/m/?all");
		await page.waitForFunction(() => performance.getEntriesByType("resource").some((e) => e.name.endsWith("common.json") && e.responseEnd));
	});
	return `${(total / 1024).toFixed(1)} KB in ${files.size} requests; ${(all.total / 1024).toFixed(1)} KB when every page is there for no network`;
});

for (const [name, path] of Object.entries(PAGES)) {
	await test(`${name}: axe-core, one heading, a title`, async () => {
		await at(page, path);
		await shot(page, `field-${name}`);
		await accessible(page);
		equal(await page.locator("h1").count(), 1, "h1:");
		truth((await page.title()).endsWith("民生实事"), await page.title());
	});
}

// Everything to touch, smaller than that: its name and size.
const small = (p, least) => p.evaluate((least) => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
	.filter((n) => n.checkVisibility() && !n.classList.contains("skip"))
	.map((n) => [n, (n.matches(".switch input, .choice input, .pick input") ? n.closest("label") : n).getBoundingClientRect()])
	.filter(([, r]) => r.width < least - .5 || r.height < least - .5)
	.map(([n, r]) => `${n.tagName} ${n.textContent.slice(0, 20)} ${r.width.toFixed()}x${r.height.toFixed()}`), least);

// The sizes of all letters that are seen.
const letters = (p) => p.evaluate(() => {
	const sizes = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const n = walk.currentNode.parentElement;
		if (walk.currentNode.data.trim() && n.checkVisibility() && !n.closest(".hidden, .skip, option, noscript"))
			sizes.push([parseFloat(getComputedStyle(n).fontSize), walk.currentNode.data.trim().slice(0, 20)]);
	}
	for (const n of document.querySelectorAll("input:not([type=checkbox], [type=radio], [type=file]), textarea"))
		sizes.push([parseFloat(getComputedStyle(n).fontSize), n.id]);
	return sizes;
});

for (const width of [320, 390]) {
	await test(`${width} px: nothing scrolls sideways, what is touched is at least 44 px`, async () => {
		const p = await phone("yuanqu", { viewport: { width, height: 640 } });
		for (const [name, path] of Object.entries(PAGES)) {
			await at(p, path);
			await shot(p, `field-${name}-${width}`);
			await narrow(p).catch((e) => { throw new Error(`${name}: ${e.message}`); });
			equal(await small(p, 44), [], name);
		}
		quiet(p);
	});
}
await test("elder mode: remembered, at least 60 px to touch, letters at least 18 px, the largest at least 30", async () => {
	const p = await phone("yuanqu", { viewport: { width: 320, height: 640 } });
	await at(p, "me");
	await p.locator(".switch input").check();
	for (const [name, path] of Object.entries(PAGES)) {
		await at(p, path);
		await shot(p, `field-${name}-elder`);
		await narrow(p).catch((e) => { throw new Error(`${name}: ${e.message}`); });
		equal(await small(p, 60), [], name);
		const sizes = await letters(p);
		equal(sizes.filter(([s]) => s < 18), [], name);
		truth(Math.max(...sizes.map(([s]) => s)) >= 30, `${name}: the largest is ${Math.max(...sizes.map(([s]) => s))}`);
		await accessible(p);
	}
});
await test("dark: axe-core", async () => {
	const p = await phone("yuanqu", { colorScheme: "dark" });
	for (const [name, path] of Object.entries(PAGES)) {
		await at(p, path);
		await shot(p, `field-${name}-dark`);
		await accessible(p);
	}
});
await test("a page that is left alone asks nothing", async () => {
	await at(page, "");
	await page.waitForTimeout(4000);
	const asked = [];
	const hear = (r) => asked.push(r.url());
	page.on("request", hear);
	await page.waitForTimeout(4000);
	page.off("request", hear);
	equal(asked, []);
});
await test("keyboard: everything is reached, focus is seen", async () => {
	await at(page, FORM);
	return keyboard(page);
});

await test("five steps: to-do, number, increment, photographs, receipt", async () => {
	await at(page, "");
	await page.locator(".card", { hasText: "两癌" }).filter({ hasText: "2019年4月" }).tap();
	await page.waitForSelector("#number");
	await page.tap(".submit .main");
	truth((await page.locator("#number-wrong").textContent()).includes("请填累计数"), "an empty number");
	await page.fill("#number", "12.5");
	truth((await page.locator("#number-wrong").textContent()).includes("不带小数"), "a fraction");
	await page.fill("#number", "１,２００");
	truth((await page.locator("#increment").textContent()).includes("1,200名"), await page.locator("#increment").textContent());
	await page.setInputFiles(".pick input", await pictures(page, 2));
	await page.waitForFunction(() => document.querySelectorAll(".album li").length === 2);
	await page.fill("#narrative", "四月起在四个乡镇免费检查。");
	await shot(page, "field-filled");
	await accessible(page);
	await page.tap(".submit .main");
	await page.waitForSelector(".receipt .no");
	await settled(page);
	await page.waitForSelector(".steps, details");
	const id = await page.evaluate(() => location.hash.split("/")[2]);
	const doc = await (await page.request.get(`${BASE}/api/v1/reports/${id}`)).json();
	equal(doc.value, { kind: "number", n: 1200 });
	equal(doc.attachments.length, 2, "photographs:");
	equal(await page.locator(".receipt .no b").textContent(), doc.receipt.no, "the number of the receipt:");
	const time = new Date(Date.parse(doc.receipt.receivedAt) + 8 * 3600000).toISOString().slice(0, 16).replace("T", " ");
	equal(await page.locator(".receipt .at b").textContent(), time, "the time of the receipt, in Shanghai:");
	await shot(page, "field-receipt");
	await accessible(page);
	await narrow(page);
});
await test("the last number stands in the field; the same and less are asked about", async () => {
	await at(page, form("140800-2019-03", "i1", "140827", "2019-05"));
	equal(await page.inputValue("#number"), "1200");
	await page.fill("#number", "1100");
	truth((await page.locator("#increment").textContent()).includes("少了 100名"), await page.locator("#increment").textContent());
	await page.tap(".submit .main");
	await page.waitForSelector("dialog[open]");
	await shot(page, "field-less");
	await accessible(page);
	await page.getByRole("button", { name: "就报这个数" }).tap();
	await page.waitForSelector(".state.refused");
	// Chromium writes every refusal into its console: this one was wanted.
	page.troubles = page.troubles.filter((t) => !t.includes("status of 422"));
	await shot(page, "field-refused");
	await page.getByRole("link", { name: "改一改再报" }).tap();
	await page.waitForSelector("#number-wrong");
	truth((await page.locator("#number-wrong").textContent()).length > 5, "the server's words at the field");
	await page.fill("#number", "1500");
	truth((await page.locator("#increment").textContent()).includes("增加 300名"), await page.locator("#increment").textContent());
	await page.tap(".submit .main");
	await page.waitForSelector(".receipt .no");
});
await test("no progress wants a reason, and is not zero", async () => {
	await at(page, form("140800-2019-06", "i1", "140827", "2019-04"));
	await page.getByLabel("本月无进展").check();
	await page.tap(".submit .main");
	await page.waitForSelector("#reason-wrong");
	await page.fill("#reason", "剧团排练，五月开始演出。");
	await page.tap(".submit .main");
	await page.waitForSelector(".receipt .no");
	const id = await page.evaluate(() => location.hash.split("/")[2]);
	equal((await (await page.request.get(`${BASE}/api/v1/reports/${id}`)).json()).value, { kind: "none", reason: "剧团排练，五月开始演出。" });
});
await test("no violation of the content security policy, no error", () => quiet(page));
await finished();
