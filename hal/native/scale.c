/* Sizes, formats and colours of pictures: swscale with its context kept. */
#include <stdlib.h>

#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

#include "internal.h"

struct ra_scaler {
    converter kept;
    AVFrame *from; /* describes the view, owns nothing */
};

ra_scaler *ra_scaler_new(void)
{
    ra_scaler *scaler = calloc(1, sizeof *scaler);
    if (scaler == NULL)
        return NULL;
    scaler->from = av_frame_alloc();
    if (scaler->from != NULL)
        return scaler;
    free(scaler);
    return NULL;
}

void ra_scaler_free(ra_scaler *scaler)
{
    if (scaler == NULL)
        return;
    converter_free(&scaler->kept);
    av_frame_free(&scaler->from);
    free(scaler);
}

static const AVFrame *describe(ra_scaler *scaler, const ra_view *view)
{
    AVFrame *frame = scaler->from;
    frame->data[0] = view->luma;
    frame->data[1] = view->cb;
    frame->data[2] = view->cr;
    frame->linesize[0] = view->luma_stride;
    frame->linesize[1] = frame->linesize[2] = view->chroma_stride;
    frame->width = view->width;
    frame->height = view->height;
    frame->format = AV_PIX_FMT_YUV420P;
    frame_set_standard_colour(frame);
    return frame;
}

ra_result ra_scale_to_bgrx(ra_scaler *scaler, const ra_view *from, uint8_t *pixels, int32_t stride, int32_t width, int32_t height)
{
    problem_clear();
    uint8_t *const to[4] = {pixels};
    const int to_stride[4] = {stride};
    int error = converter_run(&scaler->kept, describe(scaler, from), to, to_stride, AV_PIX_FMT_BGR0, width, height);
    return error < 0 ? problem_av(error, "scaling") : RA_DONE;
}

ra_result ra_scale_to_picture(ra_scaler *scaler, const ra_view *from, const ra_view *to)
{
    problem_clear();
    uint8_t *const planes[4] = {to->luma, to->cb, to->cr};
    const int strides[4] = {to->luma_stride, to->chroma_stride, to->chroma_stride};
    int error = converter_run(&scaler->kept, describe(scaler, from), planes, strides, AV_PIX_FMT_YUV420P, to->width, to->height);
    return error < 0 ? problem_av(error, "scaling") : RA_DONE;
}

/* --- for everyone here --- */

void converter_free(converter *kept)
{
    sws_freeContext(kept->context);
    *kept = (converter){0};
}

/* The formats that mean the full range by their name are others with a range that is said apart. */
static enum AVPixelFormat without_range(enum AVPixelFormat format, int *is_full)
{
    *is_full = 1;
    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_GRAY8:
        return AV_PIX_FMT_GRAY8;
    default:
        *is_full = 0;
        return format;
    }
}

static bool is_rgb(enum AVPixelFormat format)
{
    const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(format);
    return descriptor != NULL && (descriptor->flags & AV_PIX_FMT_FLAG_RGB) != 0;
}

/* BT.601 for those who say so, as every JPEG does. Who does not say is taken to mean BT.709, as we do. */
static bool is_bt601(const AVFrame *frame)
{
    return frame->colorspace == AVCOL_SPC_BT470BG || frame->colorspace == AVCOL_SPC_SMPTE170M;
}

static int prepare(converter *kept, const AVFrame *from, enum AVPixelFormat to_format, int to_width, int to_height)
{
    int is_full;
    enum AVPixelFormat from_format = without_range(from->format, &is_full);
    is_full = from->color_range == AVCOL_RANGE_JPEG || (is_full && from->color_range != AVCOL_RANGE_MPEG);
    int space = is_bt601(from) ? SWS_CS_ITU601 : SWS_CS_ITU709;
    if (kept->context != NULL && kept->from_width == from->width && kept->from_height == from->height && kept->from_format == from_format &&
        kept->from_space == space && kept->from_full == is_full && kept->to_width == to_width && kept->to_height == to_height && kept->to_format == to_format)
        return 0;

    converter_free(kept);
    struct SwsContext *context = kept->context = sws_alloc_context();
    if (context == NULL)
        return AVERROR(ENOMEM);

    /* The ranges before it is set up: two formats of the same name are else copied, whatever is said later. */
    int to_full = is_rgb(to_format);
    const struct {
        const char *name;
        int value;
    } settings[] = {
        {"srcw", from->width}, {"srch", from->height}, {"src_format", from_format}, {"src_range", is_full}, {"sws_flags", SWS_BILINEAR},
        {"dstw", to_width}, {"dsth", to_height}, {"dst_format", to_format}, {"dst_range", to_full},
    };
    int error = 0;
    for (size_t i = 0; i < sizeof settings / sizeof *settings && error >= 0; i++)
        error = av_opt_set_int(context, settings[i].name, settings[i].value, 0);
    if (error >= 0)
        error = sws_init_context(context, NULL, NULL);
    if (error < 0) {
        converter_free(kept);
        return error;
    }
    sws_setColorspaceDetails(kept->context, sws_getCoefficients(space), is_full, sws_getCoefficients(SWS_CS_ITU709), to_full, 0, 1 << 16, 1 << 16);
    *kept = (converter){kept->context, from->width, from->height, from_format, space, is_full, to_width, to_height, to_format};
    return 0;
}

int converter_run(converter *kept, const AVFrame *from, uint8_t *const to[4], const int to_stride[4], enum AVPixelFormat to_format, int to_width, int to_height)
{
    int error = prepare(kept, from, to_format, to_width, to_height);
    if (error < 0)
        return error;
    int rows = sws_scale(kept->context, (const uint8_t *const *)from->data, from->linesize, 0, from->height, to, to_stride);
    return rows < 0 ? rows : 0;
}

static bool is_standard(const AVFrame *frame)
{
    return frame->format == AV_PIX_FMT_YUV420P && frame->color_range != AVCOL_RANGE_JPEG && !is_bt601(frame) && frame->linesize[0] > 0 && frame->linesize[1] > 0 &&
           frame->linesize[1] == frame->linesize[2] && frame->buf[0] != NULL;
}

ra_result converter_standardize(converter *kept, AVFrame *from, ra_picture *to)
{
    from->width &= ~1;
    from->height &= ~1;
    if (from->width < RA_SMALLEST || from->width > RA_LARGEST || from->height < RA_SMALLEST || from->height > RA_LARGEST)
        return problem(RA_UNSUPPORTED, "pictures of %d x %d", from->width, from->height);

    if (is_standard(from)) {
        av_frame_unref(to->frame);
        av_frame_move_ref(to->frame, from);
        to->frame->opaque = NULL;
        return RA_DONE;
    }

    int error = frame_reserve(to->frame, AV_PIX_FMT_YUV420P, from->width, from->height);
    if (error >= 0)
        error = converter_run(kept, from, to->frame->data, to->frame->linesize, AV_PIX_FMT_YUV420P, from->width, from->height);
    to->frame->opaque = to;
    return error < 0 ? problem_av(error, "converting a picture") : RA_DONE;
}
