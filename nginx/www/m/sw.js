// An extra, where browsers have it: the page opens without a network.  The
// network comes first, what was kept last is for when it does not answer.
// Answers of the interface are never kept here.
const NAME = "minsheng-m-1";

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const ours = (url) => url.origin === location.origin && !url.pathname.startsWith("/api/");

addEventListener("message", (event) => event.waitUntil((async () => {
	const cache = await caches.open(NAME);
	const urls = event.data.map((u) => new URL(u, location.origin)).filter(ours);
	await Promise.all(urls.map((u) => cache.add(new Request(u.pathname, { cache: "force-cache" })).catch(() => {})));
})()));

async function fresh(request) {
	const answer = await fetch(request);
	if (answer.ok && answer.type === "basic")
		(await caches.open(NAME)).put(new URL(request.url).pathname, answer.clone());
	return answer;
}

async function serve(request) {
	const old = await (await caches.open(NAME)).match(new URL(request.url).pathname);
	if (!old)
		return fetch(request);
	const late = new Promise((done) => setTimeout(done, 4000, old));
	return Promise.race([fresh(request).catch(() => old), late]);
}

addEventListener("fetch", (event) => {
	if (event.request.method === "GET" && ours(new URL(event.request.url)))
		event.respondWith(serve(event.request));
});
