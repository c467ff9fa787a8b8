// Signing in: a name and a password become a session cookie; then back to
// where the person came from, or to the page of their role.  "#password" is
// the form for a new password, by choice or because the old one is due.
import { get, send, explain } from "../lib/api.js";

const login = document.getElementById("login");
const change = document.getElementById("change");
const NAMES = { user: "用户名", password: "口令", old: "原口令", new: "新口令", again: "再输一遍的新口令" };

// Only an address of this very site, never another one.
function wanted() {
	const next = new URLSearchParams(location.search).get("next");
	if (!next)
		return null;
	const url = new URL(next, location.origin);
	return url.origin === location.origin && !url.pathname.startsWith("/login") ? url.pathname + url.search + url.hash : null;
}

function home({ roles }) {
	const has = (...list) => roles.some((r) => list.includes(r.id));
	return has("reporter", "confirmer") && !has("leader", "office", "lead", "auditor", "admin") ? "/m/" : "/";
}

// error: what went wrong, as an Error or in words; good: it went well.
function tell(form, error, good = false) {
	const box = form.querySelector(".message");
	box.replaceChildren();
	if (!error)
		return;
	const { text, hint } = typeof error === "string" ? { text: error, hint: "" } : explain(error);
	const note = document.createElement("div");
	note.className = `note ${good ? "good" : "bad"}`;
	note.append(text, ...(error.errors ?? []).map((e) => {
		const line = document.createElement("div");
		line.textContent = e.detail;
		return line;
	}));
	note.title = hint;
	box.append(note);
}

// Say which field is empty, and go there.
function complete(form) {
	const fields = [...form.querySelectorAll("input")];
	for (const field of fields)
		field.setAttribute("aria-invalid", String(!field.value));
	const empty = fields.find((field) => !field.value);
	if (empty) {
		tell(form, `请输入${NAMES[empty.name]}。`);
		empty.focus();
	}
	return !empty;
}

// Submit a form: its button rests meanwhile, what goes wrong is told in it.
function onSubmit(form, act, clear) {
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		if (!complete(form))
			return;
		const button = form.querySelector("button");
		button.disabled = true;
		tell(form, null);
		try {
			await act();
		} catch (error) {
			tell(form, error);
			form.elements[clear].value = "";
			form.elements[clear].focus();
		}
		button.disabled = false;
	});
}

async function proceed() {
	const who = await get("session");
	if (who.passwordDue) {
		location.hash = "#password";
		return;
	}
	location.replace(wanted() ?? home(who));
}

onSubmit(login, async () => {
	const { user, password } = login.elements;
	await send("POST", "session", { user: user.value.trim(), password: password.value }, { stay: true });
	await proceed();
}, "password");

onSubmit(change, async () => {
	const fields = change.elements;
	if (fields.new.value !== fields.again.value) {
		tell(change, "两次输入的新口令不一样。");
		fields.again.focus();
		return;
	}
	await send("POST", "session:password", { old: fields.old.value, new: fields.new.value });
	change.reset();
	login.elements.password.value = "";
	history.replaceState(null, "", `/login/${location.search}`);
	show();
	tell(login, "口令已修改，请用新口令登录。", true);
}, "again");

function show() {
	const changing = location.hash === "#password";
	login.hidden = changing;
	change.hidden = !changing;
	document.title = `${changing ? "修改口令" : "登录"} · 民生实事`;
	(changing ? change : login).querySelector("input").focus();
}
addEventListener("hashchange", show);
show();
