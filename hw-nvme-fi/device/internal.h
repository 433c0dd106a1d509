/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the glue, to each other: the state of one controller, of one
 * command, and of the command log.
 */
#ifndef HW_NVME_FI_INTERNAL_H
#define HW_NVME_FI_INTERNAL_H

#include "../engine/command.h"
#include "../engine/set.h"
#include "fi.h"
#include "qapi/qapi-types-nvme-fi.h"
#include "qemu/units.h"

/* Bytes of a rules file; qapi/nvme-fi.json says so, too. */
#define NVME_FI_MAX_FILE_SIZE (16 * MiB)
/* Bytes of the content of blocks that one command may keep at a time, and all
 * commands of a controller together; qapi/nvme-fi.json says so, too. */
#define NVME_FI_MAX_IMAGE     (64 * MiB)
#define NVME_FI_MAX_IMAGES    (256 * MiB)
/* Entries of the command log; qapi/nvme-fi.json says so, too. */
#define NVME_FI_LOG_ENTRIES   16384
/* Entries of the Error Information log: the number in Identify, ELPE + 1. */
#define NVME_FI_ERROR_ENTRIES 64

/* An entry of the command log. */
typedef struct NvmeFiRecord {
    uint64_t seq;               /* from 1 */
    uint64_t hit;               /* from 1; 0: no rule acted */
    char id[FI_MAX_ID_LEN + 1];
    uint16_t qid;
    bool executed;
    bool posted;                /* cqe is valid */
    NvmeCmd sqe;
    NvmeCqe cqe;                /* as in the host's memory */
} NvmeFiRecord;

/* A command that waits; see park.c. */
typedef struct NvmeFiPark NvmeFiPark;

/* What comes next in the life of a command; see action.h. */
typedef enum NvmeFiStage {
    NVME_FI_STAGE_EXECUTE,      /* it was not carried out yet */
    NVME_FI_STAGE_NOTE,         /* it is carried out; media and cache look */
    NVME_FI_STAGE_FINISH,
    NVME_FI_STAGE_DELAY,
    NVME_FI_STAGE_KEEP,
    NVME_FI_STAGE_POST,         /* nothing but the CQE */
} NvmeFiStage;

/* A command that matched a rule, or that the write cache or the media model
 * looks at, from its fetch to its CQE.  The rule may be removed meanwhile, so
 * that this holds copies. */
typedef struct NvmeFiRequest {
    FiAction action;            /* with hit only; holds its detail */
    uint64_t seed;              /* of the rule, with match of its choices */
    uint64_t match;
    uint64_t ordinal;           /* n-th command of its queue, from 1 */
    uint64_t lba;               /* the first that it touches; 0: none */
    uint64_t order;             /* of the rule: with id, which one it is */
    char id[FI_MAX_ID_LEN + 1];
    bool matched;               /* a rule: the command is logged */
    bool hit;
    bool executed;
    bool uncorrectable;         /* the model carries out another opcode */
    uint16_t bad_status;        /* it met a bad block; 0: none */
    uint32_t copied;            /* blocks that a Copy command writes */
    NvmeFiStage stage;
    NvmeFiPark *park;           /* NULL: does not wait there */
    void *data;                 /* of the action */
    uint64_t bytes;             /* reserved for content of blocks */
    struct NvmeFiImage *image;  /* that is transferred now; image.c */
    struct NvmeFiCapture *capture;  /* of the write cache */
} NvmeFiRequest;

typedef struct NvmeFi {
    NvmeCtrl *ctrl;
    char *device;               /* qdev ID or QOM path */
    FiSet *set;

    NvmeFiRecord *log;          /* ring: seq s is at s % entries */
    uint64_t next_seq;
    uint64_t hits;

    NvmeErrorLog *errors;       /* ring: count c is at c % entries */
    uint64_t error_count;       /* since power-on, and all that there are */
    uint64_t media_errors;

    QEMUBH *bh;
    QTAILQ_HEAD(, NvmeFiPark) due;

    uint64_t bytes;             /* reserved by all commands */
    uint64_t *ordinals;         /* commands fetched so far, by queue */
    uint16_t last_qid;          /* the queue of the last one */

    /* each belongs to the file of its name and is NULL until that needs it */
    struct NvmeFiKeeper *keeper;        /* drop.c */
    struct NvmeFiRecorder *recorder;    /* record.c */
    struct NvmeFiCache *cache;
    struct NvmeFiLateList *late;
    struct NvmeFiMedia *media;
    struct NvmeFiQueues *queues;
    GArray *stale;              /* cqe.c: entries for after a reset */
    struct NvmeFiController *controller;
    struct NvmeFiEvents *events;
    struct NvmeFiZones *zones;
    struct NvmeFiWatch *watch;
    struct NvmeFiOldBlocks *old;
} NvmeFi;

/* What the properties say; lives as long as the device object. */
typedef struct NvmeFiProps {
    NvmeFiRuleList *rules;
    char *file;
    char *media_file;           /* NULL: none */
    NvmeFiBadRangeList *media;  /* as it was read */
    uint64_t write_cache;       /* bytes; 0: none */
    uint16_t crdt[3];           /* CRDT1 to CRDT3, in units of 100 ms */
} NvmeFiProps;

/* state.c: the state of @n, made with the first rule and freed with @n. */
NvmeFi *nvme_fi_state(NvmeCtrl *n);
void nvme_fi_state_free(NvmeCtrl *n);
/*
 * nvme_fi_add:
 * Add @rules to @n, all or none.  @ids, where not NULL, gets the list of their
 * names, owned by the caller.
 */
bool nvme_fi_add(NvmeCtrl *n, NvmeFiRuleList *rules, strList **ids,
                 Error **errp);
bool nvme_fi_remove(NvmeCtrl *n, strList *ids, Error **errp);
/* The controller with qdev ID or QOM path @device, or NULL and an error. */
NvmeCtrl *nvme_fi_find_device(const char *device, Error **errp);
/* The namespace @nsid of @n or, not attached to it, of its subsystem. */
NvmeNamespace *nvme_fi_namespace(NvmeCtrl *n, uint32_t nsid);

/* apply.c */
/* Frees what @req has here, after its entry was logged. */
void nvme_fi_request_free(NvmeRequest *req);
/* Whether @req may keep @bytes of the content of blocks; for its lifetime. */
bool nvme_fi_reserve(NvmeRequest *req, uint64_t bytes);
/* Who cancels a wait of @req calls this: nothing more is to be done to it but
 * to complete it with the status that it has. */
void nvme_fi_cancelled(NvmeRequest *req);
/* @req gets no CQE: it is logged, and its place in the queue becomes free. */
void nvme_fi_forget(NvmeRequest *req);
/* Unmaps host memory, as the model does when a command is over. */
void nvme_fi_unmap(NvmeSg *sg);

/*
 * park.c
 * nvme_fi_park: let @req, which keeps its place on out_req_list, go on after
 * @delay_ns of virtual time, or for NVME_FI_PARK_FOREVER when nvme_fi_unpark()
 * says so.
 * nvme_fi_forget_park: @req, which waits, is not to complete any more.
 * nvme_fi_unpark_due: the bottom half of the controller in @opaque.
 */
#define NVME_FI_PARK_FOREVER UINT64_MAX
void nvme_fi_park(NvmeFi *fi, NvmeRequest *req, uint64_t delay_ns);
void nvme_fi_unpark(NvmeRequest *req);
void nvme_fi_forget_park(NvmeRequest *req);
void nvme_fi_unpark_due(void *opaque);

/* ranges.c: the blocks that a command touches; free with the function. */
typedef struct NvmeFiRanges {
    FiRange first;
    FiRange *array;             /* NULL: first is all that there is */
} NvmeFiRanges;
void nvme_fi_command(NvmeFi *fi, NvmeRequest *req, FiCommand *command,
                     NvmeFiRanges *ranges);

/* The ranges of a Dataset Management or Copy command, as the host's memory has
 * them now: for Copy first the destination (0 blocks: the sources cannot be
 * read).  Of FiRange; the caller unrefs. */
GArray *nvme_fi_host_ranges(NvmeFi *fi, NvmeRequest *req);

/* The first @len bytes of the command's data, which the host may change at any
 * time; false where it cannot be read. */
bool nvme_fi_read_data(NvmeCtrl *n, NvmeRequest *req, void *buf, size_t len);

/* log.c: write the entry of @req, whose CQE was posted, or never will. */
void nvme_fi_log(NvmeFi *fi, NvmeRequest *req, bool posted);
NvmeFiCommand *nvme_fi_log_entry(const NvmeFiRecord *record);
NvmeFiLog *nvme_fi_log_since(const NvmeFi *fi, uint64_t since);

/* props.c: all of a regular file, at most 16 MiB without a NUL byte, or NULL
 * and an error that says what is wrong with it; the caller owns it. */
char *nvme_fi_read_text(const char *file, Error **errp);

/* errlog.c: an error was posted for @req that a rule or a bad block caused;
 * there is an error @status that belongs to no command. */
void nvme_fi_error_add(NvmeFi *fi, NvmeRequest *req);
void nvme_fi_error_add_event(NvmeFi *fi, uint16_t status);

/* registers.c: the controller neither fetches nor completes anything now, and
 * sends no interrupt. */
bool nvme_fi_controller_stopped(const NvmeFi *fi);

/*
 * event.c
 * nvme_fi_events_announce: @rules were added; their events will be offered
 * when the controller is identified the next time.
 * nvme_fi_events_identify: the Identify data of @n was set up.
 * nvme_fi_events_smart: put what events changed into the SMART log.
 */
void nvme_fi_events_announce(NvmeFi *fi, const NvmeFiRuleList *rules);
void nvme_fi_events_identify(NvmeCtrl *n);
void nvme_fi_events_smart(const NvmeFi *fi, NvmeSmartLog *smart);

/* The following are called only where fi->media, fi->events, fi->cache or
 * req->fi->capture are there.
 * media.c, event.c: commands that are ours alone.  True: @req is not given to
 * the model, and *@status is its status. */
bool nvme_fi_media_command(NvmeFi *fi, NvmeRequest *req, uint16_t *status);
bool nvme_fi_event_command(NvmeFi *fi, NvmeRequest *req, uint16_t *status);

/* media-file.c: read and check the file of the property fi-media-file, if it
 * exists.  media.c: turn the model on where the property or another controller
 * of the subsystem wants it. */
bool nvme_fi_media_load(NvmeCtrl *n, Error **errp);
void nvme_fi_media_start(NvmeCtrl *n);

/* media.c, cache.c: whether @req, which no rule matches, needs a look; and
 * what they do when it was carried out, with req->status. */
bool nvme_fi_media_wants(NvmeFi *fi, const NvmeRequest *req);
void nvme_fi_media_note(NvmeFi *fi, NvmeRequest *req);
bool nvme_fi_cache_wants(NvmeFi *fi, const NvmeRequest *req);
void nvme_fi_cache_note(NvmeFi *fi, NvmeRequest *req);
/* cache.c: true if @req waits until what it will overwrite was read; then it
 * has a capture, and nvme_fi_carry_out() makes it go on. */
bool nvme_fi_cache_capture(NvmeFi *fi, NvmeRequest *req);
void nvme_fi_capture_free(struct NvmeFiCapture *capture);   /* NULL: nothing */
/* Gives the controller a volatile write cache of @size bytes. */
bool nvme_fi_cache_new(NvmeFi *fi, uint64_t size, Error **errp);
/* Whether the power is being cut: nothing is posted any more. */
bool nvme_fi_cache_is_cut(const NvmeFi *fi);

/*
 * The state of one part of the fault injector: it makes its member of NvmeFi
 * when it needs it, and each of these does nothing without.  free: with the
 * device object.  reset: a controller reset begins.  exit: the device leaves
 * the machine; timers and bottom halves end.
 */
void nvme_fi_held_free(NvmeFi *fi);             /* drop.c */
void nvme_fi_recording_free(NvmeFi *fi);        /* record.c */
void nvme_fi_cache_free(NvmeFi *fi);            /* cache.c */
void nvme_fi_cache_reset(NvmeFi *fi);
void nvme_fi_cache_exit(NvmeFi *fi);
void nvme_fi_late_free(NvmeFi *fi);             /* late.c */
void nvme_fi_late_reset(NvmeFi *fi);
void nvme_fi_late_exit(NvmeFi *fi);
void nvme_fi_media_free(NvmeFi *fi);            /* media.c */
void nvme_fi_queues_free(NvmeFi *fi);           /* queues.c */
void nvme_fi_queues_reset(NvmeFi *fi);
void nvme_fi_queues_exit(NvmeFi *fi);
void nvme_fi_queues_drop_sq(NvmeSQueue *sq);    /* @sq goes */
/* A write to BAR0; true: it is a doorbell, and is not noticed. */
bool nvme_fi_queues_take_doorbell(NvmeCtrl *n, hwaddr addr, uint64_t data);
void nvme_fi_stale_free(NvmeFi *fi);            /* cqe.c */
void nvme_fi_stale_reset(NvmeFi *fi);
void nvme_fi_stale_new_cq(NvmeFi *fi, uint16_t cqid);
/* The host uses @cq; only where fi->stale is there. */
void nvme_fi_stale_post(NvmeFi *fi, NvmeCQueue *cq);
void nvme_fi_controller_free(NvmeFi *fi);       /* controller.c */
void nvme_fi_controller_reset(NvmeFi *fi);
void nvme_fi_controller_exit(NvmeFi *fi);
void nvme_fi_controller_machine_init(void);     /* with the first controller */
void nvme_fi_events_free(NvmeFi *fi);           /* event.c */
void nvme_fi_zones_free(NvmeFi *fi);            /* zone-report.c */
/* zone-report.c: from now on reports shift the write pointer of the zone with
 * index @zone by @shift blocks; 0 ends it. */
void nvme_fi_zone_set_reported(NvmeFi *fi, NvmeNamespace *ns, uint32_t zone,
                               int64_t shift);
/* @data, @len bytes, is the zone report for @req: make it wrong as told. */
void nvme_fi_zones_report(NvmeFi *fi, NvmeRequest *req, uint8_t *data,
                          uint32_t len);
void nvme_fi_old_free(NvmeFi *fi);              /* old-blocks.c */
void nvme_fi_watch_free(NvmeFi *fi);            /* watch.c */
void nvme_fi_watch_exit(NvmeFi *fi);

/* For query-nvme-fi; the caller owns the answer. */
NvmeFiHeldList *nvme_fi_held_query(const NvmeFi *fi);
NvmeFiWriteCache *nvme_fi_cache_query(const NvmeFi *fi);    /* or NULL */
NvmeFiBadRangeList *nvme_fi_media_query(const NvmeFi *fi);
/* Whether @entry is violated; false for all but forbid and expect. */
bool nvme_fi_watch_query(const NvmeFi *fi, const FiEntry *entry,
                         bool *violated);

/* convert.c */
/* QAPI rules to engine rules that point into them; the caller frees the array
 * with g_array_unref() before the list. */
GArray *nvme_fi_rules_from_qapi(NvmeFiRuleList *rules, Error **errp);
NvmeFiRule *nvme_fi_rule_to_qapi(const FiRule *rule);
/* Whether @rule's action or triggers make random choices, from its seed. */
bool nvme_fi_action_chooses(const NvmeFiRule *rule);
/* Moves a GError to @errp. */
void nvme_fi_error_propagate(Error **errp, GError *error);

#endif
