#include "option.h"

#include "common.h"

#include <string.h>

bool tool_parse_number(const char *text, int least, int most, int *out)
{
    int value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || value > most / 10)
            return false;
        value = 10 * value + (*text - '0');
    }
    if (value < least || value > most)
        return false;
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

void tool_print_help(const tool_command *command, const tool_option *options, size_t count)
{
    printf("Usage: npickle %s [OPTION]... %s\n%s.\n\nOptions:\n", command->name, command->arguments, command->summary);
    for (size_t i = 0; i < count; i++)
        print_option(options[i].letter, options[i].name, options[i].argument, options[i].summary);
    print_option('h', "help", NULL, "this text");
    fputs("\nFILE, IN, RAW: '-' is standard input. OUT: '-' is standard output.\n", stdout);
}

static const tool_option *find_name(const tool_option *options, size_t count, const char *name, size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(options[i].name, name, size) == 0 && options[i].name[size] == '\0')
            return &options[i];
    return NULL;
}

static const tool_option *find_letter(const tool_option *options, size_t count, char letter)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].letter == letter)
            return &options[i];
    return NULL;
}

/* Where the parser stands: argv[next] is what follows. */
typedef struct option_parser {
    const tool_option *options;
    size_t count;
    int argc;
    char **argv;
    int next;
    tool_arguments *out;
} option_parser;

/* Takes the argument of an option: `given` if it stands in the same word, else the next word. */
static int take_value(option_parser *parser, const tool_option *option, const char *spelled, const char *given)
{
    const char *command = parser->argv[0];
    if (option->argument == NULL && given != NULL)
        return tool_usage(command, "%s takes no argument", spelled);
    if (option->argument != NULL && given == NULL) {
        if (parser->next == parser->argc)
            return tool_usage(command, "%s needs an argument: %s", spelled, option->argument);
        given = parser->argv[parser->next++];
    }
    parser->out->values[option - parser->options] = given == NULL ? "" : given;
    return TOOL_GO_ON;
}

static int take_long(option_parser *parser, const char *word)
{
    size_t size = strcspn(word + 2, "=");
    const tool_option *option = find_name(parser->options, parser->count, word + 2, size);
    if (option == NULL)
        return tool_usage(parser->argv[0], "there is no option '%s'", word);
    return take_value(parser, option, word, word[2 + size] == '=' ? word + 2 + size + 1 : NULL);
}

static int take_letters(option_parser *parser, const char *word)
{
    for (const char *at = word + 1; *at != '\0'; at++) {
        const tool_option *option = find_letter(parser->options, parser->count, *at);
        if (option == NULL)
            return tool_usage(parser->argv[0], "there is no option '-%c'", *at);
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

static int check_operands(const char *command, const tool_arguments *out, int least, int most)
{
    const tool_command *row = tool_command_row(command);
    if (out->operand_count < least)
        return tool_usage(command, "an operand is missing: %s", row->arguments);
    if (out->operand_count > most)
        return tool_usage(command, "one operand too many: '%s'", out->operands[most]);
    return TOOL_GO_ON;
}

int tool_parse_options(const tool_option *options, size_t count, int argc, char **argv, int least, int most,
                       tool_arguments *out)
{
    option_parser parser = {.options = options, .count = count, .argc = argc, .argv = argv, .next = 1, .out = out};
    *out = (tool_arguments){.operands = argv + 1};
    if (asks_for_help(argc, argv)) {
        tool_print_help(tool_command_row(argv[0]), options, count);
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
    return check_operands(argv[0], out, least, most);
}
