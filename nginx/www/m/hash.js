// SHA-256, also where the page has no secure context (http inside an office):
// there the browser keeps crypto.subtle and randomUUID to itself.
const K = new Uint32Array(64);
const START = new Uint32Array(8);

// The constants are the fractions of the roots of the first primes.
function fill() {
	const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32);
	for (let n = 2, i = 0; i < 64; n++) {
		let prime = true;
		for (let d = 2; d * d <= n; d++)
			prime &&= n % d !== 0;
		if (!prime)
			continue;
		if (i < 8)
			START[i] = fraction(Math.sqrt(n));
		K[i++] = fraction(Math.cbrt(n));
	}
}

function block(state, w) {
	const turn = (x, n) => (x >>> n) | (x << (32 - n));
	for (let i = 16; i < 64; i++) {
		const a = w[i - 15], b = w[i - 2];
		w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
	}
	let [a, b, c, d, e, f, g, h] = state;
	for (let i = 0; i < 64; i++) {
		const x = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
		const y = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
		h = g; g = f; f = e; e = (d + x) | 0;
		d = c; c = b; b = a; a = (x + y) | 0;
	}
	[a, b, c, d, e, f, g, h].forEach((v, i) => { state[i] += v; });
}

// By hand: bytes (Uint8Array) to lower-case hex.
export function sha256ByHand(bytes) {
	if (K[0] === 0)
		fill();
	const size = ((bytes.length + 8) >> 6 << 6) + 64;
	const padded = new Uint8Array(size);
	padded.set(bytes);
	padded[bytes.length] = 0x80;
	const view = new DataView(padded.buffer);
	view.setUint32(size - 8, Math.floor(bytes.length / 2 ** 29));
	view.setUint32(size - 4, bytes.length << 3);
	const state = START.slice();
	const w = new Uint32Array(64);
	for (let at = 0; at < size; at += 64) {
		for (let i = 0; i < 16; i++)
			w[i] = view.getUint32(at + 4 * i);
		block(state, w);
	}
	return [...state].map((v) => v.toString(16).padStart(8, "0")).join("");
}

// data: bytes, or text as UTF-8.
export async function sha256(data) {
	const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
	if (!globalThis.crypto?.subtle)
		return sha256ByHand(bytes);
	const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
	return [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export function uuid() {
	const b = crypto.getRandomValues(new Uint8Array(16));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	const hex = [...b].map((v) => v.toString(16).padStart(2, "0")).join("");
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

// JSON with sorted keys and no blanks, as the server prints what it hashes.
export function canonical(value) {
	if (Array.isArray(value))
		return `[${value.map(canonical).join(",")}]`;
	if (value && typeof value === "object")
		return `{${Object.keys(value).sort().map((k) => `${JSON.stringify(k)}:${canonical(value[k])}`).join(",")}}`;
	return JSON.stringify(value);
}

const HASHED = ["taskId", "indicatorId", "orgId", "asOf", "value", "narrative", "problems", "nextStep", "attachments"];

// The contentHash that the receipt of this report must show.
export function reportHash(body) {
	return sha256(canonical(Object.fromEntries(HASHED.filter((k) => body[k] !== undefined).map((k) => [k, body[k]]))));
}
