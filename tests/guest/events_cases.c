/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which events there are, and what the kernel makes of them; "from" names the
 * functions of drivers/nvme/host.
 */
#include "events_cases.h"

#define RESTARTED \
    "[\"default/read/poll queues\"],[\"bogus Namespace Identifiers\"]," \
    "[\"bogus Namespace Identifiers\"]"
/* "optimized" comes back before the read; the state is 16 bytes into the
 * first descriptor, which is 16 bytes into the page. */
#define ANA_CASE(name_, state_, number) \
    { .name = "events/ana-" name_, \
      .event = "\"ana\",\"ana-state\":\"" state_ "\"", .lid = 0x0c, \
      .ana = state_, .log = "", .page = 0x0c, .offset = 16 + 16, .size = 1, \
      .value = number, .undo = "\"ana\",\"ana-state\":\"optimized\"", \
      .from = "nvme_ana_work, nvme_read_ana_log, ana_state_show" }

static const EventCase cases[] = {
    { .name = "events/smart-spare",
      .event = "\"smart\",\"critical-warning\":1,\"available-spare\":3",
      .aen = "0x020201", .log = "", .page = 2, .offset = 3, .size = 1,
      .value = 3, .undo = "\"smart\",\"critical-warning\":0",
      .from = "nvme_complete_async_event, nvme_aen_uevent" },
    { .name = "events/smart-reliability",
      .event = "\"smart\",\"critical-warning\":4", .aen = "0x020001",
      .log = "", .page = 2, .offset = 0, .size = 1, .value = 4,
      .undo = "\"smart\",\"critical-warning\":0",
      .from = "nvme_complete_async_event, nvme_aen_uevent" },
    { .name = "events/smart-temperature",
      .event = "\"smart\",\"temperature\":400", .aen = "0x020101", .log = "",
      .page = 2, .offset = 1, .size = 2, .value = 400,
      .undo = "\"smart\",\"temperature\":323",
      .from = "nvme_complete_async_event, nvme_aen_uevent" },
    { .name = "events/error",
      .event = "\"error\",\"status\":\"write-fault\"", .aen = "0x010400",
      .log = "", .page = 1, .offset = 12, .size = 2, .value = 0x280 << 1,
      .from = "nvme_complete_async_event: not persistent" },
    { .name = "events/vendor",
      .event = "\"raw\",\"type\":7,\"info\":18,\"lid\":194",
      .aen = "0xc21207", .log = "",
      .from = "nvme_complete_async_event: NVME_AER_VS" },
    { .name = "events/firmware", .event = "\"firmware\"", .lid = 3, .log = "",
      .page = 3, .offset = 0, .size = 1, .value = 1,
      .from = "nvme_handle_aen_notice, nvme_fw_act_work" },
    { .name = "events/namespace", .event = "\"namespace\"",
      .log = "[\"rescanning namespaces\"],[\"bogus Namespace Identifiers\"],"
             "[\"bogus Namespace Identifiers\"]",
      .from = "nvme_handle_aen_notice, nvme_scan_work" },
    { .name = "events/zone", .event = "\"zone\",\"nsid\":2,\"slba\":4096",
      .log = "[\"async event result 00bfef02\"]", .page = 0xbf, .offset = 8,
      .size = 8, .value = 4096, .nsid = 2,
      .from = "nvme_handle_aen_notice: no such notice" },
    ANA_CASE("non-optimized", "non-optimized", 2),
    ANA_CASE("inaccessible", "inaccessible", 3),
    ANA_CASE("persistent-loss", "persistent-loss", 4),
    ANA_CASE("change", "change", 15),
    { .name = "events/error-persistent",
      .event = "\"raw\",\"type\":0,\"info\":3,\"lid\":1",
      .log = "[\"resetting controller due to persistent internal error\"],"
             RESTARTED,
      .log_61 = "[\"resetting controller due to AER\"]," RESTARTED,
      .from = "nvme_handle_aer_persistent_error" },
};

const EventCase *event_case(size_t i)
{
    return i < sizeof(cases) / sizeof(cases[0]) ? &cases[i] : NULL;
}
