// The office's face: the work on the left, one piece of it on the right.
// A page is {title(ctx, data), load(ctx, ...path), view(ctx, data)} and, where
// it has keys of its own, key(ctx, data, event); it comes when it is wanted.
import { html, render, nothing } from "../vendor/lit-html/lit-html.js";
import { all, maybe } from "../lib/api.js";
import { createStore, focusHeading, link, mast, may, onRoute, arrived, problem, session } from "../lib/app.js";
import { readBook } from "./book.js";

// [address, what it is called, the permission without which it is not shown]
const WORK = [
	["督办", [["", "待办", "todo.read"], ["reports", "填报", "report.read"], ["due", "报送与催办", "report.read"], ["notices", "通知", "notice.read"],
		["changes", "变更", "change.read"], ["checks", "核查", "check.read"], ["cases", "问责线索", "case.read"], ["money", "资金", "fund.read"]]],
	["计划", [["doctor", "体检与印发", "plan.read"], ["tasks", "事项", "task.read"], ["import", "导入", "plan.write"], ["orgs", "单位", "org.read"], ["months", "封存月份", "month.read"]]],
	["系统", [["users", "用户", "user.read"], ["keys", "接口密钥", "key.read"], ["webhooks", "推送", "webhook.manage"], ["audit", "审计", "audit.read"]]],
];
const PAGES = {
	"": () => import("./inbox.js"),
	reports: () => import("./reports.js"),
	report: () => import("./one.js"),
	due: () => import("./due.js"),
	notices: () => import("./notices.js"),
	changes: () => import("./changes.js"),
	checks: () => import("./checks.js"),
	cases: () => import("./cases.js"),
	money: () => import("./money.js"),
	doctor: () => import("./doctor.js"),
	tasks: () => import("./tasks.js"),
	task: () => import("./task.js"),
	import: () => import("./import.js"),
	orgs: () => import("./orgs.js"),
	months: () => import("./months.js"),
	users: () => import("./users.js"),
	keys: () => import("./keys.js"),
	webhooks: () => import("./webhooks.js"),
	audit: () => import("./audit.js"),
};

const store = createStore({ who: null, plans: null, ctx: null, page: null, data: null, error: null, busy: true, name: "", said: null });
const root = document.getElementById("app");
root.replaceChildren();

function work({ ctx, name }) {
	const shown = WORK.map(([head, list]) => [head, list.filter(([, , permission]) => may(permission))]).filter(([, list]) => list.length);
	return html`<nav class="work screen" aria-label="工作">${shown.map(([head, list]) => html`<div><h2>${head}</h2><ul>${list.map(([path, text]) =>
		html`<li><a href=${ctx.to(path)} aria-current=${path === name ? "page" : nothing}>${text}</a></li>`)}</ul></div>`)}</nav>`;
}

// Which plan the work is about; none is a choice too, before the first import.
function choice({ plans, ctx }) {
	if (plans.length < 2)
		return plans.length ? html`<p class="which">${plans[0].title}</p>` : nothing;
	return html`<label class="which"><span class="hidden">计划</span><select @change=${(e) => { location.hash = link([ctx.path[0] ?? ""].filter(Boolean), { plan: e.target.value }); }}>${plans.map((p) =>
		html`<option value=${p._id} ?selected=${p._id === ctx.plan?._id}>${p.title}${p.status === "draft" ? "（草案）" : ""}</option>`)}</select></label>`;
}

function draw(state) {
	const { who, ctx, page, data, error, busy, said } = state;
	render(html`
		<a class="skip" href="#main" @click=${skip}>跳到正文</a>
		${mast(who, "/office/")}
		<div class="desk">
			${ctx ? html`<div class="side screen">${choice(state)}${work(state)}</div>` : nothing}
			<main id="main" aria-busy=${busy ? "true" : "false"}>
				<div class="said" role="status">${said ? html`<p class="note ${said.kind}">${said.text} <button class="plain" @click=${() => store.set({ said: null })}>知道了</button></p>` : nothing}</div>
				${error ? problem(error, again) : nothing}
				<div class="page">${data && page ? page.view(ctx, data) : error ? nothing : html`<p class="soft" role="status">正在读取……</p>`}</div>
			</main>
		</div>`, root);
}

function skip(event) {
	event.preventDefault();
	focusHeading();
}

function again() {
	const { ctx } = store.get();
	show(ctx);
}

let turn = 0;
let latest = null;

// The page named by ctx.path; what a page remembers (ctx.state) stays as long
// as the address does.
async function show(ctx, moved = false) {
	const mine = ++turn;
	latest = ctx;
	store.set({ busy: true, error: null });
	try {
		const page = await (PAGES[ctx.path[0] ?? ""] ?? PAGES[""])();
		ctx.book = await readBook(ctx);
		const data = await page.load(ctx, ...ctx.path.slice(1));
		if (mine !== turn)
			return;
		store.set({ page, data, ctx, busy: false, name: ctx.path[0] ?? "" });
		const title = `${page.title(ctx, data)} · 督查办`;
		if (moved)
			queueMicrotask(() => arrived(title));
		else
			document.title = title;
	} catch (error) {
		if (mine === turn)
			store.set({ error, busy: false, ctx, data: moved ? null : store.get().data, name: ctx.path[0] ?? "" });
	}
}

// What a page is given: where it is, who asks, and what it can ask for.
function context({ path, query }, plans) {
	const issued = plans.filter((p) => p.status !== "draft");
	const plan = plans.find((p) => p._id === query.plan) ?? (issued.length ? issued : plans).at(-1) ?? null;
	const ctx = {
		path, query, plan, plans, who: store.get().who, may, state: {},
		to: (name, ...rest) => link([name, ...rest].filter(Boolean), plan ? { plan: plan._id } : {}),
		toQuery: (values) => link(path, { plan: plan?._id, ...values }),
		draw: () => store.set({}),
		reload: () => show(latest),
		replan: start,
		say: (text, kind = "good") => store.set({ said: { text, kind } }),
		fail: (error) => store.set({ error }),
	};
	return ctx;
}

addEventListener("keydown", (event) => {
	const { page, ctx, data, busy } = store.get();
	const typing = event.target.closest?.("input, textarea, select, dialog");
	if (page?.key && data && !busy && !typing && !event.ctrlKey && !event.metaKey && !event.altKey)
		page.key(ctx, data, event);
});

async function plansOf() {
	const plans = await all("plans");
	return plans.sort((a, b) => a.year - b.year);
}

// Plans have changed: the same address, asked anew.
async function start() {
	const plans = await plansOf();
	store.set({ plans });
	const ctx = context(latest, plans);
	ctx.state = latest.state;
	await show(ctx);
}

async function begin() {
	store.on(draw);
	draw(store.get());
	try {
		const [who, plans] = await Promise.all([session(), plansOf(), maybe("orgs?limit=200")]);
		store.set({ who, plans });
		onRoute((route, before) => {
			const ctx = context(route, store.get().plans);
			const same = before !== null && route.path.join("/") === before.path.join("/");
			if (same && latest)
				ctx.state = latest.state;
			if (before !== null)
				store.set({ said: null });
			show(ctx, before !== null && !same);
		});
	} catch (error) {
		store.set({ error, busy: false });
	}
}

begin();
