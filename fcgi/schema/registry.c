#include "schema/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/json.h"

struct entry {
	const char *file;
	const char *uri;
	const struct schema *schema;
};

static struct {
	struct schema_set *set;
	struct entry *entries;
	size_t n;
} registry;

static int
check_id(const char *file, const json_t *doc, struct err *e)
{
	const char *id = json_peek_str(doc, "$id");
	size_t base = strlen(SCHEMA_BASE);

	if (id && strncmp(id, SCHEMA_BASE, base) == 0 &&
	    strcmp(id + base, file) == 0)
		return 0;
	return err_set(e, ERR_CONFIG, "schemas/%s 的$id应为 %s%s", file,
	    SCHEMA_BASE, file);
}

/* A file without "$schema" (openapi.json) is no schema. */
static int
add_file(const struct embed_file *f, struct err *e)
{
	struct entry *entry = &registry.entries[registry.n];
	json_t *doc = json_read_own(f->data, f->len, e);
	int rc = 0;

	if (!doc)
		return -1;
	if (json_peek_str(doc, "$schema")) {
		rc = check_id(f->name, doc, e);
		if (rc == 0)
			rc = schema_set_add(registry.set, NULL, doc, e);
		*entry = (struct entry){
		    .file = f->name, .uri = json_peek_str(doc, "$id")};
		registry.n++;
	}
	json_decref(doc);
	return rc;
}

static int
load_all(struct err *e)
{
	size_t n = 0;

	while (embed_schemas[n].name)
		n++;
	registry.set = schema_set_new();
	registry.entries = calloc(n + 1, sizeof(*registry.entries));
	if (!registry.entries)
		abort();
	for (size_t i = 0; i < n; i++)
		if (add_file(&embed_schemas[i], e) < 0)
			return -1;
	for (size_t i = 0; i < registry.n; i++) {
		struct entry *it = &registry.entries[i];

		it->schema = schema_set_compile(registry.set, it->uri, e);
		if (!it->schema)
			return -1;
	}
	return 0;
}

int
schema_registry_init(struct err *e)
{
	schema_registry_fini();
	if (load_all(e) == 0)
		return 0;
	schema_registry_fini();
	return -1;
}

void
schema_registry_fini(void)
{
	schema_set_free(registry.set);
	free(registry.entries);
	memset(&registry, 0, sizeof(registry));
}

const struct schema *
schema_registry_peek(const char *file)
{
	for (size_t i = 0; i < registry.n; i++)
		if (strcmp(registry.entries[i].file, file) == 0)
			return registry.entries[i].schema;
	return NULL;
}
