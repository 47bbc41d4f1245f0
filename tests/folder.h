/* A folder of its own for each test, which is the current one while it runs: .init = enter_folder, .fini = leave_folder. */
#ifndef NPICKLE_TESTS_FOLDER_H
#define NPICKLE_TESTS_FOLDER_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/npickle-test-XXXXXX";

static inline void enter_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static inline void leave_folder(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(system(command), 0);
}

#endif
