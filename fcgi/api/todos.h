#ifndef API_TODOS_H
#define API_TODOS_H

#include <jansson.h>

#include "base/civil.h"
#include "base/err.h"

struct req;

/*
 * What waits for whoever asks, derived from what is stored.  A source adds
 * what it knows of; todos.def lists them.
 */
struct todos {
	struct req *r;
	json_t *plans; /* the issued plans that may concern who asks */
	json_t *items;
};

/* All that waits for r->who, by no order: the request's.  NULL: the store. */
json_t *todos_of(struct req *r, struct err *e) MUST_CHECK;

/* One that waits: new from todo_new, put on the list by todo_add. */
json_t *todo_new(const char *kind, const char *title);
/* due: the last day, NULL when there is none.  Takes item. */
void todo_add(struct todos *t, json_t *item, const civil_t *due);

#define TODO_SOURCE(function, title) \
	int function(struct todos *t, struct err *e) MUST_CHECK;
#include "api/todos.def"
#undef TODO_SOURCE

#endif
