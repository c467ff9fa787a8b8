#ifndef AUTH_KEY_H
#define AUTH_KEY_H

#include <jansson.h>
#include <stdbool.h>

#include "base/civil.h"
#include "base/err.h"

struct seal;

/*
 * API keys: "msk_<id>_<secret>", shown once.  Only the secret's hash is kept;
 * of keys that sign, the secret, sealed.
 */
#define KEY_SECRET 64
#define KEY_TEXT (4 + 64 + 1 + KEY_SECRET + 1)

/*
 * Give the key (a document with its _id) a new secret, in place of the one it
 * had; the text to be shown is in out.
 */
void key_renew(json_t *key, char out[KEY_TEXT]);
/*
 * The same for a key that signs (it has `sign`): the secret before lives on
 * for a day.  -1: ERR_CONFIG.
 */
int key_renew_signing(json_t *key, struct seal *seal, instant_t now,
    char out[KEY_TEXT], struct err *e) MUST_CHECK;
/* Is it for signed requests, not for Bearer? */
bool key_signs(const json_t *key);
/* A new id: "k" and twelve digits. */
void key_make_id(char out[16]);

#endif
