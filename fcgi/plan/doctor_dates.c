#include "base/civil.h"
#include "base/json.h"
#include "plan/doctor_rules.h"

/* 2019年3月31日 */
static void
say_day(struct buf *b, civil_t d)
{
	int year, month, day;

	civil_split(d, &year, &month, &day);
	buf_addf(b, "%d年%d月%d日", year, month, day);
}

static bool
read_day(const json_t *o, const char *key, civil_t *d)
{
	const char *s = json_peek_str(o, key);

	return s != NULL && civil_parse(s, d);
}

static void
quote(struct note *n, const json_t *milestone)
{
	const char *text = json_peek_str(milestone, "text");

	buf_addf(&n->text, "的节点“%s”", text != NULL ? text : "");
}

void
doctor_milestone_before_issue(struct exam *x)
{
	const json_t *milestone;
	civil_t issued, due;
	struct note n;
	size_t i;

	if (!read_day(x->plan, "issuedOn", &issued))
		return;
	json_array_foreach (exam_section(x, "milestones"), i, milestone) {
		if (!read_day(milestone, "to", &due) || due >= issued)
			continue;
		note_begin(x, &n);
		note_lines(&n, milestone);
		json_put_str(n.params, "due", json_peek_str(milestone, "to"));
		json_put_str(
		    n.params, "issuedOn", json_peek_str(x->plan, "issuedOn"));
		json_put_int(n.params, "days", issued - due);
		quote(&n, milestone);
		buf_add(&n.text, "期限为");
		say_day(&n.text, due);
		buf_add(&n.text, "，比发文日期");
		say_day(&n.text, issued);
		buf_addf(&n.text,
		    "早%d天，发文当天不判为逾期，请明确是否已经完成。",
		    (int)(issued - due));
		note_end(x, &n, part_id(milestone), "/milestones/%zu/to", i);
	}
}

void
doctor_milestone_undated(struct exam *x)
{
	const json_t *milestone;
	struct note n;
	civil_t due;
	size_t i;

	json_array_foreach (exam_section(x, "milestones"), i, milestone) {
		if (read_day(milestone, "to", &due))
			continue;
		note_begin(x, &n);
		note_lines(&n, milestone);
		quote(&n, milestone);
		buf_add(&n.text, "没有写明期限，无法判断是否按时完成。");
		note_end(x, &n, part_id(milestone), "/milestones/%zu/to", i);
	}
}
