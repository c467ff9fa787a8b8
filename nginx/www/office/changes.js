// Requests to extend, adjust or terminate.
import { day } from "../lib/format.js";
import { KINDS } from "./book.js";
import { works } from "./works.js";

export const { title, load, view } = works({
	kind: "changes", word: "变更", states: "change", intro: "批准以前，事项一点不变；批准以后留有“原定／现行”。",
	sieve: [{ name: "kind", label: "种类", options: Object.entries(KINDS.change) }],
	name: (ctx, c) => `${ctx.book.org(c.orgId) || "全部单位"}申请${KINDS.change[c.kind]}`,
	columns: () => [{ head: "期限", cell: (c) => c.newDue ? `${day(c.dueWas, true)} → ${day(c.newDue, true)}` : "—" }, { head: "理由", cell: (c) => c.reason }],
});
