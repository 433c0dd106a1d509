/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trigger "zone": a zone changes its state or its write pointer without a
 * command, or the namespace can open fewer zones than it promised.
 *
 * The zones are those of the namespace, whichever controller the trigger names;
 * only what a report says wrongly is a matter of that controller.
 */
#include "qemu/osdep.h"
#include "action.h"

/* What a zone is to become. */
typedef struct Plan {
    NvmeNamespace *ns;
    NvmeZone *zone;             /* NULL: only limits change */
    NvmeZoneState state;
    uint64_t wp;                /* where the next write goes */
} Plan;

static bool G_GNUC_PRINTF(2, 3) refuse(GError **error, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    if (error) {
        *error = g_error_new_valist(FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                                    format, ap);
    }
    va_end(ap);
    return false;
}

static bool changes_zone(const NvmeFiTriggerZone *t)
{
    return t->has_state || t->has_write_pointer ||
        t->has_reported_write_pointer;
}

static bool zone_check(const NvmeFiTrigger *trigger, bool in_rule,
                       GError **error)
{
    const NvmeFiTriggerZone *t = &trigger->u.zone;

    if (!changes_zone(t) && !t->has_max_open && !t->has_max_active) {
        return refuse(error, "zone: nothing to change; must have state, "
                      "write-pointer, reported-write-pointer, max-open or "
                      "max-active");
    }
    if (changes_zone(t) && !t->has_slba && !in_rule) {
        return refuse(error, "slba: missing; must be a block of the zone "
                      "that changes");
    }
    if (!changes_zone(t) && t->has_slba) {
        return refuse(error, "slba %" PRIu64 ": the limits are those of the "
                      "namespace; leave it out", t->slba);
    }
    if (t->has_max_open && !t->max_open) {
        return refuse(error, "max-open 0: must be 1 or more");
    }
    if (t->has_max_active && !t->max_active) {
        return refuse(error, "max-active 0: must be 1 or more");
    }
    return true;
}

/* The first block that @req touches. */
static bool slba_of_command(NvmeFi *fi, NvmeRequest *req, uint64_t *slba,
                            GError **error)
{
    NvmeFiRanges ranges = { 0 };
    FiCommand command;

    nvme_fi_command(fi, req, &command, &ranges);
    if (command.n_ranges) {
        *slba = command.ranges[0].slba;
    }
    g_free(ranges.array);
    return command.n_ranges ||
        refuse(error, "slba: missing, and the command touches no block");
}

static bool find_zone(NvmeFi *fi, const NvmeFiTriggerZone *t, NvmeRequest *req,
                      Plan *plan, GError **error)
{
    uint64_t slba = t->slba, blocks = le64_to_cpu(plan->ns->id_ns.nsze);

    if (!t->has_slba && !slba_of_command(fi, req, &slba, error)) {
        return false;
    }
    if (slba >= blocks) {
        return refuse(error, "slba %" PRIu64 ": must be below %" PRIu64
                      ", the size of the namespace", slba, blocks);
    }
    plan->zone = &plan->ns->zone_array[slba / plan->ns->zone_size];
    return true;
}

static bool find_namespace(NvmeFi *fi, const NvmeFiTriggerZone *t,
                           const NvmeRequest *req, Plan *plan, GError **error)
{
    uint32_t nsid = t->has_nsid ? t->nsid :
                    req ? le32_to_cpu(req->cmd.nsid) : 1;

    plan->ns = nvme_ns(fi->ctrl, nsid);
    if (!plan->ns) {
        return refuse(error, "nsid %" PRIu32 ": not found; must be a zoned "
                      "namespace of the controller", nsid);
    }
    if (!plan->ns->params.zoned) {
        return refuse(error, "nsid %" PRIu32 ": is not a zoned namespace",
                      nsid);
    }
    return true;
}

static bool check_limit(const char *member, bool given, uint32_t value,
                        uint32_t limit, const NvmeNamespace *ns,
                        GError **error)
{
    limit = limit ?: ns->num_zones;     /* 0: the namespace has none */
    return !given || value <= limit ||
        refuse(error, "%s %" PRIu32 ": must be 1 to %" PRIu32 ", the limit "
               "of the namespace", member, value, limit);
}

static bool is_open(NvmeZoneState state)
{
    return state == NVME_ZONE_STATE_IMPLICITLY_OPEN ||
        state == NVME_ZONE_STATE_EXPLICITLY_OPEN;
}

static bool is_active(NvmeZoneState state)
{
    return is_open(state) || state == NVME_ZONE_STATE_CLOSED;
}

static NvmeZoneState zone_state(NvmeFiZoneState state)
{
    static const NvmeZoneState states[NVME_FI_ZONE_STATE__MAX] = {
        [NVME_FI_ZONE_STATE_EMPTY] = NVME_ZONE_STATE_EMPTY,
        [NVME_FI_ZONE_STATE_CLOSED] = NVME_ZONE_STATE_CLOSED,
        [NVME_FI_ZONE_STATE_FULL] = NVME_ZONE_STATE_FULL,
        [NVME_FI_ZONE_STATE_READ_ONLY] = NVME_ZONE_STATE_READ_ONLY,
        [NVME_FI_ZONE_STATE_OFFLINE] = NVME_ZONE_STATE_OFFLINE,
    };

    return states[state];
}

/* @wp plus @shift, within the zone's capacity. */
static uint64_t shifted(const NvmeZone *zone, uint64_t wp, int64_t shift)
{
    uint64_t back = wp - zone->d.zslba;
    uint64_t room = zone->d.zslba + zone->d.zcap - wp;

    /* -(uint64_t) is right for INT64_MIN, too */
    return shift < 0 ? wp - MIN(-(uint64_t)shift, back) :
                       wp + MIN((uint64_t)shift, room);
}

/*
 * ZNS 1.2, 2.1.1.2: a Full zone has no write pointer; it is taken to be at the
 * end of the capacity, and one that gets there makes the zone Full.  Away from
 * there, or from the start of an Empty zone, the zone is Closed, and Empty if
 * nothing of it is written any more.  An open or a Closed zone may have its
 * write pointer at the start: it stays what it is.
 */
static bool plan_shift(Plan *plan, int64_t shift, GError **error)
{
    uint64_t end = nvme_zone_wr_boundary(plan->zone);

    if (plan->state == NVME_ZONE_STATE_READ_ONLY ||
        plan->state == NVME_ZONE_STATE_OFFLINE) {
        return refuse(error, "write-pointer %" PRId64 ": a read-only or "
                      "offline zone has none; must be another zone, or "
                      "with state", shift);
    }
    if (plan->state == NVME_ZONE_STATE_FULL) {
        plan->wp = end;
    }
    plan->wp = shifted(plan->zone, plan->wp, shift);
    if (plan->wp == end) {
        plan->state = NVME_ZONE_STATE_FULL;
    } else if (!is_active(plan->state)) {
        plan->state = plan->wp == plan->zone->d.zslba ?
            NVME_ZONE_STATE_EMPTY : NVME_ZONE_STATE_CLOSED;
    }
    return true;
}

static bool has_resource(const Plan *plan, GError **error)
{
    uint32_t limit = plan->ns->params.max_active_zones;

    return is_active(nvme_get_zone_state(plan->zone)) ||
        !is_active(plan->state) || !limit ||
        plan->ns->nr_active_zones < limit ||
        refuse(error, "%" PRIu32 " active zones: the namespace can have no "
               "further one", limit);
}

static bool make_plan(NvmeFi *fi, const NvmeFiTriggerZone *t, NvmeRequest *req,
                      Plan *plan, GError **error)
{
    if (!find_namespace(fi, t, req, plan, error)) {
        return false;
    }
    if (!check_limit("max-open", t->has_max_open, t->max_open,
                     plan->ns->params.max_open_zones, plan->ns, error) ||
        !check_limit("max-active", t->has_max_active, t->max_active,
                     plan->ns->params.max_active_zones, plan->ns, error)) {
        return false;
    }
    if (!changes_zone(t)) {
        return true;
    }
    if (!find_zone(fi, t, req, plan, error)) {
        return false;
    }
    plan->state = nvme_get_zone_state(plan->zone);
    plan->wp = plan->zone->w_ptr;
    if (t->has_state) {
        plan->state = zone_state(t->state);
        if (plan->state == NVME_ZONE_STATE_EMPTY) {
            plan->wp = plan->zone->d.zslba;
        }
    }
    if (t->has_write_pointer && !plan_shift(plan, t->write_pointer, error)) {
        return false;
    }
    return has_resource(plan, error);
}

static bool zone_possible(NvmeFi *fi, const NvmeFiTrigger *trigger,
                          const NvmeRequest *req, GError **error)
{
    Plan plan = { 0 };

    /* nothing is written to it */
    return make_plan(fi, &trigger->u.zone, (NvmeRequest *)req, &plan, error);
}

/* What the zone's old state holds of the namespace's open and active zones and
 * of its Zone Random Write Areas is given back, what the new one needs is
 * taken. */
static void change_resources(const Plan *plan)
{
    NvmeZone *zone = plan->zone;
    NvmeZoneState old = nvme_get_zone_state(zone);

    if (is_open(old) && !is_open(plan->state)) {
        nvme_aor_dec_open(plan->ns);
    }
    if (is_active(plan->state)) {
        if (!is_active(old)) {
            nvme_aor_inc_active(plan->ns);
        }
        return;
    }
    if (is_active(old)) {
        nvme_aor_dec_active(plan->ns);
    }
    if (zone->d.za & NVME_ZA_ZRWA_VALID) {
        zone->d.za &= ~NVME_ZA_ZRWA_VALID;
        if (plan->ns->params.numzrwa) {
            plan->ns->zns.numzrwa++;
        }
    }
}

static void change_zone(const Plan *plan)
{
    NvmeZone *zone = plan->zone;
    NvmeZoneState old = nvme_get_zone_state(zone);

    change_resources(plan);
    /*
     * d.wp follows w_ptr as writes complete: what is in flight must find it
     * as far behind as it was.  Till then it may be before the zone's start.
     */
    if (nvme_wp_is_valid(zone)) {
        zone->d.wp += plan->wp - zone->w_ptr;
    } else {
        zone->d.wp = plan->wp;
    }
    zone->w_ptr = plan->wp;
    if (plan->state == old) {
        return;
    }
    nvme_assign_zone_state(plan->ns, zone, plan->state);
    /* ZNS 1.2, 2.1.1.2.2: that is a Zone Active Excursion */
    if (plan->state == NVME_ZONE_STATE_FULL && is_active(old)) {
        zone->d.za |= NVME_ZA_FINISHED_BY_CTLR;
    }
}

/* A limit that is not below the namespace's own is none. */
static uint32_t lowered(uint32_t value, uint32_t limit, const NvmeNamespace *ns)
{
    return value < (limit ?: ns->num_zones) ? value : 0;
}

static void zone_fire(NvmeFi *fi, const NvmeFiTrigger *trigger,
                      NvmeRequest *req)
{
    const NvmeFiTriggerZone *t = &trigger->u.zone;
    Plan plan = { 0 };

    /* it is possible: that was asked just before */
    make_plan(fi, t, req, &plan, NULL);
    if (t->has_state || t->has_write_pointer) {
        change_zone(&plan);
    }
    if (t->has_reported_write_pointer) {
        nvme_fi_zone_set_reported(fi, plan.ns, plan.zone - plan.ns->zone_array,
                                  t->reported_write_pointer);
    }
    if (t->has_max_open) {
        plan.ns->fi.max_open = lowered(
            t->max_open, plan.ns->params.max_open_zones, plan.ns);
    }
    if (t->has_max_active) {
        plan.ns->fi.max_active = lowered(
            t->max_active, plan.ns->params.max_active_zones, plan.ns);
    }
}

static unsigned count(const NvmeNamespace *ns, bool active)
{
    unsigned n = 0;

    for (uint32_t i = 0; i < ns->num_zones; i++) {
        NvmeZoneState state = nvme_get_zone_state(&ns->zone_array[i]);

        n += active ? is_active(state) : is_open(state);
    }
    return n;
}

bool nvme_fi_zone_open_is_last(NvmeNamespace *ns)
{
    return count(ns, false) == ns->fi.max_open;
}

uint16_t nvme_fi_check_zone_limits(NvmeNamespace *ns, uint32_t active,
                                   uint32_t open)
{
    if (ns->fi.max_active && active &&
        count(ns, true) + active > ns->fi.max_active) {
        return NVME_ZONE_TOO_MANY_ACTIVE | NVME_DNR;
    }
    if (ns->fi.max_open && open &&
        count(ns, false) + open > ns->fi.max_open) {
        return NVME_ZONE_TOO_MANY_OPEN | NVME_DNR;
    }
    return NVME_SUCCESS;
}

const NvmeFiTriggerOps nvme_fi_zone_trigger = {
    .check = zone_check,
    .possible = zone_possible,
    .fire = zone_fire,
};
