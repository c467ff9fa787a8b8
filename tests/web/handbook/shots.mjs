// The pictures of the handbooks, taken in the demonstration (scripts/shots).
//   node shots.mjs FOLDER [NAME...]
// SHOTS_BASE: its address; SHOTS_PEOPLE: who may sign in; SHOTS_DAY: its time.
import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { PICTURES } from "./pictures.mjs";

const base = process.env.SHOTS_BASE;
const [folder, ...wanted] = process.argv.slice(2);
const MOST = 60 * 1024;
const FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const WIDE = { viewport: { width: 1120, height: 820 } };
const PHONE = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true };

const people = Object.fromEntries([...readFileSync(process.env.SHOTS_PEOPLE, "utf8").matchAll(/用户名 (\S+) {2}口令 (\S+)/g)].map((m) => [m[1], m[2]]));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });

async function settled(page) {
	await page.waitForFunction(() => document.querySelector("main h1") && !document.querySelector("[aria-busy=true]"), null, { timeout: 15000 });
	await page.waitForTimeout(300);
}

// A page of this person, signed in, on the day of the demonstration.
async function pageOf(who, phone) {
	const context = await browser.newContext({ ...phone ? PHONE : WIDE, locale: "zh-CN", timezoneId: "Asia/Shanghai", reducedMotion: "reduce", colorScheme: "light" });
	const page = await context.newPage();
	await page.clock.setFixedTime(process.env.SHOTS_DAY.trim());
	await page.goto(`${base}/login/`);
	await page.fill("#user", who);
	await page.fill("#secret", people[who]);
	await page.click("#login button");
	await page.waitForURL((url) => !url.pathname.startsWith("/login"));
	return page;
}

// What is seen of the page, or the part `of` with a little air around it.
async function clipOf(page, picture) {
	const { width, height } = page.viewportSize();
	if (!picture.of)
		return { x: 0, y: 0, width, height: picture.height ?? height };
	const boxes = await Promise.all([picture.of].flat().map(async (s) => page.locator(s).first().evaluate((n) => {
		const r = n.getBoundingClientRect();
		return [r.left, r.top + scrollY, r.right, r.bottom + scrollY];
	})));
	const top = Math.min(...boxes.map((b) => b[1])) - 2;
	const bottom = Math.max(...boxes.map((b) => b[3])) + 12;
	return { x: 0, y: Math.max(0, top), width, height: Math.min(bottom - top, picture.height ?? 1100) };
}

async function take(picture) {
	const page = await pageOf(picture.who, Boolean(picture.phone));
	page.setDefaultTimeout(15000);
	await page.goto("about:blank");
	await page.goto(base + picture.path);
	await settled(page);
	if (new URL(page.url()).pathname.startsWith("/login"))
		throw new Error("not signed in");
	await picture.go?.(page, settled);
	await page.evaluate(() => document.activeElement?.blur?.());
	const clip = { ...await clipOf(page, picture), scale: 1 };
	const cdp = await page.context().newCDPSession(page);
	for (let quality = 80; ; quality -= 10) {
		const { data } = await cdp.send("Page.captureScreenshot", { format: "webp", quality, clip, captureBeyondViewport: true });
		const bytes = Buffer.from(data, "base64");
		if (bytes.length > MOST && quality > 30)
			continue;
		writeFileSync(`${folder}/${picture.name}.webp`, bytes);
		console.log(`${picture.name}.webp ${Math.round(clip.width)}×${Math.round(clip.height)} ${(bytes.length / 1024).toFixed(0)} KB`);
		break;
	}
	await page.context().close();
}

let bad = 0;
for (const picture of PICTURES.filter((p) => !wanted.length || wanted.includes(p.name))) {
	await take(picture).catch(() => take(picture)).catch((error) => {
		bad = 1;
		console.log(`${picture.name}: ${error.message}`);
	});
}
await browser.close();
process.exit(bad);
