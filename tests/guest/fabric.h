/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": the kernel's own target between two wires. The drive is
 * exported by nvmet, and the guest is its own host.
 */
#ifndef GUEST_FABRIC_H
#define GUEST_FABRIC_H

#include "lib/suite.h"
#include "lib/table.h"

typedef enum Transport { TCP, LOOP } Transport;

/* What lies behind the target: the block device of namespace 1; a file of ext4
 * on namespace 2, opened with O_DIRECT; the controller nvme0 itself. */
typedef enum Backend { BDEV, EXT4_FILE, PASSTHRU } Backend;

#define BLOCK 4096u             /* of all reads and writes here */
#define FRONT "nvme1"           /* the only controller but the drive */
#define HOST_ID "8f6d5a10-6e76-4d65-8d66-690000000001"
#define HOST_NQN "nqn.2014-08.org.nvmexpress:uuid:" HOST_ID

/* Two secrets of 32 bytes each, as TP 8006 writes them. */
#define SECRET \
    "DHHC-1:00:EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi9A/ow7:"
#define OTHER_SECRET \
    "DHHC-1:00:UFFSU1RVVldYWVpbXF1eX2BhYmNkZWZnaGlqa2xtbm+SDoz0:"

typedef struct Front {
    Transport transport;
    Backend backend;
    const char *options;        /* ",name=value", or "" */
} Front;

extern const char *const transport_names[], *const backend_names[];

/*
 * target_setup:
 * Exports the drive over everything that this kernel has; once. Returns NULL,
 * or what went wrong, as a sentence.
 */
const char *target_setup(void);

/* The block of the namespace behind @backend where block @n of the front is,
 * in units of 512 bytes. */
unsigned long long target_lba(Backend backend, unsigned n);

/* The namespace of the drive behind @backend. */
unsigned target_nsid(Backend backend);

/*
 * target_authenticate:
 * Lets only this host in, and only with @secret; with NULL anybody. False
 * where that failed, or where this kernel's target knows no authentication.
 */
bool target_authenticate(Backend backend, const char *secret);

/*
 * front_connect:
 * Connects, unless that was done with the same options; what was connected
 * otherwise is disconnected first. Returns NULL, or why not.
 */
const char *front_connect(const Front *front);
void front_disconnect(void);

/* Writes to /dev/nvme-fabrics, and nothing else. Returns 0 or a positive
 * errno. */
int front_try(const Front *front);

/* Descriptors of the block device (O_DIRECT) and of the controller. */
int front_disk(void);
int front_ctrl(void);

/* The loopback interface. */
bool link_set(bool up);

/* The buffer of all reads and writes. */
extern char fabric_data[BLOCK];

/*
 * namespace_disk:
 * Sets @name to the disk of namespace @nsid of controller @ctrl ("nvme0"),
 * which has at most two. They are found side by side, and numbered in that
 * order.
 */
bool namespace_disk(const char *ctrl, unsigned nsid, char name[32]);

/* Writes @text to @path; false where that fails. */
bool put(const char *path, const char *text);

/*
 * One kind of cases: what its cases' data begins with, and the functions of
 * SuiteClass for them. All but run and describe may be NULL.
 */
typedef struct FabricKind {
    void (*rules)(Suite *suite, const Case *c, Buf *rules);
    /* Over what the case goes; what the kernel needs for it is looked for. */
    const Front *(*front)(const Case *c);
    /* Sets out->skip where it returns false: then nothing is connected. */
    bool (*prepare)(Suite *suite, const Case *c, Outcome *out);
    bool (*connects)(const Case *c);        /* run() does, not the suite */
    void (*run)(Suite *suite, const Case *c, Outcome *out);
    void (*cleanup)(Suite *suite, const Case *c, Outcome *out);
    void (*describe)(Suite *suite, const Case *c, Buf *record);
} FabricKind;

typedef struct FabricCase {
    const FabricKind *kind;
} FabricCase;

#define DNR 0x4000
#define MORE 0x2000             /* nvmet_set_error(): there is a log entry */

typedef struct FabricStatus {
    unsigned code;              /* SCT and SC */
    const char *name;
} FabricStatus;

extern const FabricStatus fabric_statuses[];    /* the last has no name */

/* 0, or -1 after a message. */
int map_load(const Suite *suite);

/* The status on the second wire where the drive's is @status; *@location is
 * the byte that the target's error log blames. */
unsigned map_second(const Suite *suite, Backend backend, unsigned status,
                    unsigned *location);

/* The errno of a program that meets @status. */
const char *map_errno(const Suite *suite, unsigned status);

/*
 * A case of its own: one read of block SPECIAL_BLOCK over a front of its own,
 * and what is done around it.
 */
#define SPECIAL_BLOCK 8u

typedef struct SpecialCase {
    FabricCase fabric;          /* set by special_add() */
    const char *name;
    Front front;
    bool alone;                 /* run() connects by itself, or not at all */
    bool authenticate;          /* by SECRET */
    bool host;                  /* needs a host that can */
    const char *rule;           /* members of the rule for the read */
    void (*run)(const struct SpecialCase *sc, Outcome *out);
    const char *front_saw;      /* elements of driver.front, or NULL */
    const char *calls;          /* of functions, see suite_expect_calls() */
    const char *expected;       /* other members of the expectation */
    const char *from;
    const char *finding;        /* a kernel's defect that it shows, or NULL */
} SpecialCase;

/* Adds the @n cases of @cases, which stay the caller's. */
void special_add(Suite *suite, SpecialCase *cases, size_t n);

/* Reads SPECIAL_BLOCK; value and error of @out. */
void special_read(Outcome *out);

/*
 * special_wire:
 * Reads the trace until @n commands of the front, of those that began since
 * the case did, had @command ("nvme_admin_keep_alive") in them, or @timeout_ms
 * passed. Returns how many.
 */
unsigned special_wire(const char *command, unsigned n, int timeout_ms);

/* Reads the kernel log of this case on until a line has @text; false after
 * @timeout_ms. */
bool special_log(const char *text, int timeout_ms);

/* Each adds its cases. 0, or -1 after a message. */
int status_load(Suite *suite);
void alive_load(Suite *suite);
void auth_load(Suite *suite);

#endif
