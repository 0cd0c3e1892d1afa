/* Sound of an input: 48,000 samples a second, 16 bits, interleaved. */
#include <libavutil/channel_layout.h>

#include "input.h"

/* The number of channels stays, and each is what it was: a microphone array is not a loudspeaker layout that could be mixed. */
static int prepare_resampler(ra_input *input)
{
    const AVFrame *frame = input->frame;
    if (input->resampler != NULL && input->rate == frame->sample_rate && input->sample_format == frame->format)
        return 0;

    swr_free(&input->resampler);
    AVChannelLayout layout = {.order = AV_CHANNEL_ORDER_UNSPEC, .nb_channels = input->channels};
    int error = swr_alloc_set_opts2(&input->resampler, &layout, AV_SAMPLE_FMT_S16, RA_SAMPLE_RATE, &layout, frame->format, frame->sample_rate, 0, NULL);
    if (error >= 0)
        error = swr_init(input->resampler);
    input->rate = frame->sample_rate;
    input->sample_format = frame->format;
    return error;
}

/* Appends the frame to the samples that wait. */
static int keep(ra_input *input)
{
    AVFrame *frame = input->frame;
    if (frame->ch_layout.nb_channels != input->channels)
        return AVERROR_INVALIDDATA;
    if (input->samples == NULL && (input->samples = av_audio_fifo_alloc(AV_SAMPLE_FMT_S16, input->channels, RA_SAMPLE_RATE / 10)) == NULL)
        return AVERROR(ENOMEM);
    int error = prepare_resampler(input);
    if (error < 0)
        return error;

    int room = swr_get_out_samples(input->resampler, frame->nb_samples);
    if (room > input->resampled_room) {
        uint8_t *larger = av_realloc(input->resampled, (size_t)room * (size_t)input->channels * sizeof(int16_t));
        if (larger == NULL)
            return AVERROR(ENOMEM);
        input->resampled = larger;
        input->resampled_room = room;
    }

    /* What the resampler still holds back was taken before this frame. */
    int64_t waiting = av_audio_fifo_size(input->samples) + swr_get_delay(input->resampler, RA_SAMPLE_RATE);
    input->taken_at = input_time(input) - waiting * RA_SECOND / RA_SAMPLE_RATE;
    int made = swr_convert(input->resampler, &input->resampled, room, (const uint8_t **)frame->extended_data, frame->nb_samples);
    if (made < 0)
        return made;
    void *from = input->resampled;
    int written = av_audio_fifo_write(input->samples, &from, made);
    return written < 0 ? written : 0;
}

ra_result ra_input_read_sound(ra_input *input, int64_t patience, int16_t *samples, int32_t count, int64_t *captured_at)
{
    problem_clear();
    *captured_at = 0;
    int64_t deadline = now_ns() + patience;
    while (input->samples == NULL || av_audio_fifo_size(input->samples) < count) {
        int64_t missing = count - (input->samples == NULL ? 0 : av_audio_fifo_size(input->samples));
        int64_t wait = missing * RA_SECOND / RA_SAMPLE_RATE / 2;
        ra_result result = input_next(input, deadline, wait < RA_SECOND / 1000 ? RA_SECOND / 1000 : wait);
        if (result != RA_DONE)
            return result;
        int error = keep(input);
        av_frame_unref(input->frame);
        if (error < 0)
            return problem_av(error, "resampling");
    }

    /* As a device would: when the last of them was taken. */
    if (input->is_paced && !input->is_device) {
        int64_t due = input->taken_at + count * RA_SECOND / RA_SAMPLE_RATE;
        sleep_until(due < deadline ? due : deadline);
        if (due > deadline)
            return problem(RA_NOTHING, "nothing came");
    }

    void *to = samples;
    if (av_audio_fifo_read(input->samples, &to, count) != count)
        return problem(RA_FAILED, "no memory for sound");
    *captured_at = input->taken_at;
    input->taken_at += count * RA_SECOND / RA_SAMPLE_RATE;
    return RA_DONE;
}
