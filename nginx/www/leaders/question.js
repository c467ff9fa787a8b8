// The question as the address has it, with what is left out filled in.
import { today } from "../lib/format.js";

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
