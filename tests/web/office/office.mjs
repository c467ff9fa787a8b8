// The office's year in short: from the draft to a frozen month.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
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
const fresh = async (path) => (await page.request.get(BASE + (path.startsWith("/") ? path : `/api/v1/${path}`))).json();

// How the test itself writes a figure: on purpose not the page's own code.
function written(value, as) {
	if (value === null || value === undefined)
		return "—";
	if (as === "percent")
		return `${value}%`;
	const group = (text) => text.replace(/\B(?=(\d{3})+$)/g, ",");
	if (as === "qty")
		return group(String(value));
	const digits = String(value).padStart(7, "0");
	const rest = digits.slice(-6).replace(/0+$/, "");
	return group(digits.slice(0, -6)) + (rest ? `.${rest}` : "");
}

// Each figure on the page is the very number of the answer it names.
async function walk(p, read) {
	const figures = await p.evaluate(() => [...document.querySelectorAll("[data-of]")].map((n) => [n.dataset.of, n.dataset.as, n.textContent]));
	truth(figures.length > 0, "no figures");
	for (const [of, as, text] of figures) {
		const [path, pointer] = of.split("#");
		equal(text, written(pointer.split("/").slice(1).reduce((v, key) => v?.[key], await read(path)), as), of);
	}
	return figures.length;
}

const findings = () => fresh(`/api/v1/plans/${PLAN}/findings`);

await test("import: what is wrong is shown in its row, and the text is still there", async () => {
	const csv = readFileSync("scripts/sample/140800-2019/plan.csv", "utf8").replace("11900名", "１１９００名");
	await visit(page, at("import"));
	await page.locator("#i-text").fill(csv);
	await page.getByRole("button", { name: "导入为草案" }).click();
	await page.locator(".bad-cell").waitFor();
	truth((await page.locator(".bad-cell").textContent()).includes("１１９００名"), await page.locator(".bad-cell").textContent());
	truth((await page.locator("#i-text").inputValue()).includes("１１９００名"), "the text is gone");
	await accessible(page);
});
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

// ---- what units do, through the interface ----

const uuid = (n) => `5eed2019-0006-4000-8000-${String(n).padStart(12, "0")}`;
const bearer = (who) => execFileSync("python3", ["tests/e2e/keys.py", "--bearer", who], { encoding: "utf8" }).trim();
const other = await open();
async function unit(who, method, path, data, type = "application/json") {
	const answer = await other.request.fetch(`${BASE}/api/v1/${path}`, { method, data, headers: { Authorization: bearer(who), "Content-Type": type } });
	truth(answer.ok(), `${who} ${path}: ${answer.status()} ${(await answer.text()).slice(0, 300)}`);
	return answer.json();
}

async function photo() {
	await other.setContent("<body><h1>现场</h1><p>卫生院门口</p></body>");
	const jpeg = await other.screenshot({ type: "jpeg", quality: 60 });
	const hash = createHash("sha256").update(jpeg).digest("hex");
	for (const org of ["140829", "140822"])
		await unit(`reporter@${org}`, "PUT", `blobs/${hash}`, jpeg, "image/jpeg");
	return hash;
}

const hash = await photo();
for (const [n, org, value] of [[1, "140829", 4000], [2, "140822", 3100], [3, "140827", 900]]) {
	await unit(`reporter@${org}`, "PUT", `reports/${uuid(n)}`, {
		taskId: `${PLAN}-03`, indicatorId: "i1", orgId: org, asOf: "2019-05-31", value: { kind: "number", n: value }, submit: true,
		narrative: "五月组织了下乡检查。", ...(n === 2 ? { problems: "B超设备不足。" } : {}), ...(n < 3 ? { attachments: [hash] } : {}),
	});
	await unit(`confirmer@${org}`, "POST", `reports/${uuid(n)}:confirm`);
	await unit("lead@140800-fulian", "POST", `reports/${uuid(n)}:lead-confirm`);
}
await unit("reporter@140829", "POST", `tasks/${PLAN}-08/milestones/m2/orgs/140829:claim`, { metOn: "2019-06-20", note: "律师已经派驻" });

await test("inbox: the photo of two units is flagged, the last number and the increment stand there", async () => {
	await visit(page, at(""));
	await page.locator(".waiting .line", { hasText: "万荣县" }).click();
	await page.waitForSelector(".panel h2:has-text('万荣县')");
	await page.locator(".panel .note.warn").waitFor();
	const text = await page.locator(".panel").textContent();
	for (const part of ["3,100", "没有报过", "+3,100", "10,000名", "B超设备不足", "照片可能重复使用", "不同单位"])
		truth(text.includes(part), `no ${part} in ${text}`);
	await page.waitForFunction(() => [...document.querySelectorAll(".panel img")].every((i) => i.complete && i.naturalWidth > 0));
	await shot(page, "office-inbox-report");
	await accessible(page);
});
await test("inbox: by keyboard one is sent back with a reason and another one accepted", async () => {
	await visit(page, at(""));
	await page.locator("main h1").waitFor();
	const current = () => page.locator(".waiting [aria-current=true]").textContent();
	const seek = async (name) => {
		const lines = await page.locator(".waiting .line").allTextContents();
		const from = lines.indexOf(await current());
		const to = lines.findIndex((t) => t.includes(name));
		truth(to >= 0, `${name} is not there`);
		for (let i = 0; i < Math.abs(to - from); i++)
			await page.keyboard.press(to > from ? "j" : "k");
		await page.waitForFunction((n) => document.querySelector(".panel h2")?.textContent.includes(n), name);
	};
	const gone = () => page.waitForFunction(() => !document.querySelector("dialog"));
	await seek("万荣县");
	await page.keyboard.press("r");
	await page.waitForFunction(() => document.activeElement.closest("dialog"));
	await page.keyboard.press("Escape");
	await gone();
	await page.keyboard.press("r");
	const box = page.getByLabel("原因");
	await box.fill("和平陆县用了同一张照片，请换成本县的。");
	await page.keyboard.press("Escape");
	await gone();
	await page.keyboard.press("r");
	equal(await box.inputValue(), "和平陆县用了同一张照片，请换成本县的。", "typed before the dialog was closed:");
	await shot(page, "office-return");
	await page.getByRole("button", { name: "退回", exact: true }).focus();
	await page.keyboard.press("Enter");
	await page.locator(".said .note").waitFor();
	const returned = await fresh(`/api/v1/reports/${uuid(2)}`);
	equal([returned.state, returned.returnReason], ["returned", "和平陆县用了同一张照片，请换成本县的。"], "report:");
	await settled(page);
	await seek("平陆县");
	await page.keyboard.press("a");
	await page.waitForFunction(() => document.querySelector(".said .note")?.textContent.includes("认定"));
	equal((await fresh(`/api/v1/reports/${uuid(1)}`)).state, "accepted", "state:");
});
await test("inbox: a milestone is verified", async () => {
	await visit(page, at("", "&kind=milestone"));
	await page.keyboard.press("a");
	await page.locator(".said .note").waitFor();
	equal((await fresh(`/api/v1/tasks/${PLAN}-08/milestones/m2/orgs/140829`)).state, "verified", "state:");
});
await test("reminders: seen before they go out, one to each unit, sent once", async () => {
	await visit(page, at("due", "&period=2019-05"));
	await page.getByLabel(/选中没有报的/).check();
	await page.getByRole("button", { name: /催办选中的/ }).click();
	const dialog = page.locator("dialog");
	await dialog.waitFor();
	truth((await dialog.locator("textarea").first().inputValue()).includes("2019年5月"), "no text to see");
	const units = await dialog.locator(".preview > li").count();
	equal((await fresh(`/api/v1/notices?plan=${PLAN}&limit=200`)).items.length, 0, "sent before:");
	await shot(page, "office-reminders");
	await accessible(page);
	await dialog.locator("textarea").first().fill("请今天补报五月的数。");
	// The first one fails on the way: only that one is sent again.
	let broken = false;
	await page.route("**/api/v1/notices/*", (route) => {
		if (broken)
			return route.continue();
		broken = true;
		return route.abort();
	});
	await dialog.getByRole("button", { name: /全部发出/ }).click();
	await dialog.getByRole("button", { name: /再发没有成功的1份/ }).click();
	await page.locator(".said .note").waitFor();
	const { items } = await fresh(`/api/v1/notices?plan=${PLAN}&limit=200`);
	equal(items.length, units, "sent:");
	equal(new Set(items.map((n) => n.orgId)).size, units, "units:");
	truth(items.some((n) => n.text === "请今天补报五月的数。"), "the change was lost");
	page.troubles = page.troubles.filter((t) => !t.includes("ERR_FAILED"));
	return `${units} units`;
});
await test("completeness: the numbers are those of the answer and of the list below", async () => {
	await visit(page, at("due", "&period=2019-05"));
	const n = await walk(page, fresh);
	const counted = await page.locator("main tbody tr").count();
	equal(counted, (await fresh(`/api/v1/plans/${PLAN}/completeness?period=2019-05`)).counts.obliged, "rows:");
	return `${n} figures`;
});
await test("money: what is not a number is said at the field, nothing is lost; a sum is exact", async () => {
	await visit(page, at("money"));
	await page.getByRole("button", { name: "记一笔资金" }).click();
	await page.getByLabel("事项").last().selectOption(`${PLAN}-03`);
	await page.getByLabel("哪一笔").selectOption("f1");
	await page.getByLabel("累计金额（万元）").fill("五百");
	await page.getByLabel("截至").fill("2019-05-31");
	await page.getByRole("button", { name: "记下" }).click();
	await page.locator("dialog .error").waitFor();
	await page.getByLabel("累计金额（万元）").fill("568.32");
	await page.getByRole("button", { name: "记下" }).click();
	await page.locator(".said .note").waitFor();
	const { items } = await fresh(`/api/v1/fund-flows?plan=${PLAN}`);
	equal([items[0].amountFen, items[0].level], [568320000, "province"], "flow:");
	await settled(page);
	await walk(page, fresh);
});
await test("check: recorded, the unit is asked", async () => {
	await visit(page, at("checks"));
	await page.getByRole("button", { name: "记一次核查" }).click();
	const dialog = page.locator("dialog");
	await dialog.getByLabel("事项").selectOption(`${PLAN}-03`);
	await dialog.getByLabel("单位", { exact: true }).selectOption("140829");
	await dialog.getByLabel("不实", { exact: true }).check();
	await dialog.getByLabel("看到的情况").fill("抽查的乡镇没有检查记录。");
	await dialog.getByLabel(/现在就请单位说明/).check();
	await shot(page, "office-check-form");
	await dialog.getByRole("button", { name: "保存" }).click();
	await page.waitForFunction(() => location.hash.includes("checks/"));
	await settled(page);
	equal((await fresh(`/api/v1/checks?plan=${PLAN}`)).items[0].state, "asked", "state:");
	await shot(page, "office-check");
});
await test("a month is frozen; the page, the answer and the files have the same number", async () => {
	await visit(page, at("months"));
	await page.getByRole("button", { name: "封存2019年5月" }).click();
	await page.getByRole("button", { name: "封存", exact: true }).click();
	await page.locator(".said .note").waitFor();
	await page.getByRole("link", { name: "2019年5月" }).click();
	await page.waitForSelector("h1:has-text('封存的2019年5月')");
	await shot(page, "office-month");
	const n = await walk(page, fresh);
	const done = await page.locator("[data-of$='completion.task/rows/2/indicators/0/done']").textContent();
	equal(done, "4,000", "on the page:");
	const answer = await fresh(`/api/v1/stats/completion?plan=${PLAN}&by=task&asOf=2019-05-31`);
	equal(answer.rows[2].indicators[0].done, 4000, "in the answer:");
	const href = await page.getByRole("link", { name: /csv/ }).getAttribute("href");
	const csv = await (await page.request.get(BASE + href)).text();
	truth(csv.includes(",名,44400,文件载明,4000,9.0,"), "not in the csv");
	await page.goto(`${BASE}/#/figure/${PLAN}-03/i1?plan=${PLAN}&asOf=2019-05-31`);
	await settled(page);
	truth((await page.locator("h1").textContent()).includes("4,000"), "the leaders see another number");
	for (const kind of ["xlsx", "docx", "html"])
		equal((await page.request.get(`${BASE}/api/v1/plans/${PLAN}/months/2019-05?format=${kind}`)).status(), 200, kind);
	return `${n} figures`;
});

const QUIET = { doctor: "doctor", inbox: "", reports: "reports", report: `report/${uuid(1)}`, due: "due", notices: "notices", changes: "changes", checks: "checks", cases: "cases", money: "money", months: "months", import: "import", tasks: "tasks", task: `task/${PLAN}-03`, orgs: "orgs", users: "users" };
for (const [name, path] of Object.entries(QUIET)) {
	await test(`${name}: axe-core, one heading, no trouble`, async () => {
		await visit(page, at(path));
		await shot(page, `office-${name}`);
		await accessible(page);
		equal(await page.locator("h1").count(), 1, "h1:");
		truth((await page.title()).includes("督查办"), await page.title());
	});
}
for (const [kind, options] of [["320 px", { viewport: { width: 320, height: 640 } }], ["200 % zoom", { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 }], ["dark", { colorScheme: "dark" }]]) {
	await test(`${kind}: no page scrolls sideways, axe-core`, async () => {
		const small = await open(options);
		await signIn(small, "duchashi");
		for (const [key, path] of Object.entries(QUIET)) {
			await visit(small, at(path));
			await shot(small, `office-${key}-${kind.split(" ")[0]}`);
			await narrow(small).catch((e) => { throw new Error(`${key}: ${e.message}`); });
			await accessible(small).catch((e) => { throw new Error(`${key}: ${e.message}`); });
		}
		await calm(small);
	});
}
const desk = await open();
await signIn(desk, "guanli");
await test("admin: a key is shown once, a user gets a temporary password", async () => {
	await visit(desk, "/office/#/keys");
	await desk.getByRole("button", { name: "新建密钥" }).click();
	await desk.getByLabel("给谁用").fill("市OA系统");
	await desk.locator("dialog").getByLabel("单位", { exact: true }).selectOption("140800");
	await desk.getByRole("button", { name: "新建", exact: true }).click();
	await desk.locator(".secret").waitFor();
	const secret = await desk.locator(".secret").textContent();
	truth(secret.startsWith("msk_"), secret);
	await accessible(desk);
	await desk.getByRole("button", { name: "已经记下，关闭" }).click();
	await settled(desk);
	truth(!(await desk.content()).includes(secret), "it is still there");
	await visit(desk, "/office/#/users");
	await desk.getByRole("button", { name: "新增用户" }).click();
	await desk.getByLabel("用户名").fill("wenxi.tianbao");
	await desk.getByLabel("姓名").fill("闻喜县填报人");
	await desk.locator("dialog").getByLabel("单位", { exact: true }).selectOption("140823");
	await desk.getByRole("button", { name: "保存" }).click();
	await desk.getByRole("button", { name: "给闻喜县填报人临时口令" }).click();
	await desk.getByRole("button", { name: "设为临时口令" }).click();
	await desk.locator(".secret").waitFor();
	await desk.getByRole("button", { name: "已经记下，关闭" }).click();
	await settled(desk);
	truth((await desk.locator("tr", { hasText: "wenxi.tianbao" }).textContent()).includes("临时口令"), "no temporary password");
});
await test("audit: the verdict of the verification", async () => {
	await visit(desk, "/office/#/audit");
	await desk.getByRole("button", { name: "核对是否完整" }).click();
	await desk.locator("#verdict").waitFor();
	truth((await desk.locator("#verdict").textContent()).includes("完整，没有被改动"), await desk.locator("#verdict").textContent());
	await shot(desk, "office-audit");
	await accessible(desk);
});
await test("admin: keys, webhooks, users: axe-core, no trouble", async () => {
	for (const path of ["keys", "webhooks", "users"]) {
		await visit(desk, `/office/#/${path}`);
		await shot(desk, `office-admin-${path}`);
		await accessible(desk);
	}
	await calm(desk);
});
await test("who may only look is offered nothing to do", async () => {
	const eyes = await open();
	await signIn(eyes, "shenji");
	for (const path of ["doctor", `task/${PLAN}-03`, "due", "months", "money", "users", "keys"]) {
		await visit(eyes, at(path));
		const verbs = await eyes.locator("main button").allTextContents();
		equal(verbs.filter((v) => /^(印发|处置|改处置|修改|调整|催办|封存|记一笔|更正|新增|新建|停用|删除)/.test(v)), [], path);
	}
	await calm(eyes);
});
await test("keyboard: everything is reached, focus is seen", async () => {
	await page.goto("about:blank");
	await visit(page, at("tasks"));
	return keyboard(page);
});
await test("no violation of the content security policy, no error", () => calm(page));
await finished();
