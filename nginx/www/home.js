// The first page: four answers of the interface, as they are.  No figure is
// computed here; what is shown is what the program said.
const $ = (id) => document.getElementById(id);

const lights = {
	blue: "◆ 已完成", green: "● 正常推进", yellow: "▲ 需要关注", red: "■ 严重滞后", grey: "○ 无法评估",
};
const states = { given: "", derived: "（由分解数推算）", missing: "（未写明）" };

async function get(path) {
	const answer = await fetch(path, { headers: { Accept: "application/json" } });
	const body = await answer.json();
	if (!answer.ok)
		throw new Error(body.detail || body.title);
	return body;
}

function element(name, content, className) {
	const node = document.createElement(name);
	if (className)
		node.className = className;
	node.append(...[content].flat().filter((c) => c !== null && c !== undefined));
	return node;
}

function table(target, headings, rows) {
	const head = element("tr", headings.map(([text, right]) => {
		const th = element("th", text, right ? "n" : "");
		th.scope = "col";
		return th;
	}));
	target.replaceChildren(element("thead", head), element("tbody", rows));
}

// 分 → 万元, exactly: integers only, no rounding.
function wan(fen) {
	const whole = Math.trunc(fen / 1000000);
	const rest = String(fen % 1000000).padStart(6, "0").replace(/0+$/, "");
	return whole.toLocaleString("zh-CN") + (rest ? "." + rest : "");
}

function showHeadline(answer) {
	$("headline").replaceChildren(...Object.entries(answer.labels).map(([key, label]) =>
		element("li", [element("b", String(answer.counts[key])), label])));
}

function quantity(indicator) {
	if (!indicator)
		return ["—", "—", "—"];
	const target = indicator.target;
	return [
		indicator.done.toLocaleString("zh-CN"),
		(target.qty === null ? "—" : target.qty.toLocaleString("zh-CN") + indicator.unit) + states[target.state],
		indicator.percent === null ? "—" : indicator.percent + "%",
	];
}

function showTasks(headline, completion) {
	const judged = new Map(headline.tasks.map((task) => [task.taskId, task]));
	table($("tasks"), [["序号", true], ["事项"], ["完成", true], ["目标", true], ["完成率", true], ["节点", true], ["灯"]],
		completion.rows.map((row) => {
			const task = judged.get(row.taskId);
			const [done, target, percent] = quantity(row.indicators[0]);
			const reasons = task.reasons.map((reason) => reason.text).join("");
			return element("tr", [
				element("td", String(row.no), "n"), element("td", [row.title, element("div", row.lead.name, "note")]),
				element("td", done, "n"), element("td", target, "n"), element("td", percent, "n"),
				element("td", `${row.milestones.met}/${row.milestones.due}`, "n"),
				element("td", [lights[task.light], reasons ? element("small", reasons) : null], "light " + task.light),
			]);
		}));
}

function showFunding(answer) {
	const money = (row) => [wan(row.statedFen), wan(row.lowFen), wan(row.highFen)].map((text) => element("td", text, "n"));
	const rows = answer.rows.map((row) => element("tr", [element("td", row.name), ...money(row)]));
	rows.push(element("tr", [element("th", "合计"), ...money(answer.total)]));
	table($("funding"), [["来源"], ["确定（万元）", true], ["至少", true], ["至多", true]], rows);
	$("unknown").replaceChildren(...answer.rows.flatMap((row) => row.unknown).map((item) =>
		element("li", `未知：第${item.no}件，${item.text}`, "note")));
}

function showFindings(answer) {
	$("findings").replaceChildren(...answer.items.map((item) => element("li", item.text)));
}

// Today in Asia/Shanghai, the civil day the program counts in; for a plan of a
// year gone by, the end of that year.
function pickDay(plan) {
	const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
	const end = plan ? `${plan.year}-12-31` : today;
	$("asOf").value = today < end ? today : end;
}

async function show() {
	const plan = encodeURIComponent($("plan").value);
	const query = `plan=${plan}&asOf=${$("asOf").value}`;
	$("status").textContent = "正在读取……";
	try {
		const [headline, completion, funding, findings] = await Promise.all([
			get(`/api/v1/stats/headline?${query}`), get(`/api/v1/stats/completion?by=task&${query}`),
			get(`/api/v1/stats/funding?by=level&${query}`), get(`/api/v1/plans/${plan}/findings`),
		]);
		showHeadline(headline);
		showTasks(headline, completion);
		showFunding(funding);
		showFindings(findings);
		$("status").textContent = "";
	} catch (error) {
		$("status").textContent = `没有读到：${error.message}`;
	}
}

async function start() {
	const plans = await get("/api/v1/plans?limit=200");
	$("plan").replaceChildren(...plans.items.map((plan) => {
		const option = element("option", plan.title);
		option.value = plan._id;
		return option;
	}));
	pickDay(plans.items[0]);
	$("plan").addEventListener("change", () =>
		pickDay(plans.items.find((plan) => plan._id === $("plan").value)));
	$("question").addEventListener("change", show);
	$("question").addEventListener("submit", (event) => event.preventDefault());
	await show();
}

start().catch((error) => {
	$("status").textContent = `没有读到：${error.message}`;
});
