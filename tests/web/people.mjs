// Who looks at the pages: people the fixture seeds (tests/e2e/keys.py).
import { execFileSync } from "node:child_process";
import { BASE } from "./harness.mjs";

// Sign in; returns ask(path): the interface as this person sees it.
export async function signIn(page, who) {
	const bearer = execFileSync("python3", ["tests/e2e/keys.py", "--bearer", who], { encoding: "utf8" }).trim();
	await page.setExtraHTTPHeaders({ Authorization: bearer });
	const answers = new Map();
	return async (path) => {
		if (!answers.has(path))
			answers.set(path, await (await page.request.get(BASE + path, { headers: { Authorization: bearer } })).json());
		return answers.get(path);
	};
}
