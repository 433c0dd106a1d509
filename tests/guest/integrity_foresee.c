/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "integrity": who notices what.
 */
#include "integrity.h"

#include <stddef.h>
#include <string.h>

/* NVM Command Set 1.1, 3.1.2: End-to-end Guard / Reference Tag Check Error. */
#define GUARD_ERROR 0x282
#define REF_ERROR   0x284

#define BY_DRIVE "nvme_setup_rw(): PRCHK of guard and reference tag, of no " \
                 "application tag; nvme_decide_disposition(): no DNR, so " \
                 "5 retries; nvme_error_status(): BLK_STS_PROTECTION"
#define BY_BLOCK "bio_integrity_verify_fn(), t10_pi_verify(): the reference " \
                 "tag first, then the guard"
#define BY_NONE  "nvme_setup_rw(), t10_pi_verify(): nobody looks there"

static bool is(const char *one, const char *other)
{
    return one && !strcmp(one, other);
}

/* What a check of guard and reference tag by the controller says of damage to
 * this target: the guard first (QEMU's nvme_dif_prchk_crc16()). */
static uint16_t check_status(const char *target)
{
    return is(target, "app-tag") ? 0 :
           is(target, "ref-tag") ? REF_ERROR : GUARD_ERROR;
}

static Foreseen undamaged(void)
{
    return (Foreseen){ .by = NOTHING_WRONG, .data = "new",
                       .checksum = "good", .from = BY_NONE };
}

static Foreseen unnoticed(const char *data, const char *checksum)
{
    return (Foreseen){ .by = NOBODY, .data = data, .checksum = checksum,
                       .from = BY_NONE };
}

static Foreseen by_host(const char *log)
{
    return (Foreseen){ .by = BY_HOST, .log = log, .from = BY_BLOCK };
}

static Foreseen read_fails(uint16_t status)
{
    return (Foreseen){ .by = BY_CONTROLLER, .read_status = status,
                       .from = BY_DRIVE };
}

/* A write that the controller refuses leaves the old data there. */
static Foreseen write_fails(uint16_t status)
{
    return (Foreseen){ .by = BY_CONTROLLER, .write_status = status,
                       .data = "old", .checksum = "good", .from = BY_DRIVE };
}

/* Behind all that the controller checks: the host, or nobody. */
static Foreseen on_the_way(const IntegrityCase *c)
{
    if (c->kind == CHECKED) {
        return is(c->target, "app-tag") ? undamaged() :
            by_host(is(c->target, "data") || is(c->target, "guard") ?
                    "guard tag error" : "ref tag error");
    }
    /* with PRACT, the tuples do not even come to the host */
    return is(c->target, "data") ? unnoticed("damaged", "bad") : undamaged();
}

static Foreseen foresee_corrupt(const IntegrityCase *c)
{
    uint16_t status = check_status(c->target);

    if (c->kind == PLAIN) {
        return unnoticed("damaged", "bad");
    }
    if (is(c->where, "host")) {
        return on_the_way(c);
    }
    if (c->write && is(c->where, "before-check")) {
        if (c->kind == CONTROLLER) {
            /* it generates the tuples, of data that is damaged already */
            return is(c->target, "data") ? unnoticed("damaged", "bad") :
                                           undamaged();
        }
        return status ? write_fails(status) : undamaged();
    }
    return status ? read_fails(status) : undamaged();
}

static Foreseen foresee(const IntegrityCase *c)
{
    if (c->once) {
        return (Foreseen){ .by = BY_CONTROLLER, .data = "new",
                           .retried = check_status(c->target),
                           .checksum = "good", .from = BY_DRIVE };
    }
    if (is(c->action, "corrupt")) {
        return foresee_corrupt(c);
    }
    /* blocks that hold the old data hold old tuples, and those are right */
    if (is(c->action, "tear")) {
        return unnoticed("damaged", "bad");
    }
    if (is(c->action, "lose") || (c->write && !c->victim)) {
        return unnoticed("old", "good");
    }
    /* misdirected: the tuples name the blocks that were meant */
    if (c->write) {
        return c->kind == PLAIN ? unnoticed("new", "good") :
                                  read_fails(REF_ERROR);
    }
    return c->kind == CHECKED ? by_host("ref tag error") :
                                unnoticed("other", "good");
}

/* From 6.13 on nvme_setup_rw() asks for the checks of BIP_CHECK_*, and a bio
 * whose tuples are left to the controller has none. */
static Foreseen unchecked(const IntegrityCase *c)
{
    return is(c->action, "misdirect") ? unnoticed("new", "good") :
           is(c->target, "data") ? unnoticed("damaged", "bad") : undamaged();
}

Foreseen integrity_foresee(const IntegrityCase *c, Version kernel)
{
    Foreseen f = foresee(c);

    if (c->kind == CONTROLLER && f.read_status &&
        version_compare(kernel, (Version){ 6, 13 }) >= 0) {
        f = unchecked(c);
    }
    return f;
}
