// People: who they are, what they may do, their first password.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, get, send } from "../lib/api.js";
import { table } from "../lib/table.js";
import { instant } from "../lib/format.js";
import { may } from "./book.js";
import { askForm, showOnce } from "./forms.js";
import { orgOptions } from "./parts.js";

export const title = () => "用户";
export const ROLES = [["reporter", "填报人"], ["confirmer", "单位确认人"], ["lead", "牵头单位"], ["office", "督查室"], ["leader", "领导"], ["auditor", "审计"], ["admin", "系统管理员"]];
export const roleName = (id) => ROLES.find(([r]) => r === id)?.[1] ?? id;

export async function load() {
	return { users: await all("users") };
}

async function edit(ctx, user) {
	const fresh = user ? await get(`users/${encodeURIComponent(user._id)}`) : null;
	const done = await askForm({
		key: `user:${user?._id ?? "new"}`, title: user ? `修改${user.name}` : "新增用户", label: "保存", rev: fresh?.rev,
		values: { _id: "", name: fresh?.name ?? "", orgId: fresh?.orgId ?? "", roles: fresh?.roles ?? ["reporter"], phone: "" },
		fields: [
			{ name: "_id", label: "用户名", required: true, hint: "登录用，字母和数字，例如 wenxi.tianbao。", when: () => !user }, { name: "name", label: "姓名", required: true },
			{ name: "orgId", label: "单位", type: "select", required: true, options: [["", "请选择"], ...orgOptions(ctx.book)] }, { name: "roles", label: "角色", type: "checks", options: ROLES },
			{ name: "phone", label: "电话", hint: user ? "不改就空着。" : nothing },
		],
		send: (v, rev) => {
			const body = { name: v.name, orgId: v.orgId, roles: v.roles, ...(v.phone ? { phone: v.phone } : {}) };
			return user ? send("PATCH", `users/${encodeURIComponent(user._id)}`, body, { ifMatch: rev, stay: true }) : send("PUT", `users/${encodeURIComponent(v._id)}`, body, { create: true, stay: true });
		},
	});
	if (!done)
		return;
	ctx.say(user ? "已保存。" : "用户已建好，请再给一个临时口令。");
	await ctx.reload();
}

// A temporary password that people can read out: no letters that look alike.
function invented() {
	const letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
	const list = Array.from(crypto.getRandomValues(new Uint32Array(12)), (n) => letters[n % letters.length]);
	return `${list.slice(0, 4).join("")}-${list.slice(4, 8).join("")}-${list.slice(8).join("")}`;
}

async function password(ctx, user) {
	const done = await askForm({
		key: `password:${user._id}`, title: `${user.name}的临时口令`, label: "设为临时口令", values: { password: invented() },
		intro: html`<p class="soft">本人第一次登录时要换掉。原来的登录会立即失效。</p>`, fields: [{ name: "password", label: "临时口令", required: true }],
		send: async ({ password: text }, rev, key) => { await send("POST", `users/${encodeURIComponent(user._id)}:password`, { password: text, temporary: true }, { key, stay: true }); return { text }; },
	});
	if (!done)
		return;
	await showOnce("临时口令", html`请当面或用电话告诉${user.name}，关闭以后不再显示。`, done.text);
	await ctx.reload();
}

async function toggle(ctx, user) {
	try {
		const fresh = await get(`users/${encodeURIComponent(user._id)}`);
		await send("PATCH", `users/${encodeURIComponent(user._id)}`, { disabled: !user.disabled }, { ifMatch: fresh.rev, stay: true });
		ctx.say(user.disabled ? `${user.name}可以登录了。` : `${user.name}已停用。`);
		await ctx.reload();
	} catch (error) {
		ctx.fail(error);
	}
}

export function view(ctx, { users }) {
	const write = may("user.write");
	return html`<div class="row spread"><h1>用户</h1>${write ? html`<button @click=${() => edit(ctx, null)}>新增用户</button>` : nothing}</div>
		${table({
			caption: "用户", rows: users, empty: "没有用户。",
			columns: [{ head: "用户名", rowHead: true, cell: (u) => u._id }, { head: "姓名", cell: (u) => u.name }, { head: "单位", cell: (u) => ctx.book.org(u.orgId) }, { head: "角色", cell: (u) => u.roles.map(roleName).join("、") }, { head: "电话", cell: (u) => html`<span class="num">${u.phone ?? ""}</span>` },
				{ head: "状态", cell: (u) => html`${u.disabled ? html`<span class="light red">已停用</span>` : u.hasPassword === false ? html`<span class="soft">没有口令</span>` : u.passwordTemporary ? html`<span class="light yellow">临时口令</span>` : "正常"}${u.lockedUntil ? html` <span class="light yellow">锁到${instant(u.lockedUntil)}</span>` : nothing}` },
				...(write ? [{ head: "", cell: (u) => html`<div class="actions"><button aria-label="修改${u.name}" @click=${() => edit(ctx, u)}>修改</button><button aria-label="给${u.name}临时口令" @click=${() => password(ctx, u)}>临时口令</button><button aria-label="${u.disabled ? "启用" : "停用"}${u.name}" @click=${() => toggle(ctx, u)}>${u.disabled ? "启用" : "停用"}</button></div>` }] : [])],
		})}`;
}
