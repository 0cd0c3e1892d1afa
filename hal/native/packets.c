/* Encoded pictures that are out. They outlive the encoder that made them. */
#include <stdlib.h>
#include <string.h>

#include "packets.h"

#define MOST_PACKETS 64

struct ra_packets {
    slots *slots;
    int capacity;
    AVPacket *packets[];
};

static void packets_free_now(ra_packets *packets)
{
    for (int i = 0; i < packets->capacity; i++)
        av_packet_free(&packets->packets[i]);
    slots_free(packets->slots);
    free(packets);
}

ra_packets *ra_packets_new(int32_t capacity)
{
    if (capacity < 1 || capacity > MOST_PACKETS)
        return NULL;
    ra_packets *packets = calloc(1, sizeof *packets + (size_t)capacity * sizeof(AVPacket *));
    if (packets == NULL)
        return NULL;

    packets->capacity = capacity;
    packets->slots = slots_new(capacity);
    bool is_whole = packets->slots != NULL;
    for (int i = 0; i < capacity; i++) {
        packets->packets[i] = av_packet_alloc();
        is_whole = is_whole && packets->packets[i] != NULL;
    }
    if (is_whole)
        return packets;
    packets_free_now(packets);
    return NULL;
}

void ra_packets_free(ra_packets *packets)
{
    if (packets != NULL && slots_close(packets->slots))
        packets_free_now(packets);
}

void ra_packet_release(ra_packets *packets, int32_t slot)
{
    av_packet_unref(packets->packets[slot]);
    if (slots_give(packets->slots, slot))
        packets_free_now(packets);
}

AVPacket *packets_take(ra_packets *packets, int *slot)
{
    *slot = slots_take(packets->slots);
    return *slot < 0 ? NULL : packets->packets[*slot];
}
