/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random fault rules and triggers.  A row of a table says what the members of
 * one kind may be:
 *
 *   MEMBER!VALUE   always there          VALUE   JSON, in which #LOW..HIGH is a
 *   MEMBER?VALUE   there half the time           random number, both inclusive
 *   A|B|C          one of these values   ;       between members
 *
 * A kind has several rows where some of its members exclude each other.
 */
#include "qemu/osdep.h"
#include "soak-rules.h"

#define MAX_TRIGGERS    3

typedef struct Kind {
    const char *name;
    unsigned effects;
    const char *members;
} Kind;

#define STATUSES "'access-denied'|'internal-error'|'write-fault'|'0x#1..99'"
#define BITS    ";dnr?true;more?true;crd?#0..3"
#define KEPT    "execute?true;abort?'aborted'|'not-aborted'"
#define WRITES  "opcode!'write'|'write-zeroes'|'zone-append'|" \
                "'dataset-management'"
#define DAMAGE  "target?'data'|'metadata'|'guard'|'app-tag'|'ref-tag';" \
                "offset?#0..9000;length?#1..9000;"
#define VALUE   "how?'flip'|'fill';value!#1..255"
#define NO_VALUE "how!'zero'|'random'"

static const Kind actions[] = {
    { "none", 0, "" },
    { "status", 0, "status!" STATUSES BITS },
    { "status", 0, "execute!true;status!'success'|" STATUSES BITS },
    /* a queue that was created so is none */
    { "status", SOAK_LOSES, "status!'success'" BITS },
    { "drop", SOAK_LOSES, KEPT },
    { "hold", SOAK_LOSES, KEPT },
    { "tear", 0, WRITES ";blocks!#0..20" },
    { "tear", 0, WRITES ";blocks!#0..20;status!" STATUSES ";dnr?true" },
    { "tear", SOAK_LOSES, WRITES ";blocks!#0..20;drop!true" },
    { "lose", 0, WRITES },
    { "lose", 0, "opcode!'flush'" },
    { "misdirect", 0, WRITES "|'read';by!#-64..-1|#1..64|#1..100000" },
    { "duplicate-execute", 0, WRITES ";after-ns?#0..3000000" },
    { "corrupt", 0, "opcode!'read';where?'before-check'|'medium'|'host';"
                    DAMAGE VALUE },
    { "corrupt", 0, "opcode!'read';where?'before-check'|'medium'|'host';"
                    DAMAGE NO_VALUE },
    { "corrupt", 0, "opcode!'write';where?'before-check'|'medium';"
                    DAMAGE VALUE },
    { "corrupt", 0, "opcode!'write';where?'before-check'|'medium';"
                    DAMAGE NO_VALUE },
    { "corrupt", 0, "opcode!'read';how!'stale'" },
    { "corrupt", 0, "opcode!'write';where!'medium';how!'stale'" },
    { "cqe", SOAK_LIES, "cid!#0..65535;duplicates?#1..16" },
    { "cqe", SOAK_LIES, "reuse-cid!true;dw0?#0..4000000000" },
    { "cqe", SOAK_LIES, "sqid!#0..65535;sqhd?#0..65535" },
    { "cqe", SOAK_LIES | SOAK_LOSES, "keep-phase!true" },
    /* comes after the reset that ends the round, too */
    { "cqe", SOAK_LIES | SOAK_LOSES | SOAK_FAILS,
      "after-reset!true;dw1?#0..4000000000" },
    { "cqe", 0, "dw0!#0..4000000000;dw1?#0..4000000000" },
    { "interrupt", 0, "interrupt!'lost'|'spurious'" },
    { "interrupt", 0, "interrupt!'wrong-vector';vector!#0..9" },
    { "doorbell", 0, "doorbell!'stuck'|'ignored';for-ns!#0..3000000" },
    { "doorbell", SOAK_LOSES, "doorbell!'stuck'" },
    { "doorbell", SOAK_LOSES, "doorbell!'ignored';count?#1..9" },
    { "overlay", 0, "opcode!'identify'|'get-log-page'|'get-features';"
                    "queue!'admin';"
                    "patches![{'offset':#0..4999,'value':'a5ff'}]" },
    { "overlay", 0, "opcode!'zone-management-receive';"
                    "patches![{'offset':#0..200,'value':'c3','mask':'0f'}]" },
    { "forbid", 0, "" },
    { "expect", 0, "within-ns?#1..3000000000" },
};

static const Kind triggers[] = {
    { "controller", SOAK_RESETS | SOAK_LOSES,
      "fault!'fatal';for-ns?#1..3000000000" },
    { "controller", SOAK_FAILS | SOAK_LOSES,
      "fault!'fatal';for-ns?#1..3000000000;times?#1..3" },
    { "controller", SOAK_FAILS | SOAK_LOSES,
      "fault!'fatal';for-ns?#1..3000000000;sticky!true" },
    { "controller", SOAK_RESETS | SOAK_LOSES,
      "fault!'ready-late'|'disable-late'|'shutdown-late';"
      "for-ns!#1..3000000000;times?#1..3" },
    { "controller", SOAK_FAILS | SOAK_LOSES,
      "fault!'ready-never'|'disable-never'|'shutdown-never';times?#1..3" },
    { "controller", SOAK_RESETS | SOAK_LOSES,
      "fault!'gone'|'link-down';for-ns!#1..3000000000" },
    { "controller", SOAK_FAILS | SOAK_LOSES,
      "fault!'gone'|'link-down';for-ns?#1..3000000000" },
    { "controller", SOAK_FAILS | SOAK_LOSES,
      "fault!'unplug'|'surprise-unplug'" },
    { "controller", SOAK_FAILS, "fault!'aer';aer-error!'COMP_TIME'|'DLP'" },
    { "event", 0, "event!'smart';critical-warning!#0..31;"
                  "temperature?#0..65535;available-spare?#0..100" },
    { "event", 0, "event!'error';status?" STATUSES },
    { "event", 0, "event!'firmware'" },
    { "event", 0, "event!'namespace';nsid?#1..3" },
    { "event", 0, "event!'zone';nsid!2;slba?#0..32767" },
    { "event", SOAK_FAILS, "event!'ana';nsid?#1..3;ana-state!'optimized'|"
                           "'inaccessible'|'change'" },
    { "event", 0, "event!'raw';type!#0..7;info!#0..255;lid?#0..255" },
    { "zone", SOAK_FAILS, "nsid!2;slba!#0..32767;state!'empty'|'closed'|"
                          "'full'|'read-only'|'offline'" },
    { "zone", SOAK_FAILS, "nsid!2;slba!#0..32767;write-pointer!#-99..99" },
    { "zone", SOAK_FAILS,
      "nsid!2;slba!#0..32767;reported-write-pointer!#-99..99" },
    { "zone", SOAK_FAILS, "nsid!2;max-open!#1..16;max-active?#1..16" },
    { "media", SOAK_FAILS, "nsid!#1..3;slba!#0..500;nlb?#1..64;heal?false;"
                           "status?" STATUSES },
    { "media", SOAK_FAILS, "nsid!#1..3;slba!#0..500;nlb?#1..64;good!true" },
    { "power-cut", SOAK_CUTS | SOAK_RESETS | SOAK_LOSES,
      "seed?#0..99;lose?0|0.5|1;tear?0|0.5|1;reorder?true;reset!false" },
    { "power-cut", SOAK_CUTS | SOAK_RESETS | SOAK_LOSES, "lose?1" },
    { "interrupt", 0, "interrupt!'lost'|'spurious';qid?#1..3" },
    { "doorbell", 0, "doorbell!'stuck'|'ignored';qid?#1..3;"
                     "for-ns!#0..3000000" },
    { "doorbell", SOAK_LOSES, "doorbell!'stuck';qid?#1..3" },
};

/* Which command. */
#define SOME_NS "nsid?#0..4"
static const char *const matches[] = {
    "",
    SOME_NS ";qid?#0..3",
    "queue!'io'|'admin'",
    "qid!#1..3;ordinal!#1..99",
    "qid!#1..3;slba!#0..300;nlb?#1..300",
    "sqe![{'dword':#10..13,'mask':1,'value':#0..1}]",
    "opcode!'read'|'write'|'compare'|'verify'|'write-zeroes'|'copy'|"
        "'zone-append'|'dataset-management';slba!#0..300;nlb?#1..300;"
        "qid?#1..3;" SOME_NS,
    "opcode!'read'|'write'|'flush'|'zone-management-send'|"
        "'zone-management-receive';qid?#1..3;" SOME_NS,
    "opcode!'identify';cns?#0..6;" SOME_NS,
    "opcode!'get-log-page';lid?#0..6",
    "opcode!'get-features'|'set-features';fid?#1..9",
    "opcode!'abort'|'asynchronous-event-request'|"
        "'delete-io-submission-queue'|'create-io-completion-queue'",
    "opcode!'#0..255'",
};

/* When. */
static const char schedule[] =
    "state?''|'a';skip?#0..5;every?#1..4;times?#1..6;probability?0.#1..9;"
    "seed!#0..1000000;set-state?''|'a'|'b';"
    "lifetime?'permanent'|'until-reset'";
static const char *const delays[] = {
    "delay-ns!#0..3000000000",
    "delay!'uniform';delay-ns!#0..9999;delay-max-ns!#9999..3000000000",
    "delay!'exponential';delay-ns!#1..99999;delay-max-ns?#99999..999999999",
};

uint64_t soak_random(SoakRandom *random)
{
    uint64_t x = random->state += 0x9e3779b97f4a7c15;   /* splitmix64 */

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

uint64_t soak_below(SoakRandom *random, uint64_t n)
{
    return soak_random(random) % n;
}

bool soak_chance(SoakRandom *random, unsigned percent)
{
    return soak_below(random, 100) < percent;
}

/* A value of a row, its numbers drawn. */
static void put_value(SoakRandom *random, const char *value, GString *json)
{
    while (*value) {
        if (*value == '#') {
            char *end;
            int64_t low = g_ascii_strtoll(value + 1, &end, 10);
            int64_t high = g_ascii_strtoll(end + 2, &end, 10);

            g_string_append_printf(json, "%" PRId64, (int64_t)
                low + (int64_t)soak_below(random, high - low + 1));
            value = end;
        } else {
            g_string_append_c(json, *value++);
        }
    }
}

static void put_members(SoakRandom *random, const char *members,
                        GString *json)
{
    g_auto(GStrv) list = g_strsplit(members, ";", 0);

    for (unsigned i = 0; list[i]; i++) {
        size_t key = strcspn(list[i], "!?");
        g_auto(GStrv) values = NULL;

        if (!list[i][0] ||
            (list[i][key] == '?' && !soak_chance(random, 50))) {
            continue;
        }
        values = g_strsplit(list[i] + key + 1, "|", 0);
        g_string_append_printf(json, ",'%.*s':", (int)key, list[i]);
        put_value(random, values[soak_below(random, g_strv_length(values))],
                  json);
    }
}

/* A row whose effects are all allowed, or NULL. */
static const Kind *draw(SoakRandom *random, const Kind *kinds, unsigned n,
                        unsigned allowed)
{
    unsigned fit = 0;

    for (unsigned i = 0; i < n; i++) {
        fit += kinds[i].name && !(kinds[i].effects & ~allowed);
    }
    if (!fit) {
        return NULL;
    }
    fit = soak_below(random, fit);
    for (unsigned i = 0; ; i++) {
        if (kinds[i].name && !(kinds[i].effects & ~allowed) && !fit--) {
            return &kinds[i];
        }
    }
}

bool soak_trigger(SoakRandom *random, unsigned allowed, GString *json,
                  unsigned *effects)
{
    const Kind *kind = draw(random, triggers, ARRAY_SIZE(triggers), allowed);

    if (!kind) {
        return false;
    }
    *effects |= kind->effects;
    g_string_append_printf(json, "{'trigger':'%s'", kind->name);
    put_members(random, kind->members, json);
    g_string_append_c(json, '}');
    return true;
}

static void put_triggers(SoakRandom *random, unsigned allowed, GString *json,
                         unsigned *effects)
{
    unsigned n = 1 + soak_below(random, MAX_TRIGGERS);
    g_autoptr(GString) list = g_string_new("");

    while (n-- && soak_trigger(random, allowed, list, effects)) {
        g_string_append(list, n ? "," : "");
    }
    if (list->len) {
        g_string_append_printf(json, ",'trigger':[%s]", list->str);
    }
}

void soak_rule(SoakRandom *random, unsigned allowed, GString *json,
               unsigned *effects)
{
    const Kind *kind = draw(random, actions, ARRAY_SIZE(actions), allowed);

    *effects |= kind->effects;
    g_string_append_printf(json, "{'action':'%s'", kind->name);
    put_members(random, kind->members, json);
    put_members(random, schedule, json);
    put_members(random, strstr(kind->members, "queue!") ? SOME_NS :
                strstr(kind->members, "opcode!") ? "qid?#1..3;" SOME_NS :
                matches[soak_below(random, ARRAY_SIZE(matches))], json);
    if (soak_chance(random, 40)) {
        put_members(random, delays[soak_below(random, ARRAY_SIZE(delays))],
                    json);
    }
    if (soak_chance(random, 15)) {
        put_triggers(random, allowed, json, effects);
    }
    g_string_append_c(json, '}');
}
