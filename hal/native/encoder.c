/* One encoder of FFmpeg for H.264. Which one, and what to do when it fails, is the caller's affair. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>

#include "annexb.h"
#include "packets.h"

/* Hardware is a picture or two behind; who swallows more gives nothing at all. */
#define MOST_BEHIND 8

/* What may pile up until the rate is kept: a quarter of a second, so that it follows the estimate of the path at once. */
#define BUFFERED_PARTS 4

struct ra_encoder {
    AVCodecContext *context;
    AVBufferRef *device; /* the graphics processor's, when it is one */
    AVFrame *scaled;     /* a picture in our size, when it came in another */
    AVFrame *input;      /* what the encoder is given */
    AVFrame *uploaded;
    converter to_size;
    converter to_surface;
    enum AVPixelFormat format; /* of what is given or uploaded */
    int64_t count;
    int behind;
    bool has_begun;
    uint8_t *parameters; /* SPS and PPS, for key frames that come without */
    int parameters_length;
    struct {
        int64_t count;
        int64_t captured_at;
    } times[2 * MOST_BEHIND];
};

static ra_result open_codec(ra_encoder *encoder, const ra_encoder_setup *setup);

ra_result ra_encoder_open(const ra_encoder_setup *setup, ra_encoder **encoder)
{
    problem_clear();
    *encoder = NULL;
    ra_encoder *made = calloc(1, sizeof *made);
    if (made == NULL)
        return problem(RA_FAILED, "no memory for an encoder");
    made->scaled = av_frame_alloc();
    made->input = av_frame_alloc();
    made->uploaded = av_frame_alloc();

    ra_result result = made->scaled == NULL || made->input == NULL || made->uploaded == NULL ? problem(RA_FAILED, "no memory for an encoder") : open_codec(made, setup);
    if (result == RA_DONE)
        *encoder = made;
    else
        ra_encoder_free(made);
    return result;
}

void ra_encoder_free(ra_encoder *encoder)
{
    if (encoder == NULL)
        return;
    avcodec_free_context(&encoder->context);
    av_buffer_unref(&encoder->device);
    av_frame_free(&encoder->scaled);
    av_frame_free(&encoder->input);
    av_frame_free(&encoder->uploaded);
    converter_free(&encoder->to_size);
    converter_free(&encoder->to_surface);
    av_free(encoder->parameters);
    free(encoder);
}

void ra_encoder_set_bit_rate(ra_encoder *encoder, int32_t bits_per_second)
{
    AVCodecContext *context = encoder->context;
    context->bit_rate = bits_per_second;
    context->rc_max_rate = bits_per_second;
    context->rc_buffer_size = bits_per_second / BUFFERED_PARTS;
}

/* --- opening --- */

static ra_result open_surface(ra_encoder *encoder, int surface)
{
    AVCodecContext *context = encoder->context;
    encoder->format = surface == RA_SURFACE_YUV420 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_NV12;
    context->pix_fmt = encoder->format;
    if (surface != RA_SURFACE_VAAPI)
        return RA_DONE;

    context->pix_fmt = AV_PIX_FMT_VAAPI;
    int error = av_hwdevice_ctx_create(&encoder->device, AV_HWDEVICE_TYPE_VAAPI, NULL, NULL, 0);
    if (error < 0)
        return problem_av(error, "opening the graphics processor");
    context->hw_frames_ctx = av_hwframe_ctx_alloc(encoder->device);
    if (context->hw_frames_ctx == NULL)
        return problem(RA_FAILED, "no memory for surfaces");

    AVHWFramesContext *surfaces = (AVHWFramesContext *)context->hw_frames_ctx->data;
    surfaces->format = AV_PIX_FMT_VAAPI;
    surfaces->sw_format = AV_PIX_FMT_NV12;
    surfaces->width = context->width;
    surfaces->height = context->height;
    surfaces->initial_pool_size = 2 * MOST_BEHIND;
    error = av_hwframe_ctx_init(context->hw_frames_ctx);
    return error < 0 ? problem_av(error, "making surfaces") : RA_DONE;
}

static ra_result open_codec(ra_encoder *encoder, const ra_encoder_setup *setup)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(setup->name);
    if (codec == NULL || codec->type != AVMEDIA_TYPE_VIDEO)
        return problem(RA_UNSUPPORTED, "this FFmpeg has no encoder %.60s", setup->name);
    AVCodecContext *context = encoder->context = avcodec_alloc_context3(codec);
    if (context == NULL)
        return problem(RA_FAILED, "no memory for an encoder");

    context->width = setup->width;
    context->height = setup->height;
    context->time_base = (AVRational){1, setup->frame_rate};
    context->framerate = (AVRational){setup->frame_rate, 1};
    context->max_b_frames = 0;
    context->thread_count = setup->threads;
    context->color_range = AVCOL_RANGE_MPEG;
    context->colorspace = AVCOL_SPC_BT709;
    context->color_primaries = AVCOL_PRI_BT709;
    context->color_trc = AVCOL_TRC_BT709;
    ra_encoder_set_bit_rate(encoder, setup->bit_rate);
    ra_result result = open_surface(encoder, setup->surface);
    if (result != RA_DONE)
        return result;

    AVDictionary *options = NULL;
    int error = setup->options == NULL ? 0 : av_dict_parse_string(&options, setup->options, "=", ":", 0);
    if (error >= 0)
        error = avcodec_open2(context, codec, &options);
    const AVDictionaryEntry *unknown = error < 0 ? NULL : av_dict_get(options, "", NULL, AV_DICT_IGNORE_SUFFIX);
    if (unknown != NULL)
        result = problem(RA_UNSUPPORTED, "it knows no option %.60s", unknown->key);
    else if (error < 0)
        result = problem_av(error, "opening it");
    av_dict_free(&options);
    return result;
}

/* --- encoding --- */

static int scale_into_shape(ra_encoder *encoder, const AVFrame *from);
static int upload(ra_encoder *encoder);
static ra_result take_packet(ra_encoder *encoder, AVPacket *packet, int slot, ra_packet *result);

/* The planes of a picture that is not ours are copied: an encoder may keep them longer than the call lasts. */
static int take_planes(ra_encoder *encoder, const ra_view *view)
{
    int error = frame_reserve(encoder->scaled, AV_PIX_FMT_YUV420P, view->width, view->height);
    if (error < 0)
        return error;
    const uint8_t *from[4] = {view->luma, view->cb, view->cr};
    const int strides[4] = {view->luma_stride, view->chroma_stride, view->chroma_stride};
    av_image_copy(encoder->scaled->data, encoder->scaled->linesize, from, strides, AV_PIX_FMT_YUV420P, view->width, view->height);
    return av_frame_ref(encoder->input, encoder->scaled);
}

/*
 * Leaves in input what the encoder can be given:
 *   1. of our size: the picture's memory itself, or a copy when it is not ours;
 *   2. of another size: scaled;
 *   3. in the encoder's format, on its surface.
 */
static int prepare_input(ra_encoder *encoder, const ra_view *view, const ra_picture *picture)
{
    AVCodecContext *context = encoder->context;
    av_frame_unref(encoder->input);
    int error;
    if (view->width != context->width || view->height != context->height) {
        const AVFrame described = {
            .data = {view->luma, view->cb, view->cr},
            .linesize = {view->luma_stride, view->chroma_stride, view->chroma_stride},
            .width = view->width,
            .height = view->height,
            .format = AV_PIX_FMT_YUV420P,
            .color_range = AVCOL_RANGE_MPEG,
            .colorspace = AVCOL_SPC_BT709,
        };
        error = scale_into_shape(encoder, &described);
    } else if (picture != NULL) {
        error = av_frame_ref(encoder->input, picture->frame);
    } else {
        error = take_planes(encoder, view);
    }
    return error < 0 ? error : upload(encoder);
}

ra_result ra_encoder_encode(ra_encoder *encoder, const ra_view *view, ra_picture *picture, int32_t wants_key, ra_packets *packets, ra_packet *result)
{
    problem_clear();
    int slot;
    AVPacket *packet = packets_take(packets, &slot);
    if (packet == NULL)
        return problem(RA_EXHAUSTED, "all packets are out");

    AVCodecContext *context = encoder->context;
    int error = prepare_input(encoder, view, picture);
    if (error >= 0) {
        AVFrame *input = encoder->input;
        size_t time = (size_t)(encoder->count % (2 * MOST_BEHIND));
        encoder->times[time].count = encoder->count;
        encoder->times[time].captured_at = view->captured_at;
        input->pts = encoder->count++;
        input->pict_type = wants_key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
        input->quality = 0;
        error = avcodec_send_frame(context, input);
    }
    av_frame_unref(encoder->input);
    if (error >= 0)
        error = avcodec_receive_packet(context, packet);

    ra_result outcome;
    if (error == AVERROR(EAGAIN) && ++encoder->behind <= MOST_BEHIND)
        outcome = RA_NOTHING;
    else if (error == AVERROR(EAGAIN))
        outcome = problem(RA_FAILED, "it took %d pictures and gave none", encoder->behind);
    else if (error >= 0)
        outcome = take_packet(encoder, packet, slot, result);
    else {
        problem_av(error, "encoding a picture");
        outcome = RA_FAILED;
    }
    if (outcome != RA_DONE)
        ra_packet_release(packets, slot);
    return outcome;
}

/* As large as its shape allows, with black bars beside or above and below. */
static int scale_into_shape(ra_encoder *encoder, const AVFrame *from)
{
    AVFrame *scaled = encoder->scaled;
    int whole_width = encoder->context->width, whole_height = encoder->context->height;
    int error = frame_reserve(scaled, AV_PIX_FMT_YUV420P, whole_width, whole_height);
    if (error < 0)
        return error;

    int width = whole_width, height = whole_height;
    if ((int64_t)from->width * whole_height > (int64_t)from->height * whole_width)
        height = (int)((int64_t)whole_width * from->height / from->width) & ~1;
    else
        width = (int)((int64_t)whole_height * from->width / from->height) & ~1;
    if (width < 2 || height < 2)
        return AVERROR(EINVAL);
    if (width != whole_width || height != whole_height)
        frame_blacken(scaled);

    int left = (whole_width - width) / 4 * 2, top = (whole_height - height) / 4 * 2;
    uint8_t *const to[4] = {
        scaled->data[0] + (ptrdiff_t)top * scaled->linesize[0] + left,
        scaled->data[1] + (ptrdiff_t)(top / 2) * scaled->linesize[1] + left / 2,
        scaled->data[2] + (ptrdiff_t)(top / 2) * scaled->linesize[2] + left / 2,
    };
    error = converter_run(&encoder->to_size, from, to, scaled->linesize, AV_PIX_FMT_YUV420P, width, height);
    return error < 0 ? error : av_frame_ref(encoder->input, scaled);
}

static int upload(ra_encoder *encoder)
{
    AVCodecContext *context = encoder->context;
    if (encoder->format == AV_PIX_FMT_YUV420P)
        return 0;

    AVFrame *target = encoder->uploaded;
    int error = frame_reserve(target, encoder->format, context->width, context->height);
    if (error >= 0)
        error = converter_run(&encoder->to_surface, encoder->input, target->data, target->linesize, encoder->format, context->width, context->height);
    av_frame_unref(encoder->input);
    if (error < 0)
        return error;
    if (context->hw_frames_ctx == NULL)
        return av_frame_ref(encoder->input, target);

    error = av_hwframe_get_buffer(context->hw_frames_ctx, encoder->input, 0);
    if (error >= 0)
        error = av_hwframe_transfer_data(encoder->input, target, 0);
    frame_set_standard_colour(encoder->input);
    return error;
}

/* --- what comes out --- */

/* Keeps the SPS and PPS that stand in front of a key frame, or in what the encoder said when it was opened. */
static int keep_parameters(ra_encoder *encoder, const uint8_t *data, size_t length)
{
    size_t room = 0;
    nal found;
    for (const uint8_t *at = data; nal_next(&at, data + length, &found);)
        room += found.type == NAL_SPS || found.type == NAL_PPS ? (size_t)(found.end - found.start) : 0;
    if (room == 0)
        return 0;

    uint8_t *kept = av_realloc(encoder->parameters, room);
    if (kept == NULL)
        return AVERROR(ENOMEM);
    encoder->parameters = kept;
    encoder->parameters_length = 0;
    for (const uint8_t *at = data; nal_next(&at, data + length, &found);) {
        if (found.type != NAL_SPS && found.type != NAL_PPS)
            continue;
        memcpy(kept + encoder->parameters_length, found.start, (size_t)(found.end - found.start));
        encoder->parameters_length += (int)(found.end - found.start);
    }
    return 0;
}

static int put_parameters_in_front(ra_encoder *encoder, AVPacket *packet)
{
    int length = packet->size;
    int error = av_grow_packet(packet, encoder->parameters_length);
    if (error < 0)
        return error;
    memmove(packet->data + encoder->parameters_length, packet->data, (size_t)length);
    memcpy(packet->data, encoder->parameters, (size_t)encoder->parameters_length);
    return 0;
}

static ra_result take_packet(ra_encoder *encoder, AVPacket *packet, int slot, ra_packet *result)
{
    encoder->behind = 0;
    size_t length = (size_t)packet->size;
    bool is_key = (packet->flags & AV_PKT_FLAG_KEY) != 0 && nal_is_in(packet->data, length, NAL_IDR);
    if (!encoder->has_begun && !is_key)
        return problem(RA_FAILED, "what it begins with is no key frame of H.264");
    encoder->has_begun = true;

    if (is_key) {
        const AVCodecContext *context = encoder->context;
        bool has_parameters = nal_is_in(packet->data, length, NAL_SPS) && nal_is_in(packet->data, length, NAL_PPS);
        int error = 0;
        if (has_parameters && encoder->parameters == NULL)
            error = keep_parameters(encoder, packet->data, length);
        else if (encoder->parameters == NULL && context->extradata_size > 0)
            error = keep_parameters(encoder, context->extradata, (size_t)context->extradata_size);
        if (error >= 0 && !has_parameters) {
            if (encoder->parameters == NULL)
                return problem(RA_FAILED, "its key frames come without parameter sets");
            error = put_parameters_in_front(encoder, packet);
        }
        if (error < 0)
            return problem_av(error, "a key frame's parameter sets");
    }

    size_t time = (size_t)(packet->pts % (2 * MOST_BEHIND));
    bool is_known = packet->pts >= 0 && encoder->times[time].count == packet->pts;
    *result = (ra_packet){
        .data = packet->data,
        .length = packet->size,
        .is_key = is_key,
        .captured_at = is_known ? encoder->times[time].captured_at : now_ns(),
        .slot = slot,
    };
    return RA_DONE;
}
