/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "pi": who checks what, and who notices.
 */
#include "pi.h"

#include <string.h>

#define BY_DRIVE "nvme_setup_rw(): PRCHK; nvme_decide_disposition(): no " \
                 "DNR, so 5 retries; nvme_error_status(): " \
                 "BLK_STS_PROTECTION"
#define BY_BLOCK "bio_integrity_verify_fn(), t10_pi_verify(), " \
                 "ext_pi_crc64_verify(): the reference tag, not of type 3, " \
                 "then the guard"
#define BY_NONE  "nvme_setup_rw(), t10_pi_verify(): nobody looks there"
#define BY_PRACT "nvme_setup_rw(): PRACT; from 6.13 on PRCHK only with " \
                 "BIP_CHECK_*, which no bio without tuples has"

static bool before(Version kernel, unsigned major, unsigned minor)
{
    return version_compare(kernel, (Version){ major, minor }) < 0;
}

/* nvme_init_ms() of 6.1: the tuple comes first, or is all there is. */
bool pi_known(const PiFormat *format, Version kernel)
{
    unsigned tuple = format->guard == 16 ? 8 : 16;

    return format->first || format->ms == tuple || !before(kernel, 6, 12);
}

bool pi_usable(const PiFormat *format)
{
    return !format->extended || format->ms <= 16;
}

unsigned pi_prinfo(const PiCase *pc, Version kernel)
{
    unsigned check = PI_CHECK_GUARD | (pc->format->type != 3 ?
                                       PI_CHECK_REF : 0);

    if (!pi_known(pc->format, kernel)) {
        return 0;
    }
    if (pc->pract || pc->format->extended) {
        return PI_PRACT | (before(kernel, 6, 13) ? check : 0);
    }
    return check;
}

static PiForeseen undamaged(void)
{
    return (PiForeseen){ .data = "new", .from = BY_NONE };
}

static PiForeseen unnoticed(const char *from)
{
    return (PiForeseen){ .data = "damaged", .from = from };
}

static PiForeseen by_host(const char *log)
{
    return (PiForeseen){ .log = log, .from = BY_BLOCK };
}

/* What a check by the controller says; the guard first. */
static unsigned drive_says(const char *target, unsigned prinfo)
{
    if (!strcmp(target, "ref-tag")) {
        return prinfo & PI_CHECK_REF ? PI_REF_TAG : 0;
    }
    return strcmp(target, "app-tag") && (prinfo & PI_CHECK_GUARD) ?
           PI_GUARD : 0;
}

static PiForeseen behind_the_drive(const char *target, unsigned prinfo)
{
    bool data = !strcmp(target, "data");

    if (prinfo & PI_PRACT || !prinfo) {
        return data ? unnoticed(BY_PRACT) : undamaged();
    }
    if (data || !strcmp(target, "guard")) {
        return by_host("guard tag error");
    }
    return !strcmp(target, "ref-tag") && (prinfo & PI_CHECK_REF) ?
           by_host("ref tag error") : undamaged();
}

static PiForeseen foresee_corrupt(const PiCase *pc, Version kernel)
{
    unsigned prinfo = pi_prinfo(pc, kernel);
    unsigned status = drive_says(pc->target, prinfo);

    if (!strcmp(pc->where, "host")) {
        return behind_the_drive(pc->target, prinfo);
    }
    if (pc->write) {
        return !status ? behind_the_drive(pc->target, 0) :
               (PiForeseen){ .write_status = status, .data = "old",
                             .from = BY_DRIVE };
    }
    return status ? (PiForeseen){ .read_status = status, .from = BY_DRIVE } :
           behind_the_drive(pc->target, prinfo);
}

/* NVM Command Set 1.1, End-to-end Data Protection: all ones in the application
 * tag, of type 3 in the reference tag, too, and nothing is checked. */
static PiForeseen foresee_tuple(const PiCase *pc)
{
    bool escaped = !strcmp(pc->variant, "both-escaped") ||
                   (!strcmp(pc->variant, "app-tag-escaped") &&
                    pc->format->type != 3);

    return escaped ? (PiForeseen){ .data = "new", .from = "t10_pi_verify(), "
                                   "ext_pi_crc64_verify(): escape values" } :
           (PiForeseen){ .read_status = PI_GUARD, .from = BY_DRIVE };
}

PiForeseen pi_foresee(const PiCase *pc, Version kernel)
{
    PiForeseen f = { .data = "new", .from = "nvme_submit_user_cmd()" };
    bool tuples = !(pi_prinfo(pc, kernel) & PI_PRACT);

    if (pc->kind == PI_CORRUPT) {
        f = foresee_corrupt(pc, kernel);
    } else if (pc->kind == PI_TUPLE) {
        f = foresee_tuple(pc);
    } else if (pc->kind == PI_STATUS) {
        unsigned status = pc->status | PI_DNR;

        f = pc->write ? (PiForeseen){ .write_status = status, .data = "old" } :
                        (PiForeseen){ .read_status = status };
        f.from = "nvme_error_status()";
    } else if (pc->kind == PI_PASS) {
        f.read_status = pc->status;
    } else {
        f.from = "nvme_configure_metadata(), nvme_init_integrity()";
    }
    f.verified = tuples && !f.read_status && pc->kind <= PI_TUPLE;
    return f;
}

bool pi_is_unchecked(const PiCase *pc, Version kernel)
{
    PiForeseen now, once;

    if (pc->kind != PI_CORRUPT || before(kernel, 6, 13)) {
        return false;
    }
    now = pi_foresee(pc, kernel);
    once = pi_foresee(pc, (Version){ 6, 12 });
    return once.read_status && !now.read_status;
}
