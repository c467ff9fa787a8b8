// The office's year in short: from the draft to a frozen month.
import { BASE, accessible, equal, finished, keyboard, narrow, open, quiet, settled, shot, test, truth, visit } from "../harness.mjs";
import { signIn } from "../people.mjs";

const PLAN = "140800-2019";
const at = (path, query = "") => `/office/#/${path}?plan=${PLAN}${query}`;

const page = await open();
const ask = await signIn(page, "duchashi");
// A refusal that is shown on the page is no trouble of the page's.
const calm = (p) => {
	p.troubles = p.troubles.filter((t) => !/status of (409|412|422)/.test(t));
	return quiet(p);
};
const fresh = async (path) => (await page.request.get(BASE + path)).json();
const findings = () => fresh(`/api/v1/plans/${PLAN}/findings`);

await test("doctor: each finding stands beside the words it is about", async () => {
	await visit(page, at("doctor"));
	await shot(page, "office-doctor");
	const { items } = await findings();
	equal(await page.locator(".finding").count(), items.length, "findings:");
	const six = page.locator(".finding", { hasText: "比总数2000多29" });
	truth((await six.locator("aside").textContent()).includes("185场"), "no words of the notice");
	await accessible(page);
	await calm(page);
	return `${items.length} findings`;
});
await test("doctor: the notice itself can be laid beside them, by its lines", async () => {
	const text = Array.from({ length: 181 }, (_, i) => `这是通知的第${i + 1}行`).join("\n");
	await page.setInputFiles("input[type=file]", { name: "notice.txt", mimeType: "text/plain", buffer: Buffer.from(text) });
	const three = page.locator(".finding", { hasText: "闻喜县没有写明分解数" });
	await three.locator(".lines-of .hit").first().waitFor();
	equal(await three.locator(".lines-of .hit").allTextContents(), ["67这是通知的第67行"], "lines:");
});
await test("doctor: no issue while something is undecided, unless that is chosen knowingly", async () => {
	const button = page.getByRole("button", { name: "印发……" });
	truth(await button.isDisabled(), "the plan could be issued");
	await page.getByLabel(/我知道还有/).check();
	truth(await button.isEnabled(), "not even knowingly");
	await page.getByLabel(/我知道还有/).uncheck();
	truth(await button.isDisabled(), "it stays open");
});
await test("doctor: what was typed survives somebody who was faster", async () => {
	const first = page.locator(".finding").first();
	await first.getByRole("button", { name: "处置" }).click();
	await first.getByLabel("处置意见").fill("由人社局按县区补报分解数。");
	const task = await fresh(`/api/v1/tasks/${PLAN}-01`);
	const faster = await page.request.patch(`${BASE}/api/v1/tasks/${PLAN}-01`, { data: { remark: "另一位同事刚改过" }, headers: { "If-Match": `"${task.rev}"`, "Content-Type": "application/json", "X-Requested-With": "test", Origin: BASE } });
	equal(faster.status(), 200, await faster.text());
	await first.getByRole("button", { name: "记下处置" }).click();
	await first.locator("[role=alert]").waitFor();
	truth((await first.locator("[role=alert]").textContent()).includes("您填的内容还在"), "no clear words");
	equal(await first.getByLabel("处置意见").inputValue(), "由人社局按县区补报分解数。", "typed:");
	await first.getByRole("button", { name: "记下处置" }).click();
	await page.waitForFunction(() => document.querySelectorAll(".finding .decided").length === 1);
});
await test("doctor: all are decided with the keyboard alone, then the plan is issued", async () => {
	const { items } = await findings();
	for (let done = 1; done < items.length; done++) {
		await page.locator(".finding.undecided").first().getByRole("button", { name: "处置" }).focus();
		await page.keyboard.press("Enter");
		await page.waitForFunction(() => document.activeElement.tagName === "TEXTAREA");
		await page.keyboard.type("照原文执行，已向牵头单位说明。");
		await page.keyboard.press("Control+Enter");
		await page.waitForFunction((n) => document.querySelectorAll(".finding .decided").length === n, done + 1);
		await settled(page);
	}
	equal((await findings()).open, 0, "open:");
	await page.getByRole("button", { name: "印发……" }).click();
	await page.getByLabel("印发日期").fill("2019-04-05");
	await page.getByRole("button", { name: "印发", exact: true }).click();
	await page.locator(".said .note").waitFor();
	equal((await fresh(`/api/v1/plans/${PLAN}`)).status, "issued", "status:");
	equal((await fresh(`/api/v1/plans/${PLAN}`)).issue.open, [], "left open:");
	await settled(page);
	await shot(page, "office-issued");
});

const QUIET = { doctor: "doctor", inbox: "", reports: "reports", tasks: "tasks", task: `task/${PLAN}-03`, orgs: "orgs" };
for (const [name, path] of Object.entries(QUIET)) {
	await test(`${name}: axe-core, one heading, no trouble`, async () => {
		await visit(page, at(path));
		await shot(page, `office-${name}`);
		await accessible(page);
		equal(await page.locator("h1").count(), 1, "h1:");
		truth((await page.title()).includes("督查办"), await page.title());
	});
}
for (const [name, options] of [["320 px", { viewport: { width: 320, height: 640 } }], ["200 % zoom", { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 }], ["dark", { colorScheme: "dark" }]]) {
	await test(`${name}: no page scrolls sideways, axe-core`, async () => {
		const other = await open(options);
		await signIn(other, "duchashi");
		for (const [key, path] of Object.entries(QUIET)) {
			await visit(other, at(path));
			await shot(other, `office-${key}-${name.split(" ")[0]}`);
			await narrow(other).catch((e) => { throw new Error(`${key}: ${e.message}`); });
			await accessible(other).catch((e) => { throw new Error(`${key}: ${e.message}`); });
		}
		await calm(other);
	});
}
await test("keyboard: everything is reached, focus is seen", async () => {
	await page.goto("about:blank");
	await visit(page, at("tasks"));
	return keyboard(page);
});
await test("no violation of the content security policy, no error", () => calm(page));
await finished();
