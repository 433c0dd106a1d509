/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QAPI structs as key=value text, in the order of the schema: what
 * keyval_parse() and so the HMP commands read.
 */
#ifndef HW_NVME_FI_PRINT_H
#define HW_NVME_FI_PRINT_H

#include "qapi/visitor.h"

/*
 * nvme_fi_print_visitor:
 * An output visitor that appends members to @out, "key=value,key=value"; the
 * members of a struct are key.member, the elements of a list key.0, key.1.
 * Lists that are empty leave no trace.  There is nothing to complete.
 */
Visitor *nvme_fi_print_visitor(GString *out);

#endif
