/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAB behind rules in the guest's shell.
 */
#ifndef NVME_FI_SESSION_FI_COMPLETE_H
#define NVME_FI_SESSION_FI_COMPLETE_H

/*
 * What the last word of @line, "rules add acti", can be: one candidate a line,
 * in the form in which bash takes it from 'complete -C'. It has cut the word
 * at '=' and ':', and adds nothing. Returns NULL where it must be the id of a
 * rule and @listed, what 'rules list' prints, is NULL. Free it with g_free().
 */
char *fi_complete(const char *line, const char *listed);

#endif
