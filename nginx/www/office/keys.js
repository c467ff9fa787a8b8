// API keys of programs and people; a key is shown once.
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { all, get, send } from "../lib/api.js";
import { table } from "../lib/table.js";
import { instant } from "../lib/format.js";
import { may } from "./book.js";
import { askForm, confirmed, showOnce } from "./forms.js";
import { orgOptions } from "./parts.js";
import { ROLES, roleName } from "./users.js";

export const title = () => "接口密钥";

export async function load() {
	return { keys: await all("api-keys") };
}

const lines = (text) => text.split(/\s+/).filter(Boolean);
const once = (made) => showOnce("密钥只显示这一次", html`密钥编号 <code>${made._id}</code>。请现在复制到对方系统里，关闭以后再也看不到。`, made.key ?? made.secret);

async function make(ctx) {
	const done = await askForm({
		key: "key:new", title: "新建接口密钥", label: "新建", values: { name: "", orgId: ctx.who.orgId ?? "", roles: ["office"], sign: "bearer", days: "", ips: "" },
		fields: [
			{ name: "name", label: "给谁用", required: true, hint: "例如：市OA系统" }, { name: "orgId", label: "单位", type: "select", required: true, options: [["", "请选择"], ...orgOptions(ctx.book)] }, { name: "roles", label: "角色", type: "checks", options: ROLES },
			{ name: "sign", label: "怎么用", type: "select", required: true, options: [["bearer", "Authorization: Bearer"], ["HMAC-SHA256", "签名 HMAC-SHA256"], ["HMAC-SM3", "签名 HMAC-SM3（国密）"]] },
			{ name: "days", label: "到期日", type: "date", pointer: "expiresAt" }, { name: "ips", label: "只许从这些地址来（一行一个）", type: "textarea", rows: 2 },
		],
		send: (v, rev, key) => send("POST", "api-keys", { name: v.name, orgId: v.orgId, roles: v.roles, ...(v.sign === "bearer" ? {} : { sign: v.sign }), expiresAt: v.days ? `${v.days}T15:59:59.999Z` : null, ...(lines(v.ips).length ? { ips: lines(v.ips) } : {}) }, { key, stay: true }),
	});
	if (done) {
		await once(done);
		await ctx.reload();
	}
}

async function change(ctx, fn, word) {
	try {
		const answer = await fn();
		if (answer?.key || answer?.secret)
			await once(answer);
		ctx.say(word);
		await ctx.reload();
	} catch (error) {
		ctx.fail(error);
	}
}

const path = (key) => `api-keys/${encodeURIComponent(key._id)}`;
const rev = async (key) => (await get(path(key))).rev;

function tools(ctx, key) {
	return html`<div class="actions"><button aria-label="更换${key.name}" @click=${async () => await confirmed(`更换“${key.name}”`, key.sign ? "旧的再用24小时。" : "旧的立即失效。", "更换") && change(ctx, async () => send("POST", `${path(key)}:rotate`, undefined, { ifMatch: await rev(key), stay: true }), "已更换。")}>更换</button>
		<button aria-label="${key.disabled ? "启用" : "停用"}${key.name}" @click=${() => change(ctx, async () => send("PATCH", path(key), { state: key.disabled ? "on" : "off" }, { ifMatch: await rev(key), stay: true }), key.disabled ? "已启用。" : "已停用。")}>${key.disabled ? "启用" : "停用"}</button>
		<button aria-label="删除${key.name}" @click=${async () => await confirmed(`删除“${key.name}”`, "用它的系统会立即连不上，删除后不能恢复。", "删除") && change(ctx, async () => send("DELETE", path(key), undefined, { ifMatch: await rev(key), stay: true }), "已删除。")}>删除</button></div>`;
}

export function view(ctx, { keys }) {
	return html`<div class="row spread"><h1>接口密钥</h1>${may("key.write") ? html`<button @click=${() => make(ctx)}>新建密钥</button>` : nothing}</div>
		<p class="soft">密钥只在新建和更换时显示一次，系统里只存它的摘要。</p>
		${table({
			caption: "接口密钥", rows: keys, empty: "没有接口密钥。",
			columns: [{ head: "名称", rowHead: true, cell: (k) => html`${k.name}<code class="small soft block">${k._id}</code>` }, { head: "谁", cell: (k) => k.userId ? `用户 ${k.userId}` : `${ctx.book.org(k.orgId)} ${(k.roles ?? []).map(roleName).join("、")}` }, { head: "用法", cell: (k) => k.sign ? `签名 ${k.sign.algorithm ?? ""}` : "Bearer" },
				{ head: "到期", cell: (k) => html`<span class="num">${k.expiresAt ? instant(k.expiresAt) : "不限"}</span>` }, { head: "地址", cell: (k) => (k.ips ?? []).join(" ") || "不限" }, { head: "状态", cell: (k) => k.disabled ? html`<span class="light red">已停用</span>` : "正常" }, ...(may("key.write") ? [{ head: "", cell: (k) => tools(ctx, k) }] : [])],
		})}`;
}
