/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session's drive is and what it does: rules files, presets, and the
 * machine that they and the options make.
 */
#ifndef NVME_FI_SESSION_STORY_H
#define NVME_FI_SESSION_STORY_H

#include "args.h"
#include "machine.h"

/* The rules of the session, as a file of the results folder. */
#define STORY_FILE "rules.json"

typedef struct Preset {
    char *name;
    char *title;            /* a few words */
    char *description;      /* a paragraph */
    char *source;           /* what says that drives do so */
    char *example;          /* a command line of a program */
    bool early;             /* its rules are there before the first command */
    JsonArray *rules;
    JsonObject *machine;    /* as suites have it, or NULL */
} Preset;

typedef struct Story {
    JsonArray *rules;
    Machine *machine;
    bool early;
} Story;

/* Names of the presets, sorted. NULL and @error when there are none. */
GStrv preset_names(const char *dir, GError **error);
Preset *preset_load(const char *dir, const char *name, GError **error);
void preset_free(Preset *preset);

/*
 * Reads the rules that @options name and makes the machine. Early rules are in
 * a file of the results folder (STORY_FILE), which the caller writes.
 */
Story *story_new(const SessionOptions *options, GError **error);
void story_free(Story *story);

/* The array of rules of @text; NULL and @error, which begins with @what. */
JsonArray *story_parse_rules(const char *what, const char *text,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Preset, preset_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Story, story_free)

#endif
