// The wall display: large, dark, nothing to operate.  One panel after the
// other, the figures asked for again each minute; space holds it, arrows turn
// it, Esc (or a press on anything) leads back to the ordinary page.
import { html, render, nothing } from "../vendor/lit-html/lit-html.js";
import { all } from "../lib/api.js";
import { createStore, parse, problem, session } from "../lib/app.js";
import { day, instant } from "../lib/format.js";
import { question } from "./controls.js";
import * as overview from "./overview.js";
import { isPlace, matrix } from "./matrix.js";
import { moneyTable } from "./money.js";
import { reportingBrief } from "./reporting.js";

const TURN = 20000;
const REFRESH = 60000;

// The panels there are figures for.
function panels(q, data) {
	return [
		{ name: "总体", body: html`${overview.counts(q, data)}${overview.attention(q, data)}` },
		data.cells && { name: "县区 × 事项", body: matrix(q, data.cells, isPlace) },
		{ name: "各件实事", body: overview.tasks(q, data) },
		{ name: "资金来源（万元）", body: html`${moneyTable(q, data.funding)}` },
		data.timeliness && { name: "报送", body: reportingBrief(q, data.timeliness) },
	].filter(Boolean);
}

function draw(root, { plan, q, data, error, at, held, seen }) {
	const list = data ? panels(q, data) : [];
	const now = list[at % (list.length || 1)];
	render(html`
		<header class="row spread"><p class="brand">民生实事</p><p>${plan?.title ?? ""}</p>
			<p class="soft num">截至${q ? day(q.asOf) : ""} · ${seen ? instant(seen) : ""}</p></header>
		<main id="main" aria-busy=${data || error ? "false" : "true"}>
			${error ? problem(error) : nothing}
			${now ? html`<h1>${now.name}</h1><div class="panel">${now.body}</div>` : nothing}
		</main>
		<footer class="row spread soft"><p>${list.map((p, i) => html`<span class="bead ${i === at % list.length ? "on" : ""}" aria-hidden="true"></span>`)}</p>
			<p>${held ? "已停住，按空格继续" : "空格停住，方向键翻页，Esc退出"}</p></footer>`, root);
}

export async function start(root) {
	const style = document.createElement("link");
	style.rel = "stylesheet";
	style.href = new URL("wall.css", import.meta.url);
	document.head.append(style);
	document.documentElement.className = "wall";
	document.title = "大屏 · 民生实事";
	const store = createStore({ plan: null, q: null, data: null, error: null, at: 0, held: false, seen: null });
	store.on((state) => draw(root, state));

	const refresh = async () => {
		try {
			const [, plans] = await Promise.all([session(), all("plans")]);
			const q = question(parse(location.hash).query, plans);
			const data = await overview.load(q);
			store.set({ q, plan: plans.find((p) => p._id === q.plan), data, error: null, seen: new Date().toISOString() });
		} catch (error) {
			store.set({ error });
		}
	};
	const turn = (by) => {
		const { q, data, at } = store.get();
		const n = data ? panels(q, data).length : 1;
		store.set({ at: (at + by + n) % n });
	};
	addEventListener("keydown", (event) => {
		if (event.key === " ") {
			event.preventDefault();
			store.set({ held: !store.get().held });
		} else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
			turn(event.key === "ArrowRight" ? 1 : -1);
		} else if (event.key === "Escape") {
			location.assign(`/${location.hash}`);
		}
	});
	addEventListener("hashchange", () => location.assign(`/${location.hash}`));
	setInterval(() => store.get().held || turn(1), TURN);
	setInterval(refresh, REFRESH);
	await refresh();
}
