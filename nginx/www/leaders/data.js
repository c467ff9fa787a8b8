// What the leaders' pages ask: a question {plan, asOf, knownAt} and the
// families of figures.  An answer remembers its address, so that every figure
// on a page can say where it came from.
import { get, maybe, query } from "../lib/api.js";
import { link } from "../lib/app.js";

function mark(body, path) {
	if (body && !body.from)
		Object.defineProperty(body, "from", { value: path });
	return body;
}

export async function doc(path) {
	return mark(await get(path), path);
}

// null where this program or this person does not have it.
export async function maybeDoc(path) {
	return mark(await maybe(path), path);
}

export function statPath(family, q, by) {
	return `/api/v1/stats/${family}?${query({ plan: q.plan, by, asOf: q.asOf, knownAt: q.knownAt })}`;
}

export const stat = (family, q, by) => doc(statPath(family, q, by));
export const maybeStat = (family, q, by) => maybeDoc(statPath(family, q, by));

// A link within these pages keeps the question.
export function to(q, ...path) {
	return link(path, { plan: q.plan, asOf: q.asOf, knownAt: q.knownAt });
}

// The place a JSON pointer names.
export function at(body, pointer) {
	return pointer.split("/").slice(1).reduce((value, key) => value?.[key], body);
}
