/* lib/base/file.c */
#define _POSIX_C_SOURCE 200809L

#include "base/file.h"
#include "counted.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "/tmp/npickle-test-XXXXXX";

static void enter_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

/* Removes the folder with the files in it; returns how many there were. */
static int count_files(bool remove_them)
{
    int count = 0;
    DIR *listing = opendir(folder);
    cr_assert_not_null(listing);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (remove_them && unlink(entry->d_name) != 0)
                rmdir(entry->d_name);
        }
    closedir(listing);
    return count;
}

static void leave_folder(void)
{
    count_files(true);
    cr_assert_eq(chdir("/"), 0);
    rmdir(folder);
}

static void put_file(const char *name, const char *text, size_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_geq(fd, 0);
    cr_assert_eq(npki_write_all(fd, text, size), 0);
    close(fd);
}

static void expect_file(const char *name, const char *text)
{
    char bytes[100] = "";
    int fd = open(name, O_RDONLY);
    cr_assert_geq(fd, 0, "%s is missing", name);
    ssize_t size = read(fd, bytes, sizeof bytes - 1);
    close(fd);
    cr_assert_eq((size_t)size, strlen(text));
    cr_assert_str_eq(bytes, text);
}

TestSuite(input, .init = enter_folder, .fini = leave_folder);
TestSuite(output, .init = enter_folder, .fini = leave_folder);

Test(input, reads_all_of_a_file)
{
    counted counter = {0};
    npk_allocator allocator = {resize_counted, &counter};
    npki_input input;
    put_file("x", "a\0b", 3);
    errno = 77;
    cr_assert_eq(npki_input_open(&input, "x", &allocator, SIZE_MAX, NULL), NPK_OK);
    cr_assert_eq(errno, 77);
    cr_assert_not(input.mapped);
    cr_assert_eq(input.size, 3);
    cr_assert_arr_eq(input.bytes, "a\0b", 3);
    cr_assert_eq(counter.held, 3);
    npki_input_close(&input);
    cr_assert_eq(counter.held, 0);
    cr_assert_not(counter.wrong);
}

Test(input, maps_from_the_given_size_on)
{
    npki_input input;
    put_file("x", "abcd", 4);
    cr_assert_eq(npki_input_open(&input, "x", NULL, 4, NULL), NPK_OK);
    cr_assert(input.mapped);
    cr_assert_eq(input.size, 4);
    cr_assert_arr_eq(input.bytes, "abcd", 4);
    npki_input_close(&input);
    npki_input_close(&input); /* a second time does nothing */
    cr_assert_eq(npki_input_open(&input, "x", NULL, 5, NULL), NPK_OK);
    cr_assert_not(input.mapped);
    npki_input_close(&input);
}

Test(input, an_empty_file_is_a_file)
{
    const size_t map_from[] = {SIZE_MAX, 0};
    put_file("x", "", 0);
    for (int i = 0; i < 2; i++) {
        npki_input input;
        cr_assert_eq(npki_input_open(&input, "x", NULL, map_from[i], NULL), NPK_OK);
        cr_assert_eq(input.size, 0);
        cr_assert_not_null(input.bytes);
        cr_assert_not(input.mapped);
        npki_input_close(&input);
    }
}

Test(input, says_what_it_is_that_is_no_file, .timeout = 10)
{
    cr_assert_eq(mkdir("directory", 0700), 0);
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    const struct {
        const char *path, *found;
    } rows[] = {
        {"directory", "directory: expected a regular file, found a directory"},
        {"pipe", "pipe: expected a regular file, found a named pipe"}, /* nobody writes to it: opening must not hang */
        {"/dev/zero", "/dev/zero: expected a regular file, found a character device"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npki_input input;
        npk_error error;
        cr_assert_eq(npki_input_open(&input, rows[i].path, NULL, SIZE_MAX, &error), NPK_ERR_IO);
        cr_assert_str_eq(error.message, rows[i].found);
        npki_input_close(&input);
    }
}

Test(input, a_missing_file_is_named_by_its_errno)
{
    npki_input input;
    npk_error error;
    errno = 77;
    cr_assert_eq(npki_input_open(&input, "nothing", NULL, SIZE_MAX, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOENT);
    cr_assert_eq(errno, 77);
}

/* /proc/self/status says that it has 0 bytes, and has some. A file that grows while it is read looks the same. */
Test(input, more_bytes_than_the_size_are_an_error)
{
    if (access("/proc/self/status", R_OK) != 0)
        cr_skip_test("there is no /proc");
    npki_input input;
    npk_error error;
    cr_assert_eq(npki_input_open(&input, "/proc/self/status", NULL, SIZE_MAX, &error), NPK_ERR_IO);
    cr_assert_not_null(strstr(error.message, "more bytes than its size of 0"));
}

Test(input, without_memory_nothing_stays_open)
{
    counted counter = {.fail = 1};
    npk_allocator allocator = {resize_counted, &counter};
    npki_input input;
    put_file("x", "abc", 3);
    int free_before = dup(0);
    cr_assert_eq(npki_input_open(&input, "x", &allocator, SIZE_MAX, NULL), NPK_ERR_MEMORY);
    int free_after = dup(0);
    cr_assert_eq(free_after, free_before + 1);
    cr_assert_eq(counter.held, 0);
}

Test(output, appears_at_the_commit_and_not_before)
{
    counted counter = {0};
    npk_allocator allocator = {resize_counted, &counter};
    npki_output output;
    umask(022);
    cr_assert_eq(npki_output_open(&output, "x", &allocator, NULL), NPK_OK);
    cr_assert_eq(npki_write_all(output.fd, "hello", 5), 0);
    cr_assert_neq(access("x", F_OK), 0);
    errno = 77;
    cr_assert_eq(npki_output_commit(&output, NULL), NPK_OK);
    cr_assert_eq(errno, 77);
    expect_file("x", "hello");
    struct stat info;
    cr_assert_eq(stat("x", &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0644);
    cr_assert_eq(count_files(false), 1);
    cr_assert_eq(counter.held, 0);
    cr_assert_not(counter.wrong);
}

Test(output, abandoned_leaves_nothing_and_touches_nothing)
{
    npki_output output;
    put_file("x", "old", 3);
    cr_assert_eq(npki_output_open(&output, "x", NULL, NULL), NPK_OK);
    cr_assert_eq(npki_write_all(output.fd, "new", 3), 0);
    npki_output_abandon(&output);
    npki_output_abandon(&output);
    expect_file("x", "old");
    cr_assert_eq(count_files(false), 1);
}

Test(output, replaces_what_was_there)
{
    npki_output output;
    char path[200];
    snprintf(path, sizeof path, "%s/x", folder);
    put_file("x", "old", 3);
    cr_assert_eq(npki_output_open(&output, path, NULL, NULL), NPK_OK);
    cr_assert_eq(npki_write_all(output.fd, "new", 3), 0);
    cr_assert_eq(npki_output_commit(&output, NULL), NPK_OK);
    expect_file("x", "new");
    cr_assert_eq(count_files(false), 1);
}

Test(output, two_at_once_do_not_meet)
{
    npki_output a, b;
    cr_assert_eq(npki_output_open(&a, "a", NULL, NULL), NPK_OK);
    cr_assert_eq(npki_output_open(&b, "b", NULL, NULL), NPK_OK);
    cr_assert_eq(npki_write_all(a.fd, "1", 1), 0);
    cr_assert_eq(npki_write_all(b.fd, "2", 1), 0);
    cr_assert_eq(npki_output_commit(&b, NULL), NPK_OK);
    cr_assert_eq(npki_output_commit(&a, NULL), NPK_OK);
    expect_file("a", "1");
    expect_file("b", "2");
}

Test(output, several_get_their_names_together)
{
    npk_output *outputs[8];
    char name[8][2];
    put_file("c", "old", 3);
    for (size_t i = 0; i < 8; i++) {
        name[i][0] = (char)('a' + i);
        name[i][1] = '\0';
        cr_assert_eq(npk_output_open(name[i], NULL, &outputs[i], NULL), NPK_OK);
        cr_assert_eq(npk_sink_output(outputs[i], "new", 3), 0);
    }
    expect_file("c", "old");
    cr_assert_eq(npk_outputs_commit(outputs, 8, NULL), NPK_OK);
    for (size_t i = 0; i < 8; i++)
        expect_file(name[i], "new");
    cr_assert_eq(count_files(false), 8);
    cr_expect_eq(npk_outputs_commit(outputs, 0, NULL), NPK_OK);
}

/* A folder stands where the second is to go: it and the third are abandoned, and no file stays that has no name. */
Test(output, several_of_which_one_fails)
{
    npk_output *outputs[3];
    npk_error error;
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(npk_output_open(names[i], NULL, &outputs[i], NULL), NPK_OK);
        cr_assert_eq(npk_sink_output(outputs[i], "new", 3), 0);
    }
    cr_assert_eq(mkdir("b", 0777), 0);
    cr_expect_eq(npk_outputs_commit(outputs, 3, &error), NPK_ERR_IO);
    cr_expect_eq(strncmp(error.message, "b: ", 3), 0, "%s", error.message);
    expect_file("a", "new");
    cr_assert_eq(rmdir("b"), 0);
    cr_expect_eq(count_files(false), 1);
}

Test(output, at_most_so_many)
{
    npk_output *outputs[NPK_OUTPUTS_MOST + 1];
    for (size_t i = 0; i <= NPK_OUTPUTS_MOST; i++)
        cr_assert_eq(npk_output_open("x", NULL, &outputs[i], NULL), NPK_OK);
    cr_expect_eq(npk_outputs_commit(outputs, NPK_OUTPUTS_MOST + 1, NULL), NPK_ERR_USAGE);
    cr_expect_eq(count_files(false), 0);
    for (size_t i = 0; i < NPK_OUTPUTS_MOST; i++)
        cr_assert_eq(npk_output_open("x", NULL, &outputs[i], NULL), NPK_OK);
    cr_expect_eq(npk_outputs_commit(outputs, NPK_OUTPUTS_MOST, NULL), NPK_OK);
    cr_expect_eq(count_files(false), 1);
}

Test(output, a_link_where_the_temporary_would_go_is_not_followed)
{
    npki_output output;
    char name[100];
    put_file("victim", "old", 3);
    snprintf(name, sizeof name, ".npickle-%lx-0", (unsigned long)getpid());
    cr_assert_eq(symlink("victim", name), 0);
    for (int again = 0; again < 2; again++) { /* it is made, and replaced */
        cr_assert_eq(npki_output_open(&output, "x", NULL, NULL), NPK_OK);
        if (output.nameless)
            cr_assert(symlink("victim", output.temporary) == 0 || errno == EEXIST);
        cr_assert_eq(npki_write_all(output.fd, "new", 3), 0);
        cr_assert_eq(npki_output_commit(&output, NULL), NPK_OK);
        expect_file("victim", "old");
        expect_file("x", "new");
    }
}

Test(output, never_takes_the_place_of_what_is_not_a_file)
{
    npki_output output;
    npk_error error;
    struct stat info;
    cr_assert_eq(npki_output_open(&output, "/dev/null", NULL, &error), NPK_OK);
    cr_assert_eq(npki_write_all(output.fd, "x", 1), 0);
    cr_assert_eq(npki_output_commit(&output, &error), NPK_OK);
    cr_assert(stat("/dev/null", &info) == 0 && S_ISCHR(info.st_mode));
    cr_assert_eq(npki_output_open(&output, ".", NULL, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EISDIR);
    cr_assert_str_eq(error.message, ".: cannot write: Is a directory");
    cr_assert_eq(npki_output_open(&output, "", NULL, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOENT);
    cr_assert_eq(count_files(false), 0);
}

/* Commits "new" to `path`. */
static npk_status put_new(const char *path, npk_error *error)
{
    npki_output output;
    npk_status status = npki_output_open(&output, path, NULL, error);
    if (status == NPK_OK) {
        cr_assert_eq(npki_write_all(output.fd, "new", 3), 0);
        status = npki_output_commit(&output, error);
    }
    return status;
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    cr_assert_eq(lstat(path, &info), 0);
    return info.st_mode;
}

Test(output, keeps_the_mode_of_what_it_replaces)
{
    static const mode_t modes[] = {0600, 0640, 0664, 0755, 0602};
    umask(022);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        put_file("x", "old", 3);
        cr_assert_eq(chmod("x", modes[i]), 0);
        cr_assert_eq(put_new("x", NULL), NPK_OK);
        expect_file("x", "new");
        cr_assert_eq(mode_of("x") & 07777, modes[i], "%o", modes[i]);
    }
}

/* Before the commit nobody else can open what takes the place of a secret file. */
Test(output, is_never_more_open_than_the_file_it_replaces)
{
    npki_output output;
    put_file("x", "old", 3);
    cr_assert_eq(npki_output_open(&output, "x", NULL, NULL), NPK_OK);
    struct stat info;
    cr_assert_eq(fstat(output.fd, &info), 0);
    cr_assert_eq(info.st_mode & 0777, 0600);
    npki_output_abandon(&output);
}

Test(output, a_file_that_may_not_be_written_to_stays)
{
    npk_error error;
    bool root = geteuid() == 0; /* who may write to every file */
    if (root)
        cr_assert(chown(".", 65534, 65534) == 0 && seteuid(65534) == 0);
    put_file("x", "old", 3);
    cr_assert_eq(chmod("x", 0444), 0);
    cr_assert_eq(put_new("x", &error), NPK_ERR_IO);
    cr_assert_str_eq(error.message, "x: cannot write: Permission denied");
    expect_file("x", "old");
    cr_assert_eq(mkdir("d", 0500), 0);
    cr_assert_eq(put_new("d/x", &error), NPK_ERR_IO);
    cr_assert_str_eq(error.message, "d/x: cannot create a file in its directory: Permission denied");
    cr_assert_eq(error.system, EACCES);
    if (root)
        cr_assert_eq(seteuid(0), 0);
}

/* Also where one appears, or goes, while the bytes are written. A file of another user's has a temporary one with a name. */
Test(output, takes_the_place_of_whatever_file_is_there)
{
    npki_output output;
    for (int before = 0; before < 3; before++) /* none, one, that of another user */
        for (int after = 0; after < 2; after++) {
            if (before > 0)
                put_file("x", "old", 3);
            if (before == 2 && (geteuid() != 0 || chown("x", 65534, (gid_t)-1) != 0))
                continue; /* only root can, and that user's own it is not */
            cr_assert_eq(npki_output_open(&output, "x", NULL, NULL), NPK_OK);
            cr_expect(!output.nameless || before != 2);
            cr_expect_eq(count_files(false), (before > 0) + !output.nameless);
            cr_assert_eq(npki_write_all(output.fd, "new", 3), 0);
            if (after == 1)
                put_file("x", "other", 5);
            else
                unlink("x");
            cr_assert_eq(npki_output_commit(&output, NULL), NPK_OK);
            expect_file("x", "new");
            cr_expect_eq(count_files(true), 1);
        }
}

Test(output, an_abandoned_one_leaves_nothing)
{
    npki_output output;
    put_file("x", "old", 3);
    cr_assert_eq(npki_output_open(&output, "x", NULL, NULL), NPK_OK);
    npki_output_abandon(&output);
    expect_file("x", "old");
    cr_expect_eq(count_files(false), 1);
}

Test(output, follows_links_and_leaves_them)
{
    cr_assert_eq(mkdir("d", 0700), 0);
    put_file("d/x", "old", 3);
    cr_assert_eq(symlink("x", "d/two"), 0);
    cr_assert_eq(symlink("d/two", "one"), 0);
    cr_assert_eq(put_new("one", NULL), NPK_OK);
    cr_assert(S_ISLNK(mode_of("one")) && S_ISLNK(mode_of("d/two")) && S_ISREG(mode_of("d/x")));
    expect_file("d/x", "new");
    cr_assert_eq(unlink("d/x"), 0); /* leads to nothing now: the file is made */
    cr_assert_eq(put_new("one", NULL), NPK_OK);
    expect_file("d/x", "new");
    char path[200];
    snprintf(path, sizeof path, "%s/d/x", folder);
    cr_assert_eq(symlink(path, "absolute"), 0);
    cr_assert_eq(put_new("absolute", NULL), NPK_OK);
    cr_assert(S_ISLNK(mode_of("absolute")));
    cr_assert(unlink("d/x") == 0 && unlink("d/two") == 0);
}

Test(output, links_in_a_circle_are_an_error)
{
    npk_error error;
    cr_assert(symlink("b", "a") == 0 && symlink("a", "b") == 0);
    cr_assert_eq(put_new("a", &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ELOOP);
}

Test(output, other_hard_links_keep_what_they_had)
{
    put_file("x", "old", 3);
    cr_assert_eq(link("x", "y"), 0);
    cr_assert_eq(put_new("x", NULL), NPK_OK);
    expect_file("x", "new");
    expect_file("y", "old");
}

Test(output, goes_straight_to_a_fifo, .timeout = 30)
{
    cr_assert_eq(mkfifo("fifo", 0600), 0);
    int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    cr_assert_geq(reader, 0);
    cr_assert_eq(put_new("fifo", NULL), NPK_OK);
    char bytes[10];
    cr_assert_eq(read(reader, bytes, sizeof bytes), 3);
    cr_assert_arr_eq(bytes, "new", 3);
    cr_assert(S_ISFIFO(mode_of("fifo")));
    close(reader);
}

Test(error, a_long_path_shows_its_end)
{
    char path[300];
    npk_error error;
    memset(path, 'd', sizeof path);
    memcpy(path, "nothing/", 8);
    strcpy(path + 200, "/out.pkl");
    cr_assert_eq(put_new(path, &error), NPK_ERR_IO);
    cr_assert_not_null(strstr(error.message, "ddd/out.pkl: cannot create a file in its directory: No such file"));
    cr_assert_arr_eq(error.message, "...ddd", 6);
}

Test(output, a_missing_directory_is_named_by_its_errno)
{
    npki_output output;
    npk_error error;
    cr_assert_eq(npki_output_open(&output, "nothing/x", NULL, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, ENOENT);
    npki_output_abandon(&output);
}

Test(output, a_failed_rename_takes_the_temporary_away)
{
    npki_output output;
    npk_error error;
    cr_assert_eq(npki_output_open(&output, "x", NULL, NULL), NPK_OK);
    cr_assert_eq(mkdir("x", 0700), 0);
    cr_assert_eq(npki_output_commit(&output, &error), NPK_ERR_IO);
    cr_assert_eq(error.system, EISDIR);
    cr_assert_eq(count_files(false), 1);
}

Test(output, without_memory_there_is_no_file)
{
    counted counter = {.fail = 1};
    npk_allocator allocator = {resize_counted, &counter};
    npki_output output;
    cr_assert_eq(npki_output_open(&output, "x", &allocator, NULL), NPK_ERR_MEMORY);
    cr_assert_eq(count_files(false), 0);
}

Test(output, a_full_disk_is_an_errno)
{
    int fd = open("/dev/full", O_WRONLY);
    if (fd < 0)
        cr_skip_test("there is no /dev/full");
    cr_assert_eq(npki_write_all(fd, "x", 1), ENOSPC);
    close(fd);
}

static void on_alarm(int number)
{
    (void)number;
}

/* A pipe takes 64 KiB at a time, and a signal interrupts the wait for its reader: all bytes arrive all the same. */
Test(output, short_writes_and_signals_lose_nothing, .timeout = 30)
{
    enum { SIZE = 300000 };
    static uint8_t sent[SIZE];
    int ends[2];
    for (size_t i = 0; i < SIZE; i++)
        sent[i] = (uint8_t)(i * 7 + i / 256);
    cr_assert_eq(pipe(ends), 0);
    pid_t reader = fork();
    cr_assert_geq(reader, 0);
    if (reader == 0) {
        close(ends[1]);
        static uint8_t got[SIZE];
        size_t size = 0;
        struct timespec pause = {0, 5000000};
        for (ssize_t count; size < SIZE && (count = read(ends[0], got + size, 20000 < SIZE - size ? 20000 : SIZE - size)) > 0;
             size += (size_t)count) {
            kill(getppid(), SIGUSR1);
            nanosleep(&pause, NULL);
        }
        _exit(size == SIZE && memcmp(got, sent, SIZE) == 0 ? 0 : 1);
    }
    struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART: write() is interrupted */
    sigaction(SIGUSR1, &action, NULL);
    close(ends[0]);
    errno = 77;
    cr_assert_eq(npki_write_all(ends[1], sent, SIZE), 0);
    cr_assert_eq(errno, 77);
    close(ends[1]);
    int status;
    while (waitpid(reader, &status, 0) < 0)
        cr_assert_eq(errno, EINTR);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
