#include "schema/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/regex.h"

/*
 * Nested calls: 32 levels of JSON with a dozen schemas on each.  A schema
 * that refers to itself without going into the value stops here too.
 */
#define DEPTH_MAX 400
/* Schemas applied in one check; a 1 MiB body needs some hundred thousand. */
#define STEPS_MAX 10000000

bool
check_may_stop(const struct check *c)
{
	return c->mode == CHECK_QUIET || c->broken;
}

/* The token of one step, escaped; 0 when it does not fit. */
static size_t
put_step(char *out, size_t cap, const struct path *p)
{
	size_t n = 0;

	if (!p->key) {
		n = (size_t)snprintf(out, cap, "/%zu", p->index);
		return n < cap ? n : 0;
	}
	if (cap < strlen(p->key) * 2 + 2)
		return 0;
	out[n++] = '/';
	for (const char *s = p->key; *s; s++) {
		if (*s == '~' || *s == '/')
			out[n++] = '~';
		out[n++] = (char)(*s == '~' ? '0' : *s == '/' ? '1' : *s);
	}
	out[n] = '\0';
	return n;
}

/* Returns the length so far, or cap once a step did not fit. */
static size_t
put_path(const struct path *p, char *out, size_t cap)
{
	size_t n = p->up ? put_path(p->up, out, cap) : 0;
	size_t more;

	if (n == cap)
		return cap;
	more = put_step(out + n, cap - n, p);
	if (more == 0) {
		out[n] = '\0';
		return cap;
	}
	return n + more;
}

void
check_pointer(const struct path *path, char *out, size_t cap)
{
	out[0] = '\0';
	if (path)
		put_path(path, out, cap);
}

/*
 * Two ways through the schema may find the same fault once each, and two
 * keywords may tell it with the same "x-message".
 */
static bool
is_known(const struct err *e, const char *pointer, const char *detail)
{
	for (size_t i = 0; i < e->nitems; i++)
		if (strcmp(e->items[i].pointer, pointer) == 0 &&
		    strcmp(e->items[i].detail, detail) == 0)
			return true;
	return false;
}

static void
add_item_at(struct check *c, const char *pointer, const char *keyword,
    const char *detail)
{
	if (c->e->nitems == ERR_ITEMS)
		c->e->nmore++;
	else if (!is_known(c->e, pointer, detail))
		err_add(c->e, ERR_INVALID, pointer, keyword, "%s", detail);
}

static void
add_item(struct check *c, const char *keyword, const char *detail)
{
	char pointer[POINTER_MAX];

	check_pointer(c->path, pointer, sizeof(pointer));
	add_item_at(c, pointer, keyword, detail);
}

static void PRINTF(4, 0) note(struct check *c, const struct key *k,
    const char *own, const char *fmt, va_list ap)
{
	char detail[DETAIL_MAX];

	if (c->mode == CHECK_PROBE)
		probe_note(c, k);
	if (c->mode != CHECK_REPORT || c->broken)
		return;
	if (own)
		snprintf(detail, sizeof(detail), "%s", own);
	else
		vsnprintf(detail, sizeof(detail), fmt, ap);
	detail[utf8_cut(detail, strlen(detail))] = '\0';
	add_item(c, k->kw->name, detail);
}

bool
check_fail(struct check *c, const struct key *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(c, k, NULL, fmt, ap);
	va_end(ap);
	return false;
}

bool
check_fail_own(struct check *c, const struct key *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(c, k, k->owner->message, fmt, ap);
	va_end(ap);
	return false;
}

bool
check_fail_member(
    struct check *c, const struct key *k, const char *key, const char *fmt, ...)
{
	const struct path *up = c->path;
	struct path here = {up, key, 0, up ? up->depth + 1 : 1};
	va_list ap;

	c->path = &here;
	va_start(ap, fmt);
	note(c, k, NULL, fmt, ap);
	va_end(ap);
	c->path = up;
	return false;
}

bool
check_fail_at(struct check *c, const struct key *k, const char *pointer,
    const char *fmt, ...)
{
	char detail[DETAIL_MAX];
	va_list ap;

	if (c->mode != CHECK_REPORT || c->broken)
		return false;
	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	detail[utf8_cut(detail, strlen(detail))] = '\0';
	add_item_at(c, pointer, k->kw->name, detail);
	return false;
}

/* A limit was met: the whole check fails; returns false. */
static bool
break_off(struct check *c, const char *keyword, const char *detail)
{
	if (!c->broken)
		add_item(c, keyword, detail);
	c->broken = true;
	return false;
}

bool
check_regex(struct check *c, const struct regex *re, const char *s, size_t n)
{
	struct regex_room *room;

	if (n > REGEX_SHORT && !c->room)
		c->room = regex_room_new();
	room = n > REGEX_SHORT ? c->room : regex_room_own();
	switch (regex_match(re, room, s, n)) {
	case REGEX_YES:
		return true;
	case REGEX_NO:
		return false;
	case REGEX_LIMIT:
		break;
	}
	return break_off(c, "pattern", "这段文字过于复杂，无法检查格式");
}

/* A schema `false`: what it means depends on who applies it to what. */
static bool
refuse(struct check *c, const struct key *via)
{
	static const struct keyword kw = {.name = "false"};
	static const struct key root = {.kw = &kw};
	const struct path *p = c->path;
	bool unknown;

	if (!via)
		return check_fail(c, &root, "这里不允许有任何内容");
	unknown = via->kw->shape == SHAPE_ONE;
	if (p && p->key && via->kw->tells == TELLS_MEMBER)
		return check_fail(c, via,
		    unknown ? "多出未知的项“%s”" : "不允许填写“%s”", p->key);
	if (p && !p->key)
		return check_fail(c, via, "多出了第%zu项", p->index + 1);
	return check_fail(c, via, "这里不允许有内容");
}

/* Undo what a failed schema noted, but keep the memory. */
static void
seen_cut(struct seen *s, const struct seen *mark)
{
	s->nkeys = mark->nkeys;
	s->nitems = mark->nitems;
	s->prefix = mark->prefix;
	s->all_keys = mark->all_keys;
	s->all_items = mark->all_items;
}

static void
seen_merge(struct seen *s, const struct seen *from)
{
	s->all_keys |= from->all_keys;
	s->all_items |= from->all_items;
	seen_prefix(s, from->prefix);
	for (size_t i = 0; i < from->nkeys; i++)
		seen_key(s, from->keys[i]);
	for (size_t i = 0; i < from->nitems; i++)
		seen_item(s, from->items[i]);
}

static bool
run_keys(struct check *c, const struct schema *node, const json_t *v,
    struct seen *seen)
{
	bool ok = true;

	for (size_t i = 0; i < node->nkeys; i++) {
		const struct key *k = &node->keys[i];

		if (!k->kw->check(c, k, v, seen))
			ok = false;
		if (!ok && check_may_stop(c))
			return false;
	}
	return ok && !c->broken;
}

/*
 * A failed schema leaves no annotations.  Unless the check is quiet they are
 * kept all the same: the answer is "no" already, and members the failed part
 * does know must not be called unknown.
 */
static bool
run_seen(struct check *c, const struct schema *node, const json_t *v,
    struct seen *seen)
{
	struct seen mark = {0}, mine = {0};
	bool ok;

	if (node->unevaluated) {
		ok = run_keys(c, node, v, &mine);
		if (seen && (ok || c->mode != CHECK_QUIET))
			seen_merge(seen, &mine);
		free(mine.keys);
		free(mine.items);
		return ok;
	}
	if (seen)
		mark = *seen;
	ok = run_keys(c, node, v, seen);
	if (seen && !ok && c->mode == CHECK_QUIET)
		seen_cut(seen, &mark);
	return ok;
}

bool
check_node(struct check *c, const struct key *via, const struct schema *node,
    const json_t *v, struct seen *seen)
{
	const struct scope *up = c->scope;
	struct scope here = {up, node->res};
	bool ok;

	if (c->broken)
		return false;
	if (node->fixed >= 0)
		return node->fixed || refuse(c, via);
	if (c->depth >= DEPTH_MAX)
		return break_off(c, "depth", "内容嵌套过深，无法检查");
	if (++c->steps > STEPS_MAX)
		return break_off(c, "steps", "内容过于庞杂，无法检查");
	if (!up || up->res != node->res)
		c->scope = &here;
	c->depth++;
	ok = run_seen(c, node, v, seen);
	c->depth--;
	c->scope = up;
	return ok;
}

bool
check_quietly(struct check *c, const struct key *via, const struct schema *node,
    const json_t *v, struct seen *seen)
{
	enum check_mode mode = c->mode;
	bool ok;

	c->mode = CHECK_QUIET;
	ok = check_node(c, via, node, v, seen);
	c->mode = mode;
	return ok;
}

static bool
check_below(struct check *c, const struct key *via, const struct schema *node,
    const json_t *v, struct path here)
{
	const struct path *up = c->path;
	bool ok;

	here.up = up;
	here.depth = up ? up->depth + 1 : 1;
	c->path = &here;
	ok = check_node(c, via, node, v, NULL);
	c->path = up;
	return ok;
}

bool
check_member(struct check *c, const struct key *via, const struct schema *node,
    const json_t *v, const char *key)
{
	return check_below(c, via, node, v, (struct path){.key = key});
}

bool
check_item(struct check *c, const struct key *via, const struct schema *node,
    const json_t *v, size_t index)
{
	return check_below(c, via, node, v, (struct path){.index = index});
}

int
schema_check(const struct schema *s, const json_t *value, struct err *e)
{
	struct check c = {.e = e, .mode = CHECK_REPORT};
	bool ok = check_node(&c, NULL, s, value, NULL);

	regex_room_free(c.room);
	return ok ? 0 : -1;
}
