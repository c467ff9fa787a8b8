// The question: which plan, figures up to which day, as known when.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { addDays, daysBetween, day, endOf, instant, monthBefore, today } from "../lib/format.js";

function lastOfMonth(text) {
	const [y, m] = text.split("-").map(Number);
	return new Date(Date.UTC(y, m, 0)).toISOString().slice(0, 10);
}

// On a telephone the question folds up to one line.
const wide = matchMedia("(min-width: 40rem)");

// The next end of a month, not after the end of the year.
function monthAfter(text, end) {
	const here = lastOfMonth(text);
	const next = here > text ? here : lastOfMonth(addDays(text, 1));
	return next < end ? next : end;
}

// What was known at the end of that day, once it is over.
function then(asOf) {
	return asOf < today() ? endOf(asOf) : null;
}

function knownChoice(q, ask) {
	const same = q.knownAt && q.knownAt === then(q.asOf);
	const value = !q.knownAt ? "now" : same ? "then" : "other";
	return html`<label><span>按什么时候掌握的情况</span><select .value=${value} @change=${(e) =>
		ask({ knownAt: e.target.value === "then" ? then(q.asOf) : e.target.value === "now" ? null : q.knownAt })}>
		<option value="now" ?selected=${value === "now"}>现在</option>
		<option value="then" ?selected=${value === "then"} ?disabled=${!then(q.asOf)}>截至日当天（当时所知）</option>
		${value === "other" ? html`<option value="other" selected>${instant(q.knownAt)}</option>` : nothing}
	</select></label>`;
}

export function controls(q, plans, ask) {
	const plan = plans.find((p) => p._id === q.plan);
	const first = `${plan.year}-01-01`;
	const end = `${plan.year}-12-31`;
	// The instant "当时" belongs to the day and moves with it.
	const move = (asOf) => ask({ asOf, knownAt: q.knownAt && q.knownAt === then(q.asOf) ? then(asOf) : q.knownAt });
	const known = !q.knownAt ? "现在掌握的" : `${instant(q.knownAt)}掌握的`;
	return html`<details class="fold" ?open=${wide.matches}><summary>截至${day(q.asOf, true)} · 按${known}情况</summary><form class="controls" @submit=${(e) => e.preventDefault()}>
		${plans.length > 1 ? html`<label><span>计划</span><select @change=${(e) => ask({ plan: e.target.value, asOf: null, knownAt: null })}>${plans.map((p) =>
			html`<option value=${p._id} ?selected=${p._id === q.plan}>${p.title}</option>`)}</select></label>`
			: html`<p class="plan"><span class="small soft">计划</span>${plan.title}</p>`}
		<div class="day"><label><span>截至</span><input type="date" required min=${first} .value=${q.asOf} @change=${(e) => e.target.value && move(e.target.value)}></label>
			<input type="range" class="slider" aria-label="截至（拖动）" aria-valuetext=${day(q.asOf)} min="0" max=${daysBetween(first, end)} .value=${String(daysBetween(first, q.asOf))}
				@change=${(e) => move(addDays(first, Number(e.target.value)))}>
			<span class="row tight"><button type="button" aria-label="上月末" title="上月末" @click=${() => move(monthBefore(q.asOf))}>‹</button>
			<button type="button" aria-label="下月末" title="下月末" @click=${() => move(monthAfter(q.asOf, end))}>›</button>
			<button type="button" ?disabled=${q.asOf === today()} @click=${() => move(today())}>今天</button></span></div>
		${knownChoice(q, ask)}
	</form></details>`;
}

// ---- the question as the address has it, with what is left out filled in ----

// The day looked at first: today, or the end of a year gone by.
function firstDay(plan) {
	const end = `${plan.year}-12-31`;
	return today() < end ? today() : end;
}

// The plan named, or the newest that was issued, or the newest.
export function question(query, plans) {
	const sorted = [...plans].sort((a, b) => a.year - b.year);
	const issued = sorted.filter((p) => p.status !== "draft");
	const plan = sorted.find((p) => p._id === query.plan) ?? (issued.length ? issued : sorted).at(-1);
	return { plan: plan._id, asOf: query.asOf || firstDay(plan), knownAt: query.knownAt || null };
}
