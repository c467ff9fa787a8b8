#ifndef AUTH_WHO_H
#define AUTH_WHO_H

#include <stdbool.h>

struct auth;

enum role {
#define ROLE(name, word, title) ROLE_##name,
#include "auth/roles.def"
#undef ROLE
	ROLE__MAX
};

/* How who asks has shown who it is. */
enum who_via {
	VIA_LOCAL, /* the operator of this machine, by the command line */
	VIA_SESSION,
	VIA_KEY,
	VIA_SIGNED,
};

/*
 * Who asks: the same for a person and for a program with an API key.  Lives
 * as long as the request.
 */
struct who {
	const char *id; /* of the user, or of the key of a program */
	const char *name;
	const char *org_id;
	const char *division; /* of the org; "" unknown: nothing lies below */
	unsigned roles;       /* a bit for each: 1 << ROLE_ADMIN */
	enum who_via via;
	const char *credential; /* of the session or key; "" for LOCAL */
	bool password_due;      /* nothing else before it is changed */
	struct auth *auth;      /* where units are looked up */
};

/* "admin", "系统管理员". */
const char *role_word(enum role r);
const char *role_title(enum role r);
/* -1: there is none. */
int role_by_word(const char *word);
/* "session" and so on, for the audit. */
const char *who_via_word(enum who_via via);

#endif
