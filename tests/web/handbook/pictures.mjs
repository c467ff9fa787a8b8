// Which pictures, in the order they are taken: who looks, at which page, what
// is pressed first (go), which part is shown (of: selectors; height: at most).
const plan = "plan=140800-2019";
const leader = { who: "shizhang" };
const office = { who: "ducha" };
const field = { who: "wenxi", phone: true };

// The first report that is to be written.
async function write(page, settled) {
	await page.locator("a.card[href^='#/report/']", { hasText: "上次报到" }).first().click();
	await page.locator("#number").waitFor();
	await settled(page);
}

export const PICTURES = [
	{ ...leader, name: "leaders-overview", path: `/#/?${plan}` },
	{
		...leader, name: "leaders-cell", path: `/#/?${plan}`, height: 620,
		go: async (page) => {
			await page.getByRole("button", { name: /^闻喜县，第4件/ }).click();
			await page.getByRole("dialog").waitFor();
		},
	},
	{ ...leader, name: "leaders-task", path: `/#/task/140800-2019-04?${plan}`, of: ".indicator", height: 620 },
	{ ...leader, name: "leaders-figure", path: `/#/figure/140800-2019-03/i1?${plan}`, of: ["h1", "section .scroll"], height: 760 },
	{ ...leader, name: "leaders-money", path: `/#/money?${plan}`, of: "section[aria-labelledby=m-moved]", height: 640 },
	{ ...leader, name: "leaders-months", path: `/#/months?${plan}`, of: ["h1", "section[aria-labelledby=z-months]"] },
	{
		...leader, name: "leaders-wall", path: `/?wall#/?${plan}`,
		go: async (page, settled) => {
			await page.keyboard.press("ArrowRight");
			await settled(page);
		},
	},
	{ ...office, name: "office-inbox", path: `/office/#/?${plan}`, height: 720 },
	{ ...office, name: "office-doctor", path: `/office/#/doctor?${plan}`, height: 760 },
	{ ...office, name: "office-due", path: `/office/#/due?${plan}`, height: 640 },
	{ ...office, name: "office-changes", path: `/office/#/changes?${plan}`, height: 560 },
	{
		who: "shenji", name: "office-audit", path: `/office/#/audit?${plan}`, height: 560,
		go: async (page, settled) => {
			await page.getByLabel("做了什么").fill("report.accept");
			await page.keyboard.press("Enter");
			await page.getByText("report.accept").first().waitFor();
			await settled(page);
		},
	},
	{ ...field, name: "field-todos", path: "/m/", height: 700 },
	{
		...field, name: "field-form", path: "/m/",
		go: async (page, settled) => {
			await write(page, settled);
			await page.fill("#number", String(Number(await page.locator("#number").inputValue()) + 120));
		},
	},
	{
		...field, name: "field-receipt", path: "/m/",
		go: async (page, settled) => {
			await write(page, settled);
			const before = Number(await page.locator("#number").inputValue() || 0);
			await page.fill("#number", String(before + 120));
			await page.fill("#narrative", "本月完成120名，台账已归档。");
			await page.getByRole("button", { name: "上报", exact: true }).click();
			await page.getByText("回执号").first().waitFor();
			await settled(page);
		},
	},
];
