/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "pi": passthrough, with tuples and checks of the program's own.
 */
#include "pi.h"

#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <string.h>
#include <sys/ioctl.h>

#define OP_WRITE   0x01
#define OP_READ    0x02
#define MAX_MS     64

/* The metadata of all blocks; behind each block where they are extended. */
static uint8_t metadata[PI_BLOCKS * MAX_MS] __attribute__((aligned(4096)));
static uint8_t blocks[PI_BLOCKS * (PI_LBA_BYTES + MAX_MS)]
    __attribute__((aligned(4096)));

static int command(const Case *c, uint8_t opcode, unsigned prinfo,
                   uint8_t *data)
{
    const PiCase *pc = c->data;
    const PiFormat *f = pc->format;
    /* with PRACT, tuples that are all of the metadata are not transferred */
    bool stripped = prinfo & PI_PRACT && f->ms <= 16;
    uint64_t slba = pi_slba(c);
    struct nvme_passthru_cmd cmd = {
        .opcode = opcode, .nsid = (unsigned)(f - pi_formats) + 1,
        .addr = (unsigned long)data, .data_len = PI_BYTES,
        .cdw10 = (uint32_t)slba,
        .cdw12 = prinfo << 26 | (PI_BLOCKS - 1),
        .cdw14 = (uint32_t)slba + pc->reference,
        .cdw15 = 0xffff0000 | pc->tag,      /* mask, and tag */
    };
    int status;

    if (!stripped && f->extended) {
        cmd.data_len += PI_BLOCKS * f->ms;
    } else if (!stripped) {
        cmd.metadata = (unsigned long)metadata;
        cmd.metadata_len = PI_BLOCKS * f->ms;
    }
    status = ioctl(pi_disk(f), NVME_IOCTL_IO_CMD, &cmd);
    return status < 0 ? -errno : status;
}

/* Of the 64-bit guard the reference tag has 48 bits (no storage tag). */
static void put_tuple(const PiCase *pc, uint8_t *tuple, uint64_t lba)
{
    bool app = !strcmp(pc->variant, "app-tag-escaped") ||
               !strcmp(pc->variant, "both-escaped");
    unsigned guard = pc->format->guard / 8;
    unsigned ref = guard == 2 ? 4 : 6;

    memset(tuple, 0x5a, guard);             /* not the right one */
    memset(tuple + guard, app ? 0xff : 0, 2);
    for (unsigned i = 0; i < ref; i++) {
        tuple[guard + 2 + i] = strcmp(pc->variant, "both-escaped") ?
            (uint8_t)(lba >> (8 * (ref - 1 - i))) : 0xff;
    }
}

int pi_write_tuples(const Case *c, const uint8_t *data)
{
    const PiCase *pc = c->data;

    memcpy(blocks, data, PI_BYTES);
    for (unsigned i = 0; i < PI_BLOCKS; i++) {
        put_tuple(pc, metadata + i * pc->format->ms, pi_slba(c) + i);
    }
    return command(c, OP_WRITE, 0, blocks);
}

/* A block and its metadata follow one another, or do not. */
static void move(const PiCase *pc, uint8_t *data, bool in)
{
    unsigned step = PI_LBA_BYTES + pc->format->ms;

    for (unsigned i = 0; i < PI_BLOCKS; i++) {
        uint8_t *one = blocks + i * step, *other = data + i * PI_LBA_BYTES;

        memcpy(in ? other : one, in ? one : other, PI_LBA_BYTES);
    }
}

/* Written with PRACT, so that the tuples are right; the data is transferred
 * with the metadata where that is larger than a tuple. */
int pi_pass(const Case *c, uint8_t *data)
{
    const PiCase *pc = c->data;
    bool interleaved = pc->format->extended && pc->format->ms > 16;
    PiCase right = *pc;
    Case write = *c;
    int status;

    right.reference = 0;
    right.tag = 0;
    write.data = &right;
    memset(metadata, 0, sizeof(metadata));
    memset(blocks, 0, sizeof(blocks));
    if (interleaved) {
        move(pc, data, false);
    } else {
        memcpy(blocks, data, PI_BYTES);
    }
    status = command(&write, OP_WRITE, PI_PRACT, blocks);
    if (status) {
        return status;
    }
    memset(blocks, 0xee, sizeof(blocks));
    memset(data, 0xee, PI_BYTES);
    status = command(c, OP_READ, pc->prinfo, blocks);
    /* without PRACT the tuples of an extended format come, too */
    if (pc->format->extended && !(pc->prinfo & PI_PRACT && !interleaved)) {
        move(pc, data, true);
    } else {
        memcpy(data, blocks, PI_BYTES);
    }
    return status;
}
