#include <string.h>

#include "api/access.h"
#include "api/app.h"
#include "api/evidence.h"
#include "api/handlers.h"
#include "base/cfg.h"
#include "base/json.h"
#include "media/media.h"

/* More are not remembered; the photograph is there all the same. */
#define UPLOADERS_MAX 100

#define CACHE_FOR_EVER "private, max-age=31536000, immutable"
#define SANDBOX "default-src 'none'; sandbox; frame-ancestors 'none'"

/* ---- putting ---- */

/* An upload on its way through decoding, storing and writing. */
struct upload {
	struct media_job job;
	const char *hash;
	bool keep_position;
	const json_t *shown; /* what is answered when it is written */
	int status;
};

static int upload_known(struct req *r, struct upload *u, struct err *e);

/* For the one who uploaded: nothing about others. */
static json_t *
show_blob(struct req *r, const json_t *blob)
{
	static const char *const shown[] = {
	    "_id", "type", "width", "height", "bytes", "position"};
	json_t *out = req_own_json(r, json_object());

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		json_put(out, shown[i],
		    json_incref(json_object_get(blob, shown[i])));
	json_put(out, "thumb",
	    json_sprintf(
		"/api/v1/blobs/%s?size=thumb", json_peek_str(blob, "_id")));
	return out;
}

static int
refuse_position(struct err *e)
{
	return err_set(e, ERR_POSITION,
	    "照片里记着拍摄位置（经纬度）。请去掉位置信息后重新上传；"
	    "确需保留作为证据的，上传时注明position=keep");
}

static int
upload_written(struct req *r, void *arg, struct err *e)
{
	const struct upload *u = arg;

	(void)e;
	res_json(r, u->status, u->shown);
	return 0;
}

/* Somebody was faster: what is there now is looked at again. */
static int
upload_overtaken(struct req *r, void *arg, struct err *e)
{
	return upload_known(r, arg, e);
}

static int
upload_commit(struct req *r, struct upload *u, struct write_set *ws,
    json_t *blob, int status, struct err *e)
{
	const struct api_outcome then = {
	    .done = upload_written, .again = upload_overtaken, .arg = u};

	u->shown = show_blob(r, blob);
	u->status = status;
	return api_commit_then(r, ws, blob, &then, e);
}

/* The blob is there.  Who has its bytes may see it: add the name. */
static int
upload_present(struct req *r, struct upload *u, json_t *blob, struct err *e)
{
	const json_t *uploaders = json_object_get(blob, "uploaders");
	struct write_set *ws;
	json_t *more;
	const json_t *v;
	size_t i;

	if (json_peek_bool(blob, "position", false) && !u->keep_position)
		return refuse_position(e);
	json_array_foreach (uploaders, i, v)
		if (strcmp(json_string_value(v), api_who(r)->id) == 0)
			break;
	if (i < json_array_size(uploaders) || i >= UPLOADERS_MAX) {
		res_json(r, 200, show_blob(r, blob));
		return 0;
	}
	more = req_own_json(r, json_deep_copy(blob));
	json_push(
	    json_object_get(more, "uploaders"), json_string(api_who(r)->id));
	ws = api_write_set(r);
	api_replace(r, ws, COLL_BLOBS, blob, more);
	return upload_commit(r, u, ws, more, 200, e);
}

/* 0 with an answer (or parked), or -1: ERR_NOTFOUND, it is new. */
static int
upload_known(struct req *r, struct upload *u, struct err *e)
{
	json_t *blob = store_get_json(api_store(r), COLL_BLOBS, u->hash, e);

	if (blob == NULL)
		return -1;
	return upload_present(r, u, req_own_json(r, blob), e);
}

/* Keep some bytes that were made here; their hash goes under key. */
static int
keep_made(struct req *r, json_t *blob, const char *key, const struct buf *b,
    struct err *e)
{
	char hash[SHA256_HEX + 1];

	sha256_hex(b->data, b->len, hash);
	json_put_str(blob, key, hash);
	return store_blob_put(api_store(r), hash, b->data, b->len, e);
}

static json_t *
make_blob(struct req *r, const struct upload *u)
{
	const struct image *im = &u->job.image;
	json_t *blob = req_own_json(r, json_object());
	char text[INSTANT_LEN + 1];

	instant_format(r->now, text);
	json_put_str(blob, "_id", u->hash);
	json_put_str(blob, "type", image_media_type(im->type));
	json_put_int(blob, "width", im->width);
	json_put_int(blob, "height", im->height);
	json_put_int(blob, "bytes", (json_int_t)r->raw_len);
	json_put(blob, "position", json_boolean(im->position));
	json_put(blob, "print",
	    im->printed ? json_sprintf("%016llx", (unsigned long long)im->print)
			: json_null());
	json_put(blob, "uploaders", json_pack("[s]", api_who(r)->id));
	json_put_str(blob, "orgId", api_who(r)->org_id);
	json_put_str(blob, "uploadedAt", text);
	return blob;
}

/*
 * Bytes first, then the document that names them.  What is shown to others is
 * the copy without metadata, unless the position is to be seen.
 */
static int
upload_keep(struct req *r, struct upload *u, struct err *e)
{
	const struct image *im = &u->job.image;
	json_t *blob = make_blob(r, u);
	struct write_set *ws = api_write_set(r);

	if (store_blob_put(api_store(r), u->hash, r->raw, r->raw_len, e) < 0 ||
	    keep_made(r, blob, "thumb", &im->thumb, e) < 0)
		return -1;
	if (im->clean.len == 0 || im->position)
		json_put_str(blob, "view", u->hash);
	else if (keep_made(r, blob, "view", &im->clean, e) < 0)
		return -1;
	write_insert(ws, COLL_BLOBS, blob);
	return upload_commit(r, u, ws, blob, 201, e);
}

/* Decoded, in another process: what did it say? */
static int
upload_decoded(struct req *r, struct err *e)
{
	struct upload *u = r->parked_arg;
	enum verdict v = u->job.verdict;
	const char *type = image_media_type(u->job.image.type);

	req_slow(r);
	if (v == VERDICT_NO_HELPER)
		return err_set(e, ERR_UNAVAILABLE, "%s", verdict_text(v));
	if (v != VERDICT_GOOD)
		return err_add(e, ERR_IMAGE, "", verdict_keyword(v), "%s",
		    verdict_text(v));
	if (strncmp(r->content_type, type, strlen(type)) != 0)
		return err_add(e, ERR_IMAGE, "", "type",
		    "照片的内容是%s，与所说的类型不符", type);
	if (u->job.image.position && !u->keep_position)
		return refuse_position(e);
	return upload_keep(r, u, e);
}

/* From a thread of the pool's. */
static void
wake_upload(void *r)
{
	req_unpark(r);
}

static void
release_image(void *im)
{
	image_fini(im);
}

static int
upload_decode(struct req *r, struct upload *u, struct err *e)
{
	struct app *app = r->app;

	u->job.data = r->raw;
	u->job.len = r->raw_len;
	u->job.done = wake_upload;
	u->job.arg = r;
	r->parked_arg = u;
	image_init(&u->job.image);
	req_own(r, &u->job.image, release_image);
	req_park(r, upload_decoded);
	if (media_submit(app->media, &u->job, e) < 0) {
		req_park_cancel(r);
		return -1;
	}
	return 0;
}

static int
check_hash(const struct req *r, struct err *e)
{
	char hash[SHA256_HEX + 1];

	sha256_hex(r->raw, r->raw_len, hash);
	if (strcmp(hash, r->segments[0]) == 0)
		return 0;
	return err_add(e, ERR_INVALID, "", "sha256",
	    "照片的内容与地址里的SHA-256不符，可能没有传完整，请重新上传");
}

int
blob_put(struct req *r, struct err *e)
{
	const char *position = req_param(r, "position");
	struct upload *u = arena_alloc(&r->arena, sizeof(*u));

	if (position != NULL && strcmp(position, "keep") != 0)
		return err_add(e, ERR_BADQUERY, "/position", "enum",
		    "position只能是keep，或不写");
	req_slow(r);
	if (check_hash(r, e) < 0)
		return -1;
	u->hash = r->segments[0];
	u->keep_position = position != NULL;
	if (upload_known(r, u, e) == 0)
		return 0;
	if (e->code != ERR_NOTFOUND)
		return -1;
	err_init(e);
	return upload_decode(r, u, e);
}

/* ---- getting ---- */

/* Nobody learns of a photograph that is not for their eyes. */
static int
refuse_blob(struct err *e)
{
	return err_set(e, ERR_NOTFOUND, "没有这张照片");
}

static json_t *
find_seen(struct req *r, struct err *e)
{
	json_t *blob =
	    store_get_json(api_store(r), COLL_BLOBS, r->segments[0], e);
	int seen;

	if (blob == NULL) {
		if (e->code == ERR_NOTFOUND)
			refuse_blob(e);
		return NULL;
	}
	seen = evidence_seen(r, req_own_json(r, blob), e);
	if (seen == 0)
		refuse_blob(e);
	return seen > 0 ? blob : NULL;
}

static void
set_headers(struct req *r)
{
	res_header(r, "Cache-Control", CACHE_FOR_EVER);
	res_header(r, "X-Content-Type-Options", "nosniff");
	res_header(r, "Content-Security-Policy", SANDBOX);
	res_header(r, "Content-Disposition", "inline");
}

/* The web server reads the file itself where it may, else we send it. */
static int
send_bytes(struct req *r, const char *hash, const char *type, struct err *e)
{
	const struct app *app = r->app;
	const void *data;
	size_t len;

	req_slow(r);
	if (*app->cfg->accel != '\0' && store_blobs_are_files(app->store)) {
		res_header(r, "X-Accel-Redirect",
		    arena_printf(
			&r->arena, "%s%.2s/%s", app->cfg->accel, hash, hash));
		res_text(r, 200, type, "", 0);
		return 0;
	}
	if (store_blob_get(app->store, hash, &r->arena, &data, &len, e) < 0)
		return -1;
	res_text(r, 200, type, data, len);
	return 0;
}

int
blob_get(struct req *r, struct err *e)
{
	const char *size = req_param(r, "size");
	const char *hash, *type;
	json_t *blob;

	if (size != NULL && strcmp(size, "thumb") != 0)
		return err_add(e, ERR_BADQUERY, "/size", "enum",
		    "size只能是thumb，或不写");
	blob = find_seen(r, e);
	if (blob == NULL)
		return -1;
	hash = json_peek_str(blob, size != NULL ? "thumb" : "view");
	type = size != NULL ? image_media_type(IMAGE_JPEG)
			    : json_peek_str(blob, "type");
	set_headers(r);
	if (res_etag(r, hash))
		return 0;
	return send_bytes(r, hash, type, e);
}
