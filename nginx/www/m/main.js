// The start: who is here, what they keep in this telephone, which page.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { explain } from "../lib/api.js";
import { arrived, onRoute } from "../lib/app.js";
import * as db from "./db.js";
import * as home from "./home.js";
import { frame, waitingFor } from "./parts.js";
import * as queue from "./queue.js";
import { enter, keepDocuments, loadEntries, loadTodos, setElder, store, wasElder } from "./state.js";

// What the first view does not need comes right after it: from then on every
// page opens without a network.
const PAGES = {
	report: () => import("./form.js"), r: () => import("./report.js"), milestone: () => import("./claim.js"),
	answer: () => import("./answer.js"), mine: () => import("./mine.js"), me: () => import("./me.js"),
};
const app = document.getElementById("app");

const pageOf = async (route) => route.path[0] in PAGES ? PAGES[route.path[0]]() : home;

function draw() {
	const { route, page, failed, it } = store.get();
	if (!route)
		return;
	const content = failed ? html`<h1>没有打开</h1><div class="note bad" role="alert"><p>${explain(failed).text}</p></div>
			<div class="submit"><button class="main" @click=${() => open(route)}>再试一次</button><a class="button" href="#/">返回待办</a></div>`
		: page || it === home ? it.view(page, draw) : waitingFor("请稍等");
	app.querySelector(".starting")?.remove();
	render(frame(content), app);
	if (page || failed)
		app.removeAttribute("aria-busy");
	else
		app.setAttribute("aria-busy", "true");
}

let turn = 0;
let firstOpened;
const first = new Promise((done) => { firstOpened = done; });

async function open(route) {
	const nth = ++turn;
	store.set({ route, page: null, failed: null, it: route.path[0] in PAGES ? null : home });
	try {
		const it = await pageOf(route);
		const page = await it.load(route.path) ?? {};
		if (nth !== turn)
			return;
		if (page.moved) {
			location.replace(page.moved);
			return;
		}
		store.set({ page, it });
	} catch (error) {
		if (nth !== turn)
			return;
		store.set({ failed: error });
	}
	draw();
	firstOpened();
	arrived(`${store.get().it?.title(store.get().page ?? {}) ?? "没有打开"} · 民生实事`);
}

// An entry of this page has gone on (a receipt has come): show it.
let before = "";
async function entriesChanged() {
	const old = new Map(store.get().entries.map((e) => [e.id, e.state]));
	await loadEntries();
	const { entries, route } = store.get();
	const came = entries.filter((e) => e.state === "received" && old.get(e.id) && old.get(e.id) !== "received");
	if (came.length && !queue.status.sending)
		await loadTodos();
	const here = route?.path[0] === "r" && came.some((e) => e.id === route.path[1]);
	if (here)
		open(route);
}

function sentSome() {
	const now = JSON.stringify([queue.status.sending, queue.status.door]);
	store.set({ queue: queue.status });
	if (before !== now && !queue.status.sending && store.get().me)
		loadTodos();
	before = now;
}

function failedToEnter(error) {
	app.querySelector(".starting")?.remove();
	render(html`<main><h1>没有打开</h1><div class="note bad" role="alert"><p>${explain(error).text}</p></div>
		<button class="main" @click=${() => location.reload()}>再试一次</button></main>`, app);
}

// What was loaded once opens without a network, where there are service workers.
function keepShell() {
	navigator.serviceWorker?.register("sw.js").then(async () => {
		const ready = await navigator.serviceWorker.ready;
		ready.active.postMessage([location.pathname, ...performance.getEntriesByType("resource").map((e) => e.name)]);
	}).catch(() => {});
}

async function begin() {
	setElder(wasElder());
	const who = await enter();
	store.set({ me: who });
	await loadEntries();
	store.on(draw);
	db.onChange(entriesChanged);
	queue.onStatus(sentSome);
	addEventListener("online", draw);
	addEventListener("offline", draw);
	onRoute(open);
	queue.start(who);
	document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && loadTodos());
	await first;
	await new Promise((done) => setTimeout(done, 1000));
	if (!store.get().todos)
		await loadTodos();
	await Promise.all(Object.values(PAGES).map((page) => page())).catch(() => {});
	await (await import("./rules.js")).loadRules();
	await keepDocuments();
	keepShell();
}

begin().catch(failedToEnter);
