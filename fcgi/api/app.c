#include "api/app.h"

#include <stdlib.h>

#include "api/doc_cache.h"
#include "api/idem.h"
#include "api/openapi.h"
#include "api/org_cache.h"
#include "api/stats_cache.h"
#include "auth/auth.h"
#include "base/buf.h"
#include "base/cfg.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "media/media.h"
#include "outbox/guard.h"
#include "schema/registry.h"
#include "schema/schema.h"

/* Permissions that are no route's own. */
static const char *const permissions[] = {"contact.read", NULL};

static int
authorize(struct req *r, const struct route *route, struct err *e)
{
	return auth_enter(((struct app *)r->app)->auth, r, route, e);
}

static const struct http_hooks hooks = {
    .authorize = authorize,
    .handle = idem_handle,
    .schema = schema_registry_peek,
    .check = schema_check,
};

static int
make_openapi(struct app *app, struct err *e)
{
	json_t *doc = openapi_new(e);
	struct buf text;

	if (doc == NULL)
		return -1;
	buf_init(&text, 0);
	json_print(&text, doc);
	json_decref(doc);
	app->openapi_len = text.len;
	app->openapi = buf_take(&text);
	sha256_hex(app->openapi, app->openapi_len, app->openapi_tag);
	return 0;
}

/* Never quietly: whoever looks at the log or at /readyz sees it. */
static void
play_time(struct app *app)
{
	log_line(LOG_LEVEL_WARN, "demonstration: the time is read from a file",
	    "clock=%s", app->cfg->clock);
	app->clock = clock_new(app->cfg->clock);
	http_set_clock(app->http, clock_read, app->clock);
}

int
app_init(
    struct app *app, const struct cfg *cfg, struct store *store, struct err *e)
{
	struct http_limits limits = {
	    .body = cfg->max_body,
	    .query = cfg->max_query,
	    .raw = IMAGE_BYTES_MAX,
	    .raw_at_once = (int)cfg->uploads,
	};
	civil_t today;

	*app = (struct app){.cfg = cfg, .store = store};
	if (schema_registry_init(e) < 0)
		return -1;
	app->cache = stats_cache_new(cfg->stats_cache);
	app->orgs = org_cache_new();
	app->docs = doc_cache_new();
	app->idem = idem_table_new();
	app->media = media_new(cfg->decoder, (size_t)cfg->decoders);
	app->guard = guard_new(cfg->webhook_allow, e);
	if (app->guard == NULL)
		return -1;
	app->auth =
	    auth_new(store, cfg, api_routes, api_nroutes, permissions, e);
	if (app->auth == NULL || make_openapi(app, e) < 0)
		return -1;
	app->http = http_new(api_routes, api_nroutes, api_params, api_nparams,
	    limits, &hooks, app, e);
	if (app->http == NULL)
		return -1;
	if (civil_parse(cfg->today, &today))
		http_set_today(app->http, today);
	if (cfg->clock[0] != '\0')
		play_time(app);
	return 0;
}

void
app_fini(struct app *app)
{
	media_free(app->media);
	http_free(app->http);
	clock_free(app->clock);
	free(app->openapi);
	auth_free(app->auth);
	guard_free(app->guard);
	org_cache_free(app->orgs);
	doc_cache_free(app->docs);
	idem_table_free(app->idem);
	stats_cache_free(app->cache);
	schema_registry_fini();
	*app = (struct app){0};
}
