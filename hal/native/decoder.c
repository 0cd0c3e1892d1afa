/* One decoder of FFmpeg for H.264. What it is given comes from strangers. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/imgutils.h>

#include "annexb.h"
#include "internal.h"

/* An access unit of 4096 x 4096 at the worst quality that makes sense; more is refused unread. */
#define LONGEST_UNIT (8 * 1024 * 1024)

/*
 * What the pictures of one stream may take: those that it predicts from, those that are out, and one in the making. The most that level 5.1
 * allows to predict from is 70 MB; a stream that wants 16 pictures of 4096 x 4096 wants 400 MB and is refused.
 */
#define MOST_MEMORY (INT64_C(160) * 1024 * 1024)

/*
 * What the pictures of all streams may take together. Twelve that are as they should be, of 1920 x 1080 with four to predict from, want
 * less than 350 MB; those that lie in wait for memory run into this, and are refused as one that is too large by itself. FFmpeg's tables
 * of what is in a picture come on top, about half as large as the picture.
 */
#define MOST_OF_ALL (INT64_C(384) * 1024 * 1024)

static atomic_llong used_by_all;

/* Shared with buffers that may come back when the decoder is long gone. */
typedef struct budget {
    atomic_llong used;
    atomic_int owners;
} budget;

struct ra_decoder {
    AVCodecContext *context;
    AVPacket *packet;
    AVBufferRef *unit; /* the bytes of the access unit, with the room behind them that FFmpeg reads into */
    AVFrame *frame;
    AVFrame *next;
    converter to_standard;
    ra_pool *pool;
    budget *budget;
    AVBufferPool *buffers;
    size_t buffer_size;
    bool is_beyond_us;
    bool is_hardware;
};

static int lend_buffer(AVCodecContext *context, AVFrame *frame, int flags);
static enum AVPixelFormat choose_format(AVCodecContext *context, const enum AVPixelFormat *offered);
static void budget_leave(budget *shared);

ra_result ra_decoder_open(const char *name, int32_t threads, ra_pool *pool, ra_decoder **decoder)
{
    problem_clear();
    *decoder = NULL;
    const AVCodec *codec = avcodec_find_decoder_by_name(name);
    if (codec == NULL || codec->id != AV_CODEC_ID_H264)
        return problem(RA_UNSUPPORTED, "this FFmpeg has no decoder %.60s for H.264", name);

    ra_decoder *made = calloc(1, sizeof *made);
    if (made == NULL)
        return problem(RA_FAILED, "no memory for a decoder");
    made->pool = pool;
    made->budget = calloc(1, sizeof *made->budget);
    made->context = avcodec_alloc_context3(codec);
    made->packet = av_packet_alloc();
    made->frame = av_frame_alloc();
    made->next = av_frame_alloc();
    if (made->budget != NULL)
        atomic_store(&made->budget->owners, 1);
    if (made->budget == NULL || made->context == NULL || made->packet == NULL || made->frame == NULL || made->next == NULL) {
        ra_decoder_free(made);
        return problem(RA_FAILED, "no memory for a decoder");
    }

    AVCodecContext *context = made->context;
    context->opaque = made;
    context->flags |= AV_CODEC_FLAG_LOW_DELAY;
    made->is_hardware = (codec->capabilities & (AV_CODEC_CAP_HARDWARE | AV_CODEC_CAP_HYBRID)) != 0;
    if (made->is_hardware) {
        context->max_pixels = (int64_t)RA_LARGEST * RA_LARGEST;
    } else {
        context->thread_count = threads;
        context->thread_type = FF_THREAD_SLICE; /* threads of whole frames would be as many frames late */
        context->get_buffer2 = lend_buffer;
        context->get_format = choose_format;
    }

    int error = avcodec_open2(context, codec, NULL);
    if (error < 0) {
        ra_result result = problem_av(error, "opening it");
        ra_decoder_free(made);
        return result;
    }
    *decoder = made;
    return RA_DONE;
}

void ra_decoder_free(ra_decoder *decoder)
{
    if (decoder == NULL)
        return;
    avcodec_free_context(&decoder->context);
    av_packet_free(&decoder->packet);
    av_frame_free(&decoder->frame);
    av_frame_free(&decoder->next);
    av_buffer_unref(&decoder->unit);
    converter_free(&decoder->to_standard);
    av_buffer_pool_uninit(&decoder->buffers);
    if (decoder->budget != NULL)
        budget_leave(decoder->budget);
    free(decoder);
}

/* --- decoding --- */

static ra_result lend_picture(ra_decoder *decoder, int64_t captured_at, ra_picture **picture, ra_view *view);

static int copy_unit(ra_decoder *decoder, const uint8_t *data, size_t length)
{
    size_t room = length + AV_INPUT_BUFFER_PADDING_SIZE;
    if (decoder->unit == NULL || decoder->unit->size < room || !av_buffer_is_writable(decoder->unit)) {
        av_buffer_unref(&decoder->unit);
        decoder->unit = av_buffer_alloc(room + room / 2);
        if (decoder->unit == NULL)
            return AVERROR(ENOMEM);
    }
    memcpy(decoder->unit->data, data, length);
    memset(decoder->unit->data + length, 0, AV_INPUT_BUFFER_PADDING_SIZE);

    decoder->packet->buf = av_buffer_ref(decoder->unit);
    decoder->packet->data = decoder->unit->data;
    decoder->packet->size = (int)length;
    return decoder->packet->buf == NULL ? AVERROR(ENOMEM) : 0;
}

/* The last picture that there is; a stream that reorders gives several at once, and those before are late. Hardware hands out one each time. */
static int receive_last(ra_decoder *decoder)
{
    int error = avcodec_receive_frame(decoder->context, decoder->frame);
    while (error >= 0 && !decoder->is_hardware && avcodec_receive_frame(decoder->context, decoder->next) >= 0) {
        AVFrame *later = decoder->next;
        decoder->next = decoder->frame;
        decoder->frame = later;
    }
    return error;
}

static int decode_unit(ra_decoder *decoder, const uint8_t *data, size_t length, int64_t captured_at)
{
    int error = copy_unit(decoder, data, length);
    if (error < 0)
        return error;
    decoder->packet->pts = captured_at;

    /* No stream of a meeting reorders pictures. One that was damaged may look as if, and all that follow would be late for ever. */
    if (!decoder->is_hardware)
        decoder->context->has_b_frames = 0;
    error = avcodec_send_packet(decoder->context, decoder->packet);

    /* Full: hardware that wants to be relieved of a picture first. */
    if (error == AVERROR(EAGAIN)) {
        error = receive_last(decoder);
        if (error >= 0)
            avcodec_send_packet(decoder->context, decoder->packet);
        return error;
    }
    return error < 0 ? error : receive_last(decoder);
}

/* Parameter sets or messages alone; FFmpeg wants a picture in each packet. */
static bool has_no_picture(const uint8_t *data, size_t length)
{
    bool has_other = false;
    nal found;
    for (const uint8_t *at = data; nal_next(&at, data + length, &found);) {
        if (found.type >= NAL_SLICE && found.type <= NAL_IDR)
            return false;
        has_other = has_other || (found.type >= NAL_SEI && found.type <= NAL_DELIMITER);
    }
    return has_other;
}

ra_result ra_decoder_decode(ra_decoder *decoder, const uint8_t *data, int32_t length, int64_t captured_at, ra_picture **picture, ra_view *view)
{
    problem_clear();
    *picture = NULL;
    if (length <= 0)
        return problem(RA_FAILED, "an access unit without bytes");
    if (length > LONGEST_UNIT)
        return problem(RA_UNSUPPORTED, "an access unit of %d bytes", length);

    decoder->is_beyond_us = false;
    int error = decode_unit(decoder, data, (size_t)length, captured_at);
    av_packet_unref(decoder->packet);

    ra_result result;
    if (error >= 0)
        result = lend_picture(decoder, captured_at, picture, view);
    else if (decoder->is_beyond_us)
        result = problem(RA_UNSUPPORTED, "pictures of %d x %d, or so many of them, or of such a kind", decoder->context->width, decoder->context->height);
    else if (error == AVERROR(EAGAIN) && decoder->is_hardware)
        result = RA_NOTHING;
    else if ((error == AVERROR(EAGAIN) || error == AVERROR_INVALIDDATA) && has_no_picture(data, (size_t)length))
        result = RA_NOTHING;
    else if (error == AVERROR(EAGAIN))
        result = problem(RA_FAILED, "no picture came of it");
    else {
        problem_av(error, "decoding");
        result = RA_FAILED;
    }
    av_frame_unref(decoder->frame);
    return result;
}

static ra_result lend_picture(ra_decoder *decoder, int64_t captured_at, ra_picture **picture, ra_view *view)
{
    ra_picture *taken = picture_take(decoder->pool);
    if (taken == NULL)
        return problem(RA_EXHAUSTED, "all pictures of the decoder are out");

    AVFrame *frame = decoder->frame;
    bool is_concealed = frame->decode_error_flags != 0 || (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
    taken->captured_at = frame->pts == AV_NOPTS_VALUE ? captured_at : frame->pts;
    taken->flags = is_concealed ? RA_PICTURE_CONCEALED : 0;
    ra_result result = converter_standardize(&decoder->to_standard, frame, taken);
    if (result != RA_DONE) {
        ra_picture_release(taken);
        return result;
    }
    *picture = taken;
    *view = picture_view(taken);
    return RA_DONE;
}

/* --- memory --- */

static void budget_leave(budget *shared)
{
    if (atomic_fetch_sub(&shared->owners, 1) == 1)
        free(shared);
}

static void budget_give_back(budget *shared, size_t size)
{
    atomic_fetch_sub(&shared->used, (long long)size);
    atomic_fetch_sub(&used_by_all, (long long)size);
}

static bool budget_take(budget *shared, size_t size)
{
    long long mine = atomic_fetch_add(&shared->used, (long long)size) + (long long)size;
    long long all = atomic_fetch_add(&used_by_all, (long long)size) + (long long)size;
    if (mine <= MOST_MEMORY && all <= MOST_OF_ALL)
        return true;
    budget_give_back(shared, size);
    return false;
}

/* What goes with each buffer, so that its end is counted wherever it comes. */
typedef struct counted {
    budget *budget;
    size_t size;
    uint8_t *memory;
} counted;

static void free_counted(void *opaque, uint8_t *data)
{
    counted *mine = opaque;
    (void)data;
    budget_give_back(mine->budget, mine->size);
    budget_leave(mine->budget);
    av_free(mine->memory);
    free(mine);
}

static AVBufferRef *alloc_counted(void *opaque, size_t size)
{
    budget *shared = opaque;
    if (!budget_take(shared, size))
        return NULL;

    counted *mine = malloc(sizeof *mine);
    uint8_t *memory = mine == NULL ? NULL : av_mallocz(size);
    AVBufferRef *buffer = NULL;
    if (memory != NULL) {
        *mine = (counted){shared, size, memory};
        atomic_fetch_add(&shared->owners, 1);
        buffer = av_buffer_create(memory, size, free_counted, mine, 0);
        if (buffer == NULL)
            atomic_fetch_sub(&shared->owners, 1);
    }
    if (buffer == NULL) {
        av_free(memory);
        free(mine);
        budget_give_back(shared, size);
    }
    return buffer;
}

/* Asked before anything is allocated for a stream of a new size or kind. */
static enum AVPixelFormat choose_format(AVCodecContext *context, const enum AVPixelFormat *offered)
{
    bool is_beyond_us = context->coded_width > RA_LARGEST || context->coded_height > RA_LARGEST;
    for (; !is_beyond_us && *offered != AV_PIX_FMT_NONE; offered++) {
        if (*offered == AV_PIX_FMT_YUV420P || *offered == AV_PIX_FMT_YUVJ420P)
            return *offered;
    }
    ((ra_decoder *)context->opaque)->is_beyond_us = true;
    return AV_PIX_FMT_NONE;
}

/* The memory of a picture, from a pool of this size: a stream takes as much as it needs at a time and not more than its budget. */
static int lend_buffer(AVCodecContext *context, AVFrame *frame, int flags)
{
    (void)flags;
    ra_decoder *decoder = context->opaque;
    int width = frame->width, height = frame->height;
    int aligned[AV_NUM_DATA_POINTERS];
    avcodec_align_dimensions2(context, &width, &height, aligned);
    if (frame->width > RA_LARGEST || frame->height > RA_LARGEST || (frame->format != AV_PIX_FMT_YUV420P && frame->format != AV_PIX_FMT_YUVJ420P)) {
        decoder->is_beyond_us = true;
        return AVERROR(EINVAL);
    }

    /* Rows of 64 bytes for the largest registers, and a few more at the end, which the decoder reads past it. */
    size_t luma_stride = ((size_t)width + 127) & ~(size_t)127, chroma_stride = luma_stride / 2;
    size_t luma = luma_stride * (size_t)height, chroma = chroma_stride * (((size_t)height + 1) / 2);
    size_t size = luma + 2 * chroma + 16 + 64;
    if (decoder->buffers == NULL || decoder->buffer_size != size) {
        av_buffer_pool_uninit(&decoder->buffers);
        decoder->buffers = av_buffer_pool_init2(size, decoder->budget, alloc_counted, NULL);
        decoder->buffer_size = size;
        if (decoder->buffers == NULL)
            return AVERROR(ENOMEM);
    }

    frame->buf[0] = av_buffer_pool_get(decoder->buffers);
    if (frame->buf[0] == NULL) {
        decoder->is_beyond_us = true;
        return AVERROR(ENOMEM);
    }
    frame->data[0] = frame->buf[0]->data;
    frame->data[1] = frame->data[0] + luma;
    frame->data[2] = frame->data[1] + chroma;
    frame->linesize[0] = (int)luma_stride;
    frame->linesize[1] = frame->linesize[2] = (int)chroma_stride;
    frame->extended_data = frame->data;
    return 0;
}
