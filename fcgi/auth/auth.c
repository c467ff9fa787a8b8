#include "auth/auth.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "auth/internal.h"
#include "base/arena.h"
#include "base/embed.h"
#include "base/json.h"
#include "base/seal.h"
#include "http/req.h"
#include "http/route.h"

#define MATRIX "permissions.csv"

/* The ways to say who one is; a request uses one of them. */
static const struct scheme *const schemes[] = {
    &scheme_key,
    &scheme_sign,
    &scheme_session,
};

/* ---- the matrix ---- */

static int
match_routes(struct auth *a, size_t nroutes, bool *used, struct err *e)
{
	for (size_t i = 0; i < nroutes; i++) {
		const struct permit *p =
		    permits_find(a->permits, a->routes[i].permission);

		if (p == NULL)
			return err_set(e, ERR_CONFIG,
			    "接口“%s”的权限%s不在docs/" MATRIX "中",
			    a->routes[i].pattern, a->routes[i].permission);
		a->permit_of[i] = p;
		used[p - permits_at(a->permits, 0)] = true;
	}
	return 0;
}

static int
match_others(
    struct auth *a, const char *const *others, bool *used, struct err *e)
{
	for (; *others != NULL; others++) {
		const struct permit *p = permits_find(a->permits, *others);

		if (p == NULL)
			return err_set(e, ERR_CONFIG,
			    "权限%s不在docs/" MATRIX "中", *others);
		used[p - permits_at(a->permits, 0)] = true;
	}
	for (size_t i = 0; i < permits_count(a->permits); i++)
		if (!used[i])
			return err_set(e, ERR_CONFIG,
			    "docs/" MATRIX "中的%s没有用处",
			    permits_at(a->permits, i)->name);
	return 0;
}

static int
load_matrix(
    struct auth *a, size_t nroutes, const char *const *others, struct err *e)
{
	const struct embed_file *file = embed_find(embed_docs, MATRIX);
	bool *used;
	int rc = -1;

	assert(file != NULL);
	a->permits = permits_new(file->data, file->len, e);
	if (a->permits == NULL)
		return -1;
	used = calloc(permits_count(a->permits) + 1, sizeof(*used));
	a->permit_of = calloc(nroutes + 1, sizeof(*a->permit_of));
	if (used == NULL || a->permit_of == NULL)
		abort();
	if (match_routes(a, nroutes, used, e) == 0 &&
	    match_others(a, others, used, e) == 0)
		rc = 0;
	free(used);
	return rc;
}

struct auth *
auth_new(struct store *store, const struct cfg *cfg, const struct route *routes,
    size_t nroutes, const char *const *others, struct err *e)
{
	struct auth *a = calloc(1, sizeof(*a));

	if (a == NULL)
		abort();
	a->store = store;
	a->cfg = cfg;
	a->routes = routes;
	a->units = units_new(store);
	a->known = known_new();
	a->seal = seal_new_for(cfg);
	if (load_matrix(a, nroutes, others, e) < 0) {
		auth_free(a);
		return NULL;
	}
	return a;
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	known_free(a->known);
	seal_free(a->seal);
	units_free(a->units);
	free(a->permit_of);
	permits_free(a->permits);
	free(a);
}

struct seal *
auth_seal(const struct auth *a)
{
	return a->seal;
}

const struct permits *
auth_permits(const struct auth *a)
{
	return a->permits;
}

/* ---- who asks ---- */

static int
identify(struct auth *a, struct req *r, struct who *who, struct err *e)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (schemes[i]->present(r))
			return schemes[i]->identify(a, r, who, e);
	if (!r->local)
		return err_set(e, ERR_UNAUTHORIZED, "请先登录");
	*who = (struct who){
	    .id = "local",
	    .name = "本机操作员",
	    .org_id = "",
	    .division = "",
	    .via = VIA_LOCAL,
	    .credential = "",
	    .auth = a,
	};
	return 0;
}

int
auth_who_of(struct auth *a, const json_t *user, char *division, struct who *who,
    struct err *e)
{
	const json_t *v;
	size_t i;

	*who = (struct who){
	    .id = json_peek_str(user, "_id"),
	    .name = json_peek_str(user, "name"),
	    .org_id = json_peek_str(user, "orgId"),
	    .division = division,
	    .via = VIA_KEY,
	    .credential = "",
	    .auth = a,
	};
	json_array_foreach (json_peek_array(user, "roles"), i, v) {
		int role = role_by_word(json_string_value(v));

		if (role >= 0)
			who->roles |= 1U << role;
	}
	return units_division(a->units, who->org_id, division, e);
}

/* ---- what is allowed ---- */

static unsigned
reach_of(const struct who *who, const struct permit *p)
{
	return who->via == VIA_LOCAL ? REACH_ALL : permit_reach(p, who->roles);
}

static int
refuse(const struct permit *p, const char *why, struct err *e)
{
	return err_set(e, ERR_FORBIDDEN, "您没有“%s”的权限%s", p->title, why);
}

int
auth_enter(
    struct auth *a, struct req *r, const struct route *route, struct err *e)
{
	const struct permit *p = a->permit_of[route - a->routes];
	struct who *who;

	if ((route->flags & ROUTE_PUBLIC) != 0)
		return 0;
	who = arena_alloc(&r->arena, sizeof(*who));
	if (identify(a, r, who, e) < 0) {
		if (e->code == ERR_UNAUTHORIZED)
			res_header(r, "WWW-Authenticate", "Bearer");
		return -1;
	}
	r->who = who;
	if (who->password_due && strncmp(p->name, "session.", 8) != 0)
		return err_set(
		    e, ERR_PASSWORDDUE, "口令已到期或由他人设置，请先修改口令");
	return reach_of(who, p) != 0 ? 0 : refuse(p, "", e);
}

/* 1 when the object lies in the division of who, 0 when not, or -1. */
static int
in_division(const struct who *who, const struct auth_object *o, struct err *e)
{
	char division[DIVISION_LEN + 1];
	const char *org = o->org_id != NULL ? o->org_id : o->lead_id;

	if (o->division != NULL)
		return division_within(who->division, o->division);
	if (org == NULL ||
	    units_division(who->auth->units, org, division, e) < 0)
		return org == NULL ? 0 : -1;
	return division_within(who->division, division);
}

static int
in_unit(const struct who *who, const char *org_id, struct err *e)
{
	if (org_id == NULL)
		return 0;
	return units_within(who->auth->units, who->org_id, org_id, e);
}

static int
reaches(const struct who *who, unsigned reach, const struct auth_object *o,
    struct err *e)
{
	int found = 0;

	if ((reach & REACH_ALL) != 0)
		found = in_division(who, o, e);
	if (found == 0 && (reach & REACH_OWN) != 0)
		found = in_unit(who, o->org_id, e);
	if (found == 0 && (reach & REACH_TASK) != 0)
		found = in_unit(who, o->lead_id, e);
	return found;
}

int
auth_allow(const struct who *who, const char *permission,
    const struct auth_object *o, struct err *e)
{
	const struct permit *p = permits_find(who->auth->permits, permission);
	unsigned reach;

	assert(p != NULL);
	reach = reach_of(who, p);
	if (reach == 0)
		return refuse(p, "", e);
	if (o == NULL || who->via == VIA_LOCAL)
		return 0;
	switch (reaches(who, reach, o, e)) {
	case 0:
		return refuse(p, "：这不属于您的单位或范围", e);
	case 1:
		return 0;
	default:
		return -1;
	}
}

unsigned
auth_reach(const struct who *who, const char *permission)
{
	const struct permit *p = permits_find(who->auth->permits, permission);

	assert(p != NULL);
	return reach_of(who, p);
}
