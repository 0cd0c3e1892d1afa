/* Numbers that are lent one at a time and come back on any thread. The one that is back the longest goes out first. */
#include <pthread.h>
#include <stdlib.h>

#include "internal.h"

struct slots {
    pthread_mutex_t lock;
    int capacity;
    int first; /* of those that are back, in the ring */
    int back;
    bool is_closed;
    int ring[];
};

slots *slots_new(int capacity)
{
    slots *all = calloc(1, sizeof *all + (size_t)capacity * sizeof(int));
    if (all == NULL)
        return NULL;
    pthread_mutex_init(&all->lock, NULL);
    all->capacity = all->back = capacity;
    for (int i = 0; i < capacity; i++)
        all->ring[i] = i;
    return all;
}

void slots_free(slots *all)
{
    if (all == NULL)
        return;
    pthread_mutex_destroy(&all->lock);
    free(all);
}

int slots_take(slots *all)
{
    int slot = -1;
    pthread_mutex_lock(&all->lock);
    if (all->back > 0 && !all->is_closed) {
        slot = all->ring[all->first];
        all->first = (all->first + 1) % all->capacity;
        all->back--;
    }
    pthread_mutex_unlock(&all->lock);
    return slot;
}

bool slots_give(slots *all, int slot)
{
    pthread_mutex_lock(&all->lock);
    all->ring[(all->first + all->back) % all->capacity] = slot;
    all->back++;
    bool is_last = all->is_closed && all->back == all->capacity;
    pthread_mutex_unlock(&all->lock);
    return is_last;
}

bool slots_close(slots *all)
{
    pthread_mutex_lock(&all->lock);
    all->is_closed = true;
    bool is_last = all->back == all->capacity;
    pthread_mutex_unlock(&all->lock);
    return is_last;
}
