// The picture leaders know: a row for each unit, a column for each task, a
// light in each cell.  A cell says why when it is pressed.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { LIGHTS, shape } from "../lib/lights.js";
import { to } from "./data.js";
import { whyCell, legend } from "./parts.js";

export function matrix(q, answer) {
	return nothing;
}
