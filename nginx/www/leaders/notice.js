// 批示 from the page: an instruction about a task to one unit, and the list of
// what was said before with its answers.  One UUID for one dialog: pressing
// twice, or again after the network was gone, makes one notice.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { explain, query, send, maybe as ifAny } from "../lib/api.js";
import { ask, may } from "../lib/app.js";
import { table } from "../lib/table.js";
import { day, instant } from "../lib/format.js";
import { to } from "./data.js";

const KINDS = { urge: "催办", instruction: "批示", bulletin: "通报" };
const STATES = { open: "待答复", answered: "已答复", closed: "已办结" };

export const mayInstruct = () => may("notice.write");

// null where there are no notices, or this person may not read them.
export function fetchNotices(q, filter) {
	return ifAny(`notices?${query({ plan: q.plan, limit: 200, ...filter })}`);
}

export function notices(q, list, names) {
	return table({
		caption: "批示、催办和通报", rows: list.items, empty: "还没有。",
		columns: [
			{ head: "时间", cell: (n) => html`<span class="num">${instant(n.submittedAt ?? n.createdAt)}</span>` },
			{ head: "", cell: (n) => KINDS[n.kind] },
			{ head: "给", cell: (n) => html`<a href=${to(q, "org", n.orgId)}>${names.org(n.orgId)}</a>` },
			{ head: "内容", rowHead: true, cls: "what", cell: (n) => html`${n.title}<div class="small soft">${n.text}</div>${n.answer
				? html`<div class="small">答复：${n.answer.text}</div>` : nothing}` },
			{ head: "期限", num: true, cell: (n) => day(n.dueOn, true) },
			{ head: "状态", cell: (n) => STATES[n.state] ?? n.state },
		],
	});
}

// units: [{id, name}], the first is the likeliest.  True when it was sent.
export function instruct(q, task, units) {
	const id = crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
		(c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));
	let wrong = null;
	let busy = false;
	return ask((close, draw) => {
		const submit = async (event) => {
			event.preventDefault();
			const { org, text, dueOn } = event.target.elements;
			wrong = text.value.trim() ? null : { text: "请写下批示的内容。" };
			busy = !wrong;
			draw();
			if (wrong) {
				text.focus();
				return;
			}
			try {
				await send("PUT", `notices/${id}`, {
					planId: q.plan, taskId: task._id, orgId: org.value, kind: "instruction",
					title: `关于第${task.no}件实事的批示`, text: text.value.trim(), ...dueOn.value ? { dueOn: dueOn.value } : {},
				});
				close(true);
			} catch (error) {
				wrong = explain(error);
				busy = false;
				draw();
			}
		};
		return html`<form class="fields" method="dialog" @submit=${submit}>
			<h2>批示：第${task.no}件</h2>
			<p class="soft">${task.title}</p>
			${wrong ? html`<div class="note bad" role="alert">${wrong.text}</div>` : nothing}
			<div><label for="n-org">给</label><select id="n-org" name="org">${units.map((u) => html`<option value=${u.id}>${u.name}</option>`)}</select></div>
			<div><label for="n-text">内容</label><textarea id="n-text" name="text" maxlength="2000" required></textarea></div>
			<div><label for="n-due">答复期限（可以不填）</label><input id="n-due" name="dueOn" type="date"></div>
			<p class="small soft">收到的单位会在待办里看到，答复也在这里。</p>
			<div class="actions"><button class="main" ?disabled=${busy}>${busy ? "正在发出……" : "发出"}</button><button type="button" @click=${() => close(null)}>取消</button></div>
		</form>`;
	});
}
