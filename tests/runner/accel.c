/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing the accelerator; see accel.h.
 */
#include "accel.h"

const char *accel_choose(const Options *options)
{
    return g_str_equal(options->accel, "kvm") ? "kvm" : "tcg";
}
