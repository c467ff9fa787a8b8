// Tables as data: columns say how a row becomes cells, the rest is the same
// everywhere (caption, scope, figures to the right, a scrolling frame that the
// keyboard reaches).
import { html, nothing } from "../vendor/lit-html/lit-html.js";

// table({caption, columns: [{head, cell(row, i), num, rowHead, cls}], rows,
//        foot: [cells], empty: text, id, showCaption})
export function table({ caption, columns, rows, foot, empty = "没有内容。", showCaption = false, cls = "" }) {
	if (!rows.length)
		return html`<p class="empty">${empty}</p>`;
	const style = (column) => [column.num ? "n" : "", column.rowHead && !column.cls ? "name" : "", column.cls || ""].join(" ").trim() || nothing;
	const cell = (column, content) => column.rowHead
		? html`<th scope="row" class=${style(column)}>${content}</th>`
		: html`<td class=${style(column)}>${content}</td>`;
	return html`<div class="scroll" tabindex="0" role="region" aria-label=${caption}>
		<table class=${cls || nothing}>
			<caption class=${showCaption ? nothing : "hidden"}>${caption}</caption>
			<thead><tr>${columns.map((c) => html`<th scope="col" class=${style(c)}>${c.head}</th>`)}</tr></thead>
			<tbody>${rows.map((row, i) => html`<tr>${columns.map((c) => cell(c, c.cell(row, i)))}</tr>`)}</tbody>
			${foot ? html`<tfoot><tr>${columns.map((c, i) => cell(c, foot[i] ?? nothing))}</tr></tfoot>` : nothing}
		</table></div>`;
}
