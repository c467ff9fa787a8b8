#include "store/mongo_schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/embed.h"
#include "base/json.h"
#include "base/log.h"
#include "store/bson_tree.h"

#define SIZE_MAX_BYTES 10000
#define DEPTH_FIRST 20
#define DEPTH_LAST 2

#define NAME_MAX_LEN 48

#define OF_MEMBER "#/properties/"

/* A schema in its file, which references are relative to. */
struct place {
	const json_t *root;
	const json_t *schema;
};

/* The files of one derivation: parsed once, owned. */
struct files {
	json_t *parsed; /* name -> tree */
	unsigned depth; /* levels still written out */
};

static int
refuse(const char *what, struct err *e)
{
	log_line(LOG_LEVEL_ERROR, "schema not derived", "reason=%s", what);
	return err_set(
	    e, ERR_INTERNAL, "系统内部错误：无法导出数据库的校验规则");
}

/* borrowed from files, or NULL with *e set. */
static const json_t *
open_file(struct files *fs, const char *name, struct err *e)
{
	json_t *v = json_object_get(fs->parsed, name);
	const struct embed_file *f;

	if (v != NULL)
		return v;
	f = embed_find(embed_schemas, name);
	if (f == NULL) {
		refuse(name, e);
		return NULL;
	}
	v = json_read_own(f->data, f->len, e);
	if (v != NULL)
		json_put(fs->parsed, name, v);
	return v;
}

/* Follow "/a/b" from v; NULL when it leads nowhere. */
static const json_t *
walk(const json_t *v, const char *pointer)
{
	while (v != NULL && *pointer == '/') {
		char step[NAME_MAX_LEN];
		size_t n = strcspn(++pointer, "/");

		if (n >= sizeof(step))
			return NULL;
		memcpy(step, pointer, n);
		step[n] = '\0';
		pointer += n;
		v = json_object_get(v, step);
	}
	return v;
}

/* Where "common.json#/$defs/id" or "#/$defs/x" leads. */
static int
resolve(struct files *fs, const struct place *from, const char *ref,
    struct place *out, struct err *e)
{
	const char *hash = strchr(ref, '#');
	size_t n = hash != NULL ? (size_t)(hash - ref) : strlen(ref);
	char name[NAME_MAX_LEN];

	if (n >= sizeof(name))
		return refuse(ref, e);
	memcpy(name, ref, n);
	name[n] = '\0';
	out->root = n == 0 ? from->root : open_file(fs, name, e);
	if (out->root == NULL)
		return -1;
	out->schema = walk(out->root, hash != NULL ? hash + 1 : "");
	return out->schema != NULL ? 0 : refuse(ref, e);
}

/* ---- keywords ---- */

static int derive(
    struct files *fs, const struct place *from, json_t *out, struct err *e);

static void
push_type(json_t *list, const char *type)
{
	static const struct {
		const char *type;
		const char *names[3];
	} types[] = {
	    {"integer", {"int", "long"}},
	    {"number", {"int", "long", "double"}},
	    {"boolean", {"bool"}},
	    {"string", {"string"}},
	    {"object", {"object"}},
	    {"array", {"array"}},
	    {"null", {"null"}},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		for (size_t k = 0; k < 3 && strcmp(types[i].type, type) == 0;
		     k++)
			if (types[i].names[k] != NULL)
				json_push(list, json_string(types[i].names[k]));
}

static int
derive_type(struct files *fs, const struct place *from, const json_t *v,
    json_t *out, struct err *e)
{
	json_t *list = json_array();
	const json_t *item;
	size_t i;

	(void)fs;
	(void)from;
	(void)e;
	if (json_is_string(v))
		push_type(list, json_string_value(v));
	json_array_foreach (v, i, item)
		push_type(list, json_string_value(item));
	json_put(out, "bsonType", list);
	return 0;
}

static int
derive_const(struct files *fs, const struct place *from, const json_t *v,
    json_t *out, struct err *e)
{
	json_t *list = json_array();

	(void)fs;
	(void)from;
	(void)e;
	json_push(list, json_deep_copy(v));
	json_put(out, "enum", list);
	return 0;
}

/*
 * Only patterns that mean the same to every engine, whether it looks at bytes
 * or at characters: ASCII, and no class of what must not be there.
 */
static int
derive_pattern(struct files *fs, const struct place *from, const json_t *v,
    json_t *out, struct err *e)
{
	const char *s = json_string_value(v);

	(void)fs;
	(void)from;
	(void)e;
	if (strstr(s, "[^") != NULL || strstr(s, "(?") != NULL)
		return 0;
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x7f ||
		    (*p == '\\' && strchr(".", p[1]) == NULL))
			return 0;
	json_put_str(out, "pattern", s);
	return 0;
}

static int
derive_properties(struct files *fs, const struct place *from, const json_t *v,
    json_t *out, struct err *e)
{
	json_t *all = json_object();
	const char *key;
	json_t *item;

	json_object_foreach (json_iterable(v), key, item) {
		struct place inner = {from->root, item};
		json_t *one = json_object();

		json_put(all, key, one);
		if (derive(fs, &inner, one, e) < 0) {
			json_decref(all);
			return -1;
		}
		if (json_object_size(one) == 0)
			json_object_del(all, key);
	}
	if (json_object_size(all) > 0)
		json_put(out, "properties", all);
	else
		json_decref(all);
	return 0;
}

static int
derive_items(struct files *fs, const struct place *from, const json_t *v,
    json_t *out, struct err *e)
{
	struct place inner = {from->root, v};
	json_t *one = json_object();

	if (derive(fs, &inner, one, e) < 0) {
		json_decref(one);
		return -1;
	}
	if (json_object_size(one) > 0)
		json_put(out, "items", one);
	else
		json_decref(one);
	return 0;
}

/*
 * A reference is no level.  What is like another member (a task as it was
 * before an amendment) and what only the program writes (a history) is looked
 * at from outside: the room is needed for what people write.
 */
static bool
is_shallow(const json_t *schema, const char *ref)
{
	return strncmp(ref, OF_MEMBER, strlen(OF_MEMBER)) == 0 ||
	       json_peek_bool(schema, "readOnly", false);
}

static int
derive_ref(struct files *fs, const struct place *from, const json_t *v,
    json_t *out, struct err *e)
{
	const char *ref = json_string_value(v);
	unsigned depth = fs->depth;
	struct place to;
	int rc;

	if (resolve(fs, from, ref, &to, e) < 0)
		return -1;
	fs->depth = is_shallow(from->schema, ref) ? 1 : depth + 1;
	rc = derive(fs, &to, out, e);
	fs->depth = depth;
	return rc;
}

/* Keywords that mean the same: as they are, unless empty. */
static int
copy_list(struct files *fs, const struct place *from, const json_t *v,
    const char *key, json_t *out, struct err *e)
{
	(void)fs;
	(void)from;
	(void)e;
	if (!json_is_array(v) || json_array_size(v) > 0)
		json_put(out, key, json_deep_copy(v));
	return 0;
}

static const char *const same[] = {"enum", "required", "minimum", "maximum",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"};

static const struct {
	const char *name;
	int (*derive)(struct files *fs, const struct place *from,
	    const json_t *v, json_t *out, struct err *e);
} others[] = {
    {"type", derive_type},
    {"const", derive_const},
    {"pattern", derive_pattern},
    {"properties", derive_properties},
    {"items", derive_items},
};

/*
 * Add what the schema says to out.  A reference comes first, so what stands
 * beside it takes the place of the same keyword: either alone says less than
 * both together.
 */
static int
derive(struct files *fs, const struct place *from, json_t *out, struct err *e)
{
	const json_t *ref = json_object_get(from->schema, "$ref");
	int rc = 0;

	if (!json_is_object(from->schema) || fs->depth == 0)
		return 0;
	fs->depth--;
	if (ref != NULL)
		rc = derive_ref(fs, from, ref, out, e);
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]) && rc == 0; i++) {
		const json_t *v = json_object_get(from->schema, same[i]);

		if (v != NULL)
			rc = copy_list(fs, from, v, same[i], out, e);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) && rc == 0;
	     i++) {
		const json_t *v = json_object_get(from->schema, others[i].name);

		if (v != NULL)
			rc = others[i].derive(fs, from, v, out, e);
	}
	fs->depth++;
	return rc;
}

static bool
fits(const json_t *schema)
{
	bson_t b = BSON_INITIALIZER;
	struct err ignored;
	bool ok;

	err_init(&ignored);
	ok = bson_append_members(&b, schema, &ignored) == 0 &&
	     b.len <= SIZE_MAX_BYTES;
	bson_destroy(&b);
	return ok;
}

json_t *
mongo_schema(const char *file, struct err *e)
{
	struct files fs = {.parsed = json_object()};
	const json_t *root = open_file(&fs, file, e);
	struct place from = {root, root};
	json_t *out = NULL;

	for (unsigned depth = DEPTH_FIRST; root != NULL && depth >= DEPTH_LAST;
	     depth--) {
		json_decref(out);
		out = json_object();
		fs.depth = depth;
		if (derive(&fs, &from, out, e) < 0) {
			json_decref(out);
			out = NULL;
			break;
		}
		if (fits(out))
			break;
	}
	json_decref(fs.parsed);
	return out;
}
