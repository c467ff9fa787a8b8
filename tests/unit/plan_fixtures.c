#include "plan_fixtures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "plan/orgs.h"
#include "schema/registry.h"

char *
read_source(const char *path, size_t *len)
{
	char full[512];
	char *data;
	FILE *f;

	(void)snprintf(full, sizeof(full), "%s/%s", MS_SOURCE_DIR, path);
	f = fopen(full, "rb");
	if (f == NULL)
		fail_msg("cannot read %s", full);
	data = calloc(1, 1 << 20);
	assert_non_null(data);
	*len = fread(data, 1, (1 << 20) - 1, f);
	(void)fclose(f);
	return data;
}

static json_t *
load(const char *name, const char *file)
{
	char path[256];
	struct err e;
	json_t *v;
	char *data;
	size_t len;

	(void)snprintf(path, sizeof(path), "scripts/sample/%s/%s", name, file);
	data = read_source(path, &len);
	err_init(&e);
	v = json_read_own(data, len, &e);
	free(data);
	if (v == NULL)
		fail_msg("%s: %s", path, e.detail);
	return v;
}

void
sample_load(struct sample *s, const char *name)
{
	struct org_index *index;
	struct err e;
	json_t *task;
	size_t i;

	s->plan = load(name, "plan.json");
	s->tasks = load(name, "tasks.json");
	s->orgs = load(name, "orgs.json");
	s->orgsets = load(name, "orgSets.json");
	index = org_index_new(s->orgs, s->orgsets);
	err_init(&e);
	json_array_foreach (s->tasks, i, task) {
		if (orgs_fill_task(task, index, &e) < 0)
			fail_msg("%s", e.items[0].detail);
	}
	org_index_free(index);
}

void
sample_free(struct sample *s)
{
	json_decref(s->plan);
	json_decref(s->tasks);
	json_decref(s->orgs);
	json_decref(s->orgsets);
}

json_t *
sample_task(const struct sample *s, int no)
{
	json_t *task;
	size_t i;

	json_array_foreach (s->tasks, i, task) {
		if (json_peek_int(task, "no", 0) == no)
			return task;
	}
	fail_msg("no task %d", no);
	return NULL;
}

void
check_schema(const char *file, const json_t *doc)
{
	const char *id = json_peek_str(doc, "_id");
	struct err e;
	int rc;

	err_init(&e);
	if (schema_registry_init(&e) < 0)
		fail_msg("%s", e.detail);
	rc = schema_check(schema_registry_peek(file), doc, &e);
	schema_registry_fini();
	if (rc < 0)
		fail_msg("%s %s: %s %s", file, id != NULL ? id : "-",
		    e.items[0].pointer, e.items[0].detail);
}

json_t *
quick_json(const char *text)
{
	char *copy = strdup(text);
	struct err e;
	json_t *v;

	assert_non_null(copy);
	for (char *p = copy; *p != '\0'; p++) {
		if (*p == '\'')
			*p = '"';
	}
	err_init(&e);
	v = json_read_own(copy, strlen(copy), &e);
	if (v == NULL)
		fail_msg("%s: %s", e.detail, copy);
	free(copy);
	return v;
}
