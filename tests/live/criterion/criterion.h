/* As much of Criterion as the tests use, in one header, for machines that Criterion is not built for (tests/machines.sh). Each
 * test runs in a process of its own. GNU C, as Criterion's own macros are. */
#ifndef NPICKLE_TESTS_CRITERION_H
#define NPICKLE_TESTS_CRITERION_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct shim_test {
    const char *suite, *name;
    void (*run)(void);
    void (*run_with)(void *parameter);
    struct criterion_test_params (*parameters)(void);
    void (*init)(void), (*fini)(void);
    double timeout;
    int signal, exit_code;
} shim_test;

struct criterion_test_params {
    size_t size;
    char *params;
    size_t length;
};

static shim_test shim_tests[500], shim_suites[50];
static size_t shim_count, shim_suite_count;
static bool shim_failed;

static inline void shim_fail(const char *file, int line, const char *text, bool fatal, const char *message, ...)
{
    va_list arguments;
    printf("%s:%d: %s%s", file, line, text, *message == '\0' ? "" : ": ");
    va_start(arguments, message);
    vprintf(message, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
    shim_failed = true;
    if (fatal)
        _exit(1);
}

/* What the suite of a test says for all of its tests; the test itself if it says nothing. */
static const shim_test *shim_suite(const shim_test *test)
{
    for (size_t i = 0; i < shim_suite_count; i++)
        if (strcmp(shim_suites[i].suite, test->suite) == 0)
            return &shim_suites[i];
    return test;
}

/* 0 passed, 77 skipped. */
static int shim_run(const shim_test *test, void *parameter)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child != 0) {
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    }
    alarm(600);
    const shim_test *init = test->init != NULL ? test : shim_suite(test);
    const shim_test *fini = test->fini != NULL ? test : shim_suite(test);
    if (init->init != NULL)
        init->init();
    if (test->run_with != NULL)
        test->run_with(parameter);
    else
        test->run();
    if (fini->fini != NULL)
        fini->fini();
    _exit(shim_failed ? 1 : 0);
}

int main(void)
{
    size_t passed = 0, failed = 0, skipped = 0;
    for (size_t i = 0; i < shim_count; i++) {
        struct criterion_test_params of = {0, NULL, 1};
        if (shim_tests[i].parameters != NULL)
            of = shim_tests[i].parameters();
        for (size_t k = 0; k < of.length; k++) {
            int status = shim_run(&shim_tests[i], of.params + k * of.size);
            passed += status == 0;
            skipped += status == 77;
            if (status != 0 && status != 77) {
                failed++;
                printf("FAIL: %s::%s %zu\n", shim_tests[i].suite, shim_tests[i].name, k);
            }
        }
    }
    printf("%zu passed, %zu failed, %zu skipped\n", passed, failed, skipped);
    return failed == 0 && passed > 0 ? 0 : 1;
}

#define SHIM_ADD(group, test, ...)                                                                                     \
    __attribute__((constructor)) static void shim_add_##group##_##test(void)                                           \
    {                                                                                                                  \
        shim_tests[shim_count++] = (shim_test){.suite = #group, .name = #test, __VA_ARGS__};                           \
    }
#define TestSuite(group, ...)                                                                                           \
    __attribute__((constructor)) static void shim_add_##group(void)                                                     \
    {                                                                                                                  \
        shim_suites[shim_suite_count++] = (shim_test){.suite = #group, __VA_ARGS__};                                    \
    }                                                                                                                  \
    extern int shim_takes_the_semicolon
#define Test(group, test, ...)                                                                                         \
    static void shim_##group##_##test(void);                                                                           \
    SHIM_ADD(group, test, .run = shim_##group##_##test, ##__VA_ARGS__)                                                 \
    static void shim_##group##_##test(void)
#define ParameterizedTestParameters(group, test) static struct criterion_test_params shim_of_##group##_##test(void)
#define ParameterizedTest(parameter, group, test, ...)                                                                 \
    static void shim_##group##_##test(parameter);                                                                      \
    SHIM_ADD(group, test, .run_with = (void (*)(void *))shim_##group##_##test,                                         \
             .parameters = shim_of_##group##_##test, ##__VA_ARGS__)                                                    \
    static void shim_##group##_##test(parameter)
#define cr_make_param_array(type, array, count, ...)                                                                   \
    ((struct criterion_test_params){sizeof(type), (char *)(array), (count)})

/* The message is a literal, as all of ours are, or there is none. */
#define SHIM(fatal, condition, text, ...)                                                                              \
    ((condition) ? (void)0 : shim_fail(__FILE__, __LINE__, text, fatal, "" __VA_ARGS__))
#define cr_assert(condition, ...) SHIM(true, condition, #condition, __VA_ARGS__)
#define cr_expect(condition, ...) SHIM(false, condition, #condition, __VA_ARGS__)
#define cr_assert_not(condition, ...) SHIM(true, !(condition), "not " #condition, __VA_ARGS__)
#define cr_expect_not(condition, ...) SHIM(false, !(condition), "not " #condition, __VA_ARGS__)
#define cr_assert_null(pointer, ...) SHIM(true, (pointer) == NULL, #pointer " is NULL", __VA_ARGS__)
#define cr_expect_null(pointer, ...) SHIM(false, (pointer) == NULL, #pointer " is NULL", __VA_ARGS__)
#define cr_assert_not_null(pointer, ...) SHIM(true, (pointer) != NULL, #pointer " is not NULL", __VA_ARGS__)
#define cr_expect_not_null(pointer, ...) SHIM(false, (pointer) != NULL, #pointer " is not NULL", __VA_ARGS__)
#define SHIM_BINARY(fatal, a, operator, b, ...) SHIM(fatal, (a) operator(b), #a " " #operator " " #b, __VA_ARGS__)
#define cr_assert_eq(a, b, ...) SHIM_BINARY(true, a, ==, b, __VA_ARGS__)
#define cr_expect_eq(a, b, ...) SHIM_BINARY(false, a, ==, b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...) SHIM_BINARY(true, a, !=, b, __VA_ARGS__)
#define cr_expect_neq(a, b, ...) SHIM_BINARY(false, a, !=, b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...) SHIM_BINARY(true, a, <, b, __VA_ARGS__)
#define cr_expect_lt(a, b, ...) SHIM_BINARY(false, a, <, b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...) SHIM_BINARY(true, a, >, b, __VA_ARGS__)
#define cr_expect_gt(a, b, ...) SHIM_BINARY(false, a, >, b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...) SHIM_BINARY(true, a, <=, b, __VA_ARGS__)
#define cr_expect_leq(a, b, ...) SHIM_BINARY(false, a, <=, b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...) SHIM_BINARY(true, a, >=, b, __VA_ARGS__)
#define cr_expect_geq(a, b, ...) SHIM_BINARY(false, a, >=, b, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...) SHIM(true, strcmp(a, b) == 0, #a " is " #b, __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...) SHIM(false, strcmp(a, b) == 0, #a " is " #b, __VA_ARGS__)
#define cr_expect_str_neq(a, b, ...) SHIM(false, strcmp(a, b) != 0, #a " is not " #b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, size, ...) SHIM(true, memcmp(a, b, size) == 0, #a " is " #b, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, size, ...) SHIM(false, memcmp(a, b, size) == 0, #a " is " #b, __VA_ARGS__)
#define cr_expect_float_eq(a, b, most, ...)                                                                            \
    SHIM(false, (a) - (b) <= (most) && (b) - (a) <= (most), #a " is about " #b, __VA_ARGS__)
#define cr_expect_fail(...) shim_fail(__FILE__, __LINE__, "not to be reached", false, "" __VA_ARGS__)
#define cr_assert_fail(...) shim_fail(__FILE__, __LINE__, "not to be reached", true, "" __VA_ARGS__)
#define cr_skip_test(...) _exit(77)
#define cr_log_info(...) ((void)0)

#endif
