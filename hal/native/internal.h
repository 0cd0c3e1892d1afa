/* What the sources share. */
#ifndef ROOMAGENT_INTERNAL_H
#define ROOMAGENT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>

#include "roomagent_media.h"

#define RA_SMALLEST 16
#define RA_LARGEST 4096
#define RA_SAMPLE_RATE 48000
#define RA_SECOND INT64_C(1000000000)

/* --- log.c: problems and lines --- */

/* Forgets the thread's problem. The first thing that a function which can fail does. */
void problem_clear(void);

/* Notes what a thing of ours found, and returns the result. */
ra_result problem(ra_result result, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Notes what FFmpeg answered to an action, with its own words if there are any, and returns what it means to us. */
ra_result problem_av(int error, const char *action);

/* The same for an errno, which FFmpeg's numbers are made of. */
ra_result problem_errno(int number, const char *action);

/* A line of a library that is not FFmpeg. */
void log_line(ra_log_level level, const char *text);

/* --- time --- */

int64_t now_ns(void);
void sleep_until(int64_t when);

/* --- slots.c: what is lent and comes back on any thread --- */

typedef struct slots slots;

slots *slots_new(int capacity);
void slots_free(slots *all);
int slots_take(slots *all);            /* the one that is back the longest; -1 when all are out */
bool slots_give(slots *all, int slot); /* true when it was the last of a closed one: free everything */
bool slots_close(slots *all);          /* true when all are back: free everything */

/* --- picture.c --- */

struct ra_picture {
    ra_pool *pool;
    AVFrame *frame;
    int64_t captured_at;
    uint32_t flags;
    int slot;
};

/* NULL when the pool is dry. */
ra_picture *picture_take(ra_pool *pool);
ra_view picture_view(const ra_picture *picture);

/* Gives a frame memory for a size, unless it has it for itself already. */
int frame_reserve(AVFrame *frame, enum AVPixelFormat format, int width, int height);
void frame_set_standard_colour(AVFrame *frame);
void frame_blacken(AVFrame *frame);

/* --- scale.c --- */

/* A kept context of swscale, and what it is for. */
typedef struct converter {
    struct SwsContext *context;
    int from_width, from_height, from_format, from_space, from_full;
    int to_width, to_height, to_format;
} converter;

void converter_free(converter *kept);

/* Scales and converts, to BT.709 in its limited range. The frames say sizes and formats. */
int converter_run(converter *kept, const AVFrame *from, uint8_t *const to[4], const int to_stride[4], enum AVPixelFormat to_format, int to_width, int to_height);

/* Puts what is in from into the picture, as all pictures are: moved when it is so already, else converted. */
ra_result converter_standardize(converter *kept, AVFrame *from, ra_picture *to);

#endif
