#include "stats/stats.h"

#include <string.h>

#include "base/json.h"
#include "stats/finish.h"
#include "stats/frame.h"

static const struct {
	const char *name;
	const char *bys;
} families[STAT__MAX] = {
#define STAT(name, text, by, title) [STAT_##name] = {text, by},
#include "stats/stats.def"
#undef STAT
};

static const finish_fn finishers[STAT__MAX] = {
    [STAT_COMPLETION] = finish_completion,
    [STAT_FUNDING] = finish_funding,
    [STAT_MILESTONES] = finish_milestones,
    [STAT_HEADLINE] = finish_headline,
    [STAT_MATRIX] = finish_matrix,
    [STAT_TIMELINESS] = finish_timeliness,
    [STAT_TREND] = finish_trend,
};

/* Every word that a grouping of the table may be; "" for none. */
static const char *const words[] = {
    "task", "org", "lead", "level", "month", ""};

int
stats_family_by_name(const char *name)
{
	for (int i = 0; i < STAT__MAX; i++) {
		if (strcmp(families[i].name, name) == 0)
			return i;
	}
	return -1;
}

const char *
stats_family_name(enum stats_family f)
{
	return families[f].name;
}

const char *
stats_family_bys(enum stats_family f)
{
	return families[f].bys;
}

/* The word of `words` that is the n bytes at s, or NULL. */
static const char *
find_word(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0)
			return words[i];
	}
	return NULL;
}

const char *
stats_by_check(enum stats_family f, const char *by)
{
	const char *s = families[f].bys;
	size_t n = strcspn(s, " ");

	if (by == NULL || by[0] == '\0')
		return find_word(s, n);
	for (;;) {
		if (strlen(by) == n && memcmp(by, s, n) == 0)
			return find_word(s, n);
		if (s[n] == '\0')
			return NULL;
		s += n + 1;
		n = strcspn(s, " ");
	}
}

/* The policy that judged, or null where the plans have different ones. */
static json_t *
policy_json(const struct frame *f)
{
	const struct policy *first = &f->plans[0].policy;
	json_t *o;

	for (size_t i = 1; i < f->nplans; i++) {
		const struct policy *p = &f->plans[i].policy;

		if (strcmp(p->id, first->id) != 0 ||
		    p->version != first->version)
			return json_null();
	}
	o = json_object();
	json_put_str(o, "id", first->id);
	json_put_int(o, "version", first->version);
	return o;
}

static json_t *
begin_answer(const struct frame *f)
{
	json_t *o = json_object();
	json_t *plans = json_array();

	for (size_t i = 0; i < f->nplans; i++)
		json_push(plans, json_string(f->plans[i].id));
	json_put_str(o, "family", stats_family_name(f->q->family));
	json_put_str(o, "by", f->q->by);
	json_put(o, "plans", plans);
	json_put_str(o, "asOf", f->args.as_of);
	json_put_str(o, "knownAt", f->args.known_at);
	json_put(o, "policy", policy_json(f));
	return o;
}

json_t *
stats_answer(const struct stats_query *q, stats_fetch_fn fetch, void *store,
    struct err *e)
{
	json_t *answer = NULL;
	struct frame f;

	if (frame_init(&f, q, fetch, store, e) == 0) {
		answer = begin_answer(&f);
		if (finishers[q->family](&f, answer, e) < 0) {
			json_decref(answer);
			answer = NULL;
		}
	}
	frame_fini(&f);
	return answer;
}
