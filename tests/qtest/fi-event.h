/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host of asynchronous events does: it enables them, asks for them and
 * reads the log pages (NVMe Base 2.1, 5.1.2 and 5.1.12).
 */
#ifndef FI_EVENT_H
#define FI_EVENT_H

#include "fi-rig.h"

#define FI_ALL_NS       0xffffffff
/* Asynchronous Event Configuration: SMART, namespaces, firmware, ANA, zones. */
#define FI_AEC_ALL      (0xff | 1u << 8 | 1u << 9 | 1u << 11 | 1u << 27)
#define FI_LID_ANA      0x0c
#define FI_LID_ZONES    0xbf
#define FI_EVENT(members) "{'trigger':'event'," members "}"
/* DW0 of the completion of an Asynchronous Event Request. */
#define FI_AER(type, info, lid) \
    ((uint32_t)(type) | (uint32_t)(info) << 8 | (uint32_t)(lid) << 16)

/* A rig whose host enabled all events and asked for one. */
FiRig *fi_event_start(void);
void fi_event_configure(FiRig *rig, uint32_t value);
void fi_event_ask(FiRig *rig);
void fi_event_expect(FiRig *rig, uint32_t dw0);
void fi_event_expect_none(FiRig *rig);
/* @bytes of log page @lid, with bits 15:8 for the field above it and Retain
 * Asynchronous Event, into @page; returns the status. */
uint16_t fi_event_log(FiRig *rig, uint32_t lid, uint32_t nsid, void *page,
                      size_t bytes);
void fi_event_identify(FiRig *rig, uint8_t cns, uint32_t nsid, uint8_t *page);

#endif
