/* Pictures of an input. */
#include "input.h"

ra_result ra_input_read_picture(ra_input *input, int64_t patience, ra_pool *pool, ra_picture **picture, ra_view *view)
{
    problem_clear();
    *picture = NULL;
    int64_t deadline = now_ns() + patience;
    if (!input->has_pending) {
        ra_result result = input_next(input, deadline, RA_SECOND / 1000);
        if (result != RA_DONE)
            return result;
        input->pending_at = input_time(input);
        input->has_pending = true;
    }

    if (input->is_paced && !input->is_device) {
        sleep_until(input->pending_at < deadline ? input->pending_at : deadline);
        if (input->pending_at > deadline)
            return problem(RA_NOTHING, "nothing came");
    }

    input->has_pending = false;
    ra_picture *taken = picture_take(pool);
    if (taken == NULL) {
        av_frame_unref(input->frame);
        return problem(RA_EXHAUSTED, "all pictures are out, so one was dropped");
    }
    taken->captured_at = input->pending_at;
    ra_result result = converter_standardize(&input->to_standard, input->frame, taken);
    av_frame_unref(input->frame);
    if (result != RA_DONE) {
        ra_picture_release(taken);
        return result;
    }
    *picture = taken;
    *view = picture_view(taken);
    return RA_DONE;
}
