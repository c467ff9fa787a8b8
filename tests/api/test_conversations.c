/*
 * Every file tests/api/NNN-subject.json as one test: from an empty store,
 * against every engine that is here.  Each runs twice (against each engine
 * once where there are more): all transcripts must be the same bytes.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/conversation.h"

static void
compare(const char *path, const char *first, const char *other)
{
	size_t at = 0, line = 1;

	if (strcmp(first, other) == 0)
		return;
	for (; first[at] == other[at]; at++)
		line += first[at] == '\n';
	at = at > 80 ? at - 80 : 0;
	fail_msg("%s: transcripts differ in line %zu:\n%.200s\n%.200s", path,
	    line, first + at, other + at);
}

/* Run it and compare with the first run, which is kept. */
static void
run_once(const char *path, const struct contract_engine *engine, char **first)
{
	char *transcript = conversation_run(path, engine);

	if (*first == NULL) {
		*first = transcript;
		return;
	}
	compare(path, *first, transcript);
	free(transcript);
}

static void
test_conversation(void **state)
{
	const struct contract_engine *last = NULL;
	const char *path = *state;
	char *first = NULL;
	size_t runs = 0;

	for (size_t i = 0; i < contract_nengines; i++) {
		if (!engine_wanted(&contract_engines[i]))
			continue;
		last = &contract_engines[i];
		run_once(path, last, &first);
		runs++;
	}
	if (runs == 0)
		skip();
	if (runs == 1)
		run_once(path, last, &first);
	free(first);
}

int
main(void)
{
	struct CMUnitTest *tests;
	const char *only = getenv("ONLY");
	size_t n = 0;
	glob_t files;
	int rc;

	if (glob(MS_SOURCE_DIR "/tests/api/[0-9]*.json", 0, NULL, &files) != 0)
		return 1;
	tests = calloc(files.gl_pathc, sizeof(*tests));
	if (tests == NULL)
		abort();
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path =
		    files.gl_pathv[i] + strlen(MS_SOURCE_DIR "/");

		if (only != NULL && strstr(path, only) == NULL)
			continue;
		tests[n].name = strrchr(path, '/') + 1;
		tests[n].test_func = test_conversation;
		tests[n].initial_state = (void *)(uintptr_t)path;
		n++;
	}
	rc = _cmocka_run_group_tests("conversations", tests, n, NULL, NULL);
	free(tests);
	globfree(&files);
	return rc;
}
