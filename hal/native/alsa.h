/* What an input asks of ALSA. */
#ifndef ROOMAGENT_ALSA_H
#define ROOMAGENT_ALSA_H

#include "internal.h"

/* Why a microphone would not open: FFmpeg only says that it does not. */
ra_result alsa_look(const char *device);

#endif
