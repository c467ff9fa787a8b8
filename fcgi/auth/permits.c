#include "auth/permits.h"

#include <stdlib.h>
#include <string.h>

#define NCOLUMNS (2 + ROLE__MAX)

struct permits {
	char *text; /* the names and titles are in it */
	struct permit *v;
	size_t n;
};

static int
line_fail(size_t line, const char *why, struct err *e)
{
	return err_set(
	    e, ERR_CONFIG, "docs/permissions.csv第%zu行：%s", line, why);
}

/* Cut a line at its commas; the number of pieces. */
static size_t
split(char *line, char *pieces[NCOLUMNS + 1])
{
	size_t n = 0;

	while (n <= NCOLUMNS) {
		char *comma = strchr(line, ',');

		pieces[n++] = line;
		if (comma == NULL)
			break;
		*comma = '\0';
		line = comma + 1;
	}
	return n;
}

static int
check_heading(char *pieces[NCOLUMNS + 1], struct err *e)
{
	if (strcmp(pieces[0], "permission") != 0 ||
	    strcmp(pieces[1], "title") != 0)
		return line_fail(1, "前两列须是permission、title", e);
	for (enum role r = 0; r < ROLE__MAX; r++)
		if (strcmp(pieces[2 + r], role_word(r)) != 0)
			return line_fail(1, "角色的列与程序的不同", e);
	return 0;
}

static int
read_cell(const char *text, unsigned *reach)
{
	static const struct {
		const char *word;
		unsigned reach;
	} words[] = {
	    {"-", 0},
	    {"own", REACH_OWN},
	    {"task", REACH_TASK},
	    {"all", REACH_ALL},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, text) != 0)
			continue;
		*reach = words[i].reach;
		return 0;
	}
	return -1;
}

static int
add_row(
    struct permits *p, char *pieces[NCOLUMNS + 1], size_t line, struct err *e)
{
	struct permit *row = &p->v[p->n];

	*row = (struct permit){.name = pieces[0], .title = pieces[1]};
	if (*row->name == '\0' || *row->title == '\0')
		return line_fail(line, "缺少名称", e);
	if (permits_find(p, row->name) != NULL)
		return line_fail(line, "这个权限已经有了", e);
	for (enum role r = 0; r < ROLE__MAX; r++)
		if (read_cell(pieces[2 + r], &row->reach[r]) < 0)
			return line_fail(
			    line, "格子里只能写-、own、task、all", e);
	p->n++;
	return 0;
}

static int
read_line(struct permits *p, char *text, size_t line, struct err *e)
{
	char *pieces[NCOLUMNS + 1];

	if (split(text, pieces) != NCOLUMNS)
		return line_fail(line, "列数不对", e);
	return line == 1 ? check_heading(pieces, e)
			 : add_row(p, pieces, line, e);
}

struct permits *
permits_new(const char *csv, size_t len, struct err *e)
{
	struct permits *p = calloc(1, sizeof(*p));
	size_t line = 0, room = 1;

	if (p == NULL || (p->text = strndup(csv, len)) == NULL)
		abort();
	for (const char *s = p->text; *s != '\0'; s++)
		room += *s == '\n';
	p->v = calloc(room, sizeof(*p->v));
	if (p->v == NULL)
		abort();
	for (char *s = p->text, *end; *s != '\0'; s = end) {
		end = s + strcspn(s, "\n");
		if (*end != '\0')
			*end++ = '\0';
		if (read_line(p, s, ++line, e) < 0) {
			permits_free(p);
			return NULL;
		}
	}
	return p;
}

void
permits_free(struct permits *p)
{
	if (p == NULL)
		return;
	free(p->v);
	free(p->text);
	free(p);
}

size_t
permits_count(const struct permits *p)
{
	return p->n;
}

const struct permit *
permits_at(const struct permits *p, size_t i)
{
	return &p->v[i];
}

const struct permit *
permits_find(const struct permits *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].name, name) == 0)
			return &p->v[i];
	return NULL;
}

unsigned
permit_reach(const struct permit *p, unsigned roles)
{
	unsigned reach = 0;

	for (enum role r = 0; r < ROLE__MAX; r++)
		if ((roles >> r & 1) != 0)
			reach |= p->reach[r];
	return reach;
}
