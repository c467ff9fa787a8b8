#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "media/codec.h"

#define QUALITY 80

/* The library's errors end here, its warnings are only counted. */
struct trap {
	struct jpeg_error_mgr base;
	jmp_buf out;
};

static void
on_error(j_common_ptr c)
{
	longjmp(((struct trap *)c->err)->out, 1);
}

/* A picture that ends too early is half a picture: not a mere warning. */
static void
on_message(j_common_ptr c, int level)
{
	int code = c->err->msg_code;

	if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER))
		on_error(c);
}

static void
on_output(j_common_ptr c)
{
	(void)c;
}

static struct jpeg_error_mgr *
set_trap(struct trap *t)
{
	jpeg_std_error(&t->base);
	t->base.error_exit = on_error;
	t->base.emit_message = on_message;
	t->base.output_message = on_output;
	return &t->base;
}

/* Outlives longjmp: nothing of it is a local variable. */
struct reading {
	struct jpeg_decompress_struct c;
	struct trap trap;
	JSAMPLE *row;
};

/* Adobe's four inks, turned round as they are stored. */
static void
inks_to_rgb(uint8_t *row, uint32_t width)
{
	const uint8_t *in = row;

	for (uint32_t x = 0; x < width; x++, in += 4, row += 3) {
		unsigned black = in[3];

		for (unsigned k = 0; k < 3; k++)
			row[k] = (uint8_t)(in[k] * black / 255U);
	}
}

/* The library shrinks by eighths while decoding, cheaply. */
static void
choose_scale(struct jpeg_decompress_struct *c)
{
	uint32_t longest =
	    c->image_width > c->image_height ? c->image_width : c->image_height;

	c->scale_num = 8;
	c->scale_denom = 8;
	while (c->scale_num > 1 &&
	       longest * (c->scale_num - 1) / 8 >= 2 * THUMB_SIDE)
		c->scale_num--;
}

static void
read_rows(struct reading *r, struct shrink *s)
{
	struct jpeg_decompress_struct *c = &r->c;
	bool inks =
	    c->jpeg_color_space == JCS_CMYK || c->jpeg_color_space == JCS_YCCK;

	c->out_color_space = inks ? JCS_CMYK : JCS_RGB;
	choose_scale(c);
	jpeg_start_decompress(c);
	shrink_init(s, c->output_width, c->output_height);
	r->row = malloc((size_t)c->output_width * 4);
	if (r->row == NULL)
		abort();
	while (c->output_scanline < c->output_height) {
		jpeg_read_scanlines(c, &r->row, 1);
		if (inks)
			inks_to_rgb(r->row, c->output_width);
		shrink_row(s, r->row);
	}
	jpeg_finish_decompress(c);
}

enum verdict
jpeg_read(const uint8_t *p, size_t n, struct image *im, struct shrink *s)
{
	struct reading r;
	volatile enum verdict v = VERDICT_BROKEN;

	memset(&r, 0, sizeof(r));
	r.c.err = set_trap(&r.trap);
	if (setjmp(r.trap.out) != 0)
		goto out;
	jpeg_create_decompress(&r.c);
	jpeg_mem_src(&r.c, p, n);
	jpeg_read_header(&r.c, TRUE);
	im->width = r.c.image_width;
	im->height = r.c.image_height;
	if (!size_allowed(im->width, im->height)) {
		v = VERDICT_HUGE;
		goto out;
	}
	read_rows(&r, s);
	v = VERDICT_GOOD;
out:
	jpeg_destroy_decompress(&r.c);
	free(r.row);
	return v;
}

struct writing {
	struct jpeg_compress_struct c;
	struct trap trap;
	unsigned char *bytes;
	unsigned long nbytes;
};

static void
write_rows(struct writing *w, const struct shrink *s)
{
	struct jpeg_compress_struct *c = &w->c;

	jpeg_create_compress(c);
	jpeg_mem_dest(c, &w->bytes, &w->nbytes);
	c->image_width = s->small_width;
	c->image_height = s->small_height;
	c->input_components = 3;
	c->in_color_space = JCS_RGB;
	jpeg_set_defaults(c);
	jpeg_set_quality(c, QUALITY, TRUE);
	jpeg_start_compress(c, TRUE);
	while (c->next_scanline < c->image_height) {
		JSAMPROW row =
		    s->pixels + (size_t)c->next_scanline * s->small_width * 3;

		jpeg_write_scanlines(c, &row, 1);
	}
	jpeg_finish_compress(c);
}

bool
jpeg_write(const struct shrink *s, struct buf *out)
{
	struct writing w;
	volatile bool good = false;

	memset(&w, 0, sizeof(w));
	w.c.err = set_trap(&w.trap);
	if (setjmp(w.trap.out) == 0) {
		write_rows(&w, s);
		buf_addn(out, (const char *)w.bytes, w.nbytes);
		good = buf_ok(out);
	}
	jpeg_destroy_compress(&w.c);
	free(w.bytes);
	return good;
}
