/* libopus itself: FFmpeg's wrapper of Debian 12 has neither discontinuous transmission nor loss concealment. */
#include <opus.h>
#include <stdlib.h>

#include "internal.h"

#define LONGEST_FRAME 5760 /* 120 ms */

static ra_result problem_opus(int error, const char *action)
{
    ra_result result = error == OPUS_INVALID_PACKET || error == OPUS_BUFFER_TOO_SMALL ? RA_FAILED : RA_UNSUPPORTED;
    return problem(result, "%s: %s", action, opus_strerror(error));
}

ra_result ra_opus_encoder_open(int32_t channels, ra_opus_encoder **encoder)
{
    problem_clear();
    int error = OPUS_OK;
    *encoder = (ra_opus_encoder *)opus_encoder_create(RA_SAMPLE_RATE, channels, OPUS_APPLICATION_VOIP, &error);
    return error == OPUS_OK ? RA_DONE : problem_opus(error, "opening an Opus encoder");
}

void ra_opus_encoder_free(ra_opus_encoder *encoder)
{
    if (encoder != NULL)
        opus_encoder_destroy((OpusEncoder *)encoder);
}

ra_result ra_opus_encoder_set(ra_opus_encoder *encoder, int32_t bit_rate, int32_t is_music, int32_t loss_percent)
{
    problem_clear();
    OpusEncoder *opus = (OpusEncoder *)encoder;
    opus_int32 application = OPUS_APPLICATION_VOIP;
    opus_encoder_ctl(opus, OPUS_GET_APPLICATION(&application));

    /* libopus takes another application only before the first frame, or after a reset, which nobody hears: it is a rare choice of people. */
    opus_int32 wanted = is_music ? OPUS_APPLICATION_AUDIO : OPUS_APPLICATION_VOIP;
    if (application != wanted)
        opus_encoder_ctl(opus, OPUS_RESET_STATE);

    int error = opus_encoder_ctl(opus, OPUS_SET_APPLICATION(wanted));
    if (error == OPUS_OK)
        error = opus_encoder_ctl(opus, OPUS_SET_SIGNAL(is_music ? OPUS_SIGNAL_MUSIC : OPUS_SIGNAL_VOICE));
    if (error == OPUS_OK)
        error = opus_encoder_ctl(opus, OPUS_SET_BITRATE(bit_rate));
    if (error == OPUS_OK)
        error = opus_encoder_ctl(opus, OPUS_SET_DTX(!is_music));
    if (error == OPUS_OK)
        error = opus_encoder_ctl(opus, OPUS_SET_INBAND_FEC(1));
    if (error == OPUS_OK)
        error = opus_encoder_ctl(opus, OPUS_SET_PACKET_LOSS_PERC(loss_percent));
    return error == OPUS_OK ? RA_DONE : problem_opus(error, "setting an Opus encoder");
}

ra_result ra_opus_encode(ra_opus_encoder *encoder, const int16_t *samples, int32_t count, uint8_t *packet, int32_t room, int32_t *length)
{
    problem_clear();
    *length = 0;
    opus_int32 made = opus_encode((OpusEncoder *)encoder, samples, count, packet, room);
    if (made < 0)
        return problem_opus(made, "encoding sound");

    /* "If this is 2 bytes or less, then the packet does not need to be transmitted (DTX)." (opus_encode) */
    opus_int32 is_discontinuous = 0;
    opus_encoder_ctl((OpusEncoder *)encoder, OPUS_GET_DTX(&is_discontinuous));
    *length = made <= 2 && is_discontinuous ? 0 : made;
    return RA_DONE;
}

ra_result ra_opus_decoder_open(ra_opus_decoder **decoder)
{
    problem_clear();
    int error = OPUS_OK;
    *decoder = (ra_opus_decoder *)opus_decoder_create(RA_SAMPLE_RATE, 1, &error);
    return error == OPUS_OK ? RA_DONE : problem_opus(error, "opening an Opus decoder");
}

void ra_opus_decoder_free(ra_opus_decoder *decoder)
{
    if (decoder != NULL)
        opus_decoder_destroy((OpusDecoder *)decoder);
}

ra_result ra_opus_decode(ra_opus_decoder *decoder, const uint8_t *packet, int32_t length, int32_t is_recovery, int16_t *samples, int32_t count, int32_t *made)
{
    problem_clear();
    *made = 0;
    if (count <= 0 || count > LONGEST_FRAME)
        return problem(RA_UNSUPPORTED, "%d samples of sound", count);
    int result = opus_decode((OpusDecoder *)decoder, packet, packet == NULL ? 0 : length, samples, count, is_recovery);
    if (result < 0)
        return problem_opus(result, "decoding sound");
    *made = result;
    return RA_DONE;
}
