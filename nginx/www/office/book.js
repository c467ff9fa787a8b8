// Names: which unit, which task, which person stands behind an id.
import { all, get, maybe } from "../lib/api.js";
import { may } from "../lib/app.js";

// The book of a plan: orgs and tasks by id, and what they are called.
export async function readBook(ctx) {
	const [orgs, sets, tasks] = await Promise.all([
		all("orgs"), all("org-sets"), ctx.plan ? all(`plans/${ctx.plan._id}/tasks`) : [],
	]);
	const byOrg = new Map(orgs.map((o) => [o._id, o]));
	const byTask = new Map(tasks.map((t) => [t._id, t]));
	orgs.sort((a, b) => (a.sortKey ?? 0) - (b.sortKey ?? 0));
	return {
		orgs, sets, tasks,
		org: (id) => byOrg.get(id)?.name ?? id ?? "",
		findOrg: (id) => byOrg.get(id),
		findTask: (id) => byTask.get(id),
		task: (id) => byTask.has(id) ? `第${byTask.get(id).no}件` : id ?? "",
		titled: (id) => byTask.has(id) ? `第${byTask.get(id).no}件 ${byTask.get(id).title}` : id ?? "",
		indicator: (taskId, id) => byTask.get(taskId)?.indicators?.find((i) => i.id === id),
		milestone: (taskId, id) => byTask.get(taskId)?.milestones?.find((m) => m.id === id),
	};
}

// An answer that knows where it came from, for the figures made of it.
export async function doc(path) {
	return mark(await get(path), path);
}

export async function maybeDoc(path) {
	return mark(await maybe(path), path);
}

function mark(body, path) {
	if (body && !body.from)
		Object.defineProperty(body, "from", { value: path });
	return body;
}

export const STATES = {
	report: { draft: "草稿", submitted: "已上报", unit_confirmed: "单位已确认", lead_confirmed: "牵头单位已审核", accepted: "已认定", returned: "已退回", superseded: "已被更正", missing: "没有报" },
	milestone: { pending: "未申报", claimed: "已申报完成", verified: "已核实", returned: "已退回", waived: "已批准免除" },
	task: { draft: "草案", issued: "已印发", in_progress: "推进中", completing: "申请办结", done: "已销号", cancelled: "已终止" },
	plan: { draft: "草案", issued: "已印发", closed: "已结束", archived: "已归档" },
	change: { draft: "草稿", submitted: "已提出", lead_opinion: "牵头单位已签意见", approved: "已批准", refused: "未批准" },
	check: { draft: "草稿", asked: "等待单位说明", answered: "单位已说明", concluded: "已认定" },
	case: { proposed: "已提出", answered: "单位已说明", upheld: "已认定", dismissed: "不予认定" },
	notice: { open: "待答复", answered: "已答复", closed: "已办结" },
};
export const KINDS = {
	change: { extend: "延期", adjust: "调整", terminate: "终止" },
	notice: { urge: "催办", instruction: "批示", bulletin: "通报" },
	verdict: { true: "属实", partly: "部分不实", false: "不实" },
	label: { not_done: "不落实", false_done: "假落实", slow: "慢落实" },
	level: { central: "中央", province: "省级", city: "市级", county: "县级", self: "自筹" },
	stage: { plan: "计划", issued: "下达", received: "到位", paid: "支付" },
	org: { city: "市", county: "县（市、区）", zone: "开发区", department: "部门", institution: "事业单位", troupe: "院团" },
	task: { quantity: "数量", milestone: "节点", mixed: "数量和节点" },
	target: { given: "文件写明", derived: "由分解数推算", missing: "文件没有写" },
	disposition: { accepted: "照原文执行", corrected: "已更正草案", clarify: "已去函核实" },
};

export { may };
