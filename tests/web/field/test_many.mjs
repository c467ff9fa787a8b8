// Fifty reports with three photographs each, entered without a network; then
// three of ten requests fail, before the server or after it, a tab is killed,
// the session ends in the middle.
import { BASE, equal, finished, test, truth } from "../harness.mjs";
import { api, at, form, kept, phone, pictures, report } from "./phone.mjs";

const SEED = Number(process.env.WEB_SEED ?? Date.now() % 1000000);
let state = SEED;
// Mulberry32: the same failures for the same seed.
function chance() {
	state = (state + 0x6d2b79f5) | 0;
	let t = Math.imul(state ^ (state >>> 15), 1 | state);
	t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
	return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const TASK = "140800-2018-01", ORG = "140824";
const office = await phone("ducha");
const all = async () => (await api(office, `reports?org=${ORG}&task=${TASK}&limit=200`)).items;
const count = { asked: 0, failed: 0, lost: 0, denied: 0, killed: 0 };
let deny = 0;

// 15 % do not reach the server, of 15 % the answer gets lost.
async function badly(context) {
	await context.route("**/api/**", async (route) => {
		count.asked++;
		if (deny > 0 && route.request().method() === "PUT") {
			deny--;
			count.denied++;
			return route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify({ status: 401, code: "unauthorized", title: "尚未登录", errors: [] }) }).catch(() => {});
		}
		const luck = chance();
		if (luck < .15) {
			count.failed++;
			return route.abort("connectionreset").catch(() => {});
		}
		if (luck < .30) {
			count.lost++;
			await route.fetch().catch(() => {});
			return route.abort("connectionreset").catch(() => {});
		}
		return route.continue().catch(() => {});
	});
}

let page = await phone("jishan");
const context = page.context();
const ids = new Set();

await test("50 reports with 3 photographs each are entered without a network", async () => {
	await at(page, "");
	await page.waitForFunction(() => performance.getEntriesByType("resource").some((e) => e.name.endsWith("common.json") && e.responseEnd));
	const files = await pictures(page, 150);
	await context.setOffline(true);
	for (let n = 0; n < 50; n++) {
		const path = form(TASK, `i${n % 5 + 1}`, ORG, `2018-${String(Math.floor(n / 5) + 1).padStart(2, "0")}`);
		ids.add(await report(page, path, 10 + n, files.slice(3 * n, 3 * n + 3)));
	}
	const here = await kept(page);
	equal([here.entries.length, here.photos], [50, 150]);
	equal((await all()).length, 0, "on the server:");
});

await test("they arrive, each once, while requests fail, a tab is killed, the session ends", async () => {
	await badly(context);
	await context.setOffline(false);
	const left = async () => {
		const { entries } = await kept(page);
		// Nothing counts as received that the server does not have.
		return entries.filter((e) => e.state !== "received").length;
	};
	const push = () => page.evaluate(() => { window.dispatchEvent(new Event("online")); });
	await push();
	for (const end = Date.now() + 150000; ;) {
		const n = await left();
		if (n === 0)
			break;
		truth(Date.now() < end, `${n} are left after 150 s`);
		if (n <= 45 && count.killed === 0) {
			count.killed++;
			await page.close({ runBeforeUnload: false });
			page = await context.newPage();
			await page.goto(`${BASE}/m/`).catch(() => {});
		} else if (n <= 35 && count.denied === 0) {
			deny = 1;
			await push();
			await page.waitForSelector(".note:has-text('登录过期')");
			await context.unroute("**/api/**");
			await page.getByRole("link", { name: "重新登录" }).click();
			await page.fill("#user", "jishan");
			await page.fill("#secret", process.env.WEB_SECRET);
			await page.click("#login button");
			await page.waitForURL(/\/m\//);
			await badly(context);
		}
		await page.waitForTimeout(300);
		if (await page.locator("h1", { hasText: "没有打开" }).count())
			await page.reload();
		else
			await push();
	}
	const reports = await all();
	equal(reports.length, 50, "reports:");
	equal([...new Set(reports.map((r) => r._id))].sort(), [...ids].sort());
	equal(new Set(reports.flatMap((r) => r.attachments)).size, 150, "photographs:");
	equal(reports.flatMap((r) => r.missing), [], "missing:");
	equal(reports.filter((r) => r.history.length !== 1 || r.revision !== 1).length, 0, "sent more than once:");
	const { entries, photos } = await kept(page);
	const wrong = entries.filter((e) => e.receipt?.no !== reports.find((r) => r._id === e.id)?.receipt.no || e.hash !== reports.find((r) => r._id === e.id)?.contentHash);
	equal([entries.length, wrong.length, photos], [50, 0, 0], "receipts:");
	truth(count.killed === 1 && count.denied >= 1, "no kill, or no 401");
	return `seed ${SEED}, ${JSON.stringify(count)}`;
});
await finished();
