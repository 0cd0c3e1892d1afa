/* Why something failed, and what the libraries say. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <libavdevice/avdevice.h>
#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libswresample/swresample.h>
#include <opus.h>

#include "internal.h"

#define LINE 500
#define LINES_A_SECOND 20

/* Of the thread: why its last call failed, and the first error that a library spoke of meanwhile. */
static _Thread_local char thread_problem[LINE];
static _Thread_local char thread_first_words[LINE / 2];

static _Atomic(ra_log_sink) log_sink;
static atomic_int log_level = RA_LOG_ERROR;
static atomic_llong log_second;
static atomic_int log_lines;

uint32_t ra_version(void)
{
    return RA_VERSION;
}

const char *ra_libraries(void)
{
    static char text[LINE];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    if (text[0] == '\0') {
        unsigned codec = avcodec_version(), format = avformat_version(), device = avdevice_version(), scale = swscale_version(), resample = swresample_version();
        snprintf(text, sizeof text, "FFmpeg %s (libavcodec %u.%u.%u, libavformat %u.%u.%u, libavdevice %u.%u.%u, libswscale %u.%u.%u, libswresample %u.%u.%u), %s",
                 av_version_info(), AV_VERSION_MAJOR(codec), AV_VERSION_MINOR(codec), AV_VERSION_MICRO(codec), AV_VERSION_MAJOR(format), AV_VERSION_MINOR(format),
                 AV_VERSION_MICRO(format), AV_VERSION_MAJOR(device), AV_VERSION_MINOR(device), AV_VERSION_MICRO(device), AV_VERSION_MAJOR(scale),
                 AV_VERSION_MINOR(scale), AV_VERSION_MICRO(scale), AV_VERSION_MAJOR(resample), AV_VERSION_MINOR(resample), AV_VERSION_MICRO(resample),
                 opus_get_version_string());
    }
    pthread_mutex_unlock(&lock);
    return text;
}

const char *ra_problem(void)
{
    return thread_problem;
}

void ra_log_to(ra_log_sink sink, int32_t level)
{
    atomic_store(&log_level, level);
    atomic_store(&log_sink, sink);
}

/* --- problems --- */

void problem_clear(void)
{
    thread_problem[0] = '\0';
    thread_first_words[0] = '\0';
}

ra_result problem(ra_result result, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(thread_problem, sizeof thread_problem, format, arguments);
    va_end(arguments);
    return result;
}

static ra_result meaning_of(int error)
{
    switch (error) {
    case AVERROR_EOF:
        return RA_ENDED;
    case AVERROR(EAGAIN):
    case AVERROR(ETIMEDOUT):
    case AVERROR_EXIT: /* our interrupt */
        return RA_NOTHING;
    case AVERROR(EACCES):
    case AVERROR(EPERM):
    case AVERROR(EBUSY):
        return RA_REFUSED;
    case AVERROR(ENOENT):
    case AVERROR(ENODEV):
    case AVERROR(ENXIO):
    case AVERROR(ENOTDIR):
    case AVERROR(ESHUTDOWN):
        return RA_GONE;
    case AVERROR(EINVAL):
    case AVERROR(ENOSYS):
    case AVERROR(ENOTTY):
    case AVERROR(ENOTSUP):
    case AVERROR(ERANGE):
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_ENCODER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_FILTER_NOT_FOUND:
    case AVERROR_OPTION_NOT_FOUND:
    case AVERROR_PROTOCOL_NOT_FOUND:
    case AVERROR_STREAM_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
        return RA_UNSUPPORTED;
    default:
        return RA_FAILED;
    }
}

ra_result problem_av(int error, const char *action)
{
    char text[128];
    av_strerror(error, text, sizeof text);
    bool has_words = thread_first_words[0] != '\0';
    return problem(meaning_of(error), "%s: %s%s%s%s", action, text, has_words ? " (" : "", thread_first_words, has_words ? ")" : "");
}

ra_result problem_errno(int number, const char *action)
{
    return problem_av(AVERROR(number), action);
}

/* --- lines --- */

/* A hostile stream can have an error in each of its macroblocks: so many lines a second are passed on, and the rest is dropped. */
static bool has_room(void)
{
    long long second = now_ns() / RA_SECOND;
    if (atomic_exchange(&log_second, second) != second)
        atomic_store(&log_lines, 0);
    return atomic_fetch_add(&log_lines, 1) < LINES_A_SECOND;
}

void log_line(ra_log_level level, const char *text)
{
    ra_log_sink sink = atomic_load(&log_sink);
    if (sink != NULL && (int)level <= atomic_load(&log_level) && has_room())
        sink(level, text);
}

static void take_av_line(void *source, int av_level, const char *format, va_list arguments)
{
    ra_log_level level = av_level <= AV_LOG_ERROR ? RA_LOG_ERROR : av_level <= AV_LOG_WARNING ? RA_LOG_WARNING : RA_LOG_INFO;
    if (av_level > AV_LOG_INFO || (level != RA_LOG_ERROR && (int)level > atomic_load(&log_level)))
        return;

    /* Without FFmpeg's prefix, which has an address in it. */
    char text[LINE];
    int prefix = 0;
    av_log_format_line2(source, av_level, format, arguments, text, sizeof text, &prefix);
    size_t length = strnlen(text, sizeof text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        text[--length] = '\0';
    if (length == 0)
        return;

    /* The first of several is the cause, and the others say that therefore nothing else works. */
    if (level == RA_LOG_ERROR && thread_first_words[0] == '\0')
        snprintf(thread_first_words, sizeof thread_first_words, "%.*s", (int)sizeof thread_first_words - 1, text);

    const AVClass *kind = source == NULL ? NULL : *(const AVClass **)source;
    char line[LINE];
    snprintf(line, sizeof line, "%.40s: %.*s", kind == NULL ? "FFmpeg" : kind->item_name(source), LINE - 50, text);
    log_line(level, line);
}

/* Before anyone can call: nothing of FFmpeg may write to standard error. */
__attribute__((constructor)) static void take_the_log(void)
{
    av_log_set_callback(take_av_line);
}

/* --- time --- */

int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * RA_SECOND + time.tv_nsec;
}

void sleep_until(int64_t when)
{
    struct timespec time = {.tv_sec = when / RA_SECOND, .tv_nsec = when % RA_SECOND};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {
    }
}
