// The leaders' face: the question (plan, as of, known at) above, one page of
// figures below.  A page is {title, load(q, ...path), view(q, data)} and comes
// when it is wanted.
import { html, render, nothing } from "../vendor/lit-html/lit-html.js";
import { all } from "../lib/api.js";
import { createStore, focusHeading, link, mast, onRoute, arrived, problem, session } from "../lib/app.js";
import { controls, question } from "./controls.js";

const PAGES = {
	"": () => import("./overview.js"),
	class: () => import("./class.js"),
	task: () => import("./task.js"),
	orgs: () => import("./orgs.js"),
	org: () => import("./org.js"),
	money: () => import("./money.js"),
	milestones: () => import("./milestones.js"),
	reporting: () => import("./reporting.js"),
	changes: () => import("./changes.js"),
	months: () => import("./months.js"),
	month: () => import("./month.js"),
	node: () => import("./node.js"),
	checks: () => import("./checks.js"),
	figure: () => import("./figure.js"),
	reports: () => import("./reports.js"),
	report: () => import("./report.js"),
};
const TABS = [["", "总览"], ["orgs", "各单位"], ["milestones", "节点"], ["money", "资金"], ["reporting", "报送"], ["changes", "变化"], ["months", "月报"]];

const store = createStore({ who: null, plans: null, q: null, page: null, data: null, error: null, busy: true, name: "" });
const root = document.getElementById("app");
root.replaceChildren();

function tabs({ q, name }) {
	return html`<nav class="tabs" aria-label="内容">${TABS.map(([path, text]) =>
		html`<a href=${link(path ? [path] : [], q)} aria-current=${path === name ? "page" : nothing}>${text}</a>`)}</nav>`;
}

function draw(state) {
	const { who, plans, q, page, data, error, busy } = state;
	render(html`
		<a class="skip" href="#main" @click=${skip}>跳到正文</a>
		${mast(who, "/")}
		${q ? html`<div class="question screen"><div>${controls(q, plans, ask)}<div class="row spread">${tabs(state)}
			<p class="more small"><a href="/?wall${location.hash}">大屏</a><button type="button" class="plain" @click=${() => print()}>打印</button></p></div></div></div>` : nothing}
		<main id="main" aria-busy=${busy ? "true" : "false"}>
			${error ? problem(error, again) : nothing}
			<p class="paper soft">${plans?.find((p) => p._id === q?.plan)?.title}</p>
			<div class="page">${data && page ? page.view(q, data) : error || plans?.length === 0 ? nothing : html`<p class="soft" role="status">正在读取……</p>`}</div>
			${plans?.length === 0 ? html`<p class="empty">还没有计划。请督查办先导入并印发。</p>` : nothing}
		</main>
		<footer class="foot"><p>百分比只舍不入，99.9%不算完成；从没填报的单位也在分母里。<a href="/api/v1/openapi.json">接口说明</a></p></footer>`, root);
}

function skip(event) {
	event.preventDefault();
	focusHeading();
}

// Another question about the same page.
function ask(patch) {
	const { path, q } = store.get();
	location.hash = link(path, { ...q, ...patch });
}

function again() {
	show(store.get().path);
}

// Something on this page was changed by this person.
addEventListener("minsheng:again", again);

let turn = 0;

async function show(path, moved = false) {
	const mine = ++turn;
	const { q } = store.get();
	store.set({ busy: true, error: null, path });
	try {
		const page = await (PAGES[path[0] ?? ""] ?? PAGES[""])();
		const data = await page.load(q, ...path.slice(1));
		if (mine !== turn)
			return;
		store.set({ page, data, q, busy: false, name: path[0] ?? "" });
		if (moved)
			queueMicrotask(() => arrived(`${page.title(data)} · 民生实事`));
		else
			document.title = `${page.title(data)} · 民生实事`;
	} catch (error) {
		if (mine === turn)
			store.set({ error, busy: false, data: moved ? null : store.get().data });
	}
}

async function start() {
	store.on(draw);
	draw(store.get());
	try {
		const [who, plans] = await Promise.all([session(), all("plans")]);
		store.set({ who, plans, busy: false });
		if (plans.length)
			onRoute((route, before) => {
				store.set({ q: question(route.query, plans) });
				show(route.path, before !== null && route.path.join("/") !== before.path.join("/"));
			});
	} catch (error) {
		store.set({ error, busy: false });
	}
}

if (new URLSearchParams(location.search).has("wall"))
	import("./wall.js").then((wall) => wall.start(root));
else
	start();
