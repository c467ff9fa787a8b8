#include <string.h>

#include "base/json.h"
#include "plan/doctor_rules.h"

/* The sections whose parts name units by orgs and orgSet. */
static const char *const sections[] = {"funding", "subtasks", "milestones"};

#define NSECTIONS (sizeof(sections) / sizeof(sections[0]))

/* borrowed: the set the part names, if it can be read in two ways. */
static const json_t *
ambiguous_set(const struct exam *x, const json_t *part)
{
	const char *phrase = json_peek_str(part, "orgSet");
	struct org_match m;

	if (phrase == NULL)
		return NULL;
	m = org_index_find(x->orgs, phrase, strlen(phrase));
	if (m.kind != ORG_SET || !json_peek_bool(m.doc, "ambiguous", false))
		return NULL;
	return m.doc;
}

/* Every part of the task that names this set; the number of them. */
static size_t
collect_uses(const struct exam *x, const json_t *set, struct note *n)
{
	const json_t *part;
	size_t i, uses = 0;

	for (size_t s = 0; s < NSECTIONS; s++) {
		json_array_foreach (exam_section(x, sections[s]), i, part) {
			if (ambiguous_set(x, part) != set)
				continue;
			note_lines(n, part);
			uses++;
		}
	}
	return uses;
}

static void
note_set(struct exam *x, const char *section, size_t at, const json_t *set)
{
	const json_t *part = json_array_get(exam_section(x, section), at);
	size_t members = json_array_size(json_peek_array(set, "members"));
	struct note n;
	size_t uses;

	note_begin(x, &n);
	uses = collect_uses(x, set, &n);
	json_put_str(n.params, "orgSet", json_peek_str(part, "orgSet"));
	json_put_int(n.params, "members", (json_int_t)members);
	json_put_int(n.params, "uses", (json_int_t)uses);
	buf_addf(&n.text,
	    "的责任单位写作“%s”，可以有不同理解；目前按%zu个单位计算，"
	    "请明确范围。",
	    json_peek_str(part, "orgSet"), members);
	note_end(x, &n, part_id(part), "/%s/%zu/orgSet", section, at);
}

/* One finding for each ambiguous set, at its first use. */
void
doctor_orgset_ambiguous(struct exam *x)
{
	json_t *told = json_object();
	const json_t *part, *set;
	const char *id;
	size_t i;

	for (size_t s = 0; s < NSECTIONS; s++) {
		json_array_foreach (exam_section(x, sections[s]), i, part) {
			set = ambiguous_set(x, part);
			id = json_peek_str(set, "_id");
			if (id == NULL || json_object_get(told, id) != NULL)
				continue;
			json_put(told, id, json_true());
			note_set(x, sections[s], i, set);
		}
	}
	json_decref(told);
}

/* Add a name that no org or orgSet carries, once. */
static void
add_unknown(json_t *names, const char *name)
{
	const json_t *seen;
	size_t i;

	json_array_foreach (names, i, seen) {
		if (strcmp(json_string_value(seen), name) == 0)
			return;
	}
	json_push(names, json_string(name));
}

static void
check_unit(const struct exam *x, const char *id, json_t *names)
{
	if (id != NULL && org_index_unit(x->orgs, id) == NULL)
		add_unknown(names, id);
}

static void
check_set(const struct exam *x, const char *phrase, json_t *names)
{
	struct org_match m;

	if (phrase == NULL)
		return;
	m = org_index_find(x->orgs, phrase, strlen(phrase));
	if (m.doc == NULL)
		add_unknown(names, phrase);
}

/* Report the names, if any, and let them go. */
static void
note_unknown(struct exam *x, json_t *names, const json_t *part,
    const char *item, const char *pointer, size_t at)
{
	const json_t *name;
	struct note n;
	size_t i;

	if (json_array_size(names) == 0) {
		json_decref(names);
		return;
	}
	note_begin(x, &n);
	note_lines(&n, part);
	buf_add(&n.text, "写到的");
	json_array_foreach (names, i, name)
		buf_addf(&n.text, "%s“%s”", i > 0 ? "、" : "",
		    json_string_value(name));
	buf_add(&n.text, "不在单位名录里，请补充单位、简称或单位组。");
	json_put(n.params, "names", names);
	if (pointer[0] == '\0')
		note_end(x, &n, item, "/lead");
	else
		note_end(x, &n, item, "/%s/%zu", pointer, at);
}

static void
check_section(struct exam *x, const char *section)
{
	const json_t *part, *org;
	json_t *names;
	size_t i, k;

	json_array_foreach (exam_section(x, section), i, part) {
		names = json_array();
		json_array_foreach (json_peek_array(part, "orgs"), k, org)
			check_unit(x, json_string_value(org), names);
		json_array_foreach (json_peek_array(part, "quotas"), k, org)
			check_unit(x, json_peek_str(org, "orgId"), names);
		check_set(x, json_peek_str(part, "orgSet"), names);
		note_unknown(x, names, part, part_id(part), section, i);
	}
}

void
doctor_alias_unresolved(struct exam *x)
{
	const json_t *lead = json_peek_object(x->task, "lead");
	json_t *names = json_array();

	check_unit(x, json_peek_str(lead, "orgId"), names);
	note_unknown(x, names, lead, "lead", "", 0);
	check_section(x, "indicators");
	for (size_t s = 0; s < NSECTIONS; s++)
		check_section(x, sections[s]);
}
