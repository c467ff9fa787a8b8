// How figures and times are written.  Nothing is computed here: a percentage
// is shown as the server cut it, money is moved by its decimal point only.

export const NONE = "—";

export function qty(n, unit = "") {
	return n === null || n === undefined ? NONE : n.toLocaleString("zh-CN") + unit;
}

// 分 → 万元, exactly: integers only.
export function wan(fen) {
	if (fen === null || fen === undefined)
		return NONE;
	const size = Math.abs(fen);
	const rest = String(size % 1000000).padStart(6, "0").replace(/0+$/, "");
	return (fen < 0 ? "-" : "") + Math.trunc(size / 1000000).toLocaleString("zh-CN") + (rest ? "." + rest : "");
}

// At least to at most; one number where they are the same.
export function wanRange(row) {
	return row.lowFen === row.highFen ? wan(row.lowFen) : `${wan(row.lowFen)}～${wan(row.highFen)}`;
}

export function percent(text) {
	return text === null || text === undefined ? NONE : `${text}%`;
}

// "2019-08-31" → "2019年8月31日"; short: "8月31日".
export function day(text, short = false) {
	if (!text)
		return NONE;
	const [y, m, d] = text.split("-").map(Number);
	return `${short ? "" : `${y}年`}${m}月${d}日`;
}

export function month(text, short = false) {
	const [y, m] = text.split("-").map(Number);
	return short ? `${m}月` : `${y}年${m}月`;
}

const zone = "Asia/Shanghai";
const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
const civil = new Intl.DateTimeFormat("sv-SE", { timeZone: zone });

// An instant as people in Shanghai read it: "2019-06-03 10:00".
export function instant(text) {
	return text ? clock.format(new Date(text)) : NONE;
}

// The civil day in Shanghai, where the program counts days.  The server's day
// counts, not that of this machine: `daysOff` lies between them.
let daysOff = 0;

export function today() {
	return addDays(civil.format(new Date()), daysOff);
}

export function setToday(day) {
	daysOff = daysBetween(civil.format(new Date()), day);
}

// The last day of the month before the one of this day.
export function monthBefore(text) {
	const [y, m] = text.split("-").map(Number);
	return new Date(Date.UTC(y, m - 1, 0)).toISOString().slice(0, 10);
}

// The end of a civil day as an instant.
export function endOf(text) {
	return new Date(`${text}T23:59:59.999+08:00`).toISOString();
}

// The day that many days after the first one, and back.
export function addDays(text, n) {
	return new Date(Date.parse(`${text}T00:00:00Z`) + n * 86400000).toISOString().slice(0, 10);
}

export function daysBetween(from, to) {
	return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86400000);
}
