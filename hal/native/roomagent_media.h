/*
 * What RoomAgent asks of FFmpeg, libopus and libasound, in structs of its own.
 *
 * The structs of FFmpeg differ from version to version, and its codecs are set up by writing to them. This library is compiled
 * against those of the distribution; what is below stays the same, and has a number that changes when it does not.
 *
 * Rules for all of it:
 *  - A function that can fail returns a ra_result. Why it failed stands in ra_problem(), for the thread that called.
 *  - An object belongs to one thread at a time, except that pictures and packets may be given back on any thread.
 *  - Times are nanoseconds of CLOCK_MONOTONIC. Texts are UTF-8.
 *  - Freeing NULL does nothing.
 */
#ifndef ROOMAGENT_MEDIA_H
#define ROOMAGENT_MEDIA_H

#include <stdint.h>

#if defined(__GNUC__)
#define RA_API __attribute__((visibility("default")))
#else
#define RA_API
#endif

/* Changes with every change below that a caller compiled before would not survive. */
#define RA_VERSION 2

typedef enum ra_result {
    RA_DONE = 0,
    RA_NOTHING = 1,     /* nothing in the time allowed, or nothing yet */
    RA_ENDED = 2,       /* a file is at its end */
    RA_REFUSED = 3,     /* it is there, and another has it or the right is missing */
    RA_UNSUPPORTED = 4, /* it does not do this */
    RA_GONE = 5,        /* it is not there, or not any more */
    RA_FAILED = 6,      /* it answered with what no one can use */
    RA_EXHAUSTED = 7    /* everything that the pool has is out */
} ra_result;

/* --- the library -------------------------------------------------------------------------------------------------- */

/* RA_VERSION, as it was compiled. */
RA_API uint32_t ra_version(void);

/* The libraries below with their versions, in a line. Lives as long as the process. */
RA_API const char *ra_libraries(void);

/* Why the calling thread's last call did not succeed; lives until its next call. Empty when there is nothing to say. */
RA_API const char *ra_problem(void);

typedef enum ra_log_level { RA_LOG_ERROR = 0, RA_LOG_WARNING = 1, RA_LOG_INFO = 2 } ra_log_level;

/* Gets a line without its end, at most 500 bytes long. Called on any thread; the text lives until it returns. */
typedef void (*ra_log_sink)(int32_t level, const char *text);

/* Says where the lines of the libraries go and from which level on; NULL drops them. Not more than some tens a second are passed on. */
RA_API void ra_log_to(ra_log_sink sink, int32_t level);

/* --- pictures: planar YUV 4:2:0, 8 bits, BT.709, limited range ------------------------------------------------------ */

typedef struct ra_pool ra_pool;
typedef struct ra_picture ra_picture;

#define RA_PICTURE_CONCEALED 1u /* parts were made up, since what was decoded was damaged */

typedef struct ra_view {
    uint8_t *luma;
    uint8_t *cb;
    uint8_t *cr;
    int32_t luma_stride;
    int32_t chroma_stride;
    int32_t width;
    int32_t height;
    int64_t captured_at;
    uint32_t flags;
    int32_t slot; /* which one of its pool: 0 to capacity - 1 */
} ra_view;

/* A pool lends at most capacity (1 to 64) pictures at a time. NULL when memory is out. */
RA_API ra_pool *ra_pool_new(int32_t capacity);

/* Lends no more. What is out stays good, and the last one that comes back frees the rest. */
RA_API void ra_pool_free(ra_pool *pool);

/* A black picture. Width and height are even, 16 to 4096. */
RA_API ra_result ra_picture_new(ra_pool *pool, int32_t width, int32_t height, int64_t captured_at, ra_picture **picture, ra_view *view);

/* Makes sure that nobody else reads what is about to be written; the planes may move. */
RA_API ra_result ra_picture_make_writable(ra_picture *picture, ra_view *view);

/* Gives a picture back, on any thread, once. */
RA_API void ra_picture_release(ra_picture *picture);

/* --- H.264 encoders ------------------------------------------------------------------------------------------------- */

typedef struct ra_encoder ra_encoder;
typedef struct ra_packets ra_packets;

typedef enum ra_surface {
    RA_SURFACE_YUV420 = 0,
    RA_SURFACE_NV12 = 1,
    RA_SURFACE_VAAPI = 2 /* uploaded to the graphics processor as NV12 */
} ra_surface;

typedef struct ra_encoder_setup {
    const char *name;    /* FFmpeg's, such as libx264 */
    const char *options; /* its own and the general ones: name=value:name=value */
    int32_t surface;     /* a ra_surface */
    int32_t width;
    int32_t height;
    int32_t frame_rate;
    int32_t bit_rate;
    int32_t threads;
} ra_encoder_setup;

typedef struct ra_packet {
    const uint8_t *data; /* Annex B; a key frame begins with its parameter sets */
    int32_t length;
    int32_t is_key;
    int64_t captured_at;
    int32_t slot; /* which one of its packets: 0 to capacity - 1 */
} ra_packet;

/* Lends at most capacity (1 to 64) packets at a time. It outlives the encoders that use it. */
RA_API ra_packets *ra_packets_new(int32_t capacity);
RA_API void ra_packets_free(ra_packets *packets);
RA_API void ra_packet_release(ra_packets *packets, int32_t slot);

RA_API ra_result ra_encoder_open(const ra_encoder_setup *setup, ra_encoder **encoder);
RA_API void ra_encoder_free(ra_encoder *encoder);

/* From the next picture on. Whether the encoder heeds it is its own affair. */
RA_API void ra_encoder_set_bit_rate(ra_encoder *encoder, int32_t bits_per_second);

/*
 * Encodes a picture of any size: it is scaled, with bars where its shape is another.
 * picture may be NULL: then the planes of the view are copied. RA_NOTHING: give the next picture; RA_EXHAUSTED: nothing was encoded.
 */
RA_API ra_result ra_encoder_encode(ra_encoder *encoder, const ra_view *view, ra_picture *picture, int32_t wants_key, ra_packets *packets, ra_packet *packet);

/* --- H.264 decoders ------------------------------------------------------------------------------------------------- */

typedef struct ra_decoder ra_decoder;

/* name is FFmpeg's and must be one for H.264; 1 to 16 threads. Pictures come from pool, which must outlive the decoder. */
RA_API ra_result ra_decoder_open(const char *name, int32_t threads, ra_pool *pool, ra_decoder **decoder);
RA_API void ra_decoder_free(ra_decoder *decoder);

/* Decodes an access unit in Annex B form, which may be anything. */
RA_API ra_result ra_decoder_decode(ra_decoder *decoder, const uint8_t *data, int32_t length, int64_t captured_at, ra_picture **picture, ra_view *view);

/* --- inputs --------------------------------------------------------------------------------------------------------- */

typedef struct ra_input ra_input;

typedef enum ra_medium { RA_PICTURES = 0, RA_SOUND = 1 } ra_medium;

typedef struct ra_input_setup {
    const char *format;  /* v4l2, alsa, lavfi; NULL for a file */
    const char *address; /* a device, a filter graph, a path */
    const char *options; /* of the format: name=value:name=value; or NULL */
    int64_t patience;    /* the longest that opening may take, and a read that hangs */
    int32_t medium;      /* a ra_medium: the first stream of it is read */
    int32_t is_looped;   /* files: begin again at the end */
    int32_t is_paced;    /* files and lavfi: deliver as a device would, in real time */
} ra_input_setup;

typedef struct ra_input_info {
    int32_t width; /* pictures */
    int32_t height;
    int32_t frame_rate; /* rounded; 0 when not known */
    int32_t channels;   /* sound */
} ra_input_info;

RA_API ra_result ra_input_open(const ra_input_setup *setup, ra_input **input, ra_input_info *info);
RA_API void ra_input_free(ra_input *input);

/* Waits for the next picture. RA_EXHAUSTED: a picture came and was dropped. */
RA_API ra_result ra_input_read_picture(ra_input *input, int64_t patience, ra_pool *pool, ra_picture **picture, ra_view *view);

/* Waits until there are count samples of each channel, 48,000 a second, interleaved. With anything but RA_DONE nothing is taken. */
RA_API ra_result ra_input_read_sound(ra_input *input, int64_t patience, int16_t *samples, int32_t count, int64_t *captured_at);

/* --- cameras (V4L2) --------------------------------------------------------------------------------------------------- */

typedef struct ra_camera_format {
    uint32_t pixel_format; /* V4L2's four characters */
    int32_t width;
    int32_t height;
    int32_t frame_rate; /* rounded down */
} ra_camera_format;

typedef struct ra_camera_control {
    uint32_t id;
    int32_t least;
    int32_t most;
    int32_t step;
    int32_t usual;
    int32_t value;
    char name[32];
} ra_camera_control;

/* Both open the device for the moment, and fill at most capacity entries; count gets how many. */
RA_API ra_result ra_camera_formats(const char *device, ra_camera_format *formats, int32_t capacity, int32_t *count);
RA_API ra_result ra_camera_controls(const char *device, ra_camera_control *controls, int32_t capacity, int32_t *count);
RA_API ra_result ra_camera_set_control(const char *device, uint32_t id, int32_t value);

/* --- Opus: 48,000 samples a second ----------------------------------------------------------------------------------- */

typedef struct ra_opus_encoder ra_opus_encoder;
typedef struct ra_opus_decoder ra_opus_decoder;

/* 1 or 2 channels. is_music: the whole band and no silence left out; else speech, which is silent in silence. */
RA_API ra_result ra_opus_encoder_open(int32_t channels, ra_opus_encoder **encoder);
RA_API void ra_opus_encoder_free(ra_opus_encoder *encoder);
RA_API ra_result ra_opus_encoder_set(ra_opus_encoder *encoder, int32_t bit_rate, int32_t is_music, int32_t loss_percent);

/* count samples of each channel; length gets the packet's, 0 when it need not be sent. */
RA_API ra_result ra_opus_encode(ra_opus_encoder *encoder, const int16_t *samples, int32_t count, uint8_t *packet, int32_t room, int32_t *length);

RA_API ra_result ra_opus_decoder_open(ra_opus_decoder **decoder);
RA_API void ra_opus_decoder_free(ra_opus_decoder *decoder);

/* One channel. packet NULL: count samples are made up. is_recovery: count samples of the packet before this one. */
RA_API ra_result ra_opus_decode(ra_opus_decoder *decoder, const uint8_t *packet, int32_t length, int32_t is_recovery, int16_t *samples, int32_t count, int32_t *made);

/* --- speakers (ALSA) -------------------------------------------------------------------------------------------------- */

typedef struct ra_speaker ra_speaker;

/* 48,000 samples a second, 1 or 2 channels, interleaved. Played at most latency (ns) after they were written. */
RA_API ra_result ra_speaker_open(const char *device, int32_t channels, int64_t latency, ra_speaker **speaker);

/* What was not heard yet is not heard. */
RA_API void ra_speaker_free(ra_speaker *speaker);

/* Waits for room, at most patience for all of it. An underrun is mended. */
RA_API ra_result ra_speaker_write(ra_speaker *speaker, const int16_t *samples, int32_t count, int64_t patience);

/* How long what is written now waits until it is heard. */
RA_API int64_t ra_speaker_latency(ra_speaker *speaker);

#endif
