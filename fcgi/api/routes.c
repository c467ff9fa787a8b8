#include "api/app.h"
#include "api/handlers.h"

const struct route api_routes[] = {
#define ROUTE(m, p, h, perm, s, q, f, t) \
	{.method = METHOD_##m,           \
	    .pattern = p,                \
	    .handler = h,                \
	    .permission = perm,          \
	    .schema = s,                 \
	    .params = q,                 \
	    .flags = f,                  \
	    .title = t},
#include "api/routes.def"
#undef ROUTE
};
const size_t api_nroutes = sizeof(api_routes) / sizeof(api_routes[0]);

const struct param api_params[] = {
#define PARAM(n, ty, lo, hi, t) \
	{.name = n, .type = PARAM_##ty, .min = lo, .max = hi, .title = t},
#include "api/params.def"
#undef PARAM
};
const size_t api_nparams = sizeof(api_params) / sizeof(api_params[0]);
