// Who looks at the pages: people whom tests/e2e/web.sh has made.
import { BASE } from "./harness.mjs";

const cookies = new Map();

// Sign in by the form, the first time.
async function byForm(page, user) {
	await page.goto(`${BASE}/login/`);
	await page.fill("#user", user);
	await page.fill("#secret", process.env.WEB_SECRET);
	await page.click("#login button");
	await page.waitForURL((url) => !url.pathname.startsWith("/login"));
	cookies.set(user, await page.context().cookies());
}

// Returns ask(path): the interface as this person sees it.
export async function signIn(page, user) {
	if (cookies.has(user))
		await page.context().addCookies(cookies.get(user));
	else
		await byForm(page, user);
	const answers = new Map();
	return async (path) => {
		if (!answers.has(path))
			answers.set(path, await (await page.request.get(BASE + path)).json());
		return answers.get(path);
	};
}
