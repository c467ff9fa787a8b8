// The queue: what was submitted goes to the server whenever there is a way, and
// leaves it only by a receipt.  It needs no service worker: it runs at the
// start, when the network or the page comes back, by a timer, by a button.
import { ApiError } from "../lib/api.js";
import * as db from "./db.js";
import { Refusal, deliver, sendPhotos } from "./doors.js";
import { ask, passing } from "./net.js";

const LANES = 2;
const TRIES = 3;
// So many in a row that did not get through: there is no way now.
const MISSES = 4;
const LONGEST = 300000;

// door: "" open; "login", "password", "other" (somebody else is signed in).
export const status = { sending: false, door: "", trouble: null, nextAt: 0 };
const listeners = new Set();
let me = null, timer = 0, rounds = 0, wanted = false;

export function onStatus(fn) {
	listeners.add(fn);
}
function tell(patch) {
	Object.assign(status, patch);
	listeners.forEach((fn) => fn());
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const order = (a, b) => (a.body.asOf ?? "").localeCompare(b.body.asOf ?? "") || a.queuedAt.localeCompare(b.queuedAt);

async function waiting() {
	return (await db.entries(me.id)).filter((e) => e.state === "queued").sort(order);
}

// The signed-in user must be the one whose entries these are.
async function checkDoor() {
	const who = await ask("GET", "session");
	if (typeof who.id !== "string" || !Array.isArray(who.roles))
		throw new ApiError(0, { code: "not-ours", title: "应答不是本系统的", detail: "收到的不是本系统的应答。" });
	if (who.id !== me.id)
		return "other";
	return who.passwordDue ? "password" : "";
}

const doorOf = (error) => error.status === 401 ? "login" : error.code === "password-due" ? "password" : "";

// ---- one round ----

class Round {
	misses = 0;
	done = 0;
	door = "";
	trouble = null;
	longest = 0;

	get over() {
		return Boolean(this.door) || this.misses >= MISSES;
	}

	// Ask some times before giving up for this round.
	patiently = async (fn) => {
		for (let n = 1; ; n++) {
			try {
				const value = await fn();
				this.misses = 0;
				return value;
			} catch (error) {
				if (!passing(error))
					throw error;
				this.misses++;
				this.trouble = error;
				this.longest = Math.max(this.longest, error.retryAfter * 1000);
				if (n >= TRIES || this.over || error.retryAfter > 0)
					throw error;
				await wait(150 * n);
			}
		}
	};

	async take(item) {
		try {
			await sendPhotos(item, this.patiently);
			// From here on it may have arrived, whatever is answered.
			const now = await db.change(item.user, item.id, { sent: true });
			if (now?.state !== "queued")
				return;
			const receipt = await this.patiently(() => deliver(item));
			await db.received(item.user, item.id, receipt);
			this.done++;
		} catch (error) {
			await this.failed(item, error);
		}
	}

	async failed(item, error) {
		const door = doorOf(error);
		if (door) {
			this.door = door;
			return;
		}
		const trouble = { text: error.message, code: error.code ?? "", title: error.title ?? "", errors: error.errors ?? [] };
		if (error instanceof Refusal || (error instanceof ApiError && !passing(error)))
			await db.change(item.user, item.id, { state: "refused", trouble });
		else if (error instanceof ApiError)
			await db.change(item.user, item.id, { tries: (item.tries ?? 0) + 1, trouble });
		else
			throw error;
	}

	async run(items, renew) {
		const lane = async () => {
			while (items.length && !this.over) {
				await renew();
				await this.take(items.shift());
			}
		};
		await Promise.all(Array.from({ length: LANES }, lane));
	}
}

async function runRound(renew) {
	const round = new Round();
	const items = await waiting();
	if (!items.length)
		return round;
	tell({ sending: true });
	try {
		round.door = await round.patiently(checkDoor);
		await round.run(items, renew);
	} catch (error) {
		round.door = doorOf(error);
		round.trouble = error;
	}
	return round;
}

// When to come again: soon after success, ever later without.
async function plan(round) {
	const left = (await waiting()).length;
	clearTimeout(timer);
	rounds = round?.done ? 0 : rounds + 1;
	const ms = Math.min(LONGEST, Math.max(round?.longest ?? 0, 1000 * 2 ** rounds)) * (.8 + .4 * Math.random());
	const again = left > 0 && !status.door;
	if (again)
		timer = setTimeout(flush, ms);
	else
		rounds = 0;
	return again ? Date.now() + ms : 0;
}

let running = null;

async function flushOnce() {
	const round = await db.alone("flush", runRound);
	const door = round?.door ?? "";
	Object.assign(status, { door, trouble: round?.trouble ?? null });
	tell({ sending: false, nextAt: await plan(round) });
}

// Send what waits.  Called again while it runs, it runs once more.
export function flush() {
	if (!me)
		return Promise.resolve();
	wanted = true;
	running ??= (async () => {
		try {
			while (wanted) {
				wanted = false;
				await flushOnce();
			}
		} finally {
			running = null;
		}
	})();
	return running;
}

// The person says "now": do not count what failed before.
export function flushNow() {
	rounds = 0;
	return flush();
}

export function start(user) {
	me = user;
	addEventListener("online", flushNow);
	document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flushNow());
	addEventListener("pageshow", (event) => event.persisted && flushNow());
	return flush();
}
