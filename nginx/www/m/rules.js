// The rules of the server, from its own schema files (scripts/web copies
// them): what can be said at the field is said there, before anything is sent.
const SCHEMAS = "../vendor/schemas/common.json";

let rules = null;

export async function loadRules() {
	try {
		rules = (await (await fetch(SCHEMAS)).json()).$defs;
	} catch {
		// Without them the server says it.
	}
}

const length = (text) => [...text].length;

// What is wrong with a text, in words; "" for nothing.
export function checkText(text, name = "prose") {
	const rule = rules?.[name];
	if (!rule)
		return "";
	if (length(text) > rule.maxLength)
		return `最多写${rule.maxLength}个字，现在是${length(text)}个。`;
	return rule.pattern && !new RegExp(rule.pattern, "u").test(text) ? `${rule["x-message"]}。` : "";
}

// "１２，３４５ " → 12345; null when it is not a number.
export function readNumber(text) {
	const plain = text.normalize("NFKC").replace(/[\s,，]/g, "");
	return /^\d{1,16}$/.test(plain) ? Number(plain) : null;
}

export function checkNumber(text) {
	const n = readNumber(text);
	if (!text.trim())
		return "请填累计数。没有进展就点“本月无进展”。";
	if (n === null)
		return "只能填不带小数的数字，例如 1200。";
	const rule = rules?.qty;
	return rule && n > rule.maximum ? `这个数太大了，最多到${rule.maximum}。` : "";
}

// As the server wants it: no carriage returns, no blank ends, no halves of characters.
export function tidy(text) {
	return text.replace(/\r\n?/g, "\n").replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (m) => m.length === 2 ? m : "").trim();
}
