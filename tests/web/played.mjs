// Made-up reports and milestone states for the sample plan, so that the pages
// have something to show: from April to the month given, the same every time.
// Some units are late, 闻喜县 has not said anything, one is ahead.
//   node tests/web/played.mjs 2019-08 >bundle.json
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const until = process.argv[2] ?? "2019-08";
const sample = new URL("../../scripts/sample/140800-2019/", import.meta.url);
const tasks = JSON.parse(readFileSync(new URL("tasks.json", sample), "utf8"));

function uuid(text) {
	const h = createHash("sha256").update(text).digest("hex");
	return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

// A number in [0, 1) that belongs to the text.
function lot(text) {
	return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}

const last = (y, m) => new Date(Date.UTC(y, m, 0)).toISOString().slice(0, 10);
const months = [];
for (let m = 4; m <= Number(until.slice(5)); m++)
	months.push(m);

// How fast each task goes on the whole.
const pace = { 1: .95, 2: .8, 3: .85, 4: 1.3, 5: 1.05, 6: 1.15, 9: 1 };
const silent = new Set(["140823"]);
const stopped = new Map([["140828", 5], ["140824", 6]]);

function* series() {
	for (const task of tasks) {
		for (const indicator of task.indicators ?? []) {
			const quotas = indicator.quotas?.length ? indicator.quotas : [{ orgId: task.lead.orgId, qty: indicator.target.qty }];
			for (const quota of quotas)
				yield { task, indicator, orgId: quota.orgId, qty: quota.qty };
		}
	}
}

const reports = [];
for (const { task, indicator, orgId, qty } of series()) {
	const key = `${task._id}.${indicator.id}.${orgId}`;
	const speed = pace[task.no] * (orgId === "140829" ? 1.25 : .75 + .45 * lot(key));
	for (const m of months) {
		if (silent.has(orgId) || m > (stopped.get(orgId) ?? 12) || !qty)
			continue;
		const n = Math.min(Math.floor(qty * 1.04), Math.floor(qty * speed * (m - 3) / 8.2));
		const done = 2 + Math.floor(3 * lot(key + m));
		reports.push({
			_id: uuid(`${key}.${m}`), planId: task.planId, taskId: task._id, indicatorId: indicator.id, orgId,
			asOf: last(2019, m), value: { kind: "number", n }, state: "accepted",
			acceptedAt: `2019-${String(m + 1).padStart(2, "0")}-0${done}T02:00:00.000Z`, revision: 1, supersedes: null,
			narrative: `截至${m}月底，累计完成${n}${indicator.unit}。`,
		});
	}
}

const milestoneStates = [];
for (const task of tasks) {
	for (const milestone of task.milestones) {
		if (milestone.rule.type !== "event" || !milestone.to || milestone.to > `${until}-31`)
			continue;
		for (const orgId of milestone.orgs?.length ? milestone.orgs : [task.lead.orgId]) {
			const key = `${task._id}.${milestone.id}.${orgId}`;
			if (silent.has(orgId) && task.no !== 7 || lot(key) < (task.no % 5 === 0 ? .2 : 0))
				continue;
			milestoneStates.push({
				_id: key, planId: task.planId, taskId: task._id, milestoneId: milestone.id, orgId, state: "verified",
				metOn: milestone.to, verifiedAt: `${milestone.to}T08:00:00.000Z`,
			});
		}
	}
}
process.stdout.write(JSON.stringify({ reports, milestoneStates }));
