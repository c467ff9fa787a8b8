#include <string.h>
#include <time.h>

#include "base/log.h"
#include "store/mongo.h"

#define LABEL_TRANSIENT "TransientTransactionError"

/* While no server is there, one call in this time waits to find out. */
#define REFUSE_MS 1000

/* The server's codes; those of all other classes are MONGO_OTHER. */
static const struct {
	uint32_t code;
	enum mongo_class class;
} codes[] = {
    {6, MONGO_GONE},            /* HostUnreachable */
    {7, MONGO_GONE},            /* HostNotFound */
    {13, MONGO_AUTH},           /* Unauthorized */
    {18, MONGO_AUTH},           /* AuthenticationFailed */
    {24, MONGO_CONFLICT},       /* LockTimeout */
    {50, MONGO_TIMEOUT},        /* MaxTimeMSExpired */
    {64, MONGO_GONE},           /* WriteConcernFailed: perhaps not durable */
    {89, MONGO_GONE},           /* NetworkTimeout */
    {91, MONGO_GONE},           /* ShutdownInProgress */
    {112, MONGO_CONFLICT},      /* WriteConflict */
    {121, MONGO_INVALID},       /* DocumentValidationFailure */
    {189, MONGO_GONE},          /* PrimarySteppedDown */
    {251, MONGO_CONFLICT},      /* NoSuchTransaction */
    {262, MONGO_TIMEOUT},       /* ExceededTimeLimit */
    {8000, MONGO_AUTH},         /* AtlasError: credentials */
    {10107, MONGO_GONE},        /* NotWritablePrimary */
    {11000, MONGO_DUPLICATE},   /* DuplicateKey */
    {11001, MONGO_DUPLICATE},   /* DuplicateKey, of old */
    {11600, MONGO_GONE},        /* InterruptedAtShutdown */
    {11602, MONGO_GONE},        /* InterruptedDueToReplStateChange */
    {12582, MONGO_DUPLICATE},   /* DuplicateKey, from mongos */
    {13435, MONGO_GONE},        /* NotPrimaryNoSecondaryOk */
    {13436, MONGO_GONE},        /* NotPrimaryOrSecondary */
    {14031, MONGO_NOSPACE},     /* OutOfDiskSpace */
    {525074461, MONGO_INVALID}, /* as DocumentDB packs it */
};

/* Of the driver's own errors, by domain. */
static enum mongo_class
classify_domain(const bson_error_t *why)
{
	switch (why->domain) {
	case MONGOC_ERROR_STREAM:
	case MONGOC_ERROR_SERVER_SELECTION:
	case MONGOC_ERROR_PROTOCOL:
		return MONGO_GONE;
	case MONGOC_ERROR_CLIENT:
		return why->code == MONGOC_ERROR_CLIENT_AUTHENTICATE
			   ? MONGO_AUTH
			   : MONGO_OTHER;
	default:
		return MONGO_OTHER;
	}
}

enum mongo_class
mongo_classify(const bson_error_t *why, const bson_t *reply)
{
	if (reply != NULL && mongoc_error_has_label(reply, LABEL_TRANSIENT) &&
	    why->domain == MONGOC_ERROR_SERVER)
		return MONGO_CONFLICT;
	enum mongo_class c = classify_domain(why);

	if (c != MONGO_OTHER)
		return c;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == why->code)
			return codes[i].class;
	if (why->code == 1 &&
	    (strstr(why->message, "unique constraint") != NULL ||
		strstr(why->message, "exclusion constraint") != NULL))
		return MONGO_DUPLICATE;
	return MONGO_OTHER;
}

static const struct {
	enum err_code code;
	const char *detail;
} told[MONGO_CLASS__MAX] = {
    [MONGO_OTHER] = {ERR_INTERNAL, "系统内部错误：数据库没有接受请求"},
    [MONGO_DUPLICATE] = {ERR_EXISTS, "已有编号或关键内容相同的记录"},
    [MONGO_INVALID] = {ERR_INVALID, "数据库拒绝了这条记录：结构不符合要求"},
    [MONGO_CONFLICT] = {ERR_UNAVAILABLE, "同时修改的人太多，请稍后再试"},
    [MONGO_TIMEOUT] = {ERR_UNAVAILABLE, "数据库没有及时回答，请稍后再试"},
    [MONGO_NOSPACE] = {ERR_NOSPACE, "数据库的存储空间不足"},
    [MONGO_AUTH] = {ERR_UNAVAILABLE, "数据库拒绝了本程序的账号，请联系管理员"},
    [MONGO_GONE] = {ERR_UNAVAILABLE, "数据库暂时连接不上，请稍后再试"},
};

int64_t
mongo_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
mongo_fail(struct mongo *m, const char *what, const bson_error_t *why,
    const bson_t *reply, struct err *e)
{
	enum mongo_class c = mongo_classify(why, reply);

	if (why->domain == MONGOC_ERROR_SERVER_SELECTION)
		m->down_until = mongo_clock_ms() + REFUSE_MS;

	log_line(c == MONGO_CONFLICT || c == MONGO_DUPLICATE ? LOG_LEVEL_DEBUG
							     : LOG_LEVEL_ERROR,
	    "database refused", "what=%s domain=%u code=%u reason=%s", what,
	    why->domain, why->code, why->message);
	return err_set(e, told[c].code, "%s", told[c].detail);
}

enum mongo_end
mongo_fail_end(struct mongo *m, const char *what, const bson_error_t *why,
    const bson_t *reply, struct err *e)
{
	mongo_fail(m, what, why, reply, e);
	return mongo_classify(why, reply) == MONGO_CONFLICT ? MONGO_AGAIN
							    : MONGO_FAILED;
}

void
mongo_log_driver(
    mongoc_log_level_t level, const char *domain, const char *text, void *arg)
{
	static const enum log_level levels[] = {
	    [MONGOC_LOG_LEVEL_ERROR] = LOG_LEVEL_ERROR,
	    [MONGOC_LOG_LEVEL_CRITICAL] = LOG_LEVEL_ERROR,
	    /* Aborts of what the server has aborted; ours has the story. */
	    [MONGOC_LOG_LEVEL_WARNING] = LOG_LEVEL_DEBUG,
	    [MONGOC_LOG_LEVEL_MESSAGE] = LOG_LEVEL_INFO,
	    [MONGOC_LOG_LEVEL_INFO] = LOG_LEVEL_INFO,
	    [MONGOC_LOG_LEVEL_DEBUG] = LOG_LEVEL_DEBUG,
	    [MONGOC_LOG_LEVEL_TRACE] = LOG_LEVEL_DEBUG,
	};

	(void)arg;
	log_line(levels[level], "driver", "domain=%s reason=%s", domain, text);
}
