// The five lights, the five classes and the two lamps: a shape, a word and a
// colour each, so that none of them is needed alone.
import { html, svg, nothing } from "../vendor/lit-html/lit-html.js";

export const LIGHTS = {
	blue: { word: "已完成", short: "完", shape: svg`<path class="ink" d="M8 0 16 8 8 16 0 8z"/>` },
	green: { word: "正常推进", short: "正", shape: svg`<circle class="ink" cx="8" cy="8" r="7"/>` },
	yellow: { word: "需要关注", short: "关", shape: svg`<path class="ink" d="M8 1 16 15H0z"/>` },
	red: { word: "严重滞后", short: "滞", shape: svg`<path class="ink" d="M1 1h14v14H1z"/>` },
	grey: { word: "无法评估", short: "无", shape: svg`<circle class="ink" cx="8" cy="8" r="6"/>` },
};

// The class of a task in the headline has the colour of what it means.
export const CLASSES = ["done", "ahead", "on_pace", "behind", "unassessable"];
export const CLASS_COLOUR = { done: "blue", ahead: "green", on_pace: "green", behind: "red", unassessable: "grey" };

export function shape(light) {
	return html`<svg class="shape ${light}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${LIGHTS[light].shape}</svg>`;
}

export function light(value) {
	return value ? html`<span class="light ${value}">${shape(value)}${LIGHTS[value].word}</span>` : nothing;
}

export function reasons(list) {
	return list && list.length ? html`<ul class="reasons">${list.map((r) => html`<li>${r.text}</li>`)}</ul>` : nothing;
}
