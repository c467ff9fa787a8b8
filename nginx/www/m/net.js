// Questions to the interface, for pages that live with a bad network: nothing
// hangs for ever, nobody is sent to the login in the middle of writing, and an
// answer counts only when it is one of ours.
import { API, ApiError } from "../lib/api.js";

const OFFLINE = { code: "offline", title: "没有连上服务器", detail: "没有连上服务器，等有了网络会自动再试。" };
const STRANGE = { code: "not-ours", title: "应答不是本系统的", detail: "收到的不是本系统的应答，可能要先在浏览器里登录Wi-Fi（上网认证页）。" };

// An answer of ours: JSON, and a refusal says its code.
function understand(answer, text) {
	const type = answer.headers.get("Content-Type") || "";
	let body = null;
	try {
		body = /[/+]json\b/.test(type) ? JSON.parse(text) : null;
	} catch {
		// Cut off, or not JSON: as good as none.
	}
	if (body === null || typeof body !== "object" || (!answer.ok && typeof body.code !== "string"))
		throw new ApiError(0, STRANGE);
	if (!answer.ok)
		throw new ApiError(answer.status, body, Number(answer.headers.get("Retry-After")) || 0);
	return body;
}

// options: json or raw (bytes, with type), headers, timeout in ms.
// The answer's document, or an ApiError; status 0: nobody of ours has answered.
export async function ask(method, path, { json, raw, type, headers = {}, timeout = 20000 } = {}) {
	const stop = new AbortController();
	const timer = setTimeout(() => stop.abort(), timeout);
	const all = { Accept: "application/json", "X-Requested-With": "minsheng", ...headers };
	if (json !== undefined)
		all["Content-Type"] = "application/json";
	else if (raw)
		all["Content-Type"] = type;
	try {
		const answer = await fetch(path.startsWith("/") ? path : `${API}/${path}`, {
			method, headers: all, body: json === undefined ? raw : JSON.stringify(json),
			credentials: "same-origin", redirect: "error", signal: stop.signal,
		});
		return understand(answer, await answer.text());
	} catch (error) {
		throw error instanceof ApiError ? error : new ApiError(0, OFFLINE);
	} finally {
		clearTimeout(timer);
	}
}

// Is it worth asking again, as it is?
export function passing(error) {
	return error instanceof ApiError && (error.status === 0 || error.status === 408 || error.status === 429 ||
		error.status >= 500 || (error.status === 409 && error.retryAfter > 0));
}
