/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "batch": which completions go together, and in what order.
 */
#include "batch.h"

/* NVMe Base 2.0, figure 94: with DNR (Access Denied), without (Internal). */
#define ACCESS_DENIED_DNR 0x4286
#define INTERNAL_ERROR    0x0006

bool batch_fails(const BatchCase *bc, unsigned i)
{
    switch (bc->pattern) {
    case GOOD:
        return false;
    case FIRST:
        return i == 0;
    case MIDDLE:
    case RETRIED:
        return i == bc->n / 2;
    case LAST:
        return i == bc->n - 1;
    case ENDS:
        return i == 0 || i == bc->n - 1;
    case ALL:
        break;
    }
    return true;
}

unsigned batch_status(const BatchCase *bc, unsigned i)
{
    return !batch_fails(bc, i) ? 0 :
           bc->pattern == RETRIED ? INTERNAL_ERROR : ACCESS_DENIED_DNR;
}

bool batch_is_pass(const BatchCase *bc)
{
    return bc->path == PASS || bc->path == PASS_SCHEDULED ||
           bc->path == PASS_POLLED || bc->path == APPEND || bc->path == IOCTL;
}

bool batch_is_polled(const BatchCase *bc)
{
    return bc->path == POLLED || bc->path == PASS_POLLED;
}

bool batch_is_single(const BatchCase *bc)
{
    return bc->path >= SYNC;
}

static bool before(Version kernel, unsigned major, unsigned minor)
{
    return version_compare(kernel, (Version){ major, minor }) < 0;
}

/*
 * Until 6.4 io_uring_cmd has the bio to be polled and the callback of a
 * command that is complete in one place. Where one command of a batch waits,
 * io_do_iopoll() ends them all; else it polls the next one, which is complete.
 */
bool batch_oopses(const BatchCase *bc, Version kernel)
{
    return kernel.major && before(kernel, 6, 5) && bc->path == PASS_POLLED &&
           bc->pattern == ALL;
}

/*
 * blk_mq_add_to_batch(): nothing with scheduler tags, no flush (its request
 * has an end_io); a failed command only where it is passthrough, and then not
 * in 6.1.  Of one queue for two CPUs nvme_try_complete_req() leaves all to the
 * softirq.
 */
static bool joins(const BatchCase *bc, unsigned status, Version kernel)
{
    if (bc->path == SCHEDULED || bc->path == PASS_SCHEDULED ||
        bc->path == SOFTIRQ || bc->path == FLUSH || bc->path == NO_POLL) {
        return false;
    }
    return !status || (batch_is_pass(bc) && !before(kernel, 6, 12));
}

static void complete(Foreseen *f, unsigned status, unsigned retries)
{
    f->status[f->completions] = status;
    f->retries[f->completions++] = retries;
}

/* The second attempt has an interrupt of its own. */
static void complete_again(const BatchCase *bc, Version kernel, Foreseen *f)
{
    complete(f, 0, 1);
    f->interrupts++;
    if (joins(bc, 0, kernel)) {
        f->batched++;
        f->batches++;
    } else {
        f->direct++;
        f->ended++;
    }
}

Foreseen batch_foresee(const BatchCase *bc, Version kernel)
{
    bool again = bc->pattern == RETRIED && !batch_is_pass(bc);
    /* rq_list_add() puts a request in front of those that are there */
    bool reversed = before(kernel, 7, 0);
    unsigned list[BATCH_MAX], told = 0;
    Foreseen f = { .interrupts = 1 };

    if (bc->path == NO_POLL && !before(kernel, 6, 12)) {
        return (Foreseen){ 0 };     /* blk_mq_submit_bio() refuses */
    }
    for (unsigned i = 0; i < bc->n; i++) {
        unsigned status = batch_status(bc, i);

        if (joins(bc, status, kernel)) {
            list[f.batched++] = i;
            continue;
        }
        complete(&f, status, 0);
        f.direct++;
        if (!status || !again) {
            f.order[told++] = i;
            f.ended++;
        }
    }
    f.batches = f.batched > 0;
    for (unsigned i = 0; i < f.batches * f.batched; i++) {
        unsigned which = list[reversed ? f.batched - 1 - i : i];

        complete(&f, batch_status(bc, which), 0);
        f.order[told++] = which;
    }
    if (again) {
        f.order[told] = bc->n / 2;
        complete_again(bc, kernel, &f);
    }
    if (batch_is_polled(bc)) {
        f.interrupts = 0;
    }
    if (bc->path == FLUSH) {
        f.ended++;              /* flush_end_io(): of the bio's own request */
    }
    return f;
}
