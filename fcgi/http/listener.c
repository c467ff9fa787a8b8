#include "http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_GIVEN_FD 3

static int
os_fail(const char *where, const char *what, struct err *e)
{
	return err_set(e, ERR_CONFIG, "监听“%s”：%s（%s）", where, what,
	    err_reason(errno));
}

static void
forget(struct listener *l)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->lock = -1;
}

/* systemd's protocol: descriptors from 3 on, meant for this process. */
static bool
take_given(struct listener *l)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	int domain = 0;
	socklen_t len = sizeof(domain);

	if (pid == NULL || fds == NULL || atol(pid) != (long)getpid() ||
	    atoi(fds) < 1)
		return false;
	if (getsockopt(FIRST_GIVEN_FD, SOL_SOCKET, SO_DOMAIN, &domain, &len) <
	    0)
		return false;
	l->fd = FIRST_GIVEN_FD;
	l->tcp = domain != AF_UNIX;
	l->given = true;
	(void)fcntl(l->fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(l->fd, F_SETFL, fcntl(l->fd, F_GETFL) | O_NONBLOCK);
	return true;
}

/* 127.x.x.x:port, or false. */
static bool
parse_tcp(const char *where, struct sockaddr_in *in)
{
	char host[16];
	const char *colon = strchr(where, ':');
	size_t len = colon != NULL ? (size_t)(colon - where) : 0;
	size_t digits = colon != NULL ? strspn(colon + 1, "0123456789") : 0;

	if (len == 0 || len >= sizeof(host) || digits < 1 || digits > 5 ||
	    colon[1 + digits] != '\0' || atoi(colon + 1) > 65535)
		return false;
	memcpy(host, where, len);
	host[len] = '\0';
	memset(in, 0, sizeof(*in));
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)atoi(colon + 1));
	return inet_pton(AF_INET, host, &in->sin_addr) == 1;
}

static int
open_tcp(struct listener *l, const char *where, const struct sockaddr_in *in,
    struct err *e)
{
	const struct sockaddr *sa = (const void *)in;
	int on = 1;

	if (ntohl(in->sin_addr.s_addr) >> 24 != 127)
		return err_set(e, ERR_CONFIG,
		    "监听“%s”：目前只能监听本机地址（127.0.0.1）或Unix套接字",
		    where);
	l->tcp = true;
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return os_fail(where, "不能建立套接字", e);
	(void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(l->fd, sa, sizeof(*in)) < 0 ||
	    listen(l->fd, LISTEN_BACKLOG) < 0)
		return os_fail(where, "不能监听", e);
	return 0;
}

/* Two processes must not both find the same stale socket. */
static int
take_lock(struct listener *l, const char *where, struct err *e)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 8];

	snprintf(path, sizeof(path), "%s.lock", where);
	l->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (l->lock < 0)
		return os_fail(where, "不能建立锁文件", e);
	if (flock(l->lock, LOCK_EX | LOCK_NB) < 0)
		return err_set(
		    e, ERR_CONFIG, "监听“%s”：另一进程正在使用", where);
	return 0;
}

/* Nothing there, or a socket nobody listens on any more. */
static int
refuse_living(const char *where, const struct sockaddr_un *un, struct err *e)
{
	struct stat st;
	int fd, rc;

	if (lstat(where, &st) < 0)
		return errno == ENOENT ? 0 : os_fail(where, "不能查看", e);
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, ERR_CONFIG,
		    "监听“%s”：已有同名文件，且不是套接字", where);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return os_fail(where, "不能建立套接字", e);
	rc = connect(fd, (const void *)un, sizeof(*un));
	if (rc < 0 && errno == ECONNREFUSED) {
		close(fd);
		return 0;
	}
	close(fd);
	return err_set(e, ERR_CONFIG, "监听“%s”：另一进程正在监听", where);
}

/*
 * Bind under another name, set the mode, listen, then rename: at no moment
 * does the path lead to a socket that is not ready.
 */
static int
bind_path(struct listener *l, const char *where, struct err *e)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct stat st;

	snprintf(un.sun_path, sizeof(un.sun_path), "%s.new", where);
	(void)unlink(un.sun_path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return os_fail(where, "不能建立套接字", e);
	if (bind(l->fd, (const void *)&un, sizeof(un)) < 0)
		return os_fail(where, "不能建立套接字文件", e);
	if (chmod(un.sun_path, 0660) < 0 || listen(l->fd, LISTEN_BACKLOG) < 0 ||
	    stat(un.sun_path, &st) < 0 || rename(un.sun_path, where) < 0) {
		(void)unlink(un.sun_path);
		return os_fail(where, "不能监听", e);
	}
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->path = strdup(where);
	if (l->path == NULL)
		abort();
	return 0;
}

static int
open_unix(struct listener *l, const char *where, struct err *e)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	if (strlen(where) + sizeof(".new") > sizeof(un.sun_path))
		return err_set(e, ERR_CONFIG,
		    "监听“%s”：套接字的路径不得超过%zu字节", where,
		    sizeof(un.sun_path) - sizeof(".new"));
	strcpy(un.sun_path, where);
	if (take_lock(l, where, e) < 0 || refuse_living(where, &un, e) < 0)
		return -1;
	return bind_path(l, where, e);
}

int
listener_open(struct listener *l, const char *where, struct err *e)
{
	struct sockaddr_in in;
	int rc;

	forget(l);
	if (take_given(l))
		return 0;
	if (parse_tcp(where, &in))
		rc = open_tcp(l, where, &in, e);
	else if (strchr(where, ':') != NULL && strchr(where, '/') == NULL)
		rc = err_set(e, ERR_CONFIG,
		    "监听“%s”：须为套接字路径或127.0.0.1:端口", where);
	else
		rc = open_unix(l, where, e);
	if (rc < 0)
		listener_close(l);
	return rc;
}

void
listener_unlink(struct listener *l)
{
	struct stat st;

	if (l->path == NULL)
		return;
	if (stat(l->path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		(void)unlink(l->path);
	free(l->path);
	l->path = NULL;
}

void
listener_close(struct listener *l)
{
	listener_unlink(l);
	if (l->fd >= 0)
		close(l->fd);
	if (l->lock >= 0)
		close(l->lock);
	forget(l);
}
