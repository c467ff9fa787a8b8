#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	int status;
	const char *slug;
	const char *title;
} facts[ERR__MAX] = {
    [ERR_NONE] = {200, "ok", "正常"},
#define ERR(name, status, slug, title) [ERR_##name] = {status, slug, title},
#include "base/err.def"
#undef ERR
};

/*
 * Print into a fixed field.  What does not fit is cut between characters,
 * and bytes that are not UTF-8 (they came from a client) become '?', so that
 * a story can always be printed as JSON.  The arguments may point into the
 * field itself.
 */
static void PRINTF(3, 0)
    print_field(char *out, size_t cap, const char *fmt, va_list ap)
{
	char tmp[sizeof(((struct err *)NULL)->detail)];

	assert(cap <= sizeof(tmp));
	if (vsnprintf(tmp, cap, fmt, ap) < 0)
		tmp[0] = '\0';
	size_t n = utf8_cut(tmp, strlen(tmp));

	tmp[n] = '\0';
	utf8_scrub(tmp, n);
	memcpy(out, tmp, n + 1);
}

static void PRINTF(3, 4)
    print_fieldf(char *out, size_t cap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_field(out, cap, fmt, ap);
	va_end(ap);
}

void
err_init(struct err *e)
{
	e->code = ERR_NONE;
	e->detail[0] = '\0';
	e->nitems = 0;
	e->nmore = 0;
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_field(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
	e->code = code;
	e->nitems = 0;
	e->nmore = 0;
	return -1;
}

int
err_add(struct err *e, enum err_code code, const char *pointer,
    const char *keyword, const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	if (e->nitems == ERR_ITEMS) {
		e->nmore++;
		return -1;
	}
	struct err_item *it = &e->items[e->nitems++];

	print_fieldf(it->pointer, sizeof(it->pointer), "%s", pointer);
	print_fieldf(it->keyword, sizeof(it->keyword), "%s", keyword);
	va_start(ap, fmt);
	print_field(it->detail, sizeof(it->detail), fmt, ap);
	va_end(ap);
	if (e->detail[0] == '\0')
		memcpy(e->detail, it->detail, sizeof(it->detail));
	return -1;
}

static const struct {
	int number;
	const char *text;
} reasons[] = {
    {ENOENT, "没有这个文件或目录"},
    {EACCES, "没有权限"},
    {EPERM, "没有权限"},
    {ENOSPC, "磁盘空间不足"},
    {EDQUOT, "超出磁盘配额"},
    {EROFS, "文件系统只读"},
    {EIO, "磁盘读写出错"},
    {EEXIST, "已经存在"},
    {ENOTDIR, "路径中有一段不是目录"},
    {EISDIR, "是一个目录"},
    {ENAMETOOLONG, "名称过长"},
    {ELOOP, "符号链接过多"},
    {EXDEV, "不在同一个文件系统"},
    {EMFILE, "打开的文件过多"},
    {ENFILE, "打开的文件过多"},
    {ENOMEM, "内存不足"},
    {EAGAIN, "系统资源不足"},
    {EADDRINUSE, "地址已被占用"},
    {EADDRNOTAVAIL, "本机没有这个地址"},
};

const char *
err_reason(int number)
{
	static _Thread_local char other[32];

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].number == number)
			return reasons[i].text;
	snprintf(other, sizeof(other), "系统错误%d", number);
	return other;
}

int
err_status(enum err_code code)
{
	assert(code < ERR__MAX);
	return facts[code].status;
}

const char *
err_slug(enum err_code code)
{
	assert(code < ERR__MAX);
	return facts[code].slug;
}

const char *
err_title(enum err_code code)
{
	assert(code < ERR__MAX);
	return facts[code].title;
}
