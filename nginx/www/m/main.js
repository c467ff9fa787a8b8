// The start: who is here, what they keep in this telephone, which page.
import { html, render } from "../vendor/lit-html/lit-html.js";
import { explain } from "../lib/api.js";
import { arrived, onRoute } from "../lib/app.js";
import * as answer from "./answer.js";
import * as claim from "./claim.js";
import * as db from "./db.js";
import * as form from "./form.js";
import * as home from "./home.js";
import * as me from "./me.js";
import * as mine from "./mine.js";
import { frame, waitingFor } from "./parts.js";
import * as queue from "./queue.js";
import * as report from "./report.js";
import { loadRules } from "./rules.js";
import { enter, loadEntries, loadTodos, setElder, store, wasElder } from "./state.js";

const PAGES = { "": home, report: form, r: report, milestone: claim, answer, mine, me };
const app = document.getElementById("app");

const pageOf = (route) => PAGES[route.path[0] ?? ""] ?? home;

function draw() {
	const { route, page, failed } = store.get();
	if (!route)
		return;
	const it = pageOf(route);
	const content = failed ? html`<h1>没有打开</h1><div class="note bad" role="alert"><p>${explain(failed).text}</p></div>
			<div class="submit"><button class="main" @click=${() => open(route)}>再试一次</button><a class="button" href="#/">返回待办</a></div>`
		: page || it === home ? it.view(page, draw) : waitingFor("请稍等");
	render(frame(content), app);
	app.toggleAttribute("aria-busy", !page && !failed);
	if (!page && !failed)
		app.setAttribute("aria-busy", "true");
}

let turn = 0;

async function open(route) {
	const nth = ++turn;
	store.set({ route, page: null, failed: null });
	try {
		const page = await pageOf(route).load(route.path, draw) ?? {};
		if (nth !== turn)
			return;
		if (page.moved) {
			location.replace(page.moved);
			return;
		}
		store.set({ page });
	} catch (error) {
		if (nth !== turn)
			return;
		store.set({ failed: error });
	}
	draw();
	arrived(`${pageOf(route).title(store.get().page ?? {})} · 民生实事`);
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
	const rules = loadRules();
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
	await rules;
	addEventListener("load", keepShell);
	if (document.readyState === "complete")
		keepShell();
}

begin().catch(failedToEnter);
