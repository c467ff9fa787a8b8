#include "auth/who.h"

#include <assert.h>
#include <string.h>

static const struct {
	const char *word;
	const char *title;
} roles[ROLE__MAX] = {
#define ROLE(name, word, title) [ROLE_##name] = {word, title},
#include "auth/roles.def"
#undef ROLE
};

static const char *const vias[] = {
    [VIA_LOCAL] = "local",
    [VIA_SESSION] = "session",
    [VIA_KEY] = "key",
    [VIA_SIGNED] = "signed",
};

const char *
role_word(enum role r)
{
	assert(r < ROLE__MAX);
	return roles[r].word;
}

const char *
role_title(enum role r)
{
	assert(r < ROLE__MAX);
	return roles[r].title;
}

int
role_by_word(const char *word)
{
	for (int r = 0; r < ROLE__MAX; r++)
		if (strcmp(roles[r].word, word) == 0)
			return r;
	return -1;
}

const char *
who_via_word(enum who_via via)
{
	return vias[via];
}
