// Units as a tree, and the sets a notice speaks of.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { send } from "../lib/api.js";
import { KINDS, may } from "./book.js";
import { askForm } from "./forms.js";
import { orgOptions } from "./parts.js";

export const title = () => "单位";

export async function load() {
	return {};
}

function edit(ctx, org) {
	const id = org?._id;
	return askForm({
		key: `org:${id ?? "new"}`, title: id ? `修改${org.name}` : "新增单位", label: "保存", rev: org?.rev,
		values: { _id: id ?? "", name: org?.name ?? "", kind: org?.kind ?? "department", division: org?.division ?? ctx.who.division ?? "", parentId: org?.parentId ?? "", aliases: (org?.aliases ?? []).join("\n"), sortKey: String(org?.sortKey ?? ""), validTo: org?.validTo ?? "" },
		fields: [
			{ name: "_id", label: "编号", required: true, hint: "县用行政区划代码，其余用字母数字，例如 140800-minzheng。", when: () => !id }, { name: "name", label: "名称", required: true },
			{ name: "kind", label: "种类", type: "select", options: Object.entries(KINDS.org), required: true }, { name: "division", label: "行政区划代码", required: true },
			{ name: "parentId", label: "上级单位", type: "select", options: [["", "没有"], ...orgOptions(ctx.book)], required: false },
			{ name: "aliases", label: "别名（一行一个）", type: "textarea", rows: 3, hint: "通知里印的其他写法，导入时认得出来。" }, { name: "sortKey", label: "排序", inputmode: "numeric" }, { name: "validTo", label: "撤销日期", type: "date" },
		],
		send: (v, rev) => send("PUT", `orgs/${encodeURIComponent(v._id)}`, {
			...strip(org), _id: v._id, name: v.name, kind: v.kind, division: v.division, parentId: v.parentId || null, aliases: v.aliases.split("\n").map((a) => a.trim()).filter(Boolean),
			...(v.sortKey === "" ? {} : { sortKey: Number(v.sortKey) }), validTo: v.validTo || null,
		}, id ? { ifMatch: rev, stay: true } : { create: true, stay: true }),
	}).then((done) => done && (ctx.say("已保存。"), ctx.reload()));
}

function strip(org) {
	const { rev, createdAt, updatedAt, ...rest } = org ?? {};
	return rest;
}

function branch(ctx, parent, seen) {
	const list = ctx.book.orgs.filter((o) => (o.parentId ?? null) === parent || parent === null && !ctx.book.findOrg(o.parentId)).filter((o) => !seen.has(o._id));
	list.forEach((o) => seen.add(o._id));
	return list.length ? html`<ul class=${parent === null ? "tree" : "tree level"}>${list.map((o) => html`<li><span class="row"><b>${o.name}</b> <code class="small soft">${o._id}</code> <span class="tag">${KINDS.org[o.kind]}</span>
		${o.validTo ? html`<span class="tag">${o.validTo}撤销</span>` : nothing}${o.aliases?.length ? html`<span class="small soft">又称 ${o.aliases.join("、")}</span>` : nothing}
		${may("org.write") ? html`<button class="plain" aria-label="修改${o.name}" @click=${() => edit(ctx, o)}>修改</button>` : nothing}</span>${branch(ctx, o._id, seen)}</li>`)}</ul>` : nothing;
}

export function view(ctx) {
	return html`<div class="row spread"><h1>单位</h1>${may("org.write") ? html`<button @click=${() => edit(ctx, null)}>新增单位</button>` : nothing}</div>
		${branch(ctx, null, new Set())}
		<section aria-labelledby="o-sets"><h2 id="o-sets">单位集合</h2><ul class="preview">${ctx.book.sets.map((s) => html`<li><b>${s.name}</b>${s.ambiguous ? html` <span class="light yellow">说法有歧义</span>` : nothing} <span class="soft">${s.members.length}个：</span>${s.members.map(ctx.book.org).join("、")}</li>`)}</ul></section>`;
}
