/* Encoded pictures, for the encoder. */
#ifndef ROOMAGENT_PACKETS_H
#define ROOMAGENT_PACKETS_H

#include "internal.h"

/* An empty packet, or NULL when all are out. */
AVPacket *packets_take(ra_packets *packets, int *slot);

#endif
