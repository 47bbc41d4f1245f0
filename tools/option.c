#include "option.h"

#include "buffers.h"
#include "common.h"

#include <stdlib.h>
#include <string.h>

bool tool_parse_digits(const char *text, size_t size, int64_t most, int64_t *out)
{
    int64_t value = 0;
    if (size == 0)
        return false;
    for (size_t i = 0; i < size; i++) {
        int64_t digit = text[i] - '0';
        if (digit < 0 || digit > 9 || digit > most || value > (most - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    *out = value;
    return true;
}

static void print_option(char letter, const char *name, const char *argument, const char *summary)
{
    char room[64];
    snprintf(room, sizeof room, "--%s%s%s", name, argument == NULL ? "" : "=", argument == NULL ? "" : argument);
    if (letter == 0)
        printf("      %-22s %s\n", room, summary);
    else
        printf("  -%c, %-22s %s\n", letter, room, summary);
}

/* --- the options of a command ------------------------------------------------------------------------------------- */

static const struct {
    unsigned taken; /* of tool_shared */
    tool_option option;
} shared[] = {
    {TOOL_TAKES_PROTOCOL, {"protocol", 'p', "N", "of the pickle, 0 to 5; else 2"}},
    {TOOL_TAKES_DIALECT, {"dialect", 0, "NAME", "of the pickle: default, numpy2, python2 ..."}},
    {TOOL_TAKES_PRODUCER,
     {"array-producer", 0, "NAME", "of array.array as raw bytes: cpython, cpython32, jython; else guess"}},
    {TOOL_TAKES_KEEP_MEMO,
     {"keep-memo", 0, NULL, "one Pickler wrote all pickles: they share its memo (ZODB records)"}},
    {TOOL_TAKES_KEEP_GOING, {"keep-going", 'k', NULL, "keep malformed objects, and read what is around them"}},
    {TOOL_TAKES_REPAIR,
     {"repair", 0, NULL, "undo a transfer in text mode (0x0a became 0x0d 0x0a), where that is certain"}},
    {TOOL_TAKES_BUFFER, TOOL_OPTION_BUFFER},
    {TOOL_TAKES_BUFFERS_OUT, {"buffers-out", 0, "DIR", "payloads go to DIR/000000.buf and on, outside the pickle"}},
};

static void take_options(const tool_command *command, tool_arguments *out)
{
    for (size_t i = 0; i < command->option_count; i++)
        out->options[out->option_count++] = command->options[i];
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if ((command->shared & shared[i].taken) != 0)
            out->options[out->option_count++] = shared[i].option;
}

static void print_help(const tool_command *command, const tool_arguments *arguments)
{
    printf("Usage: npickle %s [OPTION]... %s\n%s.\n\nOptions:\n", command->name, command->operands, command->summary);
    for (size_t i = 0; i < arguments->option_count; i++) {
        const tool_option *option = &arguments->options[i];
        print_option(option->letter, option->name, option->argument, option->summary);
    }
    print_option('h', "help", NULL, "this text");
    fputs("\nFILE, IN, RAW: '-' is standard input. OUT: '-' is standard output.\n", stdout);
}

static const tool_option *find_name(const tool_arguments *arguments, const char *name, size_t size)
{
    for (size_t i = 0; i < arguments->option_count; i++) {
        const char *own = arguments->options[i].name;
        if (strncmp(own, name, size) == 0 && own[size] == '\0')
            return &arguments->options[i];
    }
    return NULL;
}

static const tool_option *find_letter(const tool_arguments *arguments, char letter)
{
    for (size_t i = 0; i < arguments->option_count; i++)
        if (arguments->options[i].letter == letter)
            return &arguments->options[i];
    return NULL;
}

/* Where the parser stands: argv[next] is what follows. */
typedef struct option_parser {
    const tool_command *command;
    int argc;
    char **argv;
    int next;
    tool_arguments *out;
} option_parser;

/* Takes the argument of an option: `given` if it stands in the same word, else the next word. */
static int take_value(option_parser *parser, const tool_option *option, const char *spelled, const char *given)
{
    const char *command = parser->command->name;
    if (option->argument == NULL && given != NULL)
        return tool_usage(command, "%s takes no argument", spelled);
    if (option->argument != NULL && given == NULL) {
        if (parser->next == parser->argc)
            return tool_usage(command, "%s needs an argument: %s", spelled, option->argument);
        given = parser->argv[parser->next++];
    }
    size_t row = (size_t)(option - parser->out->options);
    parser->out->values[row] = given == NULL ? "" : given;
    parser->out->given[parser->out->given_count++] = (tool_given){row, parser->out->values[row]};
    return TOOL_GO_ON;
}

static int take_long(option_parser *parser, const char *word)
{
    size_t size = strcspn(word + 2, "=");
    const tool_option *option = find_name(parser->out, word + 2, size);
    if (option == NULL)
        return tool_usage(parser->command->name, "unknown option '%s'", word);
    return take_value(parser, option, word, word[2 + size] == '=' ? word + 2 + size + 1 : NULL);
}

static int take_letters(option_parser *parser, const char *word)
{
    for (const char *at = word + 1; *at != '\0'; at++) {
        const tool_option *option = find_letter(parser->out, *at);
        if (option == NULL)
            return tool_usage(parser->command->name, "unknown option '-%c'", *at);
        bool takes = option->argument != NULL;
        int status = take_value(parser, option, word, takes && at[1] != '\0' ? at + 1 : NULL);
        if (status != TOOL_GO_ON || takes)
            return status;
    }
    return TOOL_GO_ON;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int check_operands(const tool_command *command, const tool_arguments *out)
{
    if (out->operand_count < command->least)
        return tool_usage(command->name, "an operand is missing: %s", command->operands);
    if (out->operand_count > command->most)
        return tool_usage(command->name, "one operand too many: '%s'", out->operands[command->most]);
    return TOOL_GO_ON;
}

int tool_parse_options(const tool_command *command, int argc, char **argv, tool_arguments *out)
{
    option_parser parser = {.command = command, .argc = argc, .argv = argv, .next = 1, .out = out};
    size_t letters = 0; /* "-ab" are two options */
    for (int i = 0; i < argc; i++)
        letters += strlen(argv[i]) + 1;
    *out = (tool_arguments){
        .command = command->name, .operands = argv + 1, .given = malloc(letters * sizeof(tool_given))};
    take_options(command, out);
    if (out->given == NULL)
        return tool_no_memory();
    if (asks_for_help(argc, argv)) {
        print_help(command, out);
        return tool_finish_output(TOOL_GOOD);
    }
    bool ended = false;
    while (parser.next < argc) {
        char *word = argv[parser.next++];
        int status = TOOL_GO_ON;
        if (ended || word[0] != '-' || word[1] == '\0')
            out->operands[out->operand_count++] = word;
        else if (strcmp(word, "--") == 0)
            ended = true;
        else if (word[1] == '-')
            status = take_long(&parser, word);
        else
            status = take_letters(&parser, word);
        if (status != TOOL_GO_ON)
            return status;
    }
    return check_operands(command, out);
}

/* --- shared by several commands ----------------------------------------------------------------------------------- */

const char *tool_option_value(const tool_arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->option_count; i++)
        if (strcmp(arguments->options[i].name, name) == 0)
            return arguments->values[i];
    return NULL;
}

int tool_parse_reader(const tool_arguments *arguments, npk_read_options *out)
{
    const char *name, *producer = tool_option_value(arguments, "array-producer");
    *out = (npk_read_options){.array_producer = NPK_ARRAY_GUESS};
    tool_give_buffers(arguments, TOOL_BUFFERS_OF_FIRST, out);
    if (tool_option_value(arguments, "keep-memo") != NULL)
        out->memo_scope = NPK_MEMO_OF_STREAM;
    if (tool_option_value(arguments, "keep-going") != NULL)
        out->malformed = NPK_MALFORMED_KEEP;
    if (producer == NULL)
        return TOOL_GO_ON;
    for (int i = 0; (name = npk_array_producer_name((npk_array_producer)i)) != NULL; i++)
        if (strcmp(producer, name) == 0) {
            out->array_producer = (npk_array_producer)i;
            return TOOL_GO_ON;
        }
    return tool_usage(arguments->command, "--array-producer: expected guess, cpython, cpython32 or jython, found '%s'",
                      producer);
}

tool_opening tool_parse_opening(const tool_arguments *arguments, tool_opening otherwise)
{
    return tool_option_value(arguments, "repair") != NULL ? TOOL_REPAIRED : otherwise;
}

int tool_parse_writer(const tool_arguments *arguments, npk_write_options *out)
{
    const char *command = arguments->command, *protocol = tool_option_value(arguments, "protocol");
    const char *dialect = tool_option_value(arguments, "dialect");
    npk_error error;
    int64_t number = 0;
    *out = (npk_write_options){.protocol_given = protocol != NULL, .keep_padding = true}; /* it comes from files */
    if (protocol != NULL && !tool_parse_digits(protocol, strlen(protocol), NPK_PROTOCOL_MAX, &number))
        return tool_usage(command, "--protocol: expected 0 to %d, found '%s'", NPK_PROTOCOL_MAX, protocol);
    out->protocol = (int)number;
    if (dialect != NULL && npk_dialect_parse(dialect, &out->dialect, &error) != NPK_OK)
        return tool_usage(command, "--dialect: %s", error.message);
    return TOOL_GO_ON;
}
