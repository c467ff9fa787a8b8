#include <string.h>

#include "base/buf.h"
#include "schema/check.h"
#include "schema/value.h"

/*
 * When no branch of anyOf or oneOf fits, "no branch matched" helps nobody.
 * Each branch is weighed, and the one that got furthest tells its faults:
 * a branch for another type of value is far off, one whose const or enum
 * (its discriminator) does not match is next, then what is missing or
 * superfluous, then everything else.  Where all branches fail in the same
 * one of the first two ways, one sentence names what they would accept.
 */
#define PENALTY_TYPE 1000000
#define PENALTY_CHOICE 10000
#define PENALTY_MEMBER 20
#define PENALTY_OTHER 4

/* Sentences stay readable: this much of a list, then "等". */
#define LIST_MAX 160

static size_t
depth_of(const struct check *c)
{
	return c->path ? c->path->depth : 0;
}

static void
note_choice(struct check *c, const struct key *k)
{
	struct probe *p = c->probe;

	p->penalty += PENALTY_CHOICE;
	if (p->choice)
		return;
	p->choice = k;
	check_pointer(c->path, p->choice_pointer, sizeof(p->choice_pointer));
}

void
probe_note(struct check *c, const struct key *k)
{
	struct probe *p = c->probe;
	size_t below = depth_of(c) - p->depth;

	if (k->kw->tells == TELLS_SHAPE && below == 0) {
		p->penalty += PENALTY_TYPE;
		p->types |= k->types;
	} else if (k->kw->tells == TELLS_CHOICE && below <= 1) {
		note_choice(c, k);
	} else if (k->kw->tells == TELLS_MEMBER && below <= 1) {
		p->penalty += PENALTY_MEMBER;
	} else {
		p->penalty += PENALTY_OTHER;
	}
}

/* What all branches together say. */
struct verdict {
	const struct schema *best;
	size_t penalty;
	unsigned types;
	bool all_types;
	bool all_choices;
	struct probe first;
	struct buf values;
};

static void
add_value(struct buf *b, const json_t *v)
{
	if (b->len > LIST_MAX)
		return;
	buf_add(b, b->len ? "、" : "");
	value_add(b, v);
	if (b->len > LIST_MAX)
		buf_add(b, "等");
}

static void
add_choices(struct buf *b, const struct key *k)
{
	if (strcmp(k->kw->name, "const") == 0) {
		add_value(b, k->value);
		return;
	}
	for (size_t i = 0; i < json_array_size(k->value); i++)
		add_value(b, json_array_get(k->value, i));
}

static struct probe
weigh(struct check *c, const struct key *k, const struct schema *node,
    const json_t *v, struct seen *seen)
{
	struct probe p = {.depth = depth_of(c)};
	enum check_mode mode = c->mode;
	struct probe *outer = c->probe;

	c->mode = CHECK_PROBE;
	c->probe = &p;
	check_node(c, k, node, v, seen);
	c->mode = mode;
	c->probe = outer;
	return p;
}

static void
take(struct verdict *all, const struct schema *node, const struct probe *p)
{
	if (!all->best) {
		all->first = *p;
		all->all_types = all->all_choices = true;
	}
	if (!all->best || p->penalty < all->penalty) {
		all->best = node;
		all->penalty = p->penalty;
	}
	all->types |= p->types;
	all->all_types &= p->types != 0;
	all->all_choices &=
	    p->choice && p->types == 0 &&
	    strcmp(p->choice_pointer, all->first.choice_pointer) == 0;
	if (p->choice)
		add_choices(&all->values, p->choice);
}

/* Members that some branch knows must not be called unknown later. */
static void
know_all(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	for (size_t i = 0; seen && i < k->n; i++)
		weigh(c, k, k->nodes[i], v, seen);
}

/* One sentence for all branches, or the faults of the best one. */
static void
tell(struct check *c, const struct key *k, const json_t *v,
    const struct verdict *all, struct seen *seen)
{
	if (all->all_types) {
		check_fail_type(c, k, all->types, v);
	} else if (all->all_choices) {
		check_fail_at(c, all->first.choice, all->first.choice_pointer,
		    "不在允许的取值之内：%s", all->values.data);
		know_all(c, k, v, seen);
	} else {
		check_node(c, k, all->best, v, seen);
	}
}

bool
check_fail_branches(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	struct verdict all = {0};

	if (c->mode != CHECK_REPORT || k->owner->message) {
		if (c->mode == CHECK_REPORT)
			know_all(c, k, v, seen);
		return check_fail_own(c, k, "没有一种写法相符");
	}
	buf_init(&all.values, 0);
	for (size_t i = 0; i < k->n; i++) {
		struct probe p = weigh(c, k, k->nodes[i], v, NULL);

		take(&all, k->nodes[i], &p);
	}
	if (!c->broken)
		tell(c, k, v, &all, seen);
	buf_fini(&all.values);
	return false;
}
