// Who has reported, on time, late or not at all.
import { html, nothing } from "../vendor/lit-html/lit-html.js";

export function reportingBrief() {
	return nothing;
}
