/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "pi": its namespaces and cases, and what is foreseen.
 */
#ifndef GUEST_PI_H
#define GUEST_PI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/suite.h"

#define PI_LBA_BYTES 512
#define PI_BYTES     4096       /* of each read and write */
#define PI_BLOCKS    (PI_BYTES / PI_LBA_BYTES)
#define PI_ATTEMPTS  6          /* nvme_max_retries + 1 */

/* NVM Command Set 1.1, 3.1.2: statuses. */
#define PI_INVALID   0x181
#define PI_GUARD     0x282
#define PI_APP_TAG   0x283
#define PI_REF_TAG   0x284
#define PI_DNR       0x4000

/* NVM Command Set 1.1, Protection Information Field: DW12, bits 29:26. */
#define PI_PRACT       8
#define PI_CHECK_GUARD 4
#define PI_CHECK_APP   2
#define PI_CHECK_REF   1

/* A format; its place in pi_formats plus 1 is the NSID. */
typedef struct PiFormat {
    const char *name;
    unsigned type;              /* 1 to 3 */
    unsigned guard;             /* 16 or 64 bits */
    unsigned ms;                /* bytes of metadata */
    bool first;                 /* the tuple comes first in them, not last */
    bool extended;              /* they are part of the data */
} PiFormat;

#define PI_FORMATS 10
extern const PiFormat pi_formats[PI_FORMATS];

typedef enum PiKind {
    PI_CORRUPT,                 /* something is damaged on the way */
    PI_STATUS,                  /* the drive says so */
    PI_TUPLE,                   /* a tuple that the program made */
    PI_PASS,                    /* what the program asks to be checked */
    PI_SHOWN,                   /* what the kernel shows of the format */
} PiKind;

typedef struct PiCase {
    PiKind kind;
    const PiFormat *format;
    bool pract;                 /* the block layer leaves it to the drive */
    bool write;                 /* the command that goes wrong */
    const char *target, *where; /* of PI_CORRUPT, and of PI_PASS or NULL */
    unsigned status;            /* of PI_STATUS */
    const char *variant;        /* of PI_TUPLE and PI_PASS */
    unsigned prinfo;            /* of the read of PI_PASS */
    unsigned tag, reference;    /* application tag and ILBRT (beyond the
                                   first block) of that */
} PiCase;

/* What is to be seen. */
typedef struct PiForeseen {
    uint16_t write_status;      /* of each attempt */
    uint16_t read_status;
    const char *log;            /* words of the host's complaint, or NULL */
    const char *data;           /* that a read gets, or NULL: it fails */
    bool verified;              /* the host looks at the tuples of the read */
    const char *from;
} PiForeseen;

/* Does the kernel know the tuples of this format? */
bool pi_known(const PiFormat *format, Version kernel);

/* PRINFO that the driver sends for reads and writes of the block layer. */
unsigned pi_prinfo(const PiCase *pc, Version kernel);
PiForeseen pi_foresee(const PiCase *pc, Version kernel);

/* Does nobody look where older kernels ask the drive to? */
bool pi_is_unchecked(const PiCase *pc, Version kernel);

/* Can the block layer use the namespace? */
bool pi_usable(const PiFormat *format);

uint64_t pi_slba(const Case *c);

/* Opens all namespaces, once.  Returns NULL, or why not. */
const char *pi_open(void);
int pi_disk(const PiFormat *format);

/* Who makes and checks the tuples: the block layer, or the drive. */
bool pi_set_offload(const PiFormat *format, bool offload);

/* Adds capacity and the files of "integrity" to @out. */
void pi_show(const PiFormat *format, Outcome *out);

/*
 * Passthrough. The first writes @data with tuples of @pc->variant that nobody
 * checks; the second does what @pc says, and leaves in @data what it read.
 * Both return a status or a negative errno.
 */
int pi_write_tuples(const Case *c, const uint8_t *data);
int pi_pass(const Case *c, uint8_t *data);

void pi_describe(Suite *suite, const Case *c, const Outcome *out,
                 Buf *record);

#endif
