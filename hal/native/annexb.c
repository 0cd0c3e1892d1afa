/* Where NAL units begin. */
#include "annexb.h"

/* The start code 00 00 01, or end. */
static const uint8_t *find_start(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 3; at++) {
        if (at[0] == 0 && at[1] == 0 && at[2] == 1)
            return at;
    }
    return end;
}

bool nal_next(const uint8_t **at, const uint8_t *end, nal *found)
{
    const uint8_t *start = find_start(*at, end);
    if (end - start < 4) {
        *at = end;
        return false;
    }

    const uint8_t *next = find_start(start + 3, end);
    *found = (nal){.start = start, .end = next, .type = start[3] & 0x1f};
    *at = next;
    return true;
}

bool nal_is_in(const uint8_t *data, size_t length, int type)
{
    nal found;
    for (const uint8_t *at = data; nal_next(&at, data + length, &found);) {
        if (found.type == type)
            return true;
    }
    return false;
}
