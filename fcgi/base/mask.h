#ifndef BASE_MASK_H
#define BASE_MASK_H

#include <stdbool.h>

/*
 * What stays to be seen of a phone number: 139****0100.  Of short ones less;
 * who masks twice sees the same.  new.
 */
char *mask_phone(const char *s);
/* Does a text hold what looks like the number of a mobile phone? */
bool mask_finds(const char *s);
/* The text with these numbers masked: new. */
char *mask_text(const char *s);

#endif
