/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The volatile write cache: an undo journal.  A write goes to the medium at
 * once; what its blocks held before is kept until the write is stable.
 */
#ifndef HW_NVME_FI_CACHE_H
#define HW_NVME_FI_CACHE_H

#include "image.h"
#include "outermost.h"

/* Of writes that are remembered, stable ones among them. */
#define NVME_FI_MAX_CACHED  65536
/* Of the property fi-write-cache, in bytes. */
#define NVME_FI_MAX_CACHE   (1 * GiB)

/* One write, deallocation, zone append or copy. */
typedef struct NvmeFiCached {
    uint64_t seq;               /* from 1, in the order of execution */
    uint8_t opcode;
    uint32_t nsid;
    NvmeFiImage *before;        /* what its blocks held; once the write is
                                   stable, which blocks these are */
    uint64_t done;              /* when it completed, in ticks; 0: not yet */
    bool owned;                 /* by the capture of a command */
    bool reading;               /* into @before */
    bool read;
    bool stable;
    uint64_t lost;              /* blocks that a power cut took */
    QTAILQ_ENTRY(NvmeFiCached) entry;
} NvmeFiCached;

typedef struct NvmeFiCache {
    NvmeFi *fi;
    uint64_t size;
    uint64_t bytes;             /* of what is not stable, and its number */
    uint64_t unstable;
    unsigned n;
    uint64_t next_seq;
    uint64_t ticks;             /* completions so far */
    QTAILQ_HEAD(, NvmeFiCached) writes;     /* oldest first */

    NvmeFiOutermost power;      /* of the cut */
    NvmeFiTriggerPowerCut *cut; /* the one that is due; NULL: none */
    uint64_t cuts;
    uint64_t seed;              /* of the last one */
    GArray *lost;               /* NvmeFiLostWrite, of the last one */
} NvmeFiCache;

/* What the cache has to know of a command until it completes. */
typedef struct NvmeFiCapture {
    NvmeFiCache *cache;
    NvmeFiCached *write;        /* NULL: the command writes nothing */
    bool fua;
    bool flush;                 /* it makes stable what was complete at @tick,
                                   of @nsid (NVME_NSID_BROADCAST: of all) and
                                   the blocks of @range */
    uint64_t tick;
    uint32_t nsid;
    FiRange range;
} NvmeFiCapture;

/* cache.c */
/* All that was written is stable, what is under way, too. */
void nvme_fi_cache_settle(NvmeFiCache *cache, uint32_t nsid);
/* The same, and nothing is remembered; no command has a capture. */
void nvme_fi_cache_forget(NvmeFiCache *cache);

/* powercut.c: what is due with the cut of the cache in @opaque. */
void nvme_fi_power_cut(void *opaque);

#endif
