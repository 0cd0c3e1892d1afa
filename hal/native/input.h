/* An open input, for what reads pictures and for what reads sound. */
#ifndef ROOMAGENT_INPUT_H
#define ROOMAGENT_INPUT_H

#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libswresample/swresample.h>

#include "internal.h"

struct ra_input {
    /* What it was opened with, for opening it again at its end. */
    char *format;
    char *address;
    char *options;
    int64_t patience;
    enum AVMediaType medium;
    bool is_looped;
    bool is_paced;
    bool is_device; /* delivers in its own time */

    AVFormatContext *context;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
    int stream;
    bool is_drained;   /* the file is at its end, and the decoder was told so */
    int64_t deadline;  /* FFmpeg is interrupted then */
    int64_t frames;    /* since it was opened, or begun again */
    int bad;           /* undecodable ones in a row */
    int64_t arrived;   /* when the last one came */

    /* Time in files: pts first of this round stands for the moment base. */
    bool has_base;
    int64_t base;
    int64_t first;
    int64_t last; /* ns from first to the end of the last frame */

    /* Pictures */
    converter to_standard;
    int64_t interval;
    bool has_pending; /* frame was read and is not due yet */
    int64_t pending_at;

    /* Sound */
    SwrContext *resampler;
    AVAudioFifo *samples;
    uint8_t *resampled;
    int resampled_room;
    int channels;
    int rate, sample_format; /* of what comes, for which the resampler is */
    int64_t taken_at;        /* when the first of samples was taken */
    int64_t delivered;       /* samples, of a paced source */
};

/* The next frame, whatever it is due. A device that is silent until the deadline: RA_NOTHING. */
ra_result input_next(ra_input *input, int64_t deadline, int64_t wait_at_most);

/* When the frame that was read was taken; for files and graphs, when it is to be delivered. */
int64_t input_time(ra_input *input);

#endif
