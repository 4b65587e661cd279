/* What both forms of a target's text share: keeping parts of it, saying what is
 * wrong, registering what is secret. */
#include "config/target_parser.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/secret.h"

char *parser_keep(struct parser *parser, const char *bytes, size_t length)
{
    char *copy = parser->free;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    parser->free += length + 1;
    return copy;
}

bool parser_fail(struct parser *parser, const char *reason)
{
    text_add(parser->why, reason);
    return false;
}

void parser_hide_query(struct parser *parser)
{
    for (const char *at = parser->target->query; at && *at;) {
        size_t length = strcspn(at, "&");
        size_t name = strcspn(at, "=&");
        size_t value = length > name ? length - name - 1 : 0;
        if (!target_may_show_pair(parser->target, at, length))
            secret_add(parser_keep(parser, at + length - value, value));
        at += length + (at[length] == '&');
    }
}

bool parser_is_host_name(const char *host)
{
    return host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789.-_")] == '\0';
}

bool parser_check_host(const char *host, struct text *why)
{
    struct in6_addr address;
    bool is_right = parser_is_host_name(host) || inet_pton(AF_INET6, host, &address) == 1;
    if (!is_right)
        text_add(why, "has a host with a character that no name has");
    return is_right;
}
