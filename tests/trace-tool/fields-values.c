/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The long tables of names: log pages, kinds of Identify, features.
 */
#include "fields.h"

/* NVMe Base 2.2, figure "Get Log Page - Log Page Identifiers" */
const FieldValue field_lid_values[] = {
    { 0x00, "supported-log-pages" }, { 0x01, "error-information" },
    { 0x02, "smart-health-information" },
    { 0x03, "firmware-slot-information" },
    { 0x04, "changed-attached-namespace-list" },
    { 0x05, "commands-supported-and-effects" }, { 0x06, "device-self-test" },
    { 0x07, "telemetry-host-initiated" },
    { 0x08, "telemetry-controller-initiated" },
    { 0x09, "endurance-group-information" },
    { 0x0a, "predictable-latency-per-nvm-set" },
    { 0x0b, "predictable-latency-event-aggregate" },
    { 0x0c, "asymmetric-namespace-access" }, { 0x0d, "persistent-event-log" },
    { 0x0e, "lba-status-information" },
    { 0x0f, "endurance-group-event-aggregate" },
    { 0x10, "media-unit-status" },
    { 0x11, "supported-capacity-configuration-list" },
    { 0x12, "feature-identifiers-supported-and-effects" },
    { 0x13, "nvme-mi-commands-supported-and-effects" },
    { 0x14, "command-and-feature-lockdown" }, { 0x15, "boot-partition" },
    { 0x16, "rotational-media-information" },
    { 0x18, "management-address-list" }, { 0x20, "fdp-configurations" },
    { 0x21, "reclaim-unit-handle-usage" }, { 0x22, "fdp-statistics" },
    { 0x23, "fdp-events" }, { 0x70, "discovery" }, { 0x71, "host-discovery" },
    { 0x80, "reservation-notification" }, { 0x81, "sanitize-status" },
    { 0xbf, "changed-zone-list" }, { 0, NULL },
};

/* NVMe Base 2.2, figure "Identify - CNS Values" */
const FieldValue field_cns_values[] = {
    { 0x00, "namespace" }, { 0x01, "controller" },
    { 0x02, "active-namespace-list" },
    { 0x03, "namespace-identification-descriptors" },
    { 0x04, "nvm-set-list" }, { 0x05, "csi-namespace" },
    { 0x06, "csi-controller" }, { 0x07, "csi-active-namespace-list" },
    { 0x08, "csi-independent-namespace" },
    { 0x09, "namespace-user-data-format" },
    { 0x0a, "csi-namespace-user-data-format" },
    { 0x10, "allocated-namespace-list" }, { 0x11, "allocated-namespace" },
    { 0x12, "attached-controller-list" }, { 0x13, "controller-list" },
    { 0x14, "primary-controller-capabilities" },
    { 0x15, "secondary-controller-list" },
    { 0x16, "namespace-granularity-list" }, { 0x17, "uuid-list" },
    { 0x18, "domain-list" }, { 0x19, "endurance-group-list" },
    { 0x1a, "csi-allocated-namespace-list" },
    { 0x1b, "csi-allocated-namespace" }, { 0x1c, "io-command-sets" },
    { 0, NULL },
};

/* NVMe Base 2.2, figure "Feature Identifiers" */
const FieldValue field_fid_values[] = {
    { 0x01, "arbitration" }, { 0x02, "power-management" },
    { 0x04, "temperature-threshold" }, { 0x05, "error-recovery" },
    { 0x06, "volatile-write-cache" }, { 0x07, "number-of-queues" },
    { 0x08, "interrupt-coalescing" },
    { 0x09, "interrupt-vector-configuration" },
    { 0x0a, "write-atomicity-normal" },
    { 0x0b, "asynchronous-event-configuration" },
    { 0x0c, "autonomous-power-state-transition" },
    { 0x0d, "host-memory-buffer" }, { 0x0e, "timestamp" },
    { 0x0f, "keep-alive-timer" },
    { 0x10, "host-controlled-thermal-management" },
    { 0x11, "non-operational-power-state-config" },
    { 0x12, "read-recovery-level-config" },
    { 0x13, "predictable-latency-mode-config" },
    { 0x14, "predictable-latency-mode-window" },
    { 0x15, "lba-status-information-report-interval" },
    { 0x16, "host-behavior-support" }, { 0x17, "sanitize-config" },
    { 0x18, "endurance-group-event-configuration" },
    { 0x19, "io-command-set-profile" }, { 0x1a, "spinup-control" },
    { 0x1d, "flexible-data-placement" },
    { 0x1e, "flexible-data-placement-events" },
    { 0x1f, "namespace-admin-label" }, { 0x20, "key-value-configuration" },
    { 0x21, "controller-data-queue" },
    { 0x78, "embedded-management-controller-address" },
    { 0x7d, "enhanced-controller-metadata" }, { 0x7e, "controller-metadata" },
    { 0x7f, "namespace-metadata" }, { 0x80, "software-progress-marker" },
    { 0x81, "host-identifier" }, { 0x82, "reservation-notification-mask" },
    { 0x83, "reservation-persistence" },
    { 0x84, "namespace-write-protection-config" },
    { 0x85, "boot-partition-write-protection-config" }, { 0, NULL },
};
