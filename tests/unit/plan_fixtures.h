#ifndef TESTS_PLAN_FIXTURES_H
#define TESTS_PLAN_FIXTURES_H

#include <jansson.h>

/* The 2019 plan of the repository, and small documents for single rules. */
struct sample {
	json_t *plan;
	json_t *tasks;
	json_t *orgs;
	json_t *orgsets;
};

/* Load scripts/sample/<name>, orgSets filled; fails the test otherwise. */
void sample_load(struct sample *s, const char *name);
void sample_free(struct sample *s);
/* borrowed: the task with this number. */
json_t *sample_task(const struct sample *s, int no);

/* Fails the test unless the document fits this schema of the program. */
void check_schema(const char *file, const json_t *doc);

/* new: JSON with ' in place of ", for readable tests. */
json_t *quick_json(const char *text);
/* new: the bytes of a file under the checkout, NUL-terminated. */
char *read_source(const char *path, size_t *len);

#endif
