/* Pictures, and the pool that lends them. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define MOST_PICTURES 64

/* Memory for pictures up to this size is kept for the next; more only while it is out, so that one large picture does not cost as much for ever. */
#define KEPT_PIXELS (1920 * 1088)

struct ra_pool {
    slots *slots;
    int capacity;
    ra_picture pictures[];
};

static void pool_free_now(ra_pool *pool)
{
    for (int i = 0; i < pool->capacity; i++)
        av_frame_free(&pool->pictures[i].frame);
    slots_free(pool->slots);
    free(pool);
}

ra_pool *ra_pool_new(int32_t capacity)
{
    if (capacity < 1 || capacity > MOST_PICTURES)
        return NULL;
    ra_pool *pool = calloc(1, sizeof *pool + (size_t)capacity * sizeof(ra_picture));
    if (pool == NULL)
        return NULL;

    pool->capacity = capacity;
    pool->slots = slots_new(capacity);
    bool is_whole = pool->slots != NULL;
    for (int i = 0; i < capacity; i++) {
        pool->pictures[i] = (ra_picture){.pool = pool, .frame = av_frame_alloc(), .slot = i};
        is_whole = is_whole && pool->pictures[i].frame != NULL;
    }
    if (is_whole)
        return pool;
    pool_free_now(pool);
    return NULL;
}

void ra_pool_free(ra_pool *pool)
{
    if (pool != NULL && slots_close(pool->slots))
        pool_free_now(pool);
}

ra_picture *picture_take(ra_pool *pool)
{
    int slot = slots_take(pool->slots);
    if (slot < 0)
        return NULL;
    pool->pictures[slot].flags = 0;
    return &pool->pictures[slot];
}

void ra_picture_release(ra_picture *picture)
{
    if (picture == NULL)
        return;
    ra_pool *pool = picture->pool;

    /* What a decoder or an encoder still reads is theirs; memory that only this picture has is kept. */
    AVFrame *frame = picture->frame;
    if (frame->opaque != picture || (int64_t)frame->width * frame->height > KEPT_PIXELS || !av_frame_is_writable(frame))
        av_frame_unref(frame);
    if (slots_give(pool->slots, picture->slot))
        pool_free_now(pool);
}

ra_result ra_picture_new(ra_pool *pool, int32_t width, int32_t height, int64_t captured_at, ra_picture **picture, ra_view *view)
{
    problem_clear();
    *picture = NULL;
    if (width < RA_SMALLEST || width > RA_LARGEST || height < RA_SMALLEST || height > RA_LARGEST || ((width | height) & 1) != 0)
        return problem(RA_UNSUPPORTED, "a picture of %d x %d", width, height);
    ra_picture *taken = picture_take(pool);
    if (taken == NULL)
        return problem(RA_EXHAUSTED, "all pictures of the pool are out");

    int error = frame_reserve(taken->frame, AV_PIX_FMT_YUV420P, width, height);
    if (error < 0) {
        ra_picture_release(taken);
        return problem_av(error, "a picture's memory");
    }
    frame_blacken(taken->frame);
    taken->frame->opaque = taken;
    taken->captured_at = captured_at;
    *picture = taken;
    *view = picture_view(taken);
    return RA_DONE;
}

ra_result ra_picture_make_writable(ra_picture *picture, ra_view *view)
{
    problem_clear();
    int error = av_frame_make_writable(picture->frame);
    if (error < 0)
        return problem_av(error, "a picture's memory");
    *view = picture_view(picture);
    return RA_DONE;
}

ra_view picture_view(const ra_picture *picture)
{
    const AVFrame *frame = picture->frame;
    return (ra_view){
        .luma = frame->data[0],
        .cb = frame->data[1],
        .cr = frame->data[2],
        .luma_stride = frame->linesize[0],
        .chroma_stride = frame->linesize[1],
        .width = frame->width,
        .height = frame->height,
        .captured_at = picture->captured_at,
        .flags = picture->flags,
        .slot = picture->slot,
    };
}

int frame_reserve(AVFrame *frame, enum AVPixelFormat format, int width, int height)
{
    if (frame->format != format || frame->width != width || frame->height != height || !av_frame_is_writable(frame)) {
        av_frame_unref(frame);
        frame->format = format;
        frame->width = width;
        frame->height = height;
        int error = av_frame_get_buffer(frame, 0);
        if (error < 0) {
            av_frame_unref(frame);
            return error;
        }
    }
    frame_set_standard_colour(frame);
    return 0;
}

void frame_set_standard_colour(AVFrame *frame)
{
    frame->color_range = AVCOL_RANGE_MPEG;
    frame->colorspace = AVCOL_SPC_BT709;
    frame->color_primaries = AVCOL_PRI_BT709;
    frame->color_trc = AVCOL_TRC_BT709;
}

void frame_blacken(AVFrame *frame)
{
    memset(frame->data[0], 16, (size_t)frame->linesize[0] * (size_t)frame->height);
    for (int plane = 1; plane <= 2; plane++)
        memset(frame->data[plane], 128, (size_t)frame->linesize[plane] * (size_t)(frame->height / 2));
}
