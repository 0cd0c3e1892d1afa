/* Loudspeakers, and what ALSA has to say. libasound itself and not FFmpeg's output for it: that takes the largest buffer, over a second of it. */
#include <alsa/asoundlib.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "alsa.h"

struct ra_speaker {
    snd_pcm_t *pcm;
    int channels;
};

static ra_result problem_alsa(int error, const char *action)
{
    ra_result result = problem_errno(-error, action);
    return result == RA_ENDED || result == RA_NOTHING ? RA_FAILED : result;
}

ra_result alsa_look(const char *device)
{
    snd_pcm_t *pcm;
    int error = snd_pcm_open(&pcm, device, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
    if (error < 0)
        return problem_alsa(error, "opening it");
    snd_pcm_close(pcm);
    return RA_DONE;
}

ra_result ra_speaker_open(const char *device, int32_t channels, int64_t latency, ra_speaker **speaker)
{
    problem_clear();
    *speaker = NULL;
    ra_speaker *made = calloc(1, sizeof *made);
    if (made == NULL)
        return problem(RA_FAILED, "no memory for a speaker");
    made->channels = channels;

    int error = snd_pcm_open(&made->pcm, device, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK);
    if (error >= 0)
        error = snd_pcm_set_params(made->pcm, SND_PCM_FORMAT_S16, SND_PCM_ACCESS_RW_INTERLEAVED, (unsigned)channels, RA_SAMPLE_RATE, 1, (unsigned)(latency / 1000));
    if (error < 0) {
        ra_speaker_free(made);
        return problem_alsa(error, "opening it");
    }
    *speaker = made;
    return RA_DONE;
}

void ra_speaker_free(ra_speaker *speaker)
{
    if (speaker == NULL)
        return;
    if (speaker->pcm != NULL) {
        snd_pcm_drop(speaker->pcm);
        snd_pcm_close(speaker->pcm);
    }
    free(speaker);
}

ra_result ra_speaker_write(ra_speaker *speaker, const int16_t *samples, int32_t count, int64_t patience)
{
    problem_clear();
    int64_t deadline = now_ns() + patience;
    while (count > 0) {
        snd_pcm_sframes_t written = snd_pcm_writei(speaker->pcm, samples, (snd_pcm_uframes_t)count);
        if (written > 0) {
            samples += written * speaker->channels;
            count -= (int32_t)written;
            continue;
        }

        int64_t left = deadline - now_ns();
        if (left <= 0)
            return problem(RA_FAILED, "it did not take what was played in time");
        int error = written < 0 && written != -EAGAIN ? (int)written : snd_pcm_wait(speaker->pcm, (int)(left / 1000000) + 1);
        if (error < 0)
            error = snd_pcm_recover(speaker->pcm, error, 1); /* an underrun, or a sleep of the machine */
        if (error < 0)
            return problem_alsa(error, "playing");
    }
    return RA_DONE;
}

int64_t ra_speaker_latency(ra_speaker *speaker)
{
    snd_pcm_sframes_t waiting = 0;
    return snd_pcm_delay(speaker->pcm, &waiting) < 0 || waiting < 0 ? 0 : waiting * RA_SECOND / RA_SAMPLE_RATE;
}

/* --- its lines --- */

static void take_alsa_line(const char *file, int line, const char *function, int error, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void take_alsa_line(const char *file, int line, const char *function, int error, const char *format, ...)
{
    (void)file, (void)line, (void)function, (void)error;
    char text[300] = "ALSA: ";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + 6, sizeof text - 6, format, arguments);
    va_end(arguments);
    log_line(RA_LOG_ERROR, text);
}

/* Before anyone can call: nothing of ALSA may write to standard error. */
__attribute__((constructor)) static void take_the_lines(void)
{
    snd_lib_error_set_handler(take_alsa_line);
}
