// Charts as inline SVG: they print, they scale, they need nobody's library.
// Each stands beside a table of the same figures; here they are pictures only.
import { html, svg, nothing } from "../vendor/lit-html/lit-html.js";

const LEFT = 56, RIGHT = 16, TOP = 16, BOTTOM = 30;
// A telephone gets a smaller picture, so that its words stay readable.
const narrow = matchMedia("(max-width: 40rem)");

// A round number at or above, so that the axis has friendly steps.
function ceiling(n) {
	if (n <= 0)
		return 1;
	const size = 10 ** Math.floor(Math.log10(n));
	return [1, 2, 2.5, 4, 5, 10].map((k) => k * size).find((k) => k >= n);
}

function path(points) {
	let out = "";
	let open = false;
	for (const [x, y] of points) {
		if (y === null) {
			open = false;
			continue;
		}
		out += `${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
		open = true;
	}
	return out;
}

// trend({points: [{label, done, pace}], goal, title, format}): what was done
// (a line with dots), the pace (dashed), the goal (thin).  null: not known.
export function trend({ points, goal, title, format = String }) {
	const [W, H] = narrow.matches ? [340, 220] : [640, 260];
	const top = ceiling(Math.max(goal ?? 0, ...points.map((p) => Math.max(p.done ?? 0, p.pace ?? 0))));
	const step = (W - LEFT - RIGHT) / Math.max(points.length - 1, 1);
	const x = (i) => LEFT + i * step;
	const y = (n) => n === null || n === undefined ? null : H - BOTTOM - (n / top) * (H - TOP - BOTTOM);
	const done = points.map((p, i) => [x(i), y(p.done)]);
	const every = Math.ceil(points.length / (W / 53));
	return html`<svg class="chart" viewBox="0 0 ${W} ${H}" role="img" aria-label=${title}>
		${[0, .25, .5, .75, 1].map((k) => svg`<line class=${k ? "grid" : "axis"} x1=${LEFT} x2=${W - RIGHT} y1=${y(top * k)} y2=${y(top * k)}/>
			<text x=${LEFT - 8} y=${y(top * k) + 4} text-anchor="end">${format(top * k)}</text>`)}
		${points.map((p, i) => i % every ? nothing : svg`<text x=${x(i)} y=${H - 10} text-anchor="middle">${p.label}</text>`)}
		${goal ? svg`<line class="goal" x1=${LEFT} x2=${W - RIGHT} y1=${y(goal)} y2=${y(goal)}/>` : nothing}
		<path class="pace" d=${path(points.map((p, i) => [x(i), y(p.pace)]))}/>
		<path class="done" d=${path(done)}/>
		${done.map(([cx, cy]) => cy === null ? nothing : svg`<circle class="dot" cx=${cx} cy=${cy} r="3.5"/>`)}
	</svg>`;
}

export const trendKey = html`<p class="key small soft" aria-hidden="true">
	<svg viewBox="0 0 28 10" class="chart sample"><path class="done" d="M0 5h28"/></svg>累计完成
	<svg viewBox="0 0 28 10" class="chart sample"><path class="pace" d="M0 5h28"/></svg>进度安排
	<svg viewBox="0 0 28 10" class="chart sample"><path class="goal" d="M0 5h28"/></svg>目标</p>`;

// A lying bar from 0 to max: sure is filled, sure to high is hatched, mark is
// where it should be.  Shares of a width, no figures are made here.
export function bar({ sure, high, max, mark, colour = "" }) {
	const part = (n) => max > 0 ? Math.max(0, Math.min(1, n / max)) * 200 : 0;
	return html`<svg class="bar ${colour}" viewBox="0 0 200 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
		<rect class="bed" width="200" height="6"/>
		${high > sure ? svg`<defs><pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0v4"/></pattern></defs>
			<rect class="range" x=${part(sure)} width=${part(high) - part(sure)} height="6"/>` : nothing}
		<rect class="sure" width=${part(sure)} height="6"/>
		${mark === null || mark === undefined ? nothing : svg`<rect class="mark" x=${Math.min(part(mark), 198.5)} width="1.5" height="6"/>`}
	</svg>`;
}
