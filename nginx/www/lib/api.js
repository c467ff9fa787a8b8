// The one door to the interface.  Answers are kept with their ETag and asked
// for again conditionally; refusals become an ApiError with words for people.

export const API = "/api/v1";

export class ApiError extends Error {
	constructor(status, problem, retryAfter = 0) {
		super(problem.detail || problem.title);
		this.name = "ApiError";
		this.status = status;
		this.code = problem.code;
		this.title = problem.title;
		this.errors = problem.errors || [];
		this.current = problem.current;
		this.traceId = problem.traceId;
		this.retryAfter = retryAfter;
	}
}

// What a person is told: the reason, and what to quote when asking for help.
export function explain(error) {
	if (!(error instanceof ApiError))
		return { text: `页面出了问题：${error.message}`, hint: "" };
	const trace = error.traceId ? `，编号 ${error.traceId}` : "";
	return { text: error.message || error.title, hint: `${error.title}（${error.code}${trace}）` };
}

const offline = { code: "offline", title: "没有连上服务器", detail: "没有连上服务器，请检查网络后再试。" };
const strange = { code: "not-ours", title: "应答不是本系统的", detail: "收到的不是本系统的应答（可能是上网认证页），请先连通网络再试。" };

const kept = new Map();
const asking = new Map();
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

async function call(path, options) {
	let answer;
	try {
		answer = await fetch(path, { credentials: "same-origin", redirect: "error", ...options });
	} catch (reason) {
		if (reason.name === "AbortError")
			throw reason;
		throw new ApiError(0, offline);
	}
	if (answer.status === 304 || answer.status === 204)
		return { answer, body: null };
	const type = answer.headers.get("Content-Type") || "";
	const body = /[/+]json\b/.test(type) ? await answer.json().catch(() => null) : null;
	if (body === null)
		throw new ApiError(answer.status, strange);
	if (!answer.ok)
		throw new ApiError(answer.status, body, Number(answer.headers.get("Retry-After")));
	return { answer, body };
}

// Nobody is signed in: to the login page, and back afterwards.
export function toLogin() {
	const here = location.pathname + location.search + location.hash;
	location.assign(`/login/?next=${encodeURIComponent(here)}`);
	return new Promise(() => {});
}

// Where a refusal of the door leads: to the login, or to a new password.
function turnedAway(error) {
	if (error.status === 401)
		return toLogin();
	if (error.code === "password-due") {
		location.assign("/login/#password");
		return new Promise(() => {});
	}
	throw error;
}

async function ask(path, tries) {
	const old = kept.get(path);
	const headers = { Accept: "application/json" };
	if (old)
		headers["If-None-Match"] = old.etag;
	try {
		const { answer, body } = await call(path, { headers });
		if (body === null)
			return old.body;
		const etag = answer.headers.get("ETag");
		if (etag)
			kept.set(path, { etag, body });
		return body;
	} catch (error) {
		if (error.status !== 503 || tries === 0)
			throw error;
		await wait(1000 * Math.min(error.retryAfter || 1, 5));
		return ask(path, tries - 1);
	}
}

// A document or a figure.  Two who ask the same at once share one question.
export async function get(path) {
	const full = path.startsWith("/") ? path : `${API}/${path}`;
	if (!asking.has(full))
		asking.set(full, ask(full, 2).finally(() => asking.delete(full)));
	try {
		return await asking.get(full);
	} catch (error) {
		return turnedAway(error);
	}
}

// What this person, or this version of the program, does not have is null.
export async function maybe(path) {
	try {
		return await get(path);
	} catch (error) {
		if (error.status === 403 || error.status === 404)
			return null;
		throw error;
	}
}

// All items of a list, page by page; the limit guards against a surprise.
export async function all(path, limit = 2000) {
	const items = [];
	let cursor = "";
	do {
		const page = await get(`${path}${path.includes("?") ? "&" : "?"}limit=200${cursor}`);
		items.push(...page.items);
		cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : "";
	} while (cursor && items.length < limit);
	return items;
}

// Change something.  options: ifMatch (a rev), create, key (Idempotency-Key),
// stay (the caller tells about 401 itself), type (the body is text of that kind).
// JSON and a header of our own are what a foreign page cannot send.
export async function send(method, path, body, options = {}) {
	const headers = { Accept: "application/json", "Content-Type": options.type ?? "application/json", "X-Requested-With": "minsheng" };
	if (options.ifMatch !== undefined)
		headers["If-Match"] = options.ifMatch === "*" ? "*" : `"${options.ifMatch}"`;
	if (options.create)
		headers["If-None-Match"] = "*";
	if (options.key)
		headers["Idempotency-Key"] = options.key;
	const full = path.startsWith("/") ? path : `${API}/${path}`;
	const text = body === undefined || body === null ? undefined : options.type ? body : JSON.stringify(body);
	try {
		return (await call(full, { method, headers, body: text })).body;
	} catch (error) {
		if (options.stay)
			throw error;
		return turnedAway(error);
	}
}

// query({plan, asOf: null}) → "plan=..."; what is empty is left out.
export function query(values) {
	return new URLSearchParams(Object.entries(values).filter(([, v]) => v !== null && v !== undefined && v !== "")).toString();
}
