#ifndef AUTH_KEY_H
#define AUTH_KEY_H

#include <jansson.h>

/*
 * API keys: "msk_<id>_<secret>", shown once.  Only the secret's hash is kept.
 */
#define KEY_SECRET 64
#define KEY_TEXT (4 + 64 + 1 + KEY_SECRET + 1)

/*
 * Give the key (a document with its _id) a new secret, in place of the one it
 * had; the text to be shown is in out.
 */
void key_renew(json_t *key, char out[KEY_TEXT]);
/* A new id: "k" and twelve digits. */
void key_make_id(char out[16]);

#endif
