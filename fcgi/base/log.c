#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/text.h"

#define VALUE_MAX ((size_t)1024)
#define LINE_MAX_BYTES ((size_t)64 << 10)

static const char *const names[LOG_LEVEL__MAX] = {
    [LOG_LEVEL_DEBUG] = "debug",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_ERROR] = "error",
};

static atomic_int least = LOG_LEVEL_INFO;
static _Thread_local const char *request;

/* The arguments of a line; a struct, so that helpers advance the same list. */
struct args {
	va_list ap;
};

bool
log_level_parse(const char *s, enum log_level *level)
{
	for (size_t i = 0; i < LOG_LEVEL__MAX; i++)
		if (strcmp(s, names[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	return false;
}

void
log_set_level(enum log_level level)
{
	atomic_store_explicit(&least, (int)level, memory_order_relaxed);
}

void
log_set_request(const char *id)
{
	request = id;
}

/* Can stand in a line without quotes. */
static bool
is_plain(const char *s, size_t n)
{
	if (n == 0 || !text_is_line(s, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strchr(" \"=\\", s[i]) != NULL)
			return false;
	return true;
}

/* One character: escaped where a terminal or a reader could be fooled. */
static size_t
add_escaped(struct buf *line, const char *s, size_t n)
{
	size_t len = utf8_length(s, n);

	if (len == 0) {
		buf_addf(line, "\\x%02x", (unsigned char)*s);
		return 1;
	}
	if (*s == '"' || *s == '\\') {
		buf_addc(line, '\\');
		buf_addc(line, *s);
	} else if (*s == '\n') {
		buf_add(line, "\\n");
	} else if (text_is_line(s, len)) {
		buf_addn(line, s, len);
	} else {
		const char *p = s;

		buf_addf(line, "\\u%04x", (unsigned)utf8_next(&p, s + len));
	}
	return len;
}

static void
add_value(struct buf *line, const char *s, size_t n)
{
	size_t shown = n > VALUE_MAX ? utf8_cut(s, VALUE_MAX) : n;

	if (shown == n && is_plain(s, n)) {
		buf_addn(line, s, n);
		return;
	}
	buf_addc(line, '"');
	for (size_t i = 0; i < shown;)
		i += add_escaped(line, s + i, shown - i);
	if (shown < n)
		buf_add(line, "…");
	buf_addc(line, '"');
}

static intmax_t
next_signed(struct args *a, const char *length)
{
	if (text_starts(length, "ll") || *length == 'j')
		return va_arg(a->ap, long long);
	if (*length == 'l' || *length == 'z' || *length == 't')
		return va_arg(a->ap, long);
	return va_arg(a->ap, int);
}

static uintmax_t
next_unsigned(struct args *a, const char *length)
{
	if (text_starts(length, "ll") || *length == 'j')
		return va_arg(a->ap, unsigned long long);
	if (*length == 'l' || *length == 'z' || *length == 't')
		return va_arg(a->ap, unsigned long);
	return va_arg(a->ap, unsigned);
}

static void
add_string(struct buf *value, struct args *a, bool bounded, int precision)
{
	const char *s = va_arg(a->ap, const char *);

	if (s == NULL)
		s = "(null)";
	buf_addn(value, s,
	    bounded && precision >= 0 ? strnlen(s, (size_t)precision)
				      : strlen(s));
}

/* One conversion of fmt (after its %) into value; returns what follows. */
static const char *
add_conversion(struct buf *value, const char *fmt, struct args *a)
{
	int precision = 0;
	bool bounded = false;

	fmt += strspn(fmt, "-+ #0123456789");
	if (*fmt == '.') {
		bounded = true;
		if (*++fmt == '*') {
			precision = va_arg(a->ap, int);
			fmt++;
		}
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			precision = precision * 10 + (*fmt - '0');
	}
	const char *length = fmt;

	fmt += strspn(fmt, "hljzt");
	switch (*fmt) {
	case 's':
		add_string(value, a, bounded, precision);
		break;
	case 'd':
	case 'i':
		buf_addf(value, "%jd", next_signed(a, length));
		break;
	case 'u':
		buf_addf(value, "%ju", next_unsigned(a, length));
		break;
	case 'x':
		buf_addf(value, "%jx", next_unsigned(a, length));
		break;
	case 'c':
		buf_addc(value, (char)va_arg(a->ap, int));
		break;
	case 'f':
	case 'g':
		buf_addf(value, "%g", va_arg(a->ap, double));
		break;
	default:
		buf_addc(value, '%');
		return *fmt == '%' ? fmt + 1 : fmt;
	}
	return fmt + 1;
}

/* The pairs of fmt: "key=" as it stands, what follows as one value. */
static void
add_pairs(struct buf *line, const char *fmt, struct args *a)
{
	struct buf value;

	buf_init(&value, 0);
	while (*fmt != '\0') {
		size_t key = strcspn(fmt, "=");

		key += fmt[key] == '=';
		buf_addc(line, ' ');
		buf_addn(line, fmt, key);
		fmt += key;
		buf_reset(&value);
		while (*fmt != '\0' && *fmt != ' ')
			if (*fmt != '%')
				buf_addc(&value, *fmt++);
			else
				fmt = add_conversion(&value, fmt + 1, a);
		add_value(line, value.data, value.len);
		fmt += strspn(fmt, " ");
	}
	buf_fini(&value);
}

static void
write_line(struct buf *line)
{
	ssize_t rc;

	/* A line that is too long is cut, but it always ends. */
	line->full = false;
	line->limit = LINE_MAX_BYTES + 1;
	buf_addc(line, '\n');
	do
		rc = write(STDERR_FILENO, line->data, line->len);
	while (rc < 0 && errno == EINTR);
}

void
log_line(enum log_level level, const char *msg, const char *fmt, ...)
{
	int saved = errno;
	char ts[INSTANT_LEN + 1];
	struct buf line;
	struct args a;

	if ((int)level < atomic_load_explicit(&least, memory_order_relaxed))
		return;
	buf_init(&line, LINE_MAX_BYTES);
	buf_addf(&line, "ts=%s level=%s", instant_format(instant_now(), ts),
	    names[level]);
	if (request != NULL) {
		buf_add(&line, " req=");
		add_value(&line, request, strlen(request));
	}
	buf_add(&line, " msg=\"");
	for (size_t i = 0, n = strlen(msg); i < n;)
		i += add_escaped(&line, msg + i, n - i);
	buf_addc(&line, '"');
	if (fmt != NULL) {
		va_start(a.ap, fmt);
		add_pairs(&line, fmt, &a);
		va_end(a.ap);
	}
	write_line(&line);
	buf_fini(&line);
	errno = saved;
}
