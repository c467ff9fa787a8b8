// Reminders, instructions and bulletins to units.
import { addDays, day, today } from "../lib/format.js";
import { KINDS } from "./book.js";
import { askForm, wrong } from "./forms.js";
import { orgOptions, taskOptions } from "./parts.js";
import { sending } from "./sending.js";
import { works } from "./works.js";

// The units of a set, or those chosen by hand.
function units(ctx, v) {
	const set = ctx.book.sets.find((s) => s._id === v.set);
	return set ? set.members : v.orgs;
}

// First what and to whom, then the letters one by one.
async function write(ctx) {
	const v = await askForm({
		key: `notice:${ctx.plan._id}`, title: "写通知", label: "下一步：看一遍", values: { kind: "instruction", taskId: "", set: "", orgs: [], title: "", text: "", dueOn: addDays(today(), 7) },
		fields: [
			{ name: "kind", label: "种类", type: "radio", options: Object.entries(KINDS.notice) }, { name: "taskId", label: "关于哪件", type: "select", options: [["", "整个计划"], ...taskOptions(ctx.book)] },
			{ name: "set", label: "发给", type: "select", options: [["", "下面选中的单位"], ...ctx.book.sets.map((s) => [s._id, `${s.name}（${s.members.length}个）`])] },
			{ name: "orgs", label: "单位", type: "checks", options: orgOptions(ctx.book), when: (x) => !x.set },
			{ name: "title", label: "标题", required: true }, { name: "text", label: "正文", type: "textarea", rows: 6, required: true }, { name: "dueOn", label: "答复期限", type: "date" },
		],
		send: async (x) => {
			if (!units(ctx, x).length)
				throw wrong("还没有选单位。");
			return { ...x };
		},
	});
	if (!v)
		return;
	const sent = await sending(ctx, { kind: v.kind, title: KINDS.notice[v.kind], letters: units(ctx, v).map((orgId) => ({ orgId, name: ctx.book.org(orgId), taskId: v.taskId || null, title: v.title, text: v.text, dueOn: v.dueOn })) });
	if (sent) {
		ctx.say(`已发给${sent}个单位。`);
		await ctx.reload();
	}
}

export const { title, load, view } = works({
	kind: "notices", word: "通知", states: "notice", intro: "催办、批示、通报都会成为单位的待办，直到办结。",
	sieve: [{ name: "kind", label: "种类", options: Object.entries(KINDS.notice) }],
	name: (ctx, n) => n.title,
	columns: (ctx) => [{ head: "种类", cell: (n) => KINDS.notice[n.kind] }, { head: "单位", cell: (n) => ctx.book.org(n.orgId) }, { head: "期限", cell: (n) => n.dueOn ? day(n.dueOn, true) : "—" }],
	make: [["notice.write", "写通知", write]],
});
