#ifndef BASE_CFG_H
#define BASE_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The list; a test brings a list of its own. */
#ifndef CFG_DEF
#define CFG_DEF "base/cfg.def"
#endif

enum cfg_flag {
	CFG_SECRET = 1,
	CFG_NEEDED = 2,
	CFG_URI = 4,
};

enum cfg_setting {
#define CFG(type, name, dflt, rule, flags, help) CFG__##name,
#include CFG_DEF
#undef CFG
	CFG__MAX
};

#define CFG_FIELD_STR char *
#define CFG_FIELD_DATE char *
#define CFG_FIELD_INT int64_t
#define CFG_FIELD_BOOL bool
#define CFG_FIELD_SIZE_BYTES size_t
#define CFG_FIELD_DURATION_MS int64_t

/* One field for each row of the list; strings are owned, never NULL. */
struct cfg {
#define CFG(type, name, dflt, rule, flags, help) CFG_FIELD_##type name;
#include CFG_DEF
#undef CFG
	/* Where each value came from; owned. */
	char *origins[CFG__MAX];
};

/* The defaults.  cfg_fini releases what cfg holds. */
void cfg_init(struct cfg *c);
void cfg_fini(struct cfg *c);

/*
 * Load values over what is there, so call them in this order.  -1 with
 * ERR_CONFIG and a detail that says where, which setting and why; what was
 * loaded until then stays.  Names that no row has are refused.
 *
 * File: a line each, `name = value`, no setting twice; '#' at the beginning
 * of a line or after a blank starts a comment.
 * Environment: MINSHENG_<NAME>; MINSHENG_CONFIG and MINSHENG_TEST_* are
 * other people's.
 * Arguments: --name=value or --name value, '-' and '_' are the same; known
 * options are taken out of argv, all others stay, and so does what follows
 * "--".
 */
int cfg_load_file(struct cfg *c, const char *path, struct err *e) MUST_CHECK;
int cfg_load_env(struct cfg *c, char *const *env, struct err *e) MUST_CHECK;
int cfg_load_args(
    struct cfg *c, int *argc, char **argv, struct err *e) MUST_CHECK;

struct cfg_row {
	const char *name;
	const char *value;  /* effective; "******" for a secret that is set */
	const char *origin; /* 默认值, file:line, MINSHENG_NAME or --name */
	const char *dflt;
	const char *help;
};

/* borrowed for the time of the call. */
typedef void cfg_fn(const struct cfg_row *row, void *arg);

/* Call fn for each setting, in the order of the list. */
void cfg_each(const struct cfg *c, cfg_fn *fn, void *arg);

#endif
