/* npickle: the command-line tool. Its commands are the table in command.c. */
#define _POSIX_C_SOURCE 200809L

#include "buffers.h"
#include "command.h"
#include "common.h"
#include "option.h"
#include "output.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int print_help(void)
{
    fputs("Usage: npickle COMMAND [ARGUMENT]...\n"
          "Reads and writes pickled NumPy arrays; nothing in a pickle is ever imported or run.\n\nCommands:\n",
          stdout);
    const tool_command *command;
    for (size_t i = 0; (command = tool_command_at(i)) != NULL; i++)
        printf("  %-9s %s\n", command->name, command->summary);
    fputs("\n'npickle COMMAND --help' explains a command, '--version' prints the version.\n"
          "Exit status: 0 good, 1 a finding, 2 malformed input, 3 refused by a limit, 4 wrong usage,\n"
          "5 input, output or memory failed; of several the first of 1, 5, 3, 2, 4, 0.\n",
          stdout);
    return tool_finish_output(TOOL_GOOD);
}

static int print_version(void)
{
    printf("npickle %s\n", npk_version());
    return tool_finish_output(TOOL_GOOD);
}

/* A mapped file was shortened by another program: there is nothing left to read, and no way back. */
static void on_bus_error(int number)
{
    static const char message[] = "npickle: IO: the file was shortened while it was read\n";
    (void)number;
    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    tool_outputs_remove();
    _exit(TOOL_IO);
}

/* Where a standard descriptor is closed, a file that is opened would get its number, and messages would end up in it. A
 * descriptor of the wrong direction takes its place, so that using it fails. */
static void hold_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) == -1)
            _exit(TOOL_IO);
}

static void set_signals(void)
{
    struct sigaction action = {.sa_handler = on_bus_error};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
    tool_outputs_catch_signals();
}

static int run(const tool_command *command, int argc, char **argv)
{
    tool_arguments arguments;
    int result = tool_parse_options(command, argc, argv, &arguments);
    tool_buffers buffers[TOOL_BUFFERS] = {{.count = 0}};
    arguments.buffers = buffers;
    if (result == TOOL_GO_ON)
        result = tool_open_buffers(&arguments);
    if (result == TOOL_GO_ON)
        result = tool_check_buffers(&arguments, command->run(&arguments));
    tool_close_buffers(&arguments);
    free(arguments.given);
    return result;
}

int main(int argc, char **argv)
{
    hold_descriptors();
    set_signals();
    if (argc < 2)
        return tool_usage(NULL, "a command is missing");
    const char *name = argv[1];
    bool help = strcmp(name, "help") == 0;
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        return print_version();
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || (help && argc == 2))
        return print_help();
    if (help)
        name = argv[2];
    const tool_command *command = tool_command_named(name);
    if (command == NULL)
        return tool_usage(NULL, "unknown command '%s'", name);
    char option[] = "--help";
    char *ask[] = {argv[help ? 2 : 1], option, NULL};
    return help ? run(command, 2, ask) : run(command, argc - 1, argv + 1);
}
