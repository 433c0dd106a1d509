/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of some names a user meant who wrote one that is none of them.
 */
#ifndef FI_NEAREST_H
#define FI_NEAREST_H

#include <glib.h>

typedef struct FiNearest {
    char *text;                 /* as the user might have meant it */
    const char *name;           /* NULL: none is near enough */
    guint distance;
} FiNearest;

/* Begins with @text, which is copied. */
void fi_nearest_init(FiNearest *nearest, const char *text);
/* @name, at most 80 characters and lower case, which must stay, becomes
 * nearest->name if it is near enough and nearer than those before. */
void fi_nearest_offer(FiNearest *nearest, const char *name);
void fi_nearest_done(FiNearest *nearest);       /* the name stays */

#endif
