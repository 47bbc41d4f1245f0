/* What calls have whatever the wire: exceptions, and the methods of a registry. */
#include "pyro.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- exceptions --- */

npk_status pyro_write_traceback(npk_writer *writer, void *context)
{
    const struct pyro_exception *exception = context;
    char line[sizeof exception->text + 64];
    snprintf(line, sizeof line, "raised in C: %s: %s\n", exception->name, exception->text);
    npk_write_begin_list(writer, 1);
    npk_write_str(writer, line);
    return npk_write_end(writer);
}

npk_status pyro_write_exception(npk_writer *writer, void *context)
{
    const struct pyro_exception *exception = context;
    npk_write_begin_call(writer);
    npk_write_global(writer, exception->module, exception->name);
    npk_write_begin_tuple(writer, 1);
    npk_write_str(writer, exception->text);
    npk_write_end(writer);
    npk_write_begin_dict(writer, 1);
    npk_write_str(writer, "_pyroTraceback");
    pyro_write_traceback(writer, context);
    npk_write_end(writer);
    return npk_write_end(writer);
}

/* An npk_write_function: as much as there is room for. */
struct words {
    char text[160];
    size_t size;
};

static int add_words(void *context, const void *bytes, size_t size)
{
    struct words *words = context;
    const size_t left = sizeof words->text - words->size, count = size < left ? size : left;
    memcpy(words->text + words->size, bytes, count);
    words->size += count;
    return 0;
}

bool pyro_raised(struct peer *peer, const npk_value *exception)
{
    npk_object object = {0};
    const char *module, *name;
    size_t module_size, name_size, size;
    struct words words = {.size = 0};
    if (!npk_value_as_object(exception, &object) ||
        !npk_value_as_global(object.callable, &module, &module_size, &name, &name_size))
        return peer_fail(peer, "expected an exception, found %s", npk_kind_name(npk_value_kind(exception)));
    const npk_value *args = object.args;
    const npk_value *first = npk_value_size(args) == 1 ? npk_value_item(args, 0) : args;
    const char *text = npk_value_text(first, &size);
    const npk_print_options options = {.depth = 3};
    if (text != NULL)
        add_words(&words, text, size);
    else if (npk_value_size(args) > 0)
        (void)!npk_print_value(first, &options, add_words, &words, NULL);
    for (size_t i = 0; i < words.size; i++)
        if ((unsigned char)words.text[i] < ' ' || words.text[i] == 127)
            words.text[i] = ' ';
    return peer_fail(peer, "%.*s.%.*s: %.*s", (int)module_size, module, (int)name_size, name, (int)words.size,
                     words.text);
}

/* --- calls --- */

npk_status pyro_write_argument(npk_writer *writer, const struct pyro_call *call, const npk_write_options *options)
{
    const npk_write_options own = message_options_for(call->argument);
    const bool same = own.protocol == options->protocol && own.dialect == options->dialect;
    message_body *body = same ? message_value : message_array;
    return body(writer, (void *)(uintptr_t)npk_doc_root(call->argument));
}

/* --- methods --- */

/* Cuts off a character of UTF-8 that has no room at the end. */
static void cut(char *text)
{
    size_t size = strlen(text), tail = 0;
    while (tail < 3 && tail < size && (text[size - 1 - tail] & 0xc0) == 0x80)
        tail++;
    const unsigned lead = tail < size ? (unsigned char)text[size - 1 - tail] : 0;
    if ((lead >= 0xc0) + (lead >= 0xe0) + (lead >= 0xf0) > (int)tail)
        text[size - 1 - tail] = '\0';
}

void pyro_raise(struct pyro_answer *answer, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(answer->exception.text, sizeof answer->exception.text, format, arguments);
    va_end(arguments);
    cut(answer->exception.text);
    answer->exception.module = "builtins";
    answer->exception.name = name;
}

void pyro_raise_of(struct pyro_answer *answer, const char *module, const char *name, const char *text)
{
    pyro_raise(answer, name, "%s", text);
    answer->exception.module = module;
}

/* Each visitor has a thread. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static void call_alone(const struct pyro_method *method, const npk_value *args, struct pyro_answer *answer)
{
    pthread_mutex_lock(&one_at_a_time);
    method->function(args, answer);
    pthread_mutex_unlock(&one_at_a_time);
}

void pyro_dispatch(const struct pyro_method *methods, const npk_value *method, const npk_value *args,
                   const npk_value *kwargs, struct pyro_answer *answer)
{
    size_t size = 0;
    const char *name = npk_value_text(method, &size);
    while (methods->name != NULL && !npk_value_is_text(method, methods->name))
        methods++;
    if (methods->name == NULL)
        pyro_raise(answer, "AttributeError", "there is no method %.*s", size < 100 ? (int)size : 100,
                   name == NULL ? "" : name);
    else if (npk_value_size(kwargs) > 0)
        pyro_raise(answer, "TypeError", "%s() takes no arguments by name", methods->name);
    else if (npk_value_size(args) != methods->count)
        pyro_raise(answer, "TypeError", "%s(): expected %zu argument%s, found %zu", methods->name, methods->count,
                   methods->count == 1 ? "" : "s", npk_value_size(args));
    else
        call_alone(methods, args, answer);
}

npk_status pyro_write_number(npk_writer *writer, void *context)
{
    const struct pyro_answer *answer = context;
    return npk_write_float(writer, answer->number);
}

npk_status pyro_write_answer(npk_writer *writer, void *context)
{
    struct pyro_answer *answer = context;
    if (answer->exception.name != NULL)
        return pyro_write_exception(writer, &answer->exception);
    return answer->body == NULL ? npk_write_none(writer) : answer->body(writer, answer->context);
}
