#include "text/literal.h"

#include "base/allocator.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static npki_arena arena;
static npk_error error;

static npk_status literal_of(const char *text, npki_literal **out)
{
    npk_allocator memory = npki_allocator(NULL);
    npki_script script = {text, strlen(text), "header", NPK_ERR_NPY, &arena, &error};
    npki_arena_init(&arena, &memory, 1 << 20);
    return npki_literal_read(&script, out);
}

static void end(void)
{
    npki_arena_free(&arena);
}

/* What ast.literal_eval() of Python 3 makes of it: S and B are texts, with their bytes in hexadecimal. */
static void tell(const npki_literal *literal, char *out)
{
    static const char opens[] = "NTISB([{", closes[] = "     )]}";
    out += strlen(out);
    *out++ = opens[literal->kind];
    *out = '\0';
    if (literal->kind == NPKI_LITERAL_INT || literal->kind == NPKI_LITERAL_BOOL)
        sprintf(out, "%lld", (long long)literal->number);
    for (size_t i = 0; i < literal->size; i++)
        sprintf(out + 2 * i, "%02x", (unsigned char)literal->text[i]);
    for (const npki_literal *item = literal->first; item != NULL; item = item->next) {
        if (item != literal->first)
            strcat(out, " ");
        tell(item, out);
    }
    if (literal->kind >= NPKI_LITERAL_TUPLE)
        strncat(out, &closes[literal->kind], 1);
}

Test(literal, good)
{
    static const struct {
        const char *text, *told;
    } rows[] = {
        {"None", "N"},
        {"True", "T1"},
        {" False ", "T0"},
        {"-12", "I-12"},
        {"+7", "I7"},
        {"7L", "I7"}, /* Python 2 */
        {"00", "I0"},
        {"-9223372036854775808", "I-9223372036854775808"},
        {"''", "S"},
        {"\"it's\"", "S69742773"},
        {"u'a'", "S61"},
        {"b'\\xff'", "Bff"},
        {"b'\\u00e9'", "B5c7530306539"},
        {"'\\xe9\\u20ac\\U0001f600\\ud800'", "Sc3a9e282acf09f9880eda080"},
        {"'\\\\\\'\\\"\\a\\b\\f\\n\\r\\t\\v'", "S5c27220708" "0c0a0d090b"},
        {"'\\q'", "S5c71"},
        {"()", "()"},
        {"(1)", "I1"},
        {"((1))", "I1"},
        {"(1,)", "(I1)"},
        {"( 1 , 2 , )", "(I1 I2)"},
        {"[]", "[]"},
        {"[1,[2,],(3,)]", "[I1 [I2] (I3)]"},
        {"{}", "{}"},
        {"{'a': 1, (2, 3): [],}", "{S61 I1 (I2 I3) []}"},
        {"\n{ 'a'\t:\r1 }\n", "{S61 I1}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npki_literal *literal;
        char told[256] = "";
        cr_assert(literal_of(rows[i].text, &literal) == NPK_OK, "%s: %s", rows[i].text, error.message);
        tell(literal, told);
        cr_expect_str_eq(told, rows[i].told, "%s: %s", rows[i].text, told);
        end();
    }
}

Test(literal, bad)
{
    static const char *const rows[] = {"", " ", "(", ")", "(1", "(,)", "(1,,)", "(1 2)", "[1,,]", "[1)", "{1}", "{1:}", "{1:2", "{:1}", "{1:2 3:4}",
                                       "{[]:1}", "{(1,[]):1}", "{((1,[]),2):1}", "{{}:1}", "'", "'a", "'\\", "'\\'", "'\\x4'", "'\\u123'", "'\\U00110000'",
                                       "'\\N{DASH}'", "'\\101'", "03", "-01", "--1", "1-", "9223372036854775808", "1 2", "x", "Truth", "None1", "b", "u",
                                       "b1", "1.5"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        npki_literal *literal;
        cr_expect_eq(literal_of(rows[i], &literal), NPK_ERR_NPY, "%s", rows[i]);
        cr_expect(strncmp(error.message, "character ", 10) == 0, "%s", error.message);
        end();
    }
}

Test(literal, limits)
{
    char text[2 * 201 + 1];
    npki_literal *literal;
    for (int levels = 200; levels <= 201; levels++) {
        memset(text, '[', (size_t)levels);
        memset(text + levels, ']', (size_t)levels);
        text[2 * levels] = '\0';
        cr_expect_eq(literal_of(text, &literal), levels == 200 ? NPK_OK : NPK_ERR_LIMIT);
        end();
    }
}

Test(literal, get)
{
    npki_literal *dict;
    cr_assert_eq(literal_of("{'a': 1, 5: 2, b'b': 3, 'a': 4, 'aa': 5}", &dict), NPK_OK);
    cr_assert_eq(npki_literal_get(dict, "a")->number, 4); /* the last one */
    cr_assert_eq(npki_literal_get(dict, "aa")->number, 5);
    cr_assert_null(npki_literal_get(dict, "b"));
    cr_assert_null(npki_literal_get(dict, ""));
    end();
}

Test(literal, message)
{
    npki_literal *literal;
    cr_assert_eq(literal_of("{'a': [1, x]}", &literal), NPK_ERR_NPY);
    cr_assert_str_eq(error.message, "character 10 of the header: expected a value, found x]}");
    end();
    cr_assert_eq(literal_of("{'a'", &literal), NPK_ERR_NPY);
    cr_assert_str_eq(error.message, "character 4 of the header: expected more, found its end");
    end();
}
