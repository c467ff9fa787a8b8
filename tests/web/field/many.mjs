// A plan of 2018 in which each of two counties owes 60 reports: five indicators
// by twelve months.
const orgs = ["140826", "140824"].map((orgId) => ({ orgId, qty: 450, state: "given" }));
const plan = {
	_id: "140800-2018", division: "140800", year: 2018, title: "2018年民生实事", docNo: "运政办发〔2018〕1号", issuedOn: "2018-01-05", status: "draft",
	reporting: { period: "month", dueDay: 5, graceWorkdays: 0 },
};
const names = ["危房改造", "厕所改造", "自来水入户", "困难群众救助", "村级卫生室建设"];
const tasks = [{
	_id: "140800-2018-01", planId: plan._id, division: plan.division, year: plan.year, no: 1, title: "农村五项改善", kind: "quantity",
	lead: { orgId: "140800-dcs", contacts: [{ name: "陈一", phone: "138****0101" }] },
	indicators: names.map((name, k) => ({ id: `i${k + 1}`, name, unit: "户", target: { qty: 900, state: "given" }, quotas: orgs })),
	funding: [], subtasks: [], milestones: [],
}];
process.stdout.write(JSON.stringify({ plan, tasks }));
