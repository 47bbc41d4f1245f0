#include "text/number.h"

#include "base/bytes.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

/* repr(x) of Python 3, and '%.17g' % x. */
static const struct {
    uint64_t bits;
    const char *repr, *seventeen;
} printed[] = {
    {0x0000000000000000, "0.0", "0"},
    {0x8000000000000000, "-0.0", "-0"},
    {0x3ff0000000000000, "1.0", "1"},
    {0xbff8000000000000, "-1.5", "-1.5"},
    {0x3fb999999999999a, "0.1", "0.10000000000000001"},
    {0x4341c37937e08000, "1e+16", "10000000000000000"},
    {0x4341c37937e07fff, "9999999999999998.0", "9999999999999998"},
    {0x3f1a36e2eb1c432d, "0.0001", "0.0001"},
    {0x3ee4f8b588e368f1, "1e-05", "1.0000000000000001e-05"},
    {0x3f202e4b6ce5dc68, "0.00012345", "0.00012344999999999999"},
    {0x0000000000000001, "5e-324", "4.9406564584124654e-324"},
    {0x0000000000000002, "1e-323", "9.8813129168249309e-324"},
    {0x0000000000000003, "1.5e-323", "1.4821969375237396e-323"},
    {0x3d30000000000000, "5.684341886080802e-14", "5.6843418860808015e-14"}, /* 2**-44: a tie too */
    {0x3ea4000000000000, "5.960464477539062e-07", "5.9604644775390625e-07"}, /* a tie: the even digit */
    {0x4340000000000000, "9007199254740992.0", "9007199254740992"},
    {0x44b52d02c7e14af6, "1e+23", "9.9999999999999992e+22"},
    {0x4480f0cf064dd592, "1e+22", "1e+22"},
    {0x7fefffffffffffff, "1.7976931348623157e+308", "1.7976931348623157e+308"},
    {0x0010000000000000, "2.2250738585072014e-308", "2.2250738585072014e-308"},
    {0x000fffffffffffff, "2.225073858507201e-308", "2.2250738585072009e-308"},
    {0x437b69b4ba630f35, "1.2345678901234568e+17", "1.2345678901234568e+17"},
    {0x3fd5555555555555, "0.3333333333333333", "0.33333333333333331"},
    {0x4059000000000000, "100.0", "100"},
    {0x54b249ad2594c37d, "1e+100", "1e+100"},
    {0x4011666666666666, "4.35", "4.3499999999999996"},
    {0x3eb0000000000000, "9.5367431640625e-07", "9.5367431640625e-07"},
    {0x43b0000000000000, "1.152921504606847e+18", "1.152921504606847e+18"},
    {0x430c6bf526340004, "1000000000000000.5", "1000000000000000.5"},
    {0x7ff0000000000000, "inf", "inf"},
    {0xfff0000000000000, "-inf", "-inf"},
    {0x7ff8000000000000, "nan", "nan"},
    {0xfff8000000000000, "nan", "nan"},
    {0x7ff0000000000001, "nan", "nan"},
};

Test(real, printed)
{
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        char text[NPKI_REPR_DOUBLE + 1];
        text[npki_repr_double(npki_double_of(printed[i].bits), text)] = '\0';
        cr_expect_str_eq(text, printed[i].repr, "%s, not %s", text, printed[i].repr);
        text[npki_print_17g(npki_double_of(printed[i].bits), text)] = '\0';
        cr_expect_str_eq(text, printed[i].seventeen, "%s, not %s", text, printed[i].seventeen);
    }
}

/* What is printed is read as the same bits, a nan as the plain one. */
Test(real, printed_and_read)
{
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        const char *texts[] = {printed[i].repr, printed[i].seventeen};
        for (int k = 0; k < 2; k++) {
            double value = 17;
            cr_expect(npki_parse_double((const uint8_t *)texts[k], strlen(texts[k]), &value), "%s", texts[k]);
            if (strcmp(texts[k], "nan") == 0)
                cr_expect_eq(npki_bits_of(value), 0x7ff8000000000000);
            else
                cr_expect_eq(npki_bits_of(value), printed[i].bits, "%s", texts[k]);
        }
    }
}

/* float(text) of Python 3, as bits. */
static const struct {
    const char *text;
    uint64_t bits;
} parsed[] = {
    {"0", 0x0000000000000000},
    {"-0", 0x8000000000000000},
    {"1.", 0x3ff0000000000000},
    {".5", 0x3fe0000000000000},
    {"+1e3", 0x408f400000000000},
    {"1E-3", 0x3f50624dd2f1a9fc},
    {"0001.5000", 0x3ff8000000000000},
    {"9007199254740993", 0x4340000000000000}, /* half the way: to the even one */
    {"9007199254740992.9999999", 0x4340000000000000},
    {"9007199254740993.0000000000000000000000001", 0x4340000000000001},
    {"9007199254740995", 0x4340000000000002},
    {"1e23", 0x44b52d02c7e14af6},
    {"1.7976931348623157e308", 0x7fefffffffffffff},
    {"1.7976931348623158e308", 0x7fefffffffffffff},
    {"1.7976931348623159e308", 0x7ff0000000000000},
    {"1e309", 0x7ff0000000000000},
    {"-1e400", 0xfff0000000000000},
    {"1e99999999999999999999", 0x7ff0000000000000},
    {"1e-400", 0x0000000000000000},
    {"-1e-400", 0x8000000000000000},
    {"2.4703282292062327e-324", 0x0000000000000000},
    {"2.4703282292062328e-324", 0x0000000000000001},
    {"7.4e-324", 0x0000000000000001},
    {"7.5e-324", 0x0000000000000002},
    {"2.2250738585072011e-308", 0x000fffffffffffff},
    {"2.2250738585072012e-308", 0x0010000000000000},
    {"123456789012345678901234567890", 0x45f8ee90ff6c373e},
    {"0.1e-1000000000000000000000", 0x0000000000000000},
    {"0e99999999999999999999", 0x0000000000000000},
    {"1e+22", 0x4480f0cf064dd592},
    {"1e-22", 0x3b5e392010175ee6},
    {"123456789012345e22", 0x476db89cafccd3a9},
    {"inf", 0x7ff0000000000000},
    {"-Infinity", 0xfff0000000000000},
    {"+iNF", 0x7ff0000000000000},
    {"NaN", 0x7ff8000000000000},
    {"-nan", 0xfff8000000000000},
};

Test(real, parsed)
{
    for (size_t i = 0; i < sizeof parsed / sizeof *parsed; i++) {
        double value = 17;
        cr_expect(npki_parse_double((const uint8_t *)parsed[i].text, strlen(parsed[i].text), &value), "%s",
                  parsed[i].text);
        cr_expect_eq(npki_bits_of(value), parsed[i].bits, "%s: %016llx", parsed[i].text,
                     (unsigned long long)npki_bits_of(value));
    }
}

static const char *const not_parsed[] = {
    "",   "+",   "-",       ".",    "-.",    "e5",    ".e5",      "1e",     "1e+", "1e-",  "1.2.3",
    "1 ", " 1",  "1_0",     "0x1",  "1e5.0", "1e5e5", "--1",      "+-1",    "in",  "infi", "nan0",
    "1f", "1,5", "infinit", "1e 5", "1\n",   "\tnf",  "\x0e\x0f", "nan(1)", "1d5",
};

Test(real, not_parsed)
{
    for (size_t i = 0; i < sizeof not_parsed / sizeof *not_parsed; i++) {
        double value;
        cr_expect_not(npki_parse_double((const uint8_t *)not_parsed[i], strlen(not_parsed[i]), &value), "%s",
                      not_parsed[i]);
    }
    double value;
    cr_expect_not(npki_parse_double((const uint8_t *)"1\0", 2, &value));
}

/* Half the way between the greatest subnormal and the least normal double, x 10^308: all of its digits decide. */
static const char half_way[] =
    "2.22507385850720113605740979670913197593481954635164564802342610972482222202107694551652952390813508"
    "7914149158913039621106870086438694594645527657207407820621743379988141063267329253552286881372149012"
    "9811224514518898490572223072852551331557550159143974763979834118019993239625482890171070818506906306"
    "6665599493827577257201576306269066333264756530000924588831643303777979186961204949739037782970490505"
    "1080609940730262937128958950003583799967207254304360284078895771796150945516748243471030702609144621"
    "5722898802581825451803257070188608721131280795122334262883686223215037756666225039825343359745688844"
    "2390026549819838548794829220689472168983109969836584681402285424333066033985088644580400103493397042"
    "756718644338377048603786162277173854562306587467901408672332763671875";

static uint64_t parse_with(const char *digits, const char *tail, const char *exponent)
{
    static char text[4000];
    double value = 17;
    size_t length = 0;
    const char *parts[] = {digits, tail, exponent};
    for (int i = 0; i < 3; i++) {
        memcpy(text + length, parts[i], strlen(parts[i]));
        length += strlen(parts[i]);
    }
    cr_assert(npki_parse_double((const uint8_t *)text, length, &value));
    return npki_bits_of(value);
}

Test(real, every_digit_decides)
{
    char below[sizeof half_way], zeros[1001];
    memcpy(below, half_way, sizeof below);
    below[sizeof below - 2]--;
    memset(zeros, '0', 1000);
    zeros[1000] = '\0';
    cr_expect_eq(parse_with(half_way, "", "e-308"), 0x0010000000000000);
    cr_expect_eq(parse_with(half_way, zeros, "e-308"), 0x0010000000000000);
    cr_expect_eq(parse_with(below, "", "e-308"), 0x000fffffffffffff);
    cr_expect_eq(parse_with(below, "99999999999999999999999999999999999999999999999999999", "e-308"),
                 0x000fffffffffffff);
    /* half the way but for the last of a thousand digits */
    cr_expect_eq(parse_with("9007199254740993.", zeros, ""), 0x4340000000000000);
    zeros[999] = '1';
    cr_expect_eq(parse_with("9007199254740993.", zeros, ""), 0x4340000000000001);
    cr_expect_eq(parse_with("9007199254740993.", zeros, "e0"), 0x4340000000000001);
}

Test(real, many_zeros_and_the_exponent_against_them)
{
    char zeros[3001];
    memset(zeros, '0', 3000);
    zeros[3000] = '\0';
    cr_expect_eq(parse_with("1", zeros, "e-3000"), 0x3ff0000000000000);
    zeros[2999] = '1';
    cr_expect_eq(parse_with("0.", zeros, "e3000"), 0x3ff0000000000000);
}

/* mantissa x 2^exponent; narrow at the foot of every binade but the lowest */
Test(real, taken_apart)
{
    static const struct {
        uint64_t bits, mantissa;
        int exponent;
        bool narrow, even;
    } parts[] = {
        {0x3ff0000000000000, 0x10000000000000, -52, true, true},
        {0x3ff0000000000001, 0x10000000000001, -52, false, false},
        {0x0010000000000000, 0x10000000000000, -1074, false, true},
        {0x0020000000000000, 0x10000000000000, -1073, true, true},
        {0x0000000000000001, 1, -1074, false, false},
        {0x7fefffffffffffff, 0x1fffffffffffff, 971, false, false},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        npki_real real = npki_real_of_double(npki_double_of(parts[i].bits));
        cr_expect_eq(real.mantissa, parts[i].mantissa, "%zu", i);
        cr_expect_eq(real.exponent, parts[i].exponent, "%zu", i);
        cr_expect_eq(real.narrow, parts[i].narrow, "%zu", i);
        cr_expect_eq(real.even, parts[i].even, "%zu", i);
    }
    cr_expect_not(npki_real_of_half(0x0400).narrow);
    cr_expect(npki_real_of_half(0x0800).narrow);
    cr_expect_not(npki_real_of_extended(UINT64_C(1) << 63, 1).narrow);
    cr_expect(npki_real_of_extended(UINT64_C(1) << 63, 2).narrow);
}

/* --- the grids of other floats; digits and point by NumPy's format_float_scientific(unique=True) --- */

static void expect_digits(npki_real real, const char *digits, int point)
{
    char found[NPKI_DIGITS + 1];
    int found_point;
    found[npki_shortest_digits(real, found, &found_point)] = '\0';
    cr_expect_str_eq(found, digits, "%s, not %s", found, digits);
    cr_expect_eq(found_point, point, "%s: point %d, not %d", digits, found_point, point);
}

Test(real, half)
{
    static const struct {
        uint16_t bits;
        const char *digits;
        int point;
    } halves[] = {
        {0x0001, "6", -7},   {0x0002, "1", -6},    {0x0003, "2", -6},  {0x03ff, "61", -4}, {0x0400, "6104", -4},
        {0x0401, "611", -4}, {0x0800, "1221", -3}, {0x3c00, "1", 1},   {0x2e66, "1", 0},   {0x3555, "3333", 0},
        {0x7bff, "655", 5},  {0x6400, "1024", 4},  {0x4248, "314", 1},
    };
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++)
        expect_digits(npki_real_of_half(halves[i].bits), halves[i].digits, halves[i].point);
}

Test(real, single)
{
    static const struct {
        uint32_t bits;
        const char *digits;
        int point;
    } singles[] = {
        {0x00000001, "1", -44},        {0x00000002, "3", -44},        {0x007fffff, "11754942", -37},
        {0x00800000, "11754944", -37}, {0x01000000, "23509887", -37}, {0x3dcccccd, "1", 0},
        {0x3f800000, "1", 1},          {0x40490fdb, "31415927", 1},   {0x4b800000, "16777216", 8},
        {0x4b800001, "16777218", 8},   {0x7f7fffff, "34028235", 39},  {0x501502f9, "1", 11},
        {0x00000007, "1", -43},
    };
    for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
        float value;
        memcpy(&value, &singles[i].bits, sizeof value);
        expect_digits(npki_real_of_float(value), singles[i].digits, singles[i].point);
    }
}

Test(real, extended)
{
    static const struct {
        uint64_t mantissa;
        uint16_t exponent;
        const char *digits;
        int point;
    } extended[] = {
        {0x0000000000000001, 0, "4", -4950},
        {0x0000000000000002, 0, "7", -4950},
        {0x7fffffffffffffff, 0, "3362103143112093506", -4931},
        {0x8000000000000000, 1, "33621031431120935063", -4931},
        {0x8000000000000000, 2, "67242062862241870125", -4931},
        {0xffffffffffffffff, 32766, "1189731495357231765", 4933},
        {0x8000000000000000, 32766, "59486574767861588254", 4932},
        {0x8000000000000000, 16383, "1", 1},
        {0x8000000000000001, 16383, "10000000000000000001", 1},
        {0xcccccccccccccccd, 16379, "1", 0},
        {0xc90fdaa22168c235, 16384, "31415926535897932385", 1},
        {0x8000000000000000, 16447, "18446744073709551616", 20},
        {0xaaaaaaaaaaaaaaab, 16381, "33333333333333333334", 0},
    };
    for (size_t i = 0; i < sizeof extended / sizeof *extended; i++)
        expect_digits(npki_real_of_extended(extended[i].mantissa, extended[i].exponent), extended[i].digits,
                      extended[i].point);
    npki_real negative = npki_real_of_extended(0x8000000000000000, 0x8000 | 16383); /* the sign is not taken in */
    cr_expect_eq(negative.exponent, -63);
}

/* '%.*f' and '%.*e' of Python. */
Test(real, rounded)
{
    static const struct {
        double value;
        bool scientific;
        int places, room;
        const char *digits;
        int point;
    } rounded[] = {
        {0.5, false, 0, 40, "", 0},
        {1.5, false, 0, 40, "2", 1},
        {2.5, false, 0, 40, "2", 1},
        {0.125, false, 2, 40, "12", 0},
        {0.375, false, 2, 40, "38", 0},
        {0.05, false, 1, 40, "1", 0},
        {0.04, false, 1, 40, "", 0},
        {0.004, false, 1, 40, "", 0},
        {9.995, false, 2, 40, "999", 1},
        {99.99, false, 1, 40, "1", 3},
        {0.96, false, 0, 40, "1", 1},
        {1e22, false, 8, 40, "1", 23},
        {3.0, false, 8, 40, "3", 1},
        {2.5, true, 0, 40, "2", 1},
        {3.5, true, 0, 40, "4", 1},
        {9.5, true, 0, 40, "1", 2},
        {1e23, true, 16, 40, "99999999999999992", 23},
        {0.1, true, 24, 40, "1000000000000000055511151", 0},
        {5e-324, true, 3, 40, "4941", -323},
        {0.1, false, 60, 40, "1000000000000000055511151231257827021182", 0},
    };
    for (size_t i = 0; i < sizeof rounded / sizeof *rounded; i++) {
        char digits[41];
        int point;
        digits[npki_rounded_digits(npki_real_of_double(rounded[i].value), rounded[i].scientific, rounded[i].places,
                                   digits, rounded[i].room, &point)] = '\0';
        cr_expect_str_eq(digits, rounded[i].digits, "%zu: %s, not %s", i, digits, rounded[i].digits);
        cr_expect(rounded[i].digits[0] == '\0' || point == rounded[i].point, "%zu: point %d", i, point);
    }
}
