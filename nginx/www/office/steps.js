// What may be done with what waits: the verbs of `may` by kind, the key that
// does it, what has to be said.  The server decides; only what it offers is shown.
import { send } from "../lib/api.js";
import { askForm, uuid } from "./forms.js";

const reason = { name: "reason", label: "原因", type: "textarea", rows: 4, required: true, hint: "单位会看到这段话，请写明要改什么。" };
const text = { name: "text", label: "意见", type: "textarea", rows: 3, required: true };
const remark = { ...text, label: "附言", required: false };
const docNo = { name: "docNo", label: "依据文号" };
const needed = { ...docNo, required: true, hint: "终止一件事项须有文件依据。" };

// verb: [what it is called, key, fields, is it the plain way on?]
export const STEPS = {
	reports: {
		confirm: ["单位确认", "c"], "lead-confirm": ["牵头审核通过", "c"], accept: ["认定", "a", null, true], return: ["退回", "r", [reason]],
	},
	milestones: { verify: ["核实", "a", null, true], return: ["退回", "r", [reason]] },
	changes: {
		opinion: ["签牵头意见", "c", [{ name: "support", label: "意见", type: "radio", options: [["yes", "同意"], ["no", "不同意"]] }, { ...text, label: "理由" }]],
		approve: ["批准", "a", (d) => [text, d.kind === "terminate" ? needed : docNo], true], refuse: ["不批准", "r", [text, docNo]],
	},
	checks: { conclude: ["认定结果", "a", [text, docNo], true] },
	cases: { uphold: ["认定", "a", [text, docNo], true], dismiss: ["不予认定", "r", [text, docNo]] },
	notices: { close: ["办结", "a", [remark], true], reopen: ["退回重新答复", "r", [reason]] },
	tasks: { start: ["启动", "s", [remark]], complete: ["申请办结", "c", [remark]], finish: ["销号", "a", [text, docNo], true], resume: ["不同意办结", "r", [reason]] },
};

export function kindOf(item) {
	const first = item.kind.split("_")[0];
	return { report: "reports", milestone: "milestones", change: "changes", check: "checks", case: "cases", notice: "notices", task: "tasks" }[first];
}

// The steps of a document that this person may take now.
export function stepsOf(kind, document) {
	return Object.entries(STEPS[kind] ?? {}).filter(([verb]) => document?.may?.includes(verb))
		.map(([verb, [word, key, fields, on]]) => ({ verb, word, key, fields: typeof fields === "function" ? fields(document) : fields, on }));
}

// Steps of reports without a word take no body at all.
const MUTE = ["confirm", "lead-confirm", "accept"];

function body(verb, values) {
	if (MUTE.includes(verb))
		return undefined;
	if (verb === "opinion")
		return { support: values.support === "yes", text: values.text };
	return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ""));
}

// Take a step; what it asks for is asked first.  → the new document, or null.
// base is the address without the verb.  Throws where nothing was asked.
export async function take(step, base, document, name) {
	const post = (values, rev, key) => send("POST", `${base}:${step.verb}`, body(step.verb, values), { ifMatch: rev, key, stay: true });
	if (!step.fields)
		return post({}, document.rev, uuid());
	return askForm({
		key: `${step.verb}:${base}`, title: `${step.word}：${name}`, label: step.word, fields: step.fields,
		values: step.verb === "opinion" ? { support: "yes" } : {}, rev: document.rev, send: post,
	});
}
