/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queues of the soak: what became of each command.
 */
#include "qemu/osdep.h"
#include "soak-host.h"

#define PATIENCE_US     (10 * G_USEC_PER_SEC)
#define FAULTY_US       30000       /* where a rule may be what it waits for */
#define QUICK_TURNS     4
#define STEP_NS         1000000000
#define STEPS           200     /* at least: beyond the longest delay */

typedef enum Seen { NEVER, IN_FLIGHT, EVENT_REQUEST, DONE } Seen;

bool soak_submit(Soak *s, SoakRing *r, const NvmeCmd *cmd)
{
    bool event_request = !r->ring->id &&
                         cmd->opcode == NVME_ADM_CMD_ASYNC_EV_REQ;
    uint16_t cid;

    if (r->in_flight >= r->room) {
        return false;
    }
    cid = nvme_ring_submit(r->ring, cmd);
    r->seen[cid] = event_request ? EVENT_REQUEST : IN_FLIGHT;
    r->in_flight++;
    s->commands++;
    return true;
}

static void take_one(Soak *s, SoakRing *r, const NvmeCqe *cqe)
{
    uint16_t cid = le16_to_cpu(cqe->cid);
    uint16_t sqid = le16_to_cpu(cqe->sq_id);
    bool due = r->seen[cid] == IN_FLIGHT || r->seen[cid] == EVENT_REQUEST;

    if (!(s->effects & SOAK_LIES)) {
        soak_check(s, sqid == r->ring->id, "queue %u got a completion of "
                   "queue %u", r->ring->id, sqid);
        soak_check(s, due, "queue %u: command %u completed %s", r->ring->id,
                   cid, r->seen[cid] == DONE ? "twice" : "and was never sent");
    }
    if (due) {
        r->seen[cid] = DONE;
        r->status[cid] = NVME_CQE_STATUS(cqe);
        r->in_flight--;
    }
}

static void take(Soak *s, SoakRing *r)
{
    NvmeCqe cqe;

    while (r->ring && nvme_ring_poll(r->ring, &cqe)) {
        take_one(s, r, &cqe);
    }
}

SoakRing *soak_ring(Soak *s, unsigned i)
{
    switch (i) {
    case 0:
        return &s->admin;
    case 1:
        return &s->peer_admin;
    case 2:
        return &s->peer_io;
    default:
        return i < 3 + SOAK_RINGS ? &s->io[i - 3] : NULL;
    }
}

void soak_take(Soak *s)
{
    SoakRing *r;

    for (unsigned i = 0; (r = soak_ring(s, i)); i++) {
        take(s, r);
    }
}

/* One turn of waiting; false when it was enough.  The medium needs real time,
 * the first turns often do for it; delays begin when it is done. */
static bool wait_turn(Soak *s, unsigned turn, int64_t begin)
{
    int64_t patience = s->effects ? FAULTY_US : PATIENCE_US;

    nvme_vm_settle(s->vm);
    soak_take(s);
    if (turn >= QUICK_TURNS) {
        nvme_vm_step(s->vm, STEP_NS);
    }
    return turn < QUICK_TURNS + STEPS ||
           g_get_monotonic_time() < begin + patience;
}

uint16_t soak_exec(Soak *s, SoakRing *r, const NvmeCmd *cmd)
{
    int64_t begin = g_get_monotonic_time();
    uint16_t cid = r->ring->next_cid;
    unsigned turn = 0;

    if (!soak_submit(s, r, cmd)) {
        return NVME_STATUS_TIMEOUT;
    }
    while (r->seen[cid] != DONE && wait_turn(s, turn, begin)) {
        turn++;
    }
    if (r->seen[cid] != DONE) {
        soak_check(s, s->effects & (SOAK_LOSES | SOAK_LIES | SOAK_DEAD),
                   "queue %u: command %u with opcode %02xh never completed",
                   r->ring->id, cid, cmd->opcode);
        return NVME_STATUS_TIMEOUT;
    }
    return r->status[cid];
}

/* Commands that must complete by themselves. */
static unsigned due(const SoakRing *r)
{
    unsigned n = 0;

    for (unsigned cid = 0; r->ring && cid < r->ring->next_cid; cid++) {
        n += r->seen[cid] == IN_FLIGHT;
    }
    return n;
}

bool soak_quiesce(Soak *s)
{
    int64_t begin = g_get_monotonic_time();
    unsigned n, turn = 0;
    SoakRing *r;

    do {
        n = 0;
        for (unsigned i = 0; (r = soak_ring(s, i)); i++) {
            n += due(r);
        }
    } while (n && wait_turn(s, turn++, begin));
    return n == 0;
}
