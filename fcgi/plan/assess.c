#include "plan/assess.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "plan/percent.h"
#include "plan/policy.h"

static const struct {
	const char *text;
	const char *title;
} lights[LIGHT__MAX] = {
#define LIGHT(name, text, title) [LIGHT_##name] = {text, title},
#include "plan/assess.def"
#undef LIGHT
};

static const struct {
	const char *text;
	const char *title;
} classes[CLASS__MAX] = {
#define CLASS(name, text, title) [CLASS_##name] = {text, title},
#include "plan/assess.def"
#undef CLASS
};

static const struct {
	const char *slug;
	enum light light;
	const char *param;
	const char *text;
} reasons[REASON__MAX] = {
#define REASON(name, slug, light, param, text) \
	[REASON_##name] = {slug, LIGHT_##light, param, text},
#include "plan/assess.def"
#undef REASON
};

const char *
light_text(enum light l)
{
	return lights[l].text;
}

const char *
light_title(enum light l)
{
	return lights[l].title;
}

const char *
class_text(enum assess_class c)
{
	return classes[c].text;
}

const char *
class_title(enum assess_class c)
{
	return classes[c].title;
}

static bool
has_pace(const struct assess_facts *f)
{
	return f->has_target && f->target > 0 && f->pace.den > 0;
}

static bool
is_complete(const struct assess_facts *f)
{
	if (f->has_target ? f->done < f->target : f->milestones.total == 0)
		return false;
	return f->milestones.met >= f->milestones.total;
}

/* Does 100 done / target - E compare so with `points`?  No pace: never. */
static bool
behind_at_least(const struct assess_facts *f, int points)
{
	return has_pace(f) &&
	       pace_compare(f->done, f->target, f->pace, -points) <= 0;
}

static bool
behind_more_than(const struct assess_facts *f, int points)
{
	return has_pace(f) &&
	       pace_compare(f->done, f->target, f->pace, -points) < 0;
}

static bool
ahead_more_than(const struct assess_facts *f, int points)
{
	return has_pace(f) &&
	       pace_compare(f->done, f->target, f->pace, points) > 0;
}

static void
say(struct assess_result *r, enum assess_reason why, bool holds, int64_t n)
{
	r->reasons[why] = holds;
	r->params[why] = n;
}

/* Everything that can be said, for whatever light it speaks. */
static void
collect(const struct assess_facts *f, const struct policy *p,
    struct assess_result *r)
{
	bool complete = is_complete(f);
	bool far = behind_more_than(f, p->behind_red);
	bool behind = behind_at_least(f, p->behind_yellow) && !far;
	int64_t tenths =
	    has_pace(f) ? pace_behind_tenths(f->done, f->target, f->pace) : 0;

	say(r, REASON_NOTHING_DUE,
	    !has_pace(f) && f->milestones.due == 0 && !complete, 0);
	say(r, REASON_DUE_BEFORE_ISSUE, f->milestones.in_grace > 0,
	    f->milestones.in_grace);
	say(r, REASON_COMPLETE, complete, 0);
	say(r, REASON_MILESTONE_OVERDUE, f->milestones.overdue > 0,
	    f->milestones.overdue);
	say(r, REASON_FAR_BEHIND, far, tenths);
	say(r, REASON_PERIODS_MISSING, f->periods_missing > 0,
	    f->periods_missing);
	say(r, REASON_CHECK_FALSE, f->checks_false > 0, f->checks_false);
	say(r, REASON_BEHIND, behind, tenths);
	say(r, REASON_DUE_SOON, f->milestones.due_soon > 0,
	    f->milestones.due_soon);
	say(r, REASON_REPORT_OVERDUE, f->reports_overdue > 0,
	    f->reports_overdue);
	say(r, REASON_UNIT_FLAGGED, f->flagged > 0, f->flagged);
	say(r, REASON_NORMAL, true, 0);
}

/* The lights stand in assess.def in the order in which they match. */
static enum light
first_light(const struct assess_result *r)
{
	enum light best = LIGHT_GREEN;

	for (size_t i = 0; i < REASON__MAX; i++) {
		if (r->reasons[i] && reasons[i].light < best)
			best = reasons[i].light;
	}
	return best;
}

static enum assess_class
classify(const struct assess_facts *f, const struct policy *p, enum light l)
{
	if (l == LIGHT_BLUE)
		return CLASS_DONE;
	if (l == LIGHT_GREY)
		return CLASS_UNASSESSABLE;
	if (f->milestones.overdue > 0 || behind_at_least(f, p->behind_yellow))
		return CLASS_BEHIND;
	if (ahead_more_than(f, p->ahead_points))
		return CLASS_AHEAD;
	return CLASS_ON_PACE;
}

void
assess(const struct assess_facts *f, const struct policy *p,
    struct assess_result *r)
{
	memset(r, 0, sizeof(*r));
	r->policy_version = p->version;
	collect(f, p, r);
	r->light = first_light(r);
	r->class = classify(f, p, r->light);
	for (size_t i = 0; i < REASON__MAX; i++)
		r->reasons[i] &= reasons[i].light == r->light;
}

static const char *
param_text(enum assess_reason why, int64_t n, char out[PERCENT_TEXT])
{
	if (strcmp(reasons[why].param, "points") == 0)
		return percent_tenths_text(n, out);
	(void)snprintf(out, PERCENT_TEXT, "%" PRId64, n);
	return out;
}

json_t *
assess_reason_json(const struct assess_result *r, enum assess_reason why)
{
	int64_t n = r->params[why];
	const char *text = reasons[why].text;
	const char *hole = strstr(text, "{}");
	json_t *o = json_object();
	json_t *params = json_object();
	char value[PERCENT_TEXT];
	struct buf b;

	(void)param_text(why, n, value);
	if (strcmp(reasons[why].param, "count") == 0)
		json_put_int(params, "count", n);
	else if (reasons[why].param[0] != '\0')
		json_put_str(params, reasons[why].param, value);
	buf_init(&b, 0);
	if (hole != NULL) {
		buf_addn(&b, text, (size_t)(hole - text));
		buf_add(&b, value);
		text = hole + 2;
	}
	buf_add(&b, text);
	json_put_str(o, "code", reasons[why].slug);
	json_put(o, "params", params);
	json_put_str(o, "text", b.data);
	buf_fini(&b);
	return o;
}

json_t *
assess_json(const struct assess_result *r)
{
	json_t *o = json_object();
	json_t *list = json_array();

	for (size_t i = 0; i < REASON__MAX; i++) {
		if (r->reasons[i])
			json_push(
			    list, assess_reason_json(r, (enum assess_reason)i));
	}
	json_put_str(o, "light", light_text(r->light));
	json_put_str(o, "class", class_text(r->class));
	json_put(o, "reasons", list);
	json_put_int(o, "policyVersion", r->policy_version);
	return o;
}
