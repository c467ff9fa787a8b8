#include "api/world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"

#define FOLDER_FDS 8

const struct contract_engine *world_engine;

int
world_run_tests(const struct CMUnitTest *tests, size_t ntests, bool all,
    CMFixtureFunction setup, CMFixtureFunction teardown)
{
	int failed = 0;

	for (size_t i = 0; i < contract_nengines; i++) {
		const struct contract_engine *engine = &contract_engines[i];

		if ((engine->reads_alike && !all) || !engine_wanted(engine))
			continue;
		world_engine = engine;
		failed += _cmocka_run_group_tests(
		    engine->name, tests, ntests, setup, teardown);
	}
	return failed;
}

/* ---- the world ---- */

void
world_open(
    struct world *w, const struct contract_engine *engine, const char *today)
{
	char secret[sizeof(w->dir) + 16];
	struct err e;

	memset(w, 0, sizeof(*w));
	log_set_level(LOG_LEVEL_ERROR);
	snprintf(w->dir, sizeof(w->dir), "/tmp/minsheng-api.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	cfg_init(&w->cfg);
	w->engine = engine;
	engine->configure(&w->cfg, w->dir);
	/* Of this world alone, whatever its engine keeps in a folder. */
	snprintf(secret, sizeof(secret), "%s/secret.key", w->dir);
	fixture_set(&w->cfg.secret_file, secret);
	fixture_set(&w->cfg.decoder, MS_PROGRAM);
	if (today != NULL)
		fixture_set(&w->cfg.today, today);
	err_init(&e);
	w->store = store_open(&w->cfg, &e);
	if (w->store == NULL)
		fail_msg("store_open: %s", e.detail);
	if (app_init(&w->app, &w->cfg, w->store, &e) < 0)
		fail_msg("app_init: %s", e.detail);
	w->keys = json_object();
	world_key(w, WORLD_MASTER);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
world_close(struct world *w)
{
	json_decref(w->keys);
	app_fini(&w->app);
	clock_free(w->clock);
	store_close(w->store);
	if (w->engine->clean != NULL)
		w->engine->clean(&w->cfg);
	cfg_fini(&w->cfg);
	nftw(w->dir, remove_one, FOLDER_FDS, FTW_DEPTH | FTW_PHYS);
}

void
world_set_now(struct world *w, const char *instant)
{
	char path[sizeof(w->dir) + 8];
	FILE *f;

	snprintf(path, sizeof(path), "%s/clock", w->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", instant);
	fclose(f);
	if (w->clock != NULL)
		return;
	w->clock = clock_new(path);
	http_set_clock(w->app.http, clock_read, w->clock);
}

/* ---- who asks ---- */

void
world_user_id(const char *as, char out[64])
{
	snprintf(out, 64, "%s", as);
	for (char *s = out; *s != '\0'; s++)
		if (*s == '@' || *s == '+')
			*s = '.';
}

/* new: ["admin", "office"] of "admin+office@140800". */
static json_t *
roles_of(const char *as)
{
	json_t *roles = json_array();
	size_t n;

	for (; *as != '@'; as += n + (as[n] == '+')) {
		n = strcspn(as, "+@");
		json_push(roles, json_stringn(as, n));
	}
	return roles;
}

/* The user and its key; the secret is the hash of the words. */
static void
seed(struct world *w, const char *as, const char *secret)
{
	char id[64], hash[SHA256_HEX + 1];
	struct write_set ws;
	json_t *user, *key;
	struct err e;

	world_user_id(as, id);
	sha256_hex(secret, strlen(secret), hash);
	user = json_pack("{s:s, s:s, s:s, s:o}", "_id", id, "orgId",
	    strchr(as, '@') + 1, "name", as, "roles", roles_of(as));
	key = json_pack("{s:s, s:s, s:s, s:s}", "_id", id, "name", as, "userId",
	    id, "secretHash", hash);
	err_init(&e);
	write_set_init(&ws, instant_now());
	write_insert(&ws, COLL_USERS, user);
	write_insert(&ws, COLL_APIKEYS, key);
	if (store_write(w->store, &ws, &e) < 0)
		fail_msg("%s: %s", as, e.detail);
	write_set_fini(&ws);
	json_decref(user);
	json_decref(key);
}

const char *
world_key(struct world *w, const char *as)
{
	char id[64], secret[SHA256_HEX + 1];

	if (json_object_get(w->keys, as) == NULL) {
		world_user_id(as, id);
		sha256_hex(as, strlen(as), secret);
		seed(w, as, secret);
		json_put(
		    w->keys, as, json_sprintf("Bearer msk_%s_%s", id, secret));
	}
	return json_peek_str(w->keys, as);
}

void
world_ask(struct world *w, const struct local_request *in, struct answer *out)
{
	world_ask_as(
	    w, in->cookie == NULL ? WORLD_MASTER : WORLD_NOBODY, in, out);
}

void
world_ask_as(struct world *w, const char *as, const struct local_request *in,
    struct answer *out)
{
	struct local_request r = *in;
	struct buf b;
	size_t len;

	if (r.authorization == NULL && strcmp(as, WORLD_NOBODY) != 0)
		r.authorization = world_key(w, as);
	buf_init(&b, 0);
	out->status = local_request(w->app.http, &r, &b);
	len = b.len;
	out->text = buf_take(&b);
	out->body = strstr(out->text, "\r\n\r\n");
	assert_non_null(out->body);
	out->body += strlen("\r\n\r\n");
	out->len = len - (size_t)(out->body - out->text);
	out->json = json_loadb(out->body, out->len, JSON_DECODE_ANY, NULL);
}

void
answer_free(struct answer *a)
{
	json_decref(a->json);
	free(a->text);
	memset(a, 0, sizeof(*a));
}

char *
answer_header(const struct answer *a, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = a->text; s < a->body - 2;
	     s = strstr(s, "\r\n") + 2) {
		if (strncasecmp(s, name, n) != 0 || s[n] != ':')
			continue;
		s += n + 1;
		s += strspn(s, " ");
		return strndup(s, strcspn(s, "\r"));
	}
	return NULL;
}

/* ---- the store behind it ---- */

static json_t *
dump_collection(struct world *w, enum coll c)
{
	struct store_query q = {
	    .coll = c,
	    .sort = FIELD_ID,
	    .limit = STORE_LIMIT_MAX,
	};
	struct err e;
	json_t *all;

	err_init(&e);
	all = store_find_json(w->store, &q, 100000, &e);
	if (all == NULL)
		fail_msg("%s: %s", coll_name(c), e.detail);
	return all;
}

json_t *
world_dump(struct world *w)
{
	json_t *all = json_object();

	for (enum coll c = 0; c < COLL__MAX; c++)
		json_put(all, coll_name(c), dump_collection(w, c));
	return all;
}

static void
tell(void *arg, const char *line)
{
	(void)arg;
	print_message("%s\n", line);
}

int64_t
world_differences(struct world *w)
{
	struct store_verdict v;
	struct err e;

	err_init(&e);
	if (store_verify(w->store, false, tell, NULL, &v, &e) < 0)
		fail_msg("store_verify: %s", e.detail);
	return v.differences + v.broken;
}

/* ---- files of the checkout ---- */

char *
source_file(const char *path, size_t *len)
{
	char full[512], block[4096];
	struct buf b;
	size_t n;
	FILE *f;

	snprintf(full, sizeof(full), MS_SOURCE_DIR "/%s", path);
	f = fopen(full, "rb");
	if (f == NULL)
		fail_msg("no file %s", path);
	buf_init(&b, 0);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_addn(&b, block, n);
	fclose(f);
	*len = b.len;
	return buf_take(&b);
}

json_t *
source_json(const char *path)
{
	json_error_t why;
	size_t len;
	char *text = source_file(path, &len);
	json_t *v = json_loadb(
	    text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);

	if (v == NULL)
		fail_msg("%s:%d: %s", path, why.line, why.text);
	free(text);
	return v;
}

json_t *
source_bundle(const char *dir)
{
	static const char *const members[] = {
	    "plan", "tasks", "orgs", "orgSets", "reports", "milestoneStates"};
	json_t *bundle = json_object();
	char path[256], full[512];

	for (size_t i = 0; i < COUNT(members); i++) {
		snprintf(path, sizeof(path), "%s/%s.json", dir, members[i]);
		snprintf(full, sizeof(full), MS_SOURCE_DIR "/%s", path);
		if (access(full, F_OK) == 0)
			json_put(bundle, members[i], source_json(path));
	}
	assert_true(json_object_size(bundle) > 0);
	return bundle;
}
