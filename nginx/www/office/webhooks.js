// Where events are sent, and how far that has got.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, get, send } from "../lib/api.js";
import { table } from "../lib/table.js";
import { qty } from "../lib/format.js";
import { askForm, confirmed, showOnce } from "./forms.js";

export const title = () => "推送";

export async function load() {
	const hooks = await all("webhooks");
	return { hooks: await Promise.all(hooks.map((h) => get(`webhooks/${encodeURIComponent(h._id)}`))) };
}

const once = (made) => showOnce("推送密钥只显示这一次", html`对方用它核对签名。关闭以后再也看不到。`, made.secret ?? made.key ?? "");
const words = (text) => text.split(/[\s,，、]+/).filter(Boolean);
const path = (hook) => `webhooks/${encodeURIComponent(hook._id)}`;

async function edit(ctx, hook) {
	const done = await askForm({
		key: `hook:${hook?._id ?? "new"}`, title: hook ? `修改“${hook.name}”` : "新建推送地址", label: "保存", rev: hook?.rev, values: { name: hook?.name ?? "", url: hook?.url ?? "https://", types: (hook?.types ?? ["*"]).join(" ") },
		fields: [{ name: "name", label: "名称", required: true }, { name: "url", label: "地址", type: "url", required: true }, { name: "types", label: "哪些事件", required: true, hint: "例如 plan.issued report.*，* 是全部，用空格隔开。" }],
		send: (v, rev, key) => hook ? send("PATCH", path(hook), { name: v.name, url: v.url, types: words(v.types) }, { ifMatch: rev, stay: true }) : send("POST", "webhooks", { name: v.name, url: v.url, types: words(v.types) }, { key, stay: true }),
	});
	if (!done)
		return;
	if (!hook)
		await once(done);
	await ctx.reload();
}

async function change(ctx, promise, word) {
	try {
		const answer = await promise;
		if (answer?.secret)
			await once(answer);
		ctx.say(word);
		await ctx.reload();
	} catch (error) {
		ctx.fail(error);
	}
}

function tools(ctx, h) {
	const opt = { ifMatch: h.rev, stay: true };
	return html`<div class="actions"><button aria-label="修改${h.name}" @click=${() => edit(ctx, h)}>修改</button>
		<button aria-label="更换${h.name}的密钥" @click=${async () => await confirmed(`更换“${h.name}”的密钥`, "旧的再用24小时。", "更换") && change(ctx, send("POST", `${path(h)}:rotate`, undefined, opt), "已更换。")}>换密钥</button>
		<button aria-label="${h.disabled ? "启用" : "停用"}${h.name}" @click=${() => change(ctx, send("PATCH", path(h), { state: h.disabled ? "on" : "off" }, opt), h.disabled ? "已启用。" : "已停用。")}>${h.disabled ? "启用" : "停用"}</button>
		${h.progress?.dead ? html`<button aria-label="重发${h.name}放弃的" @click=${() => change(ctx, send("POST", `${path(h)}:replay`, { state: "dead" }, { stay: true }), "放弃的会重新推送。")}>重发放弃的</button>` : nothing}
		<button aria-label="删除${h.name}" @click=${async () => await confirmed(`删除“${h.name}”`, "不再向它推送，删除后不能恢复。", "删除") && change(ctx, send("DELETE", path(h), undefined, opt), "已删除。")}>删除</button></div>`;
}

export function view(ctx, { hooks }) {
	return html`<div class="row spread"><h1>推送</h1><button @click=${() => edit(ctx, null)}>新建推送地址</button></div><p class="soft">有事发生时告诉别的系统。推不到的会再试，十次以后放弃，可以重发。</p>
		${table({
			caption: "推送地址", rows: hooks, empty: "没有推送地址。",
			columns: [{ head: "名称", rowHead: true, cell: (h) => html`${h.name}<span class="small soft block">${h.url}</span>` }, { head: "事件", cell: (h) => h.types.join(" ") }, { head: "已到", num: true, cell: (h) => qty(h.progress?.delivered) }, { head: "等着", num: true, cell: (h) => qty(h.progress?.pending) }, { head: "放弃", num: true, cell: (h) => qty(h.progress?.dead) },
				{ head: "状态", cell: (h) => h.disabled ? html`<span class="light red">已停用</span>` : "正常" }, { head: "", cell: (h) => tools(ctx, h) }],
		})}`;
}
