#include "api/openapi.h"

#include <ctype.h>
#include <string.h>

#include "api/app.h"
#include "base/embed.h"
#include "base/json.h"
#include "base/text.h"
#include "media/image.h"

/* "/api/v1/tasks/{task}:amend" -> "tasks": the heading it stands under. */
static json_t *
tag_of(const struct route *route)
{
	const char *p = route->pattern;

	if (!text_starts(p, "/api/v1/"))
		return json_string("operations");
	p += strlen("/api/v1/");
	return json_stringn(p, strcspn(p, "/:"));
}

static json_t *
ref(const char *kind, const char *name)
{
	return json_pack("{s:s+}", "$ref", kind, name);
}

static json_t *
param_schema(const struct param *p)
{
	switch (p->type) {
	case PARAM_INT:
		return json_pack("{s:s, s:I, s:I}", "type", "integer",
		    "minimum", (json_int_t)p->min, "maximum",
		    (json_int_t)p->max);
	case PARAM_DATE:
		return json_pack(
		    "{s:s, s:s}", "type", "string", "format", "date");
	case PARAM_INSTANT:
		return json_pack(
		    "{s:s, s:s}", "type", "string", "format", "date-time");
	case PARAM_DIGITS:
		return json_pack(
		    "{s:s, s:s}", "type", "string", "pattern", "^[0-9]{1,12}$");
	case PARAM_WORD:
		return json_pack("{s:s, s:s}", "type", "string", "pattern",
		    "^[A-Za-z][A-Za-z0-9_-]{0,31}$");
	case PARAM_CURSOR:
		return json_pack(
		    "{s:s, s:i}", "type", "string", "maxLength", 512);
	case PARAM_ID:
		break;
	}
	return json_pack("{s:s, s:s}", "type", "string", "pattern",
	    "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$");
}

static json_t *
parameter(const char *where, const char *name, size_t n, json_t *schema)
{
	json_t *p = json_object();

	json_put(p, "name", json_stringn(name, n));
	json_put_str(p, "in", where);
	json_put(p, "required", json_boolean(strcmp(where, "path") == 0));
	json_put(p, "schema", schema);
	return p;
}

static void
add_path_parameters(json_t *list, const char *pattern)
{
	static const struct param id = {.type = PARAM_ID};

	for (const char *p = strchr(pattern, '{'); p != NULL;
	     p = strchr(p + 1, '{'))
		json_push(list, parameter("path", p + 1, strcspn(p + 1, "}"),
				    param_schema(&id)));
}

static void
add_query_parameters(json_t *list, const char *names)
{
	for (size_t n; *names != '\0'; names += n + (names[n] == ' ')) {
		n = strcspn(names, " ");
		for (size_t i = 0; i < api_nparams; i++) {
			const struct param *p = &api_params[i];
			json_t *row;

			if (strlen(p->name) != n ||
			    strncmp(p->name, names, n) != 0)
				continue;
			row = parameter("query", names, n, param_schema(p));
			json_put_str(row, "description", p->title);
			json_push(list, row);
		}
	}
}

static void
add_header_parameters(json_t *list, unsigned flags)
{
	if ((flags & (ROUTE_IF_MATCH | ROUTE_PUT_NEW | ROUTE_MAY_MATCH)) == 0)
		return;
	json_push(list, ref("#/components/parameters/", "IfMatch"));
	if (flags & ROUTE_PUT_NEW)
		json_push(list, ref("#/components/parameters/", "IfNoneMatch"));
}

/* A photograph, in any of the formats. */
static json_t *
pictures(void)
{
	json_t *content = json_object();

	for (enum image_type t = 0; t < IMAGE_TYPE__MAX; t++)
		json_put(content, image_media_type(t),
		    json_pack("{s:{s:s, s:s}}", "schema", "type", "string",
			"format", "binary"));
	return content;
}

static json_t *
request_body(const struct route *route)
{
	if ((route->flags & ROUTE_RAW) != 0)
		return json_pack(
		    "{s:b, s:o}", "required", 1, "content", pictures());
	json_t *content = json_object();
	json_t *schema = route->schema != NULL
			     ? ref("#/components/schemas/", route->schema)
			     : json_pack("{s:s}", "type", "object");

	json_put(
	    content, "application/json", json_pack("{s:O}", "schema", schema));
	if (route->flags & ROUTE_PATCH)
		json_put(content, "application/merge-patch+json",
		    json_pack("{s:O}", "schema", schema));
	if (route->flags & ROUTE_CSV)
		json_put(content, "text/csv",
		    json_pack("{s:{s:s}}", "schema", "type", "string"));
	json_decref(schema);
	return json_pack("{s:b, s:o}", "required", 1, "content", content);
}

/* Some actions say all in their address. */
static bool
has_body(const struct route *route)
{
	return route->schema != NULL ||
	       (route->flags & (ROUTE_PATCH | ROUTE_CSV | ROUTE_RAW)) != 0;
}

/* What a route answers with when all is well. */
static json_t *
answer_content(const struct route *route)
{
	if (strcmp(route->pattern, "/metrics") == 0)
		return json_pack("{s:{}}", "text/plain");
	if (strcmp(route->pattern, "/api/v1/blobs/{blob}") == 0 &&
	    route->method == METHOD_GET)
		return pictures();
	return json_pack("{s:{}}", "application/json");
}

static json_t *
responses(const struct route *route)
{
	json_t *all = json_object();
	json_t *good = json_pack("{s:s, s:o}", "description", "成功", "content",
	    answer_content(route));

	if (route->method == METHOD_GET)
		json_put(
		    all, "304", json_pack("{s:s}", "description", "没有变化"));
	if ((route->flags & (ROUTE_PUT_NEW | ROUTE_RAW)) != 0 ||
	    route->method == METHOD_POST)
		json_put(all, "201", json_incref(good));
	json_put(all, "200", good);
	json_put(all, "default", ref("#/components/responses/", "Problem"));
	return all;
}

static json_t *
operation(const struct route *route)
{
	json_t *op = json_object();
	json_t *params = json_array();

	json_put_str(op, "summary", route->title);
	json_put(op, "tags", json_pack("[o]", tag_of(route)));
	json_put_str(op, "x-permission", route->permission);
	add_path_parameters(params, route->pattern);
	add_query_parameters(params, route->params);
	add_header_parameters(params, route->flags);
	json_put(op, "parameters", params);
	if (has_body(route))
		json_put(op, "requestBody", request_body(route));
	json_put(op, "responses", responses(route));
	return op;
}

static json_t *
paths(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < api_nroutes; i++) {
		const struct route *route = &api_routes[i];
		json_t *item = json_object_get(all, route->pattern);
		char verb[8] = "";

		for (size_t k = 0; method_name(route->method)[k]; k++)
			verb[k] = (char)tolower(
			    (unsigned char)method_name(route->method)[k]);
		if (item == NULL) {
			item = json_object();
			json_put(all, route->pattern, item);
		}
		json_put(item, verb, operation(route));
	}
	return all;
}

/* Every schema file, whole: its $id makes the references inside work. */
static int
add_schemas(json_t *components, struct err *e)
{
	json_t *all = json_object();

	json_put(components, "schemas", all);
	for (const struct embed_file *f = embed_schemas; f->name; f++) {
		json_t *doc = json_read_own(f->data, f->len, e);

		if (doc == NULL)
			return -1;
		json_put(all, f->name, doc);
	}
	return 0;
}

static json_t *
error_table(void)
{
	json_t *all = json_array();

	for (int c = ERR_NONE + 1; c < ERR__MAX; c++)
		json_push(all, json_pack("{s:s, s:i, s:s}", "code",
				   err_slug((enum err_code)c), "status",
				   err_status((enum err_code)c), "title",
				   err_title((enum err_code)c)));
	return all;
}

static void
add_shared(json_t *components)
{
	json_put(components, "parameters",
	    json_pack(
		"{s:{s:s, s:s, s:{s:s}, s:s}, s:{s:s, s:s, s:{s:s}, s:s}}",
		"IfMatch", "name", "If-Match", "in", "header", "schema", "type",
		"string", "description", "所改的版本（ETag）", "IfNoneMatch",
		"name", "If-None-Match", "in", "header", "schema", "type",
		"string", "description", "新建时为*"));
	json_put(components, "responses",
	    json_pack("{s:{s:s, s:{s:{s:{s:s}}}, s:o}}", "Problem",
		"description", "出错（RFC 9457）", "content",
		"application/problem+json", "schema", "$ref",
		"#/components/schemas/problem.json", "x-codes", error_table()));
}

json_t *
openapi_new(struct err *e)
{
	json_t *doc = json_object();
	json_t *components = json_object();

	json_put_str(doc, "openapi", "3.1.0");
	json_put(doc, "info",
	    json_pack("{s:s, s:s, s:s}", "title", "民生实事", "version",
		MS_VERSION, "description",
		"民生实事计划、填报与统计的接口。金额以分计，日期按北京时间，"
		"时刻为UTC。"));
	json_put(doc, "jsonSchemaDialect",
	    json_string("https://json-schema.org/draft/2020-12/schema"));
	json_put(doc, "paths", paths());
	json_put(doc, "components", components);
	add_shared(components);
	if (add_schemas(components, e) < 0) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}
