/* target_parser: a target that is being taken apart, shared by target_parse.c
 * and the files that read one kind of target each. */
#ifndef PROBE_TARGET_PARSER_H
#define PROBE_TARGET_PARSER_H

#include "config/target.h"

/* What is being taken apart. */
struct parser {
    struct target *target;
    char *free;     /* the rest of the target's storage */
    const char *at; /* the rest of the text */
    struct text *why;
};

/* Copies a slice into the target's storage, which has room for each byte of the
 * text as often as target_parse.c says. */
char *parser_keep(struct parser *parser, const char *bytes, size_t length);

/* Says why the target is refused; false. */
bool parser_fail(struct parser *parser, const char *reason);

/* The values of the target's query may be tokens or passwords: all are kept secret but
 * those that may be shown. */
void parser_hide_query(struct parser *parser);

/* What follows "scheme://" of each kind; for PostgreSQL, a keyword string ("host=h user=u") too.
 * A plain URL has parameters in its query. */
bool parser_read_http(struct parser *parser);
bool parser_read_plain(struct parser *parser);
bool parser_read_postgres(struct parser *parser);
bool parser_read_keywords(struct parser *parser);
bool parser_read_redis(struct parser *parser);

/* Whether a parameter is a wish for TLS by its name, in any client's words; and whether
 * its value takes that back. */
bool parser_is_of_tls(const char *name);

/* Whether it is one of those parameters, and not only begins so. */
bool parser_asks_for_tls(const char *name);
bool parser_is_plain(const char *value);

/* Whether a parameter is one of PostgreSQL's other drivers that says nothing of where or as whom
 * to log in. */
bool parser_is_of_drivers(const char *name);

/* Whether a parameter names the schema in which its driver looks for tables. */
bool parser_is_of_schema(const char *name);

/* JDBC's word for the kind of server that is wanted, in libpq's words; NULL: it is none. */
const char *parser_server_type(const char *jdbc);

/* Whether a word is among some, in any case of letters. */
bool parser_is_in(const char *const *words, size_t count, const char *word);
#define IS_IN(words, word) parser_is_in((words), sizeof(words) / sizeof *(words), (word))

/* Whether a scheme of Redis means TLS; and what is wrong with a parameter that asks for TLS, or
 * says how, NULL when nothing is. */
bool redis_is_tls_scheme(const char *scheme);
const char *redis_refuse_tls(const struct target *target, const struct parameter *parameter);

/* Whether a host has the characters of a name only. */
bool parser_is_host_name(const char *host);

/* Whether a host is a name or an address; false with the reason in why. */
bool parser_check_host(const char *host, struct text *why);

/* Whether a text is a keyword string: it begins with a word and an =. */
bool parser_is_keywords(const char *text);

/* Makes a PostgreSQL target's hosts of its parameters host, hostaddr and port.
 * False with the reason in why when their numbers do not match. */
bool target_place_postgres(struct target *target, struct text *why);

#endif
