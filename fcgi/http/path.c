#include <string.h>

#include "base/text.h"
#include "http/internal.h"

bool
percent_decode(char *s)
{
	char *in = strchr(s, '%');
	char *out = in;

	if (in == NULL)
		return true;
	while (*in != '\0') {
		if (*in != '%') {
			*out++ = *in++;
			continue;
		}
		int high = text_hex(in[1]);
		int low = high < 0 ? -1 : text_hex(in[2]);

		if (low < 0 || (high == 0 && low == 0))
			return false;
		*out++ = (char)(high * 16 + low);
		in += 3;
	}
	*out = '\0';
	return true;
}

static int
bad_path(struct err *e)
{
	return err_set(e, ERR_BADPATH, "路径中有不合法的百分号编码");
}

/* What stands behind the last colon as sent (%3A is not one), or "". */
static char *
cut_verb(char *last)
{
	char *colon = strrchr(last, ':');

	if (colon == NULL || colon[1] == '\0')
		return last + strlen(last);
	*colon = '\0';
	return colon + 1;
}

int
path_split(char *text, struct path *p, struct err *e)
{
	char *s = text;

	p->nsegments = 0;
	p->verb = "";
	if (*s != '/')
		return err_set(e, ERR_NOROUTE, "路径须以“/”开头");
	while (s != NULL && s[1] != '\0') {
		char *segment = s + 1;

		s = strchr(segment, '/');
		if (s != NULL)
			*s = '\0';
		else
			p->verb = cut_verb(segment);
		if (!percent_decode(segment))
			return bad_path(e);
		if (*segment == '\0' || p->nsegments == PATH_SEGMENTS)
			return err_set(e, ERR_NOROUTE, "没有这个地址");
		p->segments[p->nsegments++] = segment;
	}
	/* A slash at the end names nothing, but for the root itself. */
	if (s != NULL && p->nsegments > 0)
		return err_set(e, ERR_NOROUTE, "地址末尾多了一个“/”");
	return 0;
}
