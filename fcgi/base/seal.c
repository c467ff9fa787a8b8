#include "base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* OpenSSL has an ERR_STATE of its own. */
#define ERR_STATE openssl_err_state
#include <openssl/crypto.h>
#include <openssl/evp.h>
#undef ERR_STATE

#include "base/buf.h"
#include "base/cfg.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/text.h"

#define KEY_LEN 32
#define NONCE_LEN 12
#define TAG_LEN 16
#define TEXT_MAX 512
#define FILE_MIN 32
#define FILE_MAX 4096
#define PREFIX "s1."

struct seal {
	char *path;
	pthread_mutex_t lock;
	bool ready;
	unsigned char key[KEY_LEN];
};

struct seal *
seal_new(const char *path)
{
	struct seal *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->path = strdup(path)) == NULL)
		abort();
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

struct seal *
seal_new_for(const struct cfg *cfg)
{
	struct buf path;
	struct seal *s;

	buf_init(&path, 0);
	if (cfg->secret_file[0] != '\0')
		buf_add(&path, cfg->secret_file);
	else
		buf_addf(&path, "%s/secret.key", cfg->data);
	s = seal_new(path.data);
	buf_fini(&path);
	return s;
}

void
seal_free(struct seal *s)
{
	if (s == NULL)
		return;
	OPENSSL_cleanse(s->key, sizeof(s->key));
	pthread_mutex_destroy(&s->lock);
	free(s->path);
	free(s);
}

/* With MongoDB nobody else needs the folder. */
static void
make_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return;
	*slash = '\0';
	(void)mkdir(folder, 0700);
}

/* Written beside and linked in place: nobody ever reads half of it. */
static int
make_file(const char *path)
{
	unsigned char bytes[KEY_LEN];
	char line[2 * KEY_LEN + 2];
	char temp[PATH_MAX];
	int fd, rc = -1;

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    (int)sizeof(temp))
		return -1;
	make_folder(path);
	random_bytes(bytes, sizeof(bytes));
	hex_print(bytes, sizeof(bytes), line);
	line[2 * KEY_LEN] = '\n';
	fd = mkstemp(temp); /* 0600 */
	if (fd < 0)
		return -1;
	if (write(fd, line, 2 * KEY_LEN + 1) == 2 * KEY_LEN + 1 &&
	    fsync(fd) == 0 && (link(temp, path) == 0 || errno == EEXIST))
		rc = 0;
	(void)unlink(temp);
	close(fd);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	OPENSSL_cleanse(line, sizeof(line));
	return rc;
}

static int
read_file(struct seal *s, int fd, struct err *e)
{
	char bytes[FILE_MAX];
	struct stat st;
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (fstat(fd, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(e, ERR_CONFIG,
		    "secret_file：%s只能由运行本程序的用户读写（0600）",
		    s->path);
	if (n < FILE_MIN)
		return err_set(e, ERR_CONFIG,
		    "secret_file：%s里的内容太短，至少%d字节", s->path,
		    FILE_MIN);
	digest_make(DIGEST_SHA256, bytes, (size_t)n, s->key);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	s->ready = true;
	return 0;
}

static int
load(struct seal *s, bool make, struct err *e)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC);
	int rc = -1;

	if (fd < 0 && errno == ENOENT && make && make_file(s->path) == 0)
		fd = open(s->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_CONFIG, "secret_file：打不开%s：%s",
		    s->path, err_reason(errno));
	rc = read_file(s, fd, e);
	close(fd);
	return rc;
}

static int
need_key(struct seal *s, bool make, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	if (!s->ready)
		rc = load(s, make, e);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

/* n bytes at out; the tag is made, or (opening) must be what it is. */
static bool
run_cipher(const struct seal *s, bool closing, const unsigned char *nonce,
    const char *context, const void *in, size_t n, unsigned char *out,
    unsigned char *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len = 0;
	bool ok;

	if (c == NULL)
		abort();
	ok = EVP_CipherInit_ex(
		 c, EVP_aes_256_gcm(), NULL, s->key, nonce, closing) == 1 &&
	     EVP_CipherUpdate(c, NULL, &len, (const unsigned char *)context,
		 (int)strlen(context)) == 1 &&
	     EVP_CipherUpdate(c, out, &len, in, (int)n) == 1;
	if (ok && !closing)
		ok = EVP_CIPHER_CTX_ctrl(
			 c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1;
	ok = ok && EVP_CipherFinal_ex(c, out + n, &len) == 1;
	if (ok && closing)
		ok = EVP_CIPHER_CTX_ctrl(
			 c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}

char *
seal_close(struct seal *s, const char *context, const char *text, struct err *e)
{
	unsigned char box[NONCE_LEN + TEXT_MAX + TAG_LEN];
	size_t n = strlen(text);
	struct buf out;

	if (n > TEXT_MAX) {
		err_set(e, ERR_TOOBIG, "密钥不得超过%d字节", TEXT_MAX);
		return NULL;
	}
	if (need_key(s, true, e) < 0)
		return NULL;
	random_bytes(box, NONCE_LEN);
	if (!run_cipher(s, true, box, context, text, n, box + NONCE_LEN,
		box + NONCE_LEN + n))
		abort();
	buf_init(&out, 0);
	buf_add(&out, PREFIX);
	base64_add(&out, box, NONCE_LEN + n + TAG_LEN);
	return buf_take(&out);
}

char *
seal_open(
    struct seal *s, const char *context, const char *sealed, struct err *e)
{
	unsigned char box[NONCE_LEN + TEXT_MAX + TAG_LEN];
	char *text = NULL;
	size_t n = 0;

	if (need_key(s, false, e) < 0)
		return NULL;
	if (text_starts(sealed, PREFIX) &&
	    base64_read(sealed + strlen(PREFIX), box, sizeof(box), &n) &&
	    n >= NONCE_LEN + TAG_LEN) {
		n -= NONCE_LEN + TAG_LEN;
		text = calloc(1, n + 1);
		if (text == NULL)
			abort();
		if (run_cipher(s, false, box, context, box + NONCE_LEN, n,
			(unsigned char *)text, box + NONCE_LEN + n))
			return text;
		free(text);
	}
	err_set(e, ERR_CONFIG,
	    "secret_file：存储里的密钥不是用这个服务器密钥（%s）加密的",
	    s->path);
	return NULL;
}
