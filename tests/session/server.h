/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket by which 'nvme-fi rules' finds a machine that runs.
 */
#ifndef NVME_FI_SESSION_SERVER_H
#define NVME_FI_SESSION_SERVER_H

#include "qmp.h"

typedef struct Server Server;

/* The folder of the sockets, ours alone (mode 0700). NULL and @error when it
 * cannot be made or is somebody else's. The caller frees it. */
char *server_folder(GError **error);

/* Listens as <kind>-<pid>. Borrows @qmp. */
Server *server_new(const char *kind, Qmp *qmp, GError **error);
void server_free(Server *server);

#endif
