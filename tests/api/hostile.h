#ifndef API_HOSTILE_H
#define API_HOSTILE_H

#include "api/world.h"

/* What is asked of every hostile case, beside 4xx and a problem document. */
#define HOSTILE_POINTER 1U /* at least one item with a pointer */

/* The world that is attacked, and what was seen. */
struct hostile {
	struct world world;
	json_t *before; /* every document at the start */
	size_t ran;
	size_t bad;
};

void hostile_open(struct hostile *h);
void hostile_close(struct hostile *h);
/* Prints how many ran; fails when one was bad or a document has changed. */
void hostile_settle(struct hostile *h, const char *what);

/* Ask, and note whatever is wrong with the refusal. */
void hostile_ask(
    struct hostile *h, const struct local_request *in, unsigned flags);

/*
 * The address of a route with ids that are there; value, if not NULL, stands
 * in place of the n-th {..}.  false: there is no n-th.
 */
bool hostile_target(const struct route *route, size_t n, const char *value,
    char *out, size_t size);
/* Headers with which a good request of this route passes. */
void hostile_conditions(const struct route *route, struct local_request *in);
/* Does the route read JSON?  Then the schema that says which, "task.json". */
const char *hostile_schema(const struct route *route);
/* new: the first good example of a schema. */
json_t *hostile_example(const char *schema);

/* cmocka fixtures: *state is an open struct hostile. */
int hostile_set_up(void **state);
int hostile_tear_down(void **state);

#endif
