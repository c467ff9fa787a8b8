#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "schema/check.h"
#include "schema/format.h"
#include "schema/keywords.h"
#include "schema/value.h"

/* An enum is listed up to here, then "等N种". */
#define LIST_MAX 150

bool
check_fail_type(
    struct check *c, const struct key *k, unsigned types, const json_t *v)
{
	unsigned real = value_types(v);
	struct buf want, have;

	buf_init(&want, 0);
	buf_init(&have, 0);
	value_add_types(&want, types);
	if (real == TYPE_NUMBER && types & TYPE_INTEGER)
		buf_add(&have, "小数");
	else
		value_add_types(&have, real);
	check_fail(c, k, "应为%s，实为%s", want.data, have.data);
	buf_fini(&want);
	buf_fini(&have);
	return false;
}

bool
check_type(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	if (value_types(v) & k->types)
		return true;
	if (c->mode == CHECK_QUIET)
		return false;
	return check_fail_type(c, k, k->types, v);
}

bool
check_const(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	struct buf b;

	(void)seen;
	if (value_equal(v, k->value))
		return true;
	if (c->mode == CHECK_QUIET)
		return false;
	buf_init(&b, 0);
	value_add(&b, k->value);
	check_fail(c, k, "只能是“%s”", b.data);
	buf_fini(&b);
	return false;
}

static void
add_list(struct buf *b, const json_t *list)
{
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		if (b->len > LIST_MAX) {
			buf_addf(b, "等%zu种", n);
			return;
		}
		buf_add(b, i ? "、" : "");
		value_add(b, json_array_get(list, i));
	}
}

bool
check_enum(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	struct buf b;

	(void)seen;
	for (size_t i = 0; i < json_array_size(k->value); i++)
		if (value_equal(v, json_array_get(k->value, i)))
			return true;
	if (c->mode == CHECK_QUIET)
		return false;
	buf_init(&b, 0);
	add_list(&b, k->value);
	check_fail(c, k, "不在允许的取值之内：%s", b.data);
	buf_fini(&b);
	return false;
}

/* "不能小于0（现为-1）": before and after stand around the limit. */
static bool
fail_number(struct check *c, const struct key *k, const json_t *v,
    const char *before, const char *after)
{
	struct buf limit, have;

	if (c->mode == CHECK_QUIET)
		return false;
	buf_init(&limit, 0);
	buf_init(&have, 0);
	value_add(&limit, k->value);
	value_add(&have, v);
	check_fail(
	    c, k, "%s%s%s（现为%s）", before, limit.data, after, have.data);
	buf_fini(&limit);
	buf_fini(&have);
	return false;
}

bool
check_minimum(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	return !json_is_number(v) || value_compare(v, k->value) >= 0 ||
	       fail_number(c, k, v, "不能小于", "");
}

bool
check_maximum(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	return !json_is_number(v) || value_compare(v, k->value) <= 0 ||
	       fail_number(c, k, v, "不能大于", "");
}

bool
check_exclusive_minimum(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	return !json_is_number(v) || value_compare(v, k->value) > 0 ||
	       fail_number(c, k, v, "必须大于", "");
}

bool
check_exclusive_maximum(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	return !json_is_number(v) || value_compare(v, k->value) < 0 ||
	       fail_number(c, k, v, "必须小于", "");
}

bool
check_multiple_of(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	return !json_is_number(v) || value_multiple_of(v, k->value) ||
	       fail_number(c, k, v, "必须是", "的倍数");
}

static size_t
length(const json_t *v)
{
	return utf8_count(json_string_value(v), json_string_length(v));
}

bool
check_min_length(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n;

	(void)seen;
	if (!json_is_string(v) || (n = length(v)) >= k->min)
		return true;
	if (n == 0)
		return check_fail(c, k, "不能为空");
	return check_fail(c, k, "至少要有%zu个字（现有%zu个）", k->min, n);
}

bool
check_max_length(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	size_t n;

	(void)seen;
	if (!json_is_string(v) || (n = length(v)) <= k->min)
		return true;
	return check_fail(c, k, "不能超过%zu个字（现有%zu个）", k->min, n);
}

bool
check_pattern(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	if (!json_is_string(v) ||
	    check_regex(
		c, k->regexes[0], json_string_value(v), json_string_length(v)))
		return true;
	if (k->owner->title)
		return check_fail_own(c, k, "%s的格式不正确", k->owner->title);
	return check_fail_own(
	    c, k, "格式不符合要求：%s", json_string_value(k->value));
}

bool
check_format(
    struct check *c, const struct key *k, const json_t *v, struct seen *seen)
{
	(void)seen;
	return !json_is_string(v) ||
	       k->format->fits(json_string_value(v), json_string_length(v)) ||
	       check_fail_own(c, k, "%s", k->format->sentence);
}
