// Signing in: a name and a password become a session cookie; then back to
// where the person came from, or to the page of their role.
import { send, explain } from "../lib/api.js";

const form = document.getElementById("login");
const message = document.getElementById("message");

// Only an address of this very site, never another one.
function next(roles) {
	const wanted = new URLSearchParams(location.search).get("next");
	if (wanted) {
		const url = new URL(wanted, location.origin);
		if (url.origin === location.origin && !url.pathname.startsWith("/login"))
			return url.pathname + url.search + url.hash;
	}
	const field = roles.includes("reporter") || roles.includes("confirmer");
	const more = ["leader", "office", "lead", "auditor", "admin"].some((r) => roles.includes(r));
	return field && !more ? "/m/" : "/";
}

function tell(text, hint = "") {
	message.replaceChildren();
	if (!text)
		return;
	const note = document.createElement("div");
	note.className = "note bad";
	note.textContent = text;
	if (hint)
		note.title = hint;
	message.append(note);
}

// Say which field is empty, and go there.
function complete() {
	const empty = [form.name_, form.password].find((field) => !field.value);
	for (const field of [form.name_, form.password])
		field.setAttribute("aria-invalid", String(!field.value));
	if (!empty)
		return true;
	tell(empty === form.password ? "请输入密码。" : "请输入用户名。");
	empty.focus();
	return false;
}

form.name_ = document.getElementById("name");
form.addEventListener("submit", async (event) => {
	event.preventDefault();
	if (!complete())
		return;
	const button = form.querySelector("button");
	button.disabled = true;
	tell("");
	try {
		const who = await send("POST", "session", { name: form.name_.value.trim(), password: form.password.value }, { stay: true });
		location.replace(next(who.roles || []));
	} catch (error) {
		const { text, hint } = explain(error);
		tell(text, hint);
		form.password.value = "";
		form.password.focus();
		button.disabled = false;
	}
});
document.getElementById("name").focus();
