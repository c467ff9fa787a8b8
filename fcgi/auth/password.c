#include "auth/password.h"

#include <crypt.h>
#include <ctype.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "base/text.h"

#define METHOD "$y$"
#define AT_ONCE 3 /* hashes */
#define SALT_BYTES 16
#define DAY_MS ((instant_t)86400 * 1000)
#define WORD_MAX 64

static const struct {
	const char *word;
	size_t length;
	int kinds;
	int history;
	int days;
} profiles[PROFILE__MAX] = {
#define PROFILE(name, word, length, kinds, history, days) \
	[PROFILE_##name] = {word, length, kinds, history, days},
#include "auth/profiles.def"
#undef PROFILE
};

static const char *const common[] = {
#define COMMON(word) word,
#include "auth/common_passwords.def"
#undef COMMON
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t slots;
static char nobody[PASSWORD_HASH]; /* of a password nobody knows */

static int
hash(const char *text, const char *salt, char out[PASSWORD_HASH])
{
	struct crypt_data *d = calloc(1, sizeof(*d));
	const char *made;
	int rc = -1;

	if (d == NULL)
		abort();
	made = crypt_r(text, salt, d);
	if (made != NULL && made[0] != '*' && strlen(made) < PASSWORD_HASH) {
		strcpy(out, made);
		rc = 0;
	}
	explicit_bzero(d, sizeof(*d));
	free(d);
	return rc;
}

static void
make_salt(char out[CRYPT_GENSALT_OUTPUT_SIZE])
{
	char bytes[SALT_BYTES];

	random_bytes(bytes, sizeof(bytes));
	if (crypt_gensalt_rn(METHOD, 0, bytes, sizeof(bytes), out,
		CRYPT_GENSALT_OUTPUT_SIZE) == NULL)
		abort(); /* a libcrypt without yescrypt */
}

static void
set_up(void)
{
	char salt[CRYPT_GENSALT_OUTPUT_SIZE], text[UUID_LEN + 1];

	sem_init(&slots, 0, AT_ONCE);
	make_salt(salt);
	uuid_random(text);
	if (hash(text, salt, nobody) < 0)
		abort();
}

static void
enter(void)
{
	pthread_once(&once, set_up);
	while (sem_wait(&slots) != 0)
		continue; /* a signal */
}

enum profile
profile_by_word(const char *word)
{
	enum profile p = 0;

	while (p + 1 < PROFILE__MAX && strcmp(profiles[p].word, word) != 0)
		p++;
	return p;
}

int
profile_history(enum profile p)
{
	return profiles[p].history;
}

bool
profile_overdue(enum profile p, instant_t changed, instant_t now)
{
	return profiles[p].days > 0 &&
	       now - changed >= profiles[p].days * DAY_MS;
}

int
password_hash(const char *text, char out[PASSWORD_HASH], struct err *e)
{
	char salt[CRYPT_GENSALT_OUTPUT_SIZE];
	int rc;

	enter();
	make_salt(salt);
	rc = hash(text, salt, out);
	sem_post(&slots);
	if (rc < 0)
		return err_set(e, ERR_UNAVAILABLE, "内存不足，请稍后再试");
	return 0;
}

/* Equal, in a time that does not depend on where they differ. */
static bool
same(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned char differ = n != strlen(b);

	for (size_t i = 0; differ == 0 && i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}

bool
password_matches(const char *text, const char *wanted)
{
	char made[PASSWORD_HASH];
	bool right;

	enter();
	right = hash(text, wanted != NULL ? wanted : nobody, made) == 0 &&
		wanted != NULL && same(made, wanted);
	sem_post(&slots);
	return right;
}

/* ---- what a password must be like ---- */

static int
count_kinds(const char *s)
{
	bool upper = false, lower = false, digit = false, other = false;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		upper = upper || isupper(c);
		lower = lower || islower(c);
		digit = digit || isdigit(c);
		other = other || !isalnum(c);
	}
	return upper + lower + digit + other;
}

/* The letters in the middle, in lower case: "Admin@2019" -> "admin". */
static void
strip(const char *s, char out[WORD_MAX])
{
	size_t n = strlen(s), from = 0, k = 0;

	while (from < n && !isalpha((unsigned char)s[from]))
		from++;
	while (n > from && !isalpha((unsigned char)s[n - 1]))
		n--;
	for (; from < n && k + 1 < WORD_MAX; from++)
		out[k++] = (char)tolower((unsigned char)s[from]);
	out[k] = '\0';
}

static bool
is_common(const char *s)
{
	char word[WORD_MAX];

	if ((unsigned char)*s >= 0x80)
		return false;
	strip(s, word);
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (strcmp(common[i], word) == 0)
			return true;
	return word[0] == '\0';
}

static bool
holds_name(const char *text, const json_t *user)
{
	const char *id = json_peek_str(user, "_id");

	return id != NULL && strlen(id) >= 4 && strcasestr(text, id) != NULL;
}

static bool
was_used(enum profile p, const char *text, const json_t *user)
{
	const json_t *history = json_peek_array(user, "passwordHistory");
	const char *present = json_peek_str(user, "password");

	if (present != NULL && password_matches(text, present))
		return true;
	for (int i = 0; i < profiles[p].history; i++) {
		const char *old =
		    json_string_value(json_array_get(history, (size_t)i));

		if (old != NULL && password_matches(text, old))
			return true;
	}
	return false;
}

int
password_check(enum profile p, const char *text, const json_t *user,
    const char *pointer, struct err *e)
{
	size_t n = strlen(text);

	if (n > PASSWORD_MAX || !text_is_line(text, n))
		return err_add(e, ERR_INVALID, pointer, "password",
		    "口令不得超过%d字节，不能有控制字符", PASSWORD_MAX);
	if (utf8_count(text, n) < profiles[p].length)
		err_add(e, ERR_INVALID, pointer, "minLength",
		    "口令至少要%zu个字符", profiles[p].length);
	if (count_kinds(text) < profiles[p].kinds)
		err_add(e, ERR_INVALID, pointer, "kinds",
		    "大写字母、小写字母、数字、其他符号，至少要有%d种",
		    profiles[p].kinds);
	if (is_common(text) || holds_name(text, user))
		err_add(e, ERR_INVALID, pointer, "common",
		    "这个口令太常见，或含有用户名，容易被猜到");
	if (e->nitems == 0 && was_used(p, text, user))
		err_add(e, ERR_INVALID, pointer, "history",
		    "不能与现在的或最近用过的口令相同");
	return e->nitems == 0 ? 0 : -1;
}
