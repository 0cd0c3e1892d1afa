/* Sizes, formats and colours of pictures for everyone here: swscale with its context kept. */
#include <libavutil/opt.h>

#include "internal.h"

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
    const struct {
        const char *name;
        int value;
    } settings[] = {
        {"srcw", from->width}, {"srch", from->height}, {"src_format", from_format}, {"src_range", is_full}, {"sws_flags", SWS_BILINEAR},
        {"dstw", to_width}, {"dsth", to_height}, {"dst_format", to_format}, {"dst_range", 0},
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
    sws_setColorspaceDetails(kept->context, sws_getCoefficients(space), is_full, sws_getCoefficients(SWS_CS_ITU709), 0, 0, 1 << 16, 1 << 16);
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
