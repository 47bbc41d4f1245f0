/* Calls of Pyro, from both sides. Wire protocols are rows of one table: pyro4.c and pyro3.c. */
#ifndef BRIDGES_PYRO_PYRO_H
#define BRIDGES_PYRO_PYRO_H

#include "message.h"

/* --- exceptions --- */

struct pyro_exception {
    const char *module; /* "builtins" */
    const char *name;   /* "ValueError"; NULL: there is none */
    char text[256];
};

/* A message_body; context: a struct pyro_exception *. Python raises it, with its text and a `_pyroTraceback`. */
npk_status pyro_write_exception(npk_writer *writer, void *context);

/* Likewise: that traceback alone, a list of lines. */
npk_status pyro_write_traceback(npk_writer *writer, void *context);

/* peer->error gets class and text of one that Python has pickled. False. */
bool pyro_raised(struct peer *peer, const npk_value *exception);

/* --- a client --- */

struct pyro_call {
    const char *object;
    const char *method;
    const npk_doc *argument;   /* the only one */
    npk_write_options options; /* of what is sent */
    const char *key;           /* of the HMAC, or NULL */
    bool oneway;               /* nothing comes back */
    unsigned sequence;         /* Pyro4: of the last call on this connection */
    char guid[128];            /* Pyro3: of the object, where the daemon knows its name */
};

/* The argument, in a pickle with these options. In another protocol or dialect than its own a plain array is written
 * anew: those of protocol 5 name what older Pythons and NumPys lack, and Python 2 and Jython are quicker with a
 * str. */
npk_status pyro_write_argument(npk_writer *writer, const struct pyro_call *call, const npk_write_options *options);

/* --- a daemon --- */

struct pyro_registry;

/* What a method gives back: what `body` writes (NULL: None), or an exception. */
struct pyro_answer {
    message_body *body;
    void *context;
    double number; /* room for one */
    const struct pyro_registry *registry;
    struct pyro_exception exception;
};

/* A method in C: args has as many items as its row says. It lives, as the answer does, until the answer is sent. No two
 * are called at a time, but an answer is written while another method runs. */
typedef void pyro_function(const npk_value *args, struct pyro_answer *answer);

struct pyro_method {
    const char *name; /* the last one has none */
    size_t count;     /* of its arguments */
    pyro_function *function;
    bool oneway; /* proxies don't wait for it */
};

/* The object that a daemon has. */
struct pyro_registry {
    const char *object;
    const struct pyro_method *methods;
};

/* A message_body; context: the struct pyro_answer *, of which it writes the number. */
npk_status pyro_write_number(npk_writer *writer, void *context);

/* The answer is this exception of the module builtins. */
void pyro_raise(struct pyro_answer *answer, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ... of another one. */
void pyro_raise_of(struct pyro_answer *answer, const char *module, const char *name, const char *text);

/* Calls the method that has this name. `method`, `args` (a tuple or list), `kwargs` (a dict or None): as they were
 * sent. */
void pyro_dispatch(const struct pyro_method *methods, const npk_value *method, const npk_value *args,
                   const npk_value *kwargs, struct pyro_answer *answer);

/* A message_body; context: the struct pyro_answer *: what it gives back, or its exception. */
npk_status pyro_write_answer(npk_writer *writer, void *context);

#define PYRO_CHALLENGE 16

/* Somebody who is connected to a daemon. */
struct pyro_visitor {
    struct peer peer;
    const char *key; /* of the HMAC, or NULL */
    bool greeted;    /* has said who he is */
    bool ended;      /* is gone, in good order */
    uint8_t challenge[PYRO_CHALLENGE]; /* Pyro3: what he is asked first */
};

/* --- the table --- */

struct pyro_protocol {
    /* Where a Proxy finds the object: a line on standard output. */
    void (*print_uri)(const char *object, const char *where);

    /* Says to a daemon who is there, on a new connection. False: peer->error. */
    bool (*greet)(struct peer *peer, struct pyro_call *call);

    /* One call; *doc is what comes back, and the caller's; NULL where nothing does. False: peer->error. */
    bool (*call)(struct peer *peer, struct pyro_call *call, npk_doc **doc);

    /* What a visitor gets before he has said anything. False: peer.error. */
    bool (*let_in)(struct pyro_visitor *visitor);

    /* Reads one message of a visitor's and answers it. False: the connection is to be closed; visitor->ended, or
     * peer.error. */
    bool (*serve)(struct pyro_visitor *visitor, const struct pyro_registry *registry);
};

extern const struct pyro_protocol pyro4, pyro3;

#endif
