// Coming in and going out.
import { BASE, accessible, equal, finished, keyboard, narrow, open, quiet, shot, test, truth } from "./harness.mjs";

const page = await open();
const message = () => page.locator("form:not([hidden]) .message").textContent();

await test("nobody is led to the login, and back to where they were going", async () => {
	await page.goto(`${BASE}/#/money?plan=140800-2019`);
	await page.waitForURL(/\/login\/\?next=/);
	await accessible(page);
	await shot(page, "login");
	await page.click("#login button");
	truth((await message()).includes("请输入用户名"), await message());
	await page.fill("#user", "shizhang");
	await page.fill("#secret", "buzhidao");
	await page.click("#login button");
	await page.waitForFunction(() => document.querySelector("#login .note"));
	const wrong = await message();
	equal(await page.inputValue("#secret"), "", "the wrong password:");
	await page.fill("#user", "meiyouren");
	await page.fill("#secret", "buzhidao");
	await page.click("#login button");
	await page.waitForFunction(() => !document.querySelector("#login button").disabled && document.querySelector("#login .note"));
	equal(await message(), wrong, "an unknown name is told the same:");
	await page.fill("#user", "shizhang");
	await page.fill("#secret", process.env.WEB_SECRET);
	await page.keyboard.press("Enter");
	await page.waitForSelector("h1:has-text('资金')");
	truth((await page.locator(".who").textContent()).includes("市领导"), "who is signed in");
});
await test("an address of another site is not followed", async () => {
	const other = await open();
	await other.goto(`${BASE}/login/?next=${encodeURIComponent("//example.org/x")}`);
	await other.fill("#user", "shizhang");
	await other.fill("#secret", process.env.WEB_SECRET);
	await other.click("#login button");
	await other.waitForURL(`${BASE}/**`);
	await other.waitForSelector("h1:has-text('件实事')");
});
await test("leaving ends the session", async () => {
	await page.getByRole("button", { name: "退出" }).click();
	await page.waitForURL(/\/login\/$/);
	equal((await page.request.get(`${BASE}/api/v1/session`)).status(), 401, "the cookie:");
});
await test("a password given by somebody else is changed first", async () => {
	const fresh = await open();
	await fresh.goto(`${BASE}/login/`);
	await fresh.fill("#user", "xinren");
	await fresh.fill("#secret", process.env.WEB_SECRET);
	await fresh.click("#login button");
	await fresh.waitForSelector("#change:not([hidden])");
	await shot(fresh, "login-change");
	await accessible(fresh);
	await fresh.fill("#old", process.env.WEB_SECRET);
	await fresh.fill("#new", "Xin-kouling-2019");
	await fresh.fill("#again", "Xin-kouling-2018");
	await fresh.click("#change button");
	truth((await fresh.locator("#change .message").textContent()).includes("不一样"), "two that differ");
	await fresh.fill("#again", "Xin-kouling-2019");
	await fresh.click("#change button");
	await fresh.waitForSelector("#login .note.good");
	await fresh.fill("#user", "xinren");
	await fresh.fill("#secret", "Xin-kouling-2019");
	await fresh.click("#login button");
	await fresh.waitForSelector("h1:has-text('件实事')");
	quiet(fresh);
});
await test("login at 320 px, by keyboard", async () => {
	const small = await open({ viewport: { width: 320, height: 640 } });
	await small.goto(`${BASE}/login/`);
	await narrow(small);
	await shot(small, "login-320");
	return keyboard(small);
});
await test("login: no violation of the content security policy", () => quiet(page));
await finished();
