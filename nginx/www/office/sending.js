// Letters to many units: each is seen, and may be changed, before it goes out.
// Each has its id from the beginning, so that sending again what failed, or
// what only seemed to, never makes two.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { ask } from "../lib/app.js";
import { explain, send } from "../lib/api.js";
import { uuid } from "./forms.js";

const kept = new Map();

async function sendOne(ctx, kind, letter) {
	letter.error = null;
	try {
		await send("PUT", `notices/${letter.id}`, { planId: ctx.plan._id, taskId: letter.taskId ?? null, orgId: letter.orgId, kind, title: letter.title, text: letter.text, dueOn: letter.dueOn || null }, { stay: true });
		letter.done = true;
	} catch (error) {
		letter.error = error.status === 401 ? "登录已过期，请在新窗口登录后再发。" : explain(error).text;
	}
}

function one(letter, i, draw) {
	const set = (name) => (e) => { letter[name] = e.target.value; draw(); };
	return html`<li><details ?open=${i === 0}><summary>${letter.name}${letter.done ? html` <span class="light green">已发出</span>` : nothing}${letter.error ? html` <span class="light red">没有发出</span>` : nothing}</summary>
		${letter.error ? html`<p class="error" role="alert">${letter.error}</p>` : nothing}
		<div class="fields"><label>标题<input maxlength="200" ?disabled=${letter.done} .value=${live(letter.title)} @input=${set("title")}></label>
		<label>正文<textarea rows="6" ?disabled=${letter.done} .value=${live(letter.text)} @input=${set("text")}></textarea></label>
		<label>答复期限<input type="date" ?disabled=${letter.done} .value=${live(letter.dueOn ?? "")} @input=${set("dueOn")}></label></div></details></li>`;
}

// → how many were sent, or null.
export function sending(ctx, { kind, title, letters }) {
	const key = `${kind}:${ctx.plan._id}:${letters.map((l) => `${l.orgId}${l.title}`).join()}`;
	const list = kept.get(key) ?? letters.map((l) => ({ ...l, id: uuid(), done: false, error: null }));
	kept.set(key, list);
	let busy = false;
	return ask((close, draw) => {
		const left = list.filter((l) => !l.done);
		const go = async () => {
			busy = true;
			draw();
			for (const letter of left) {
				await sendOne(ctx, kind, letter);
				draw();
			}
			busy = false;
			if (list.every((l) => l.done)) {
				kept.delete(key);
				close(list.length);
			} else
				draw();
		};
		return html`<h2>${title}：发出前看一遍</h2><p class="broad">将发给${list.length}个单位，发出后不能撤回。点开每个单位可以改文字。</p>
			<ol class="preview">${list.map((l, i) => one(l, i, draw))}</ol>
			<div class="actions"><button class="main" ?disabled=${busy || !left.length} @click=${go}>${busy ? "正在发……" : list.some((l) => l.error) ? `再发没有成功的${left.length}份` : `全部发出（${left.length}个单位）`}</button>
			<button @click=${() => close(list.filter((l) => l.done).length || null)}>先不发</button></div>`;
	});
}
