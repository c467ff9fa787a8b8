#include "store/mongo_server.h"

#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/engines.h"

#define PORT_FIRST 28110

static struct server {
	bool tried;
	bool controlled;
	bool mongod; /* of PATH, started for this program */
	int port;
	char uri[256];
} servers[MONGO_KIND__MAX];

/* The last line a command prints; false when it fails. */
static bool
ask(const char *command, char *out, size_t n)
{
	FILE *f = popen(command, "r");
	char line[256];

	out[0] = '\0';
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		snprintf(out, n, "%s", line);
	}
	return pclose(f) == 0 && out[0] != '\0';
}

static void
stop_servers(void)
{
	char command[512];

	for (int k = 0; k < MONGO_KIND__MAX; k++) {
		snprintf(command, sizeof(command),
		    MS_SOURCE_DIR "/tests/mongo/mongod stop --port %d",
		    servers[k].port);
		if (servers[k].controlled)
			mongo_control((enum mongo_kind)k, "stop");
		else if (servers[k].mongod && system(command) != 0)
			fprintf(stderr, "%s failed\n", command);
	}
}

static const char *
server_path(void)
{
	return MS_SOURCE_DIR "/tests/mongo/server";
}

/* Ports differ by process: several tests run at once. */
static int
own_port(enum mongo_kind kind)
{
	return PORT_FIRST + (int)(getpid() % 1000) * 2 + (int)kind;
}

static bool
start_mongod(enum mongo_kind kind)
{
	struct server *s = &servers[kind];
	char command[512];

	if (system("command -v mongod >/dev/null") != 0)
		return false;
	s->port = own_port(kind);
	snprintf(command, sizeof(command),
	    MS_SOURCE_DIR "/tests/mongo/mongod start --port %d %s", s->port,
	    kind == MONGO_SET ? "--replset rs0" : "");
	s->mongod = ask(command, s->uri, sizeof(s->uri));
	return s->mongod;
}

static bool
start_own(enum mongo_kind kind)
{
	struct server *s = &servers[kind];
	char command[512];

	s->port = own_port(kind);
	snprintf(command, sizeof(command),
	    "%s start --inject --txn-seconds 2 --port %d %s", server_path(),
	    s->port, kind == MONGO_SET ? "--replset rs0" : "");
	if (!ask(command, s->uri, sizeof(s->uri)))
		return false;
	s->controlled = true;
	return true;
}

/* Is the server that the environment names of this kind? */
static bool
use_given(enum mongo_kind kind)
{
	const char *uri = getenv("MINSHENG_TEST_MONGODB_URI");
	bool set = uri != NULL && strstr(uri, "replicaSet=") != NULL;

	if (uri == NULL || set != (kind == MONGO_SET))
		return false;
	snprintf(servers[kind].uri, sizeof(servers[kind].uri), "%s", uri);
	return true;
}

const char *
mongo_server(enum mongo_kind kind)
{
	static bool registered;
	struct server *s = &servers[kind];
	const char *ci = getenv("CI");

	if (!s->tried) {
		s->tried = true;
		if (!registered)
			atexit(stop_servers);
		registered = true;
		if (!use_given(kind) && !start_mongod(kind) && !start_own(kind))
			s->uri[0] = '\0';
	}
	if (s->uri[0] != '\0')
		return s->uri;
	fprintf(stderr,
	    "\n*** NO MONGODB: the tests of %s are SKIPPED ***\n"
	    "*** set MINSHENG_TEST_MONGODB_URI or run tests/mongo/server as"
	    " root ***\n\n",
	    kind == MONGO_SET ? "replica sets" : "standalone servers");
	if (ci != NULL && strcmp(ci, "true") == 0)
		exit(1);
	return NULL;
}

bool
mongo_controlled(enum mongo_kind kind)
{
	return mongo_server(kind) != NULL && servers[kind].controlled;
}

int
mongo_control(enum mongo_kind kind, const char *fmt, ...)
{
	char words[512], command[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	snprintf(command, sizeof(command), "%s %s --port %d >/dev/null",
	    server_path(), words, servers[kind].port);
	return system(command);
}

void
mongo_configure(struct cfg *cfg, const char *dir, enum mongo_kind kind)
{
	const char *uri = mongo_server(kind);
	const char *name = strrchr(dir, '/') + 1;
	const char *query = strchr(uri, '?');
	char text[512];
	int base = (int)(query != NULL ? query - uri : (long)strlen(uri));
	char db[64];

	snprintf(db, sizeof(db), "%s", name);
	for (char *p = db; *p != '\0'; p++)
		if (*p == '.')
			*p = '-';
	snprintf(text, sizeof(text), "%.*s%s%s%s", base, uri,
	    uri[base - 1] == '/' ? "" : "/", db, query != NULL ? query : "");
	fixture_set(&cfg->store, text);
}

void
mongo_clean(const struct cfg *cfg)
{
	mongoc_uri_t *uri = mongoc_uri_new(cfg->store);
	mongoc_client_t *client = mongoc_client_new_from_uri(uri);
	mongoc_database_t *db =
	    mongoc_client_get_database(client, mongoc_uri_get_database(uri));

	mongoc_database_drop(db, NULL);
	mongoc_database_destroy(db);
	mongoc_client_destroy(client);
	mongoc_uri_destroy(uri);
}
