// A store of ~20 lines, a router over the hash, and what surrounds every page:
// the head, the bar that says who is signed in, messages.
import { html, render, nothing } from "../vendor/lit-html/lit-html.js";
import { get, send, explain } from "./api.js";
import { setToday } from "./format.js";

// get, set(patch), on(fn): fn runs once per frame, however often set was called.
export function createStore(initial) {
	let state = { ...initial };
	let waiting = false;
	const listeners = new Set();
	const tell = () => {
		waiting = false;
		listeners.forEach((fn) => fn(state));
	};
	return {
		get: () => state,
		set(patch) {
			state = { ...state, ...patch };
			if (!waiting) {
				waiting = true;
				queueMicrotask(tell);
			}
		},
		on(fn) {
			listeners.add(fn);
			return () => listeners.delete(fn);
		},
	};
}

// "#/task/x?asOf=y" → {path: ["task", "x"], query: {asOf: "y"}}
export function parse(hash) {
	const [path, query] = hash.replace(/^#\/?/, "").split("?");
	return {
		path: path.split("/").filter(Boolean).map(decodeURIComponent),
		query: Object.fromEntries(new URLSearchParams(query || "")),
	};
}

export function link(path, query = {}) {
	const q = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== "")).toString();
	return `#/${path.map(encodeURIComponent).join("/")}${q ? `?${q}` : ""}`;
}

// Call fn(route, before) now and whenever the hash changes.
export function onRoute(fn) {
	let before = null;
	const go = () => {
		const route = parse(location.hash);
		const old = before;
		before = route;
		fn(route, old);
	};
	addEventListener("hashchange", go);
	go();
}

export function focusHeading() {
	const heading = document.querySelector("main h1");
	if (heading) {
		heading.tabIndex = -1;
		heading.focus({ preventScroll: true });
	}
}

// After another page was shown: its name in the title, the focus on its heading.
export function arrived(title) {
	document.title = title;
	focusHeading();
	scrollTo(0, 0);
}

// ---- who is signed in ----

let me = null;

// {id, name, orgName, roles: [{id, title}], may: {permission: [reach]}, ...},
// asked for once; whoever is nobody goes to the login.
export async function session() {
	me ??= await get("session");
	if (me.today)
		setToday(me.today);
	return me;
}

// May this person do that at all?  The server decides about the object.
export function may(permission) {
	return Boolean(me?.may?.[permission]);
}

export async function leave() {
	await send("DELETE", "session", null, { stay: true }).catch(() => {});
	location.assign("/login/");
}

const FACES = [
	{ path: "/", name: "看情况", roles: ["leader", "office", "auditor", "admin", "lead"] },
	{ path: "/m/", name: "填报", roles: ["reporter", "confirmer", "lead"] },
	{ path: "/office/", name: "督查办", roles: ["office", "admin", "lead", "auditor"] },
];

// The head of every page.  here: "/", "/m/" or "/office/".
export function mast(who, here) {
	const mine = FACES.filter((f) => f.path === here || who?.roles.some((r) => f.roles.includes(r.id)));
	return html`<header class="mast"><div>
		<a class="brand" href="/">民生实事</a>
		<nav class="faces" aria-label="工作台">${mine.length < 2 ? nothing : mine.map((f) =>
			html`<a href=${f.path} aria-current=${f.path === here ? "page" : nothing}>${f.name}</a>`)}</nav>
		${who ? html`<div class="who"><span title=${who.roles.map((r) => r.title).join("、")}>${who.name}${who.orgName ? html` · ${who.orgName}` : nothing}</span>
			${who.via === "session" ? html`<a href="/login/#password">改口令</a><button class="plain" @click=${leave}>退出</button>` : nothing}</div>` : nothing}
	</div></header>`;
}

// ---- messages ----

export function problem(error, again) {
	const { text, hint } = explain(error);
	return html`<div class="note bad" role="alert"><p>${text}</p>
		${hint ? html`<p class="small soft">${hint}</p>` : nothing}
		${again ? html`<button @click=${again}>再试一次</button>` : nothing}</div>`;
}

// A modal dialog over the page; resolves with what close(value) was given.
export function ask(content) {
	const node = document.createElement("dialog");
	const before = document.activeElement;
	document.body.append(node);
	return new Promise((done) => {
		let value = null;
		const close = (v) => {
			value = v ?? null;
			node.close();
		};
		node.addEventListener("close", () => {
			node.remove();
			before?.focus?.();
			done(value);
		});
		node.addEventListener("click", (event) => {
			if (event.target === node)
				close(null);
		});
		const draw = () => render(content(close, draw), node);
		draw();
		const heading = node.querySelector("h2");
		if (heading) {
			heading.id ||= "dialog-title";
			node.setAttribute("aria-labelledby", heading.id);
		}
		node.showModal();
	});
}
