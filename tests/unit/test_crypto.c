#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/seal.h"
#include "unit/support.h"

/* FIPS 180-4, GB/T 32905, RFC 4231 case 2, and HMAC-SM3 of the same. */
static void
known_values(void **state)
{
	unsigned char out[DIGEST_LEN];
	char hex[DIGEST_HEX + 1];

	(void)state;
	digest_make(DIGEST_SHA256, "abc", 3, out);
	hex_print(out, sizeof(out), hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
				 "b00361a396177a9cb410ff61f20015ad");
	digest_make(DIGEST_SM3, "abc", 3, out);
	hex_print(out, sizeof(out), hex);
	assert_string_equal(hex, "66c7f0f462eeedd9d1f2d46bdc10e4e2"
				 "4167c4875cf2f7a2297da02b8f4ba8e0");
	hmac_make(
	    DIGEST_SHA256, "Jefe", 4, "what do ya want for nothing?", 28, out);
	hex_print(out, sizeof(out), hex);
	assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
				 "5a003f089d2739839dec58b964ec3843");
	hmac_make(
	    DIGEST_SM3, "Jefe", 4, "what do ya want for nothing?", 28, out);
	hex_print(out, sizeof(out), hex);
	assert_string_equal(hex, "2e87f1d16862e6d964b50a5200bf2b10"
				 "b764faa9680a296a2405f24bec39f882");
}

/* RFC 4648 section 10, and what is none. */
static void
base64(void **state)
{
	static const struct {
		const char *plain, *text;
	} good[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
	    {"\xff\xef", "/+8="}};
	static const char *const bad[] = {"Z", "Zg",
	    "Zg=", "Zh==", "Zm9=", "====", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9_",
	    "Zg===", "A==="};
	unsigned char out[8];
	struct buf b;
	size_t n;

	(void)state;
	buf_init(&b, 0);
	for (size_t i = 0; i < COUNT(good); i++) {
		buf_reset(&b);
		base64_add(&b, good[i].plain, strlen(good[i].plain));
		assert_string_equal(b.data, good[i].text);
		assert_true(base64_read(good[i].text, out, sizeof(out), &n));
		assert_int_equal(n, strlen(good[i].plain));
		assert_memory_equal(out, good[i].plain, n);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(base64_read(bad[i], out, sizeof(out), &n));
	assert_false(base64_read("Zm9vYmFy", out, 5, &n));
	buf_fini(&b);
}

static void
constant_time_compare(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", "abd", 2));
	assert_false(secret_equal("abc", "abd", 3));
	assert_true(secret_equal("", "", 0));
}

/* A path in a folder of its own; free() both with remove_place. */
static char *
make_place(void)
{
	char dir[] = "/tmp/sealXXXXXX";
	char *path = NULL;

	assert_non_null(mkdtemp(dir));
	assert_true(asprintf(&path, "%s/secret.key", dir) > 0);
	return path;
}

static void
remove_place(char *path)
{
	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	(void)rmdir(path);
	free(path);
}

static void
sealed_and_opened(void **state)
{
	char *path = make_place();
	struct seal *s = seal_new(path);
	struct seal *again = seal_new(path);
	struct err e;
	char *box, *other, *text;
	struct stat st;

	(void)state;
	err_init(&e);
	assert_null(seal_open(s, "a", "s1.AAAA", &e));
	assert_int_equal(e.code, ERR_CONFIG);
	assert_int_not_equal(access(path, F_OK), 0);
	err_init(&e);
	box = seal_close(s, "key1", "密钥 secret", &e);
	other = seal_close(s, "key1", "密钥 secret", &e);
	assert_non_null(box);
	assert_string_not_equal(box, other);
	assert_null(strstr(box, "secret"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	text = seal_open(again, "key1", box, &e);
	assert_string_equal(text, "密钥 secret");
	free(text);
	assert_null(seal_open(again, "key2", box, &e));
	box[strlen(box) / 2] ^= 1;
	assert_null(seal_open(again, "key1", box, &e));
	assert_null(seal_open(again, "key1", "s1.", &e));
	assert_null(seal_open(again, "key1", "", &e));
	free(box);
	free(other);
	seal_free(s);
	seal_free(again);
	remove_place(path);
}

/* A file that others can read, or that says too little, is refused. */
static void
bad_files(void **state)
{
	char *path = make_place();
	struct seal *s = seal_new(path);
	struct err e;
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	fputs("short", f);
	fclose(f);
	assert_int_equal(chmod(path, 0600), 0);
	err_init(&e);
	assert_null(seal_close(s, "a", "b", &e));
	assert_int_equal(e.code, ERR_CONFIG);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("0123456789012345678901234567890123456789", f);
	fclose(f);
	assert_int_equal(chmod(path, 0640), 0);
	err_init(&e);
	assert_null(seal_close(s, "a", "b", &e));
	assert_non_null(strstr(e.detail, "0600"));
	seal_free(s);
	seal_free(NULL);
	remove_place(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_values),
	    cmocka_unit_test(base64),
	    cmocka_unit_test(constant_time_compare),
	    cmocka_unit_test(sealed_and_opened),
	    cmocka_unit_test(bad_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
