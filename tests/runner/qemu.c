/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting and ending a QEMU process; see qemu.h.
 */
#include "qemu.h"

#include "json-util.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The first descriptor that QEMU inherits beside the standard three. */
#define FIRST_FD 3

struct Qemu {
    GSubprocess *process;
    GCancellable *cancel;
    char *stderr_file;
    int fds[QEMU_PORT_COUNT];
    void (*exited)(void *opaque, const char *how);
    void *opaque;
};

typedef struct ChildSetup {
    pid_t parent;
} ChildSetup;

/* Runs between fork and exec: async-signal-safe calls only. */
static void child_setup(gpointer opaque)
{
    const ChildSetup *setup = opaque;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != setup->parent) {
        _exit(127);
    }
}

static void add_args(GPtrArray *argv, ...)
{
    va_list args;
    const char *arg;

    va_start(args, argv);
    while ((arg = va_arg(args, const char *))) {
        g_ptr_array_add(argv, g_strdup(arg));
    }
    va_end(args);
}

/*
 * A comma in an option's value is written twice.  Images are made anew at each
 * boot: a flush need not wait for a disk of this machine, which may be slow
 * enough for a timeout in the guest.
 */
static char *blockdev_option(const MachineDrive *drive, const char *dir)
{
    g_autofree char *path = machine_image(drive, dir);
    g_auto(GStrv) parts = g_strsplit(path, ",", -1);
    g_autofree char *escaped = g_strjoinv(",,", parts);

    return g_strdup_printf("driver=raw,node-name=%s,discard=unmap,"
                           "cache.no-flush=on,file.driver=file,"
                           "file.filename=%s", drive->id, escaped);
}

/* The drives, and the devices that the suite's machine has. */
static void add_machine(GPtrArray *argv, const QemuConfig *config)
{
    const Machine *machine = config->machine;
    g_autofree char *cpus = g_strdup_printf("%u", machine->cpus);
    g_autofree char *memory = g_strdup_printf("%u", machine->memory);

    add_args(argv, "-smp", cpus, "-m", memory, NULL);
    if (!machine->reset) {
        add_args(argv, "-no-reboot", NULL);
    }
    for (guint i = 0; i < machine->drives->len; i++) {
        g_autofree char *blockdev = blockdev_option(
            g_ptr_array_index(machine->drives, i), config->dir);

        add_args(argv, "-blockdev", blockdev, NULL);
    }
    for (guint i = 0; i < machine->devices->len; i++) {
        g_autoptr(JsonObject) device = machine_device(machine, i,
                                                      config->dir);
        g_autofree char *text = json_util_object_text(device);

        if (machine_starts_with(machine, i)) {
            add_args(argv, "-device", text, NULL);
        }
    }
}

/* How many of the ports there are. */
static int count_ports(const QemuConfig *config)
{
    return config->session ? QEMU_PORT_COUNT : QEMU_PORT_INPUT;
}

/* Ports of the guest, by the name that it knows. */
static void add_guest_port(GPtrArray *argv, const char *name)
{
    g_autofree char *device = g_strdup_printf(
        "virtserialport,chardev=%s,name=org.nvme-fi.%s", name, name);

    add_args(argv, "-device", device, NULL);
}

static GPtrArray *build_argv(const QemuConfig *config)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    static const char *const port_names[] = {
        [QEMU_PORT_QMP] = "qmp",
        [QEMU_PORT_CONSOLE] = "console",
        [QEMU_PORT_CONTROL] = "control",
        [QEMU_PORT_RESULTS] = "results",
        [QEMU_PORT_INPUT] = "input",
        [QEMU_PORT_OUTPUT] = "output",
        [QEMU_PORT_ERRORS] = "errors",
    };

    add_args(argv, config->binary, "-L", config->firmware,
             "-machine", "q35", "-bios", "qboot.rom", "-accel",
             config->accel, "-nodefaults", "-no-user-config", "-display",
             "none", "-no-shutdown", "-kernel", config->kernel, "-initrd",
             config->initrd, "-append", config->append, NULL);
    for (int i = 0; i < count_ports(config); i++) {
        g_autofree char *chardev =
            g_strdup_printf("socket,id=%s,fd=%d", port_names[i],
                            FIRST_FD + i);

        add_args(argv, "-chardev", chardev, NULL);
    }
    add_args(argv, "-mon", "chardev=qmp,mode=control",
             "-serial", "chardev:console", "-device", "virtio-serial-pci",
             NULL);
    for (int i = QEMU_PORT_CONTROL; i < count_ports(config); i++) {
        add_guest_port(argv, port_names[i]);
    }
    add_machine(argv, config);
    g_ptr_array_add(argv, NULL);
    return argv;
}

static char *describe_exit(GSubprocess *process)
{
    if (g_subprocess_get_if_signaled(process)) {
        int sig = g_subprocess_get_term_sig(process);

        return g_strdup_printf("QEMU was killed by signal %d (%s)", sig,
                               g_strsignal(sig));
    }
    return g_strdup_printf("QEMU exited with status %d",
                           g_subprocess_get_exit_status(process));
}

static void on_wait(GObject *source, GAsyncResult *result, gpointer opaque)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *how = NULL;
    Qemu *qemu = opaque;

    if (!g_subprocess_wait_finish(G_SUBPROCESS(source), result, &error) &&
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        return;
    }
    how = describe_exit(qemu->process);
    qemu->exited(qemu->opaque, how);
}

/* Makes one pair; the child's end goes to @launcher. */
static bool make_port(Qemu *qemu, int port, GSubprocessLauncher *launcher,
                      GError **error)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot make a socket pair: %s", g_strerror(errno));
        return false;
    }
    qemu->fds[port] = pair[0];
    g_subprocess_launcher_take_fd(launcher, pair[1], FIRST_FD + port);
    return true;
}

Qemu *qemu_start(const QemuConfig *config,
                 void (*exited)(void *opaque, const char *how),
                 void *opaque, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
    g_autoptr(GPtrArray) argv = build_argv(config);
    ChildSetup setup = { .parent = getpid() };
    Qemu *qemu = g_new0(Qemu, 1);

    for (int i = 0; i < QEMU_PORT_COUNT; i++) {
        qemu->fds[i] = -1;
    }
    qemu->exited = exited;
    qemu->opaque = opaque;
    qemu->cancel = g_cancellable_new();
    qemu->stderr_file = g_strdup(config->stderr_file);
    for (int i = 0; i < count_ports(config); i++) {
        if (!make_port(qemu, i, launcher, error)) {
            qemu_free(qemu);
            return NULL;
        }
    }
    g_subprocess_launcher_set_stderr_file_path(launcher,
                                               config->stderr_file);
    g_subprocess_launcher_set_child_setup(launcher, child_setup, &setup,
                                          NULL);
    qemu->process = g_subprocess_launcher_spawnv(
        launcher, (const char *const *)argv->pdata, error);
    if (!qemu->process) {
        g_prefix_error(error, "cannot start QEMU: ");
        qemu_free(qemu);
        return NULL;
    }
    g_subprocess_wait_async(qemu->process, qemu->cancel, on_wait, qemu);
    return qemu;
}

void qemu_free(Qemu *qemu)
{
    if (!qemu) {
        return;
    }
    g_cancellable_cancel(qemu->cancel);
    if (qemu->process) {
        g_subprocess_force_exit(qemu->process);
    }
    for (int i = 0; i < QEMU_PORT_COUNT; i++) {
        if (qemu->fds[i] >= 0) {
            close(qemu->fds[i]);
        }
    }
    g_clear_object(&qemu->process);
    g_clear_object(&qemu->cancel);
    g_free(qemu->stderr_file);
    g_free(qemu);
}

int qemu_take_port(Qemu *qemu, QemuPort port)
{
    int fd = qemu->fds[port];

    qemu->fds[port] = -1;
    return fd;
}

void qemu_kill(Qemu *qemu)
{
    g_subprocess_force_exit(qemu->process);
}

char *qemu_last_words(const Qemu *qemu)
{
    g_autofree char *text = NULL;
    const char *line;

    if (!g_file_get_contents(qemu->stderr_file, &text, NULL, NULL)) {
        return NULL;
    }
    g_strchomp(text);
    line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    return *line ? g_utf8_make_valid(line, -1) : NULL;
}
