/* H.264 in Annex B form (ITU-T H.264, 7.4.1 and Annex B). */
#ifndef ROOMAGENT_ANNEXB_H
#define ROOMAGENT_ANNEXB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAL_SLICE = 1, NAL_IDR = 5, NAL_SEI = 6, NAL_SPS = 7, NAL_PPS = 8, NAL_DELIMITER = 9 };

typedef struct nal {
    const uint8_t *start; /* of the start code */
    const uint8_t *end;
    int type;
} nal;

/* Finds the next one from *at on, and moves *at behind it. A look at nal_unit_type and at nothing else. */
bool nal_next(const uint8_t **at, const uint8_t *end, nal *found);

/* Whether there is one of this type. */
bool nal_is_in(const uint8_t *data, size_t length, int type);

#endif
