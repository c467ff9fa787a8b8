#include "base/buf.h"
#include "export/internal.h"

static const char *
escaped(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
markup_add(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		const char *as = escaped(*s);

		if (as != NULL)
			buf_add(b, as);
		else if ((unsigned char)*s >= 0x20 || *s == '\t' || *s == '\n')
			buf_addc(b, *s);
	}
}
