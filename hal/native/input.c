/* Devices, filter graphs and files: opening, reading packets, decoding them, and time. */
#include "input.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libavdevice/avdevice.h>
#include <libavutil/time.h>

#include "alsa.h"

/* A camera sends a broken JPEG now and then; one that sends nothing else is broken itself. */
#define MOST_BAD 60

/* A device's own time is believed when it is that near to when its frame came. */
#define BELIEVABLE (2 * RA_SECOND)

/* Who reads a paced source that much too late has it go on from now, as a device that is not read drops what it has. */
#define MOST_LATE (RA_SECOND / 5)

static pthread_once_t devices = PTHREAD_ONCE_INIT;

static ra_result open_all(ra_input *input);
static AVRational rate_of(const ra_input *input);
static void close_all(ra_input *input);

static char *copy_text(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

ra_result ra_input_open(const ra_input_setup *setup, ra_input **input, ra_input_info *info)
{
    problem_clear();
    *input = NULL;
    *info = (ra_input_info){0};
    pthread_once(&devices, avdevice_register_all);

    ra_input *made = calloc(1, sizeof *made);
    if (made == NULL)
        return problem(RA_FAILED, "no memory for an input");
    made->format = copy_text(setup->format);
    made->address = copy_text(setup->address);
    made->options = copy_text(setup->options);
    made->patience = setup->patience;
    made->medium = setup->medium == RA_SOUND ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO;
    made->is_looped = setup->is_looped;
    made->is_paced = setup->is_paced;
    made->is_device = made->format != NULL && strcmp(made->format, "lavfi") != 0;
    made->packet = av_packet_alloc();
    made->frame = av_frame_alloc();

    ra_result result = made->packet == NULL || made->frame == NULL || made->address == NULL ? problem(RA_FAILED, "no memory for an input") : open_all(made);
    if (result != RA_DONE) {
        ra_input_free(made);
        return result == RA_NOTHING ? RA_FAILED : result; /* it did not open in the time that it had */
    }

    AVRational rate = rate_of(made);
    made->interval = rate.num > 0 && rate.den > 0 ? av_rescale(RA_SECOND, rate.den, rate.num) : RA_SECOND / 30;
    info->width = made->decoder->width;
    info->height = made->decoder->height;
    info->frame_rate = rate.num > 0 && rate.den > 0 ? (int)(av_q2d(rate) + 0.5) : 0;
    info->channels = made->channels;
    *input = made;
    return RA_DONE;
}

void ra_input_free(ra_input *input)
{
    if (input == NULL)
        return;
    close_all(input);
    av_packet_free(&input->packet);
    av_frame_free(&input->frame);
    converter_free(&input->to_standard);
    swr_free(&input->resampler);
    if (input->samples != NULL)
        av_audio_fifo_free(input->samples);
    av_free(input->resampled);
    free(input->format);
    free(input->address);
    free(input->options);
    free(input);
}

/* --- opening --- */

static int is_out_of_patience(void *opaque)
{
    return now_ns() > ((ra_input *)opaque)->deadline;
}

/* Only a file that lies there: a pipe could keep us waiting where nothing can interrupt. */
static ra_result look_at_file(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return problem_errno(errno, "opening it");
    return S_ISREG(status.st_mode) ? RA_DONE : problem(RA_UNSUPPORTED, "it is not a file");
}

static ra_result open_decoder(ra_input *input)
{
    AVStream *stream = input->context->streams[input->stream];
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    if (codec == NULL)
        return problem(RA_UNSUPPORTED, "nothing here decodes its %s", avcodec_get_name(stream->codecpar->codec_id));
    input->decoder = avcodec_alloc_context3(codec);
    if (input->decoder == NULL)
        return problem(RA_FAILED, "no memory for a decoder");

    int error = avcodec_parameters_to_context(input->decoder, stream->codecpar);
    if (error >= 0) {
        input->decoder->pkt_timebase = stream->time_base;
        input->decoder->thread_count = 1;
        error = avcodec_open2(input->decoder, codec, NULL);
    }
    if (error < 0)
        return problem_av(error, "opening its decoder");
    if (input->medium != AVMEDIA_TYPE_AUDIO)
        return RA_DONE;

    int channels = input->decoder->ch_layout.nb_channels;
    if (channels < 1 || channels > 8)
        return problem(RA_UNSUPPORTED, "it has %d channels", channels);

    /* Opened again: the reader's samples are for as many as there were. */
    if (input->channels != 0 && channels != input->channels)
        return problem(RA_GONE, "another file has taken its place");
    input->channels = channels;
    return RA_DONE;
}

static ra_result open_all(ra_input *input)
{
    input->deadline = now_ns() + input->patience;
    ra_result look = input->format == NULL ? look_at_file(input->address) : strcmp(input->format, "alsa") == 0 ? alsa_look(input->address) : RA_DONE;
    if (look != RA_DONE)
        return look;

    const AVInputFormat *format = input->format == NULL ? NULL : av_find_input_format(input->format);
    if (input->format != NULL && format == NULL)
        return problem(RA_UNSUPPORTED, "this FFmpeg has no input %.20s", input->format);
    input->context = avformat_alloc_context();
    if (input->context == NULL)
        return problem(RA_FAILED, "no memory for an input");
    input->context->interrupt_callback = (AVIOInterruptCB){is_out_of_patience, input};
    if (input->is_device)
        input->context->flags |= AVFMT_FLAG_NONBLOCK;

    /* A file may name others: only files, never the network. */
    AVDictionary *options = NULL;
    int error = input->options == NULL ? 0 : av_dict_parse_string(&options, input->options, "=", ":", 0);
    if (error >= 0 && input->format == NULL)
        error = av_dict_set(&options, "protocol_whitelist", "file", 0);
    if (error >= 0)
        error = avformat_open_input(&input->context, input->address, format, &options);
    const AVDictionaryEntry *unknown = error < 0 ? NULL : av_dict_get(options, "", NULL, AV_DICT_IGNORE_SUFFIX);
    ra_result result = unknown == NULL ? RA_DONE : problem(RA_UNSUPPORTED, "it knows no option %.60s", unknown->key);
    av_dict_free(&options);
    if (error < 0)
        return problem_av(error, "opening it");
    if (result != RA_DONE)
        return result;

    /* Devices and graphs say what they deliver; looking would cost their first pictures. */
    if (input->format == NULL && (error = avformat_find_stream_info(input->context, NULL)) < 0)
        return problem_av(error, "looking at it");
    input->stream = av_find_best_stream(input->context, input->medium, -1, -1, NULL, 0);
    if (input->stream < 0)
        return problem(RA_UNSUPPORTED, "there are no %s in it", input->medium == AVMEDIA_TYPE_AUDIO ? "sounds" : "pictures");
    for (unsigned i = 0; i < input->context->nb_streams; i++)
        input->context->streams[i]->discard = (int)i == input->stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    return open_decoder(input);
}

/* A graph of FFmpeg 5.1 says its pace only by what its times are multiples of. */
static AVRational rate_of(const ra_input *input)
{
    const AVStream *stream = input->context->streams[input->stream];
    if (stream->avg_frame_rate.num > 0)
        return stream->avg_frame_rate;
    bool is_graph = input->format != NULL && !input->is_device;
    return is_graph ? av_inv_q(stream->time_base) : stream->r_frame_rate;
}

static void close_all(ra_input *input)
{
    avcodec_free_context(&input->decoder);
    avformat_close_input(&input->context);
    av_packet_unref(input->packet);
    av_frame_unref(input->frame);
    input->is_drained = false;
    input->frames = 0;
}

/* --- reading --- */

/* Begins a file again, where its time goes on. */
static ra_result begin_again(ra_input *input)
{
    if (input->frames == 0)
        return problem(RA_FAILED, "there is nothing in it");

    /* As long as the whole file is, though its sound or its pictures end a little sooner: else they would drift apart with every round. */
    int64_t whole = input->context->duration == AV_NOPTS_VALUE ? 0 : av_rescale(input->context->duration, RA_SECOND, AV_TIME_BASE);
    int64_t length = whole > input->last && whole - input->last < RA_SECOND ? whole : input->last;
    close_all(input);
    ra_result result = open_all(input);
    input->base += length;
    input->first = AV_NOPTS_VALUE;
    input->last = 0;
    return result;
}

static ra_result handle_end(ra_input *input, bool *must_go_on)
{
    *must_go_on = false;
    if (!input->is_looped)
        return problem(RA_ENDED, "it is at its end");
    ra_result result = begin_again(input);
    *must_go_on = result == RA_DONE;
    return result;
}

/* Gives the decoder a packet, or sleeps when a device has none yet. */
static ra_result feed(ra_input *input, int64_t deadline, int64_t wait_at_most)
{
    input->deadline = now_ns() + input->patience;
    int error = av_read_frame(input->context, input->packet);
    if (error == AVERROR(EAGAIN)) {
        int64_t now = now_ns();
        if (now >= deadline)
            return problem(RA_NOTHING, "nothing came");

        /* FFmpeg hands out no descriptor to wait on: sleep until shortly before the next is expected, then look each millisecond. */
        int64_t until = now + wait_at_most;
        if (input->medium == AVMEDIA_TYPE_VIDEO && input->interval > 0 && input->arrived + input->interval - 3 * RA_SECOND / 1000 > until)
            until = input->arrived + input->interval - 3 * RA_SECOND / 1000;
        sleep_until(until < deadline ? until : deadline);
        return RA_DONE;
    }
    if (error == AVERROR_EOF && input->is_device)
        return problem(RA_GONE, "it went away");
    if (error == AVERROR_EOF) {
        input->is_drained = true;
        avcodec_send_packet(input->decoder, NULL);
        return RA_DONE;
    }
    if (error < 0 && !(error == AVERROR_INVALIDDATA && input->is_device)) {
        ra_result result = problem_av(error, "reading");
        return result == RA_NOTHING ? problem(RA_FAILED, "it did not answer in time") : result;
    }

    /* A packet without bytes, which a camera delivers for a picture that got lost on its cable, would tell the decoder that all is over. */
    if (error >= 0 && input->packet->stream_index != input->stream) {
        av_packet_unref(input->packet);
        return RA_DONE;
    }
    if (error >= 0)
        error = input->packet->size == 0 ? AVERROR_INVALIDDATA : avcodec_send_packet(input->decoder, input->packet);
    input->bad += error < 0 && error != AVERROR(EAGAIN) ? 1 : 0;
    av_packet_unref(input->packet);
    return input->bad > MOST_BAD ? problem(RA_FAILED, "nothing that it sends can be decoded") : RA_DONE;
}

ra_result input_next(ra_input *input, int64_t deadline, int64_t wait_at_most)
{
    for (;;) {
        if (input->decoder == NULL)
            return problem(RA_GONE, "it went away");
        int error = avcodec_receive_frame(input->decoder, input->frame);
        if (error >= 0) {
            input->frames++;
            input->bad = 0;
            input->arrived = now_ns();
            return RA_DONE;
        }

        bool must_go_on = true;
        ra_result result = RA_DONE;
        if (error == AVERROR_EOF || input->is_drained)
            result = handle_end(input, &must_go_on);
        else if (error == AVERROR(EAGAIN))
            result = feed(input, deadline, wait_at_most);
        else if (++input->bad > MOST_BAD)
            result = problem_av(error, "decoding");
        if (result != RA_DONE)
            return result;
        if (must_go_on && now_ns() >= deadline && input->is_device)
            return problem(RA_NOTHING, "nothing came");
    }
}

/* --- time --- */

/* The stream's time of the frame, in ns; AV_NOPTS_VALUE when it has none. */
static int64_t stream_time(const ra_input *input)
{
    int64_t pts = input->frame->best_effort_timestamp;
    return pts == AV_NOPTS_VALUE ? pts : av_rescale_q(pts, input->context->streams[input->stream]->time_base, (AVRational){1, (int)RA_SECOND});
}

/* V4L2 stamps with the monotonic clock or with the wall's, ALSA with the wall's: what is near enough to now is believed. */
static int64_t device_time(const ra_input *input)
{
    int64_t now = input->arrived, stamped = stream_time(input);
    if (stamped == AV_NOPTS_VALUE)
        return now;
    int64_t by_wall = now - (av_gettime() * 1000 - stamped);
    if (stamped <= now && now - stamped < BELIEVABLE)
        return stamped;
    return by_wall <= now && now - by_wall < BELIEVABLE ? by_wall : now;
}

int64_t input_time(ra_input *input)
{
    if (input->is_device)
        return device_time(input);

    int64_t now = now_ns();
    if (!input->has_base) {
        input->has_base = true;
        input->base = now;
        input->first = AV_NOPTS_VALUE;
    }
    int64_t stamped = stream_time(input);
    if (input->first == AV_NOPTS_VALUE && stamped != AV_NOPTS_VALUE)
        input->first = stamped;

    const AVFrame *frame = input->frame;
    int64_t length = frame->nb_samples > 0 && frame->sample_rate > 0 ? frame->nb_samples * RA_SECOND / frame->sample_rate : input->interval;
    int64_t passed = stamped == AV_NOPTS_VALUE || stamped < input->first ? input->last : stamped - input->first;
    input->last = passed + length;
    if (input->is_paced && now - (input->base + passed) > MOST_LATE)
        input->base = now - passed;
    return input->base + passed;
}
