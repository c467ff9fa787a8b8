// Labels that are proposed with evidence, decided by somebody else.
import { send } from "../lib/api.js";
import { addDays, day, today } from "../lib/format.js";
import { KINDS } from "./book.js";
import { askForm, uuid } from "./forms.js";
import { to, works } from "./works.js";

export async function propose(ctx, check) {
	const id = uuid();
	const done = await askForm({
		key: `case:${check._id}`, title: "提出问责线索", label: "提出", values: { label: "false_done", text: check.text, statementDue: addDays(today(), 7) },
		fields: [{ name: "label", label: "性质", type: "radio", options: Object.entries(KINDS.label) }, { name: "text", label: "事实", type: "textarea", rows: 4, required: true },
			{ name: "statementDue", label: "请单位在这天以前说明", type: "date", required: true, hint: "由提出人以外的人认定。" }],
		send: ({ label, text, statementDue }) => send("PUT", `cases/${id}`, { taskId: check.taskId, orgId: check.orgId, label, text, statementDue, evidence: { checks: [check._id] } }, { stay: true }),
	});
	if (done) {
		ctx.say("线索已提出，单位可以说明情况。");
		to(ctx, "cases", id);
	}
}

export const { title, load, view } = works({
	kind: "cases", word: "问责线索", states: "case", intro: "线索从一次认定为不实的核查里提出；系统不自动下结论，由提出人以外的人认定。",
	name: (ctx, c) => `${ctx.book.org(c.orgId)}：${KINDS.label[c.label]}`,
	columns: () => [{ head: "说明截止", cell: (c) => day(c.statementDue, true) }, { head: "事实", cell: (c) => c.text }],
});
