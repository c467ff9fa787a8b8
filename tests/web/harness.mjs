// What the browser tests share: Chromium of the system driven by
// playwright-core, cases that print "ok - ..." as the other tests do, and the
// questions asked of every page (accessibility, CSP, width, keyboard, weight).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

export const BASE = process.env.WEB_BASE ?? "http://127.0.0.1:8080";
const SHOTS = process.env.WEB_SHOTS;
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

let bad = 0;
const closing = [];

// One case.  What it throws is why it failed.  WEB_ONLY: those whose name has it.
export async function test(name, fn) {
	if (!name.includes(process.env.WEB_ONLY ?? ""))
		return;
	try {
		const more = await fn();
		console.log(`ok - ${name}${more ? `: ${more}` : ""}`);
	} catch (error) {
		bad++;
		console.log(`not ok - ${name}: ${String(error.message ?? error).split("\n").slice(0, 12).join("\n    ")}`);
	}
}

export function equal(got, wanted, what = "") {
	if (JSON.stringify(got) !== JSON.stringify(wanted))
		throw new Error(`${what} got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
}

export function truth(condition, what) {
	if (!condition)
		throw new Error(what);
}

let browser;

// A page in a context of its own.  It remembers what went wrong in it.
export async function open(options = {}) {
	browser ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
	const context = await browser.newContext({
		viewport: { width: 1280, height: 900 }, locale: "zh-CN", timezoneId: "Asia/Shanghai", reducedMotion: "reduce", ...options,
	});
	const page = await context.newPage();
	page.troubles = [];
	// Asking whether a family of figures exists is not a trouble.
	page.on("console", (m) => {
		if (m.type() === "error" && !/status of (401|403|404)/.test(m.text()))
			page.troubles.push(m.text());
	});
	page.on("pageerror", (e) => page.troubles.push(e.stack ?? String(e)));
	await page.exposeFunction("minshengViolation", (text) => page.troubles.push(`CSP: ${text}`));
	await page.addInitScript(() => addEventListener("securitypolicyviolation", (e) =>
		window.minshengViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)));
	closing.push(() => context.close());
	return page;
}

// Go to an address and wait until the page has its figures.
export async function visit(page, path) {
	await page.goto(BASE + path, { waitUntil: "load" });
	await settled(page);
}

export async function settled(page) {
	await page.waitForFunction(() => document.querySelector("main h1") && !document.querySelector("[aria-busy=true]"), null, { timeout: 10000 });
}

export function quiet(page) {
	equal(page.troubles, [], "troubles in the page:");
}

// axe-core: nothing serious, nothing critical.
export async function accessible(page) {
	await page.evaluate(axeSource);
	const found = await page.evaluate(async () => {
		const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
		return violations.filter((v) => v.impact === "serious" || v.impact === "critical")
			.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`);
	});
	equal(found, [], "axe:");
}

// The page itself does not scroll sideways.
export async function narrow(page) {
	const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
	truth(wide <= room, `${wide} px wide in ${room} px`);
}

// Everything that can be operated is reached by Tab, and shows it.
export async function keyboard(page) {
	await page.evaluate(() => document.body.focus());
	const wanted = await page.evaluate(() => {
		const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((n) =>
			!n.disabled && n.tabIndex >= 0 && !(n.type === "radio" && !n.checked) && n.checkVisibility({ visibilityProperty: true }));
		all.forEach((n, i) => { n.dataset.walk = i; });
		return all.length;
	});
	const seen = new Set();
	for (let i = 0; i < wanted * 2 + 5 && seen.size < wanted; i++) {
		await page.keyboard.press("Tab");
		const at = await page.evaluate(() => {
			const n = document.activeElement;
			const style = getComputedStyle(n);
			return n.dataset.walk === undefined ? null : { walk: n.dataset.walk, ring: style.outlineStyle !== "none" || style.boxShadow !== "none", html: n.outerHTML.slice(0, 120) };
		});
		if (at) {
			truth(at.ring, `no focus ring: ${at.html}`);
			seen.add(at.walk);
		}
	}
	equal(seen.size, wanted, "reached by Tab:");
	return `${wanted} stops`;
}

// Bytes over the wire, headers too, of a visit with an empty cache.
export async function weigh(page, go) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send("Network.enable");
	await cdp.send("Network.clearBrowserCache");
	const files = new Map();
	const names = new Map();
	cdp.on("Network.requestWillBeSent", (e) => names.set(e.requestId, e.request.url));
	cdp.on("Network.loadingFinished", (e) => files.set(names.get(e.requestId), e.encodedDataLength));
	await go();
	await page.waitForTimeout(100);
	await cdp.detach();
	return { files, total: [...files.values()].reduce((a, b) => a + b, 0) };
}

// A slow telephone: 400 ms there and back, 400 kbit/s.
export async function slow(page) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send("Network.enable");
	await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 50000, uploadThroughput: 50000 });
	return () => cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
}

// How many sheets it prints on, and their size in points.
export async function printed(page) {
	const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
	return { pages: (pdf.match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length, box: pdf.match(/\/MediaBox\s*\[([^\]]*)\]/)?.[1].trim() };
}

export async function shot(page, name) {
	if (SHOTS)
		await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

// The last words of a test program.
export async function finished() {
	for (const close of closing)
		await close();
	await browser?.close();
	process.exit(bad ? 1 : 0);
}
