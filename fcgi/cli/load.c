#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/stream.h"
#include "schema/registry.h"
#include "schema/schema.h"

/* A set stays far below what any engine takes in one go. */
#define SET_DOCS 100
#define SET_BYTES (1U << 20)

struct load {
	struct store *store;
	FILE *in;
	struct buf text; /* of the line */
	size_t line;
	size_t place;   /* in stream_order */
	char last[256]; /* _id before this one, in the collection */
	int64_t n;
	bool ended;
	struct write_set set;
	size_t set_bytes;
	struct stream_tally *tally;
};

/* What to do with a document; -1 ends the reading. */
typedef int (*doc_fn)(struct load *l, enum coll c, json_t *doc, struct err *e);

/* Something is wrong with this line; reading goes on. */
static void
reject(struct load *l, const char *pointer, const char *keyword,
    const char *detail, struct err *e)
{
	char place[sizeof(e->items[0].pointer)];

	snprintf(place, sizeof(place), "第%zu行%s%.150s", l->line,
	    *pointer != '\0' ? " " : "", pointer);
	err_add(e, ERR_IMPORT, place, keyword, "%s", detail);
}

/* ---- lines ---- */

/* 1 with a line in l->text, 0 at the end. */
static int
read_line(struct load *l, struct err *e)
{
	char chunk[65536];

	buf_reset(&l->text);
	l->line++;
	while (fgets(chunk, sizeof(chunk), l->in) != NULL) {
		size_t n = strlen(chunk);

		buf_addn(&l->text, chunk, n);
		if (!buf_ok(&l->text))
			return err_set(e, ERR_TOOBIG, "第%zu行超过%u MiB",
			    l->line, FILE_BYTES_MAX >> 20);
		if (n > 0 && chunk[n - 1] == '\n')
			return 1;
	}
	if (ferror(l->in))
		return err_set(e, ERR_UNAVAILABLE, "读取第%zu行时出错：%s",
		    l->line, strerror(errno));
	return l->text.len > 0 ? 1 : 0;
}

/* new, or NULL with the line's number in the story. */
static json_t *
parse_line(struct load *l, struct err *e)
{
	struct err why;
	json_t *v;

	err_init(&why);
	v = json_read(l->text.data, l->text.len, FILE_BYTES_MAX, &why);
	if (v == NULL)
		err_set(e, why.code, "第%zu行：%s", l->line, why.detail);
	return v;
}

static int
read_header(struct load *l, struct err *e)
{
	struct err ignored;
	json_t *v = NULL;
	const char *format;
	int rc = read_line(l, e);

	if (rc < 0)
		return -1;
	err_init(&ignored);
	if (rc > 0)
		v = parse_line(l, &ignored);
	format = json_peek_str(v, "format");
	if (format == NULL || strcmp(format, STREAM_FORMAT) != 0)
		rc = err_set(e, ERR_IMPORT,
		    "这不是minsheng export的输出；导入计划请写出目录或文件");
	else if (json_peek_int(v, "version", 0) != STREAM_VERSION)
		rc = err_set(e, ERR_IMPORT,
		    "第1行：这是第%lld版的格式，本程序只认第%d版",
		    (long long)json_peek_int(v, "version", 0), STREAM_VERSION);
	json_decref(v);
	return rc < 0 ? -1 : 0;
}

static void
read_end(struct load *l, const json_t *v, struct err *e)
{
	char detail[128];

	l->ended = true;
	if (json_peek_int(v, "documents", -1) == l->n)
		return;
	snprintf(detail, sizeof(detail),
	    "应有%lld个文档，读到%lld个，数据不完整",
	    (long long)json_peek_int(v, "documents", -1), (long long)l->n);
	reject(l, "", "end", detail, e);
}

/* ---- documents ---- */

static size_t
place_of(int c)
{
	size_t i = 0;

	while (i < COLL__MAX && (int)stream_order[i].coll != c)
		i++;
	return i;
}

/* Each document once, in the order of an export. */
static bool
in_order(struct load *l, size_t place, const char *id)
{
	if (place < l->place || (place == l->place && strcmp(id, l->last) <= 0))
		return false;
	l->place = place;
	snprintf(l->last, sizeof(l->last), "%s", id);
	return true;
}

/* {"collection", "doc"} */
static int
read_doc(struct load *l, json_t *v, doc_fn fn, struct err *e)
{
	const char *name = json_peek_str(v, "collection");
	json_t *doc = json_object_get(v, "doc");
	const char *id = json_peek_str(doc, "_id");
	int c = name != NULL ? coll_by_name(name) : -1;

	l->n++;
	if (c < 0 || json_object_size(v) != 2 || !json_is_object(doc))
		reject(l, "", "line",
		    "应为{\"collection\":集合,\"doc\":文档}"
		    "，集合须是本程序有的",
		    e);
	else if (id == NULL || strlen(id) >= sizeof(l->last))
		reject(l, "/_id", "required", "没有编号，或编号过长", e);
	else if (!in_order(l, place_of(c), id))
		reject(
		    l, "/_id", "order", "编号重复，或次序不是导出时的次序", e);
	else
		return fn(l, (enum coll)c, doc, e);
	return 0;
}

/* A line after the header. */
static int
read_value(struct load *l, doc_fn fn, struct err *e)
{
	json_t *v = parse_line(l, e);
	int rc = 0;

	if (v == NULL)
		return -1;
	if (l->ended)
		rc = err_set(
		    e, ERR_IMPORT, "第%zu行：结束行之后还有内容", l->line);
	else if (json_object_get(v, "end") != NULL)
		read_end(l, v, e);
	else
		rc = read_doc(l, v, fn, e);
	json_decref(v);
	return rc;
}

/* Read it all, from the beginning. */
static int
read_all(struct load *l, doc_fn fn, struct err *e)
{
	int rc;

	rewind(l->in);
	l->line = 0;
	l->place = 0;
	l->last[0] = '\0';
	l->n = 0;
	l->ended = false;
	if (read_header(l, e) < 0)
		return -1;
	while ((rc = read_line(l, e)) > 0) {
		if (read_value(l, fn, e) < 0)
			return -1;
	}
	if (rc == 0 && !l->ended)
		return err_set(
		    e, ERR_IMPORT, "没有结束行，数据不完整：导出可能中途失败");
	return rc;
}

/* ---- the first reading ---- */

enum presence { ABSENT, SAME, DIFFERENT };

static int
look_up(struct load *l, enum coll c, const json_t *doc, enum presence *out,
    struct err *e)
{
	struct err why;
	json_t *old;

	err_init(&why);
	old = store_get_json(l->store, c, json_peek_str(doc, "_id"), &why);
	if (old == NULL && why.code != ERR_NOTFOUND) {
		*e = why;
		return -1;
	}
	*out = old == NULL ? ABSENT : json_equal(old, doc) ? SAME : DIFFERENT;
	json_decref(old);
	return 0;
}

static void
reject_conflict(struct load *l, enum coll c, const json_t *doc, struct err *e)
{
	enum err_code code = e->code == ERR_IMPORT ? ERR_IMPORT : ERR_CONFLICT;
	char place[32];

	snprintf(place, sizeof(place), "第%zu行", l->line);
	err_add(e, code, place, "conflict", "%s里已有内容不同的“%s”",
	    coll_name(c), json_peek_str(doc, "_id"));
}

/* What the schema says, under the line's number. */
static bool
fits(struct load *l, enum coll c, const json_t *doc, struct err *e)
{
	static const char *const managed[] = {"rev", "createdAt", "updatedAt"};
	struct err why;

	err_init(&why);
	if (schema_check(schema_registry_peek(coll_schema(c)), doc, &why) == 0)
		goto fits;
	for (size_t i = 0; i < why.nitems; i++)
		reject(l, why.items[i].pointer, why.items[i].keyword,
		    why.items[i].detail, e);
	return false;
fits:
	for (size_t i = 0; i < sizeof(managed) / sizeof(*managed); i++) {
		char detail[64];

		if (json_object_get(doc, managed[i]) != NULL)
			continue;
		snprintf(detail, sizeof(detail), "缺少%s", managed[i]);
		reject(l, "", "required", detail, e);
		return false;
	}
	return true;
}

static int
check_doc(struct load *l, enum coll c, json_t *doc, struct err *e)
{
	enum presence presence;

	if (!fits(l, c, doc, e))
		return 0;
	if (look_up(l, c, doc, &presence, e) < 0)
		return -1;
	if (presence == DIFFERENT)
		reject_conflict(l, c, doc, e);
	return 0;
}

/* ---- the second reading ---- */

static int
write_out(struct load *l, struct err *e)
{
	int rc = l->set.n > 0 ? store_write(l->store, &l->set, e) : 0;

	write_set_fini(&l->set);
	write_set_init(&l->set, instant_now());
	l->set_bytes = 0;
	return rc;
}

static int
load_doc(struct load *l, enum coll c, json_t *doc, struct err *e)
{
	enum presence presence;

	if (look_up(l, c, doc, &presence, e) < 0)
		return -1;
	if (presence == DIFFERENT) {
		reject_conflict(l, c, doc, e);
		return -1;
	}
	if (presence == SAME) {
		l->tally[c].same++;
		return 0;
	}
	if ((l->set.n >= SET_DOCS || l->set_bytes + l->text.len > SET_BYTES) &&
	    write_out(l, e) < 0)
		return -1;
	write_load(&l->set, c, doc);
	l->set_bytes += l->text.len;
	l->tally[c].added++;
	return 0;
}

static int
check_then_load(struct load *l, struct err *e)
{
	if (read_all(l, check_doc, e) < 0)
		return -1;
	if (e->code != ERR_NONE) {
		snprintf(e->detail, sizeof(e->detail),
		    "有%zu处不对，什么也没有写入", e->nitems + e->nmore);
		return -1;
	}
	if (read_all(l, load_doc, e) < 0)
		return -1;
	return write_out(l, e);
}

int
stream_import(struct store *s, FILE *in, struct stream_tally tally[COLL__MAX],
    struct err *e)
{
	struct load l = {.store = s, .in = in, .tally = tally};
	int rc;

	memset(tally, 0, COLL__MAX * sizeof(*tally));
	buf_init(&l.text, FILE_BYTES_MAX);
	write_set_init(&l.set, instant_now());
	rc = check_then_load(&l, e);
	write_set_fini(&l.set);
	buf_fini(&l.text);
	return rc;
}

/* ---- the command ---- */

/* A file without a name that holds what a pipe gives. */
static FILE *
spool(FILE *in, struct err *e)
{
	const char *dir = getenv("TMPDIR");
	char path[4096], chunk[65536];
	FILE *out = NULL;
	size_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/minsheng-import.XXXXXX",
	    dir != NULL && *dir != '\0' ? dir : "/var/tmp");
	fd = mkstemp(path);
	if (fd >= 0) {
		unlink(path);
		out = fdopen(fd, "w+b");
	}
	while (out != NULL && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		fwrite(chunk, 1, n, out);
	if (out != NULL && fflush(out) == 0 && !ferror(out) && !ferror(in))
		return out;
	err_set(
	    e, ERR_NOSPACE, "存放导入数据的临时目录写不进去（可用TMPDIR指定）");
	if (out != NULL)
		fclose(out);
	return NULL;
}

static FILE *
open_input(const char *path, struct err *e)
{
	FILE *in;

	if (path == NULL || strcmp(path, "-") == 0)
		return spool(stdin, e);
	in = fopen(path, "rb");
	if (in == NULL)
		err_set(e, ERR_NOTFOUND, "打不开%s：%s", path,
		    errno == ENOENT ? "没有这个文件" : "没有读取权限");
	return in;
}

static void
print_tally(const struct stream_tally tally[COLL__MAX])
{
	for (size_t i = 0; i < COLL__MAX; i++) {
		enum coll c = stream_order[i].coll;

		printf("%-16s 装入%lld个，已有%lld个\n", coll_name(c),
		    (long long)tally[c].added, (long long)tally[c].same);
	}
}

int
stream_import_command(struct cli *cli, struct app *app)
{
	struct stream_tally tally[COLL__MAX];
	FILE *in;
	int rc;

	if (!cli_arguments(cli, 0, 1))
		return CLI_USAGE;
	in = open_input(cli->argc > 0 ? cli->argv[0] : NULL, &cli->e);
	if (in == NULL)
		return -1;
	rc = stream_import(app->store, in, tally, &cli->e);
	fclose(in);
	if (rc == 0)
		print_tally(tally);
	return rc;
}
