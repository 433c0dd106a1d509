/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * References to what an adapter attaches to a rule.
 */
#include "rule.h"

FiDetail *fi_detail_ref(FiDetail *detail)
{
    detail->refs++;
    return detail;
}

void fi_detail_unref(FiDetail *detail)
{
    if (detail && --detail->refs == 0) {
        detail->free(detail);
    }
}
