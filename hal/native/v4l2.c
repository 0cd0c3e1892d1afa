/* What a camera offers, asked of the kernel: FFmpeg only prints it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* A driver that never says "no more" is not asked for ever. */
#define MOST_QUESTIONS 4096

static int ask(int device, unsigned long request, void *answer)
{
    int result;
    do {
        result = ioctl(device, request, answer);
    } while (result < 0 && errno == EINTR);
    return result;
}

static ra_result open_device(const char *path, int *device)
{
    *device = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (*device < 0)
        return problem_errno(errno, "opening it");
    struct v4l2_capability capability = {0};
    if (ask(*device, VIDIOC_QUERYCAP, &capability) == 0) {
        uint32_t abilities = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps : capability.capabilities;
        if ((abilities & V4L2_CAP_VIDEO_CAPTURE) != 0)
            return RA_DONE;
    }
    close(*device);
    *device = -1;
    return problem(RA_UNSUPPORTED, "it is no camera of V4L2");
}

/* --- formats --- */

typedef struct list {
    ra_camera_format *formats;
    int capacity;
    int count;
} list;

static void add(list *all, uint32_t pixel_format, uint32_t width, uint32_t height, struct v4l2_fract interval)
{
    if (all->count >= all->capacity || width > INT_MAX || height > INT_MAX)
        return;
    int rate = interval.numerator == 0 ? 0 : (int)(interval.denominator / interval.numerator);
    all->formats[all->count++] = (ra_camera_format){pixel_format, (int32_t)width, (int32_t)height, rate};
}

/* Of a range of paces only the fastest: the slower ones are all there. */
static void add_rates(int device, list *all, uint32_t pixel_format, uint32_t width, uint32_t height)
{
    struct v4l2_frmivalenum rate = {.pixel_format = pixel_format, .width = width, .height = height};
    if (ask(device, VIDIOC_ENUM_FRAMEINTERVALS, &rate) < 0) {
        add(all, pixel_format, width, height, (struct v4l2_fract){0, 1});
        return;
    }
    for (int i = 0; i < MOST_QUESTIONS && all->count < all->capacity; i++) {
        add(all, pixel_format, width, height, rate.type == V4L2_FRMIVAL_TYPE_DISCRETE ? rate.discrete : rate.stepwise.min);
        rate.index++;
        if (rate.type != V4L2_FRMIVAL_TYPE_DISCRETE || ask(device, VIDIOC_ENUM_FRAMEINTERVALS, &rate) < 0)
            return;
    }
}

/* Of a range of sizes the usual ones that lie in it. */
static void add_usual_sizes(int device, list *all, uint32_t pixel_format, const struct v4l2_frmsize_stepwise *range)
{
    static const struct {
        uint32_t width, height;
    } usual[] = {{1920, 1080}, {1280, 720}, {960, 540}, {640, 480}, {640, 360}, {320, 180}};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        uint32_t width = usual[i].width, height = usual[i].height;
        bool fits = width >= range->min_width && width <= range->max_width && height >= range->min_height && height <= range->max_height &&
                    (width - range->min_width) % (range->step_width == 0 ? 1 : range->step_width) == 0 &&
                    (height - range->min_height) % (range->step_height == 0 ? 1 : range->step_height) == 0;
        if (fits)
            add_rates(device, all, pixel_format, width, height);
    }
}

static void add_sizes(int device, list *all, uint32_t pixel_format)
{
    struct v4l2_frmsizeenum size = {.pixel_format = pixel_format};
    for (int i = 0; i < MOST_QUESTIONS && all->count < all->capacity; i++, size.index++) {
        if (ask(device, VIDIOC_ENUM_FRAMESIZES, &size) < 0)
            return;
        if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE) {
            add_usual_sizes(device, all, pixel_format, &size.stepwise);
            return;
        }
        add_rates(device, all, pixel_format, size.discrete.width, size.discrete.height);
    }
}

ra_result ra_camera_formats(const char *path, ra_camera_format *formats, int32_t capacity, int32_t *count)
{
    problem_clear();
    *count = 0;
    int device;
    ra_result result = open_device(path, &device);
    if (result != RA_DONE)
        return result;

    list all = {formats, capacity, 0};
    struct v4l2_fmtdesc format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    for (int i = 0; i < MOST_QUESTIONS && ask(device, VIDIOC_ENUM_FMT, &format) == 0; i++, format.index++)
        add_sizes(device, &all, format.pixelformat);
    close(device);
    *count = all.count;
    return RA_DONE;
}

/* --- controls --- */

ra_result ra_camera_controls(const char *path, ra_camera_control *controls, int32_t capacity, int32_t *count)
{
    problem_clear();
    *count = 0;
    int device;
    ra_result result = open_device(path, &device);
    if (result != RA_DONE)
        return result;

    struct v4l2_queryctrl query = {.id = V4L2_CTRL_FLAG_NEXT_CTRL};
    for (int i = 0; i < MOST_QUESTIONS && *count < capacity && ask(device, VIDIOC_QUERYCTRL, &query) == 0; i++, query.id |= V4L2_CTRL_FLAG_NEXT_CTRL) {
        bool is_number = query.type == V4L2_CTRL_TYPE_INTEGER || query.type == V4L2_CTRL_TYPE_BOOLEAN || query.type == V4L2_CTRL_TYPE_MENU;
        struct v4l2_control value = {.id = query.id};
        if (!is_number || (query.flags & (V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY)) != 0 || ask(device, VIDIOC_G_CTRL, &value) < 0)
            continue;

        ra_camera_control *control = &controls[(*count)++];
        *control = (ra_camera_control){query.id, query.minimum, query.maximum, query.step, query.default_value, value.value, {0}};
        memcpy(control->name, query.name, sizeof control->name - 1);
    }
    close(device);
    return RA_DONE;
}

ra_result ra_camera_set_control(const char *path, uint32_t id, int32_t value)
{
    problem_clear();
    int device;
    ra_result result = open_device(path, &device);
    if (result != RA_DONE)
        return result;

    struct v4l2_queryctrl query = {.id = id};
    struct v4l2_control control = {.id = id, .value = value};
    if (ask(device, VIDIOC_QUERYCTRL, &query) < 0)
        result = problem(RA_UNSUPPORTED, "it has no control %u", id);
    else if (value < query.minimum || value > query.maximum)
        result = problem(RA_UNSUPPORTED, "control %u is from %d to %d", id, query.minimum, query.maximum);
    else if (ask(device, VIDIOC_S_CTRL, &control) < 0)
        result = problem_errno(errno, "setting it");
    close(device);
    return result;
}
