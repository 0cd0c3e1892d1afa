/* How the C library keeps the memory of a process that lives for weeks and whose many threads have pictures. */
#include <malloc.h>

#include "internal.h"

/*
 * As it is, glibc gives up to eight arenas to each processor, one thread after the other, and once a picture has been freed it keeps blocks of
 * that size in them too. Each of them grows to the most that ever was in it, so that a room grew by a megabyte in a minute for hours. Two
 * arenas are enough, since pictures and packets are lent again and again; and what is as large as a picture goes back to the kernel.
 */
__attribute__((constructor)) static void keep_memory_together(void)
{
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}
