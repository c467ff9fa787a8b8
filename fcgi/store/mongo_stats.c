#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/json.h"
#include "base/log.h"
#include "stats/parts.h"
#include "store/bson_tree.h"
#include "store/mongo.h"

#define TEMPLATE_NAME_MAX 64

/* {"?": "plans"}: where a value is bound. */
#define PLACEHOLDER "?"

/* ---- templates ---- */

static int
refuse_template(const char *part, const char *why, struct err *e)
{
	log_line(
	    LOG_LEVEL_ERROR, "bad pipeline", "part=%s reason=%s", part, why);
	return err_set(e, ERR_INTERNAL, "系统内部错误：统计模板有误");
}

int
mongo_templates_load(struct mongo *m, struct err *e)
{
	for (size_t i = 0; i < PART__MAX; i++) {
		char name[TEMPLATE_NAME_MAX];
		const struct embed_file *f;

		snprintf(
		    name, sizeof(name), "stats/%s.json", stats_parts[i].name);
		f = embed_find(embed_pipelines, name);
		if (f == NULL)
			continue; /* refused when it is asked for */
		m->templates[i] = json_read_own(f->data, f->len, e);
		if (m->templates[i] == NULL)
			return -1;
		if (json_peek_str(m->templates[i], "collection") == NULL ||
		    !json_is_array(
			json_object_get(m->templates[i], "pipeline")))
			return refuse_template(
			    stats_parts[i].name, "no collection, pipeline", e);
	}
	return 0;
}

void
mongo_templates_free(struct mongo *m)
{
	for (size_t i = 0; i < PART__MAX; i++)
		json_decref(m->templates[i]);
}

/* ---- binding: the template's tree with values in place ---- */

static int bind_any(bson_t *out, const char *key, const json_t *v,
    const struct stats_args *args, struct err *e);

static void
bind_plans(bson_t *out, const char *key, const struct stats_args *args)
{
	bson_t list;

	BSON_APPEND_ARRAY_BEGIN(out, key, &list);
	for (size_t i = 0; i < args->nplans; i++) {
		char text[16];
		const char *at;

		bson_uint32_to_string((uint32_t)i, &at, text, sizeof(text));
		BSON_APPEND_UTF8(&list, at, args->plans[i]);
	}
	bson_append_array_end(out, &list);
}

static int
bind_value(bson_t *out, const char *key, const char *name,
    const struct stats_args *args, struct err *e)
{
	if (strcmp(name, "plans") == 0)
		bind_plans(out, key, args);
	else if (strcmp(name, "asOf") == 0)
		BSON_APPEND_UTF8(out, key, args->as_of);
	else if (strcmp(name, "knownAt") == 0)
		BSON_APPEND_UTF8(out, key, args->known_at);
	else
		return refuse_template(name, "unknown placeholder", e);
	return 0;
}

static int
bind_array(
    bson_t *out, const json_t *v, const struct stats_args *args, struct err *e)
{
	const json_t *item;
	size_t i;

	json_array_foreach (v, i, item) {
		char text[16];
		const char *key;

		bson_uint32_to_string((uint32_t)i, &key, text, sizeof(text));
		if (bind_any(out, key, item, args, e) < 0)
			return -1;
	}
	return 0;
}

static int
bind_object(
    bson_t *out, const json_t *v, const struct stats_args *args, struct err *e)
{
	const char *key;
	json_t *item;

	json_object_foreach (json_iterable(v), key, item)
		if (bind_any(out, key, item, args, e) < 0)
			return -1;
	return 0;
}

static int
bind_any(bson_t *out, const char *key, const json_t *v,
    const struct stats_args *args, struct err *e)
{
	const char *name = json_peek_str(v, PLACEHOLDER);
	bson_t inner;
	int rc;

	if (name != NULL)
		return bind_value(out, key, name, args, e);
	if (json_is_object(v)) {
		BSON_APPEND_DOCUMENT_BEGIN(out, key, &inner);
		rc = bind_object(&inner, v, args, e);
		bson_append_document_end(out, &inner);
		return rc;
	}
	if (json_is_array(v)) {
		BSON_APPEND_ARRAY_BEGIN(out, key, &inner);
		rc = bind_array(&inner, v, args, e);
		bson_append_array_end(out, &inner);
		return rc;
	}
	return bson_append_json(out, key, v, e);
}

/* ---- rows ---- */

struct growing {
	const struct stats_part *part;
	struct stats_cell *cells;
	size_t nrows;
	size_t cap;
};

static struct stats_cell *
add_row(struct growing *g)
{
	size_t n = g->part->ncolumns;

	if (g->nrows == g->cap) {
		g->cap = g->cap == 0 ? 64 : 2 * g->cap;
		g->cells = realloc(g->cells, g->cap * n * sizeof(*g->cells));
		if (g->cells == NULL)
			abort();
	}
	struct stats_cell *row = &g->cells[g->nrows++ * n];

	memset(row, 0, n * sizeof(*row));
	return row;
}

/*
 * -1 when the value has another type than the part declares: above all a
 * double, which a sum becomes that leaves 64 bits.
 */
static int
read_cell(
    const bson_iter_t *at, char type, struct arena *a, struct stats_cell *out)
{
	switch (bson_iter_type(at)) {
	case BSON_TYPE_NULL:
		out->null = 1;
		return 0;
	case BSON_TYPE_INT32:
	case BSON_TYPE_INT64:
		out->n = bson_iter_as_int64(at);
		return type == 'i' ? 0 : -1;
	case BSON_TYPE_UTF8:
		out->s = arena_strdup(a, bson_iter_utf8(at, NULL));
		return type == 's' ? 0 : -1;
	default:
		return -1;
	}
}

/* A column that the row lacks is null. */
static int
read_row(const bson_t *doc, struct growing *g, struct arena *a, struct err *e)
{
	struct stats_cell *row = add_row(g);

	for (size_t i = 0; i < g->part->ncolumns; i++) {
		bson_iter_t at;

		if (!bson_iter_init_find(&at, doc, g->part->columns[i].name))
			row[i].null = 1;
		else if (read_cell(&at, g->part->columns[i].type, a, &row[i]) <
			 0)
			return refuse_template(
			    g->part->name, g->part->columns[i].name, e);
	}
	return 0;
}

static void
keep_rows(const struct growing *g, struct arena *a, struct stats_rows *out)
{
	size_t n = g->nrows * g->part->ncolumns * sizeof(*g->cells);

	out->part = g->part;
	out->nrows = g->nrows;
	out->cells = arena_alloc(a, n > 0 ? n : 1);
	if (n > 0)
		memcpy(out->cells, g->cells, n);
}

static int
run_pipeline(struct mongo *m, const char *coll, const bson_t *pipeline,
    struct growing *g, struct arena *a, struct err *e)
{
	mongoc_client_t *client = mongo_take(m, e);
	mongoc_collection_t *c;
	mongoc_cursor_t *cursor;
	const bson_t *doc, *reply;
	bson_error_t why;
	bson_t *opts;
	int rc = 0;

	if (client == NULL)
		return -1;
	opts = BCON_NEW("maxTimeMS", BCON_INT64(m->timeout_ms));
	c = mongo_coll(m, client, coll);
	cursor = mongoc_collection_aggregate(
	    c, MONGOC_QUERY_NONE, pipeline, opts, NULL);
	while (rc == 0 && mongoc_cursor_next(cursor, &doc))
		rc = read_row(doc, g, a, e);
	if (rc == 0 && mongoc_cursor_error_document(cursor, &why, &reply))
		rc = mongo_fail(m, g->part->name, &why, reply, e);
	mongoc_cursor_destroy(cursor);
	mongoc_collection_destroy(c);
	bson_destroy(opts);
	mongo_put(m, client);
	return rc;
}

/* borrowed, or NULL. */
static const json_t *
find_template(const struct mongo *m, const struct stats_part *part)
{
	for (size_t i = 0; i < PART__MAX; i++)
		if (strcmp(stats_parts[i].name, part->name) == 0)
			return m->templates[i];
	return NULL;
}

int
mongo_stats(struct store *store, const struct stats_part *part,
    const struct stats_args *args, struct arena *a, struct stats_rows *out,
    struct err *e)
{
	struct mongo *m = (struct mongo *)store;
	const json_t *t = find_template(m, part);
	struct growing g = {.part = part};
	bson_t pipeline = BSON_INITIALIZER;
	int rc = -1;

	if (t == NULL) {
		refuse_template(part->name, "missing", e);
		goto out;
	}
	if (bind_array(&pipeline, json_object_get(t, "pipeline"), args, e) < 0)
		goto out;
	rc = run_pipeline(
	    m, json_peek_str(t, "collection"), &pipeline, &g, a, e);
	if (rc == 0)
		keep_rows(&g, a, out);
out:
	bson_destroy(&pipeline);
	free(g.cells);
	return rc;
}

/* ---- stamps ---- */

/*
 * {_id: {$in: ["", plans ...]}}.  Never an empty list, and no $or: for those
 * servers are known to read the whole collection.
 */
static void
name_stamps(bson_t *filter, const char *const *plans, size_t nplans)
{
	bson_t in, list;

	BSON_APPEND_DOCUMENT_BEGIN(filter, "_id", &in);
	BSON_APPEND_ARRAY_BEGIN(&in, "$in", &list);
	BSON_APPEND_UTF8(&list, "0", "");
	for (size_t i = 0; i < nplans; i++) {
		char text[16];
		const char *key;

		bson_uint32_to_string(
		    (uint32_t)i + 1, &key, text, sizeof(text));
		BSON_APPEND_UTF8(&list, key, plans[i]);
	}
	bson_append_array_end(&in, &list);
	bson_append_document_end(filter, &in);
}

int
mongo_stamp(struct store *store, const char *const *plans, size_t nplans,
    struct store_stamp *out, struct err *e)
{
	struct mongo *m = (struct mongo *)store;
	bson_t filter = BSON_INITIALIZER;
	mongoc_client_t *client = mongo_take(m, e);
	mongoc_collection_t *c;
	mongoc_cursor_t *cursor;
	const bson_t *doc, *reply;
	bson_error_t why;
	int rc = 0;

	*out = (struct store_stamp){.seq = 0};
	if (client == NULL)
		return -1;
	name_stamps(&filter, plans, nplans);
	c = mongo_coll(m, client, MONGO_STAMPS);
	cursor = mongoc_collection_find_with_opts(c, &filter, NULL, NULL);
	while (mongoc_cursor_next(cursor, &doc)) {
		int64_t at = mongo_peek_int(doc, "at", 0);

		out->seq += mongo_peek_int(doc, "seq", 0);
		out->at = at > out->at ? at : out->at;
	}
	if (mongoc_cursor_error_document(cursor, &why, &reply))
		rc = mongo_fail(m, "stamps", &why, reply, e);
	mongoc_cursor_destroy(cursor);
	mongoc_collection_destroy(c);
	bson_destroy(&filter);
	mongo_put(m, client);
	return rc;
}
