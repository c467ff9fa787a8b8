#include "schema/support.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "schema/schema.h"

#define LOOSE (JSON_ALLOW_NUL | JSON_DECODE_ANY)

json_t *
load_json(const char *path)
{
	json_error_t why;
	json_t *doc = json_load_file(path, LOOSE, &why);

	if (!doc)
		fail_msg("%s:%d: %s", path, why.line, why.text);
	return doc;
}

json_t *
parse_json(const char *text)
{
	char *copy = strdup(text);
	json_error_t why;
	json_t *doc;

	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	doc = json_loads(copy, LOOSE, &why);
	free(copy);
	if (!doc)
		fail_msg("%s: %s", text, why.text);
	return doc;
}

const struct schema *
compile_text(struct schema_set *set, const char *text, struct err *e)
{
	json_t *doc = parse_json(text);
	const struct schema *s = NULL;

	if (json_is_object(doc) && !json_object_get(doc, "$schema"))
		json_object_set_new(
		    doc, "$schema", json_string(SCHEMA_DIALECT));
	if (schema_set_add(set, HERE, doc, e) == 0)
		s = schema_set_compile(set, HERE, e);
	json_decref(doc);
	return s;
}

int
check_text(const char *schema, const char *value, struct err *e)
{
	struct schema_set *set = schema_set_new();
	const struct schema *s;
	json_t *v = parse_json(value);
	int rc;

	err_init(e);
	s = compile_text(set, schema, e);
	if (!s)
		fail_msg("%s: %s", schema, e->detail);
	rc = schema_check(s, v, e);
	json_decref(v);
	schema_set_free(set);
	return rc;
}

static int
is_wanted(const struct dirent *it)
{
	return it->d_name[0] != '.';
}

static size_t
walk(const char *dir, const char *prefix, int deep, file_fn fn, void *arg)
{
	struct dirent **list;
	int n = scandir(dir, &list, is_wanted, alphasort);
	size_t count = 0;

	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		char path[4096], full[1024];
		size_t len = strlen(name);

		snprintf(path, sizeof(path), "%s/%s", dir, name);
		snprintf(full, sizeof(full), "%s%s", prefix, name);
		if (len > 5 && strcmp(name + len - 5, ".json") == 0) {
			fn(path, full, arg);
			count++;
		} else if (deep && strlen(full) + 1 < sizeof(full)) {
			strcat(full, "/");
			count += walk(path, full, deep, fn, arg);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return count;
}

size_t
each_json(const char *dir, int deep, file_fn fn, void *arg)
{
	return walk(dir, "", deep, fn, arg);
}
