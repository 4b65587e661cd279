/* suggest_port: one TCP port of this machine: what it speaks, and which of the usual paths
 * could be a health check. */
#ifndef PROBE_SUGGEST_PORT_H
#define PROBE_SUGGEST_PORT_H

#include "machine/listeners.h"
#include "run/run.h"
#include "run/suggest.h"

enum { PORT_TARGET_SIZE = 128 };
typedef char port_target[PORT_TARGET_SIZE];

enum speech {
    SPEAKS_NOTHING, /* HTTP was asked, and no answer came */
    SPEAKS_OTHER,
    SPEAKS_POSTGRES,
    SPEAKS_REDIS,
    SPEAKS_MYSQL,
    SPEAKS_HTTP,
    SPEAKS_HTTPS
};

struct port {
    const struct listener *listener;
    const char *no_path; /* why "/" is nothing for live although it is healthy; NULL: it is not */
    enum speech speech;
    bool is_root;        /* live's path is "/" */
    char place[60];      /* ":8000", of an address that is not all of them "10.0.0.2:8000" */
    port_target live;    /* a path for live; "": none */
    port_target ready;   /* a path for ready that live must not ask; "": none */
    char found[1200];    /* lines about its paths */
    struct result first; /* what "/" answered, or a connection where HTTP was not asked */
};

/* Begins with a listener; false for one that cannot be asked. */
bool port_init(struct port *port, const struct listener *listener);

/* A plan of targets that are asked as ready does with config. It lives as long as the
 * process. NULL with the reason in why. */
struct plan *port_plan(const struct config *config, port_target targets[], size_t count,
                       struct text *why);

/* Asks a plan, from now on. */
void port_run(struct run *run, const struct plan *plan, int64_t limit_ms);

/* Finds out what ports speak, until the deadline. False with the reason in why when they cannot
 * be asked. */
bool port_find_speech(struct port ports[], size_t count, const struct config *config,
                      struct deadline end, struct text *why);

/* Asks a port that speaks HTTP, or nothing to "/" alone, for the usual paths and chooses among
 * them. It speaks nothing then if none was answered. */
void port_find_paths(struct port *port, const struct config *config, struct deadline end);

/* Writes the target of a port: :8000/path where that means the port, else the URL. */
void port_write_target(const struct port *port, const char *scheme, const char *path,
                       port_target target);

/* "http", "PostgreSQL", "no answer" ... */
const char *port_speech(const struct port *port);

#endif
