#include <string.h>

#include "api/app.h"
#include "api/handlers.h"
#include "api/stats_cache.h"
#include "base/json.h"
#include "outbox/outbox.h"

int
health_get(struct req *r, struct err *e)
{
	(void)e;
	res_text(r, 200, "application/json", "{\"status\":\"ok\"}",
	    strlen("{\"status\":\"ok\"}"));
	return 0;
}

int
ready_get(struct req *r, struct err *e)
{
	const struct app *app = r->app;
	json_t *v;

	if (store_ping(api_store(r), e) < 0)
		return -1;
	v = req_own_json(r, json_object());
	json_put_str(v, "status", "ready");
	json_put_str(v, "version", MS_VERSION);
	json_put_str(v, "store", store_describe(api_store(r)));
	if (app->clock != NULL)
		json_put_str(v, "clock", "demonstration");
	res_json(r, 200, v);
	return 0;
}

int
metrics_get(struct req *r, struct err *e)
{
	struct app *app = r->app;

	http_metrics(app->http, &r->res.body);
	stats_cache_metrics(app->cache, &r->res.body);
	/* What the process can say is said, whatever the store does. */
	if (outbox_metrics(app->store, &r->res.body, e) < 0)
		err_init(e);
	r->res.type = "text/plain; version=0.0.4; charset=utf-8";
	return 0;
}

int
openapi_get(struct req *r, struct err *e)
{
	struct app *app = r->app;

	(void)e;
	if (res_etag(r, app->openapi_tag))
		return 0;
	res_text(r, 200, "application/json", app->openapi, app->openapi_len);
	return 0;
}
