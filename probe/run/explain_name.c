/* A name that does not resolve: who was asked, and what is close to it. */
#include "run/explain_name.h"

#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "machine/procfs.h"

enum {
    NEAR = 2, /* letters between a name and one that is close */
    SHORT = 5 /* letters that make a name long enough for two to differ */
};

/* What musl makes of /etc/resolv.conf, resolv.conf(5). */
struct resolver {
    struct text servers;
    struct text search;
    char server_bytes[160];
    char search_bytes[160];
    int server_count;
    int dots; /* a name with fewer is looked for in the search list first */
};

static void add_word(struct text *list, const char *word)
{
    text_add(list, list->length ? " " : "");
    text_add_foreign(list, word, strcspn(word, " \t\r"), 100);
}

static void take_resolver(const char *line, void *user)
{
    enum { SERVERS_MAX = 3 }; /* musl asks no more */
    struct resolver *resolver = user;
    const char *word = procfs_field(line, 1);
    if (!word)
        return;
    if (strncmp(line, "nameserver", 10) == 0 && resolver->server_count++ < SERVERS_MAX)
        add_word(&resolver->servers, word);
    if (strncmp(line, "search", 6) == 0 || strncmp(line, "domain", 6) == 0) {
        text_init(&resolver->search, TEXT_ARRAY(resolver->search_bytes)); /* the last one counts */
        for (int i = 1; (word = procfs_field(line, i)) != NULL; i++)
            add_word(&resolver->search, word);
    }
    const char *dots = strncmp(line, "options", 7) == 0 ? strstr(line, "ndots:") : NULL;
    if (dots)
        resolver->dots = atoi(dots + strlen("ndots:"));
}

static int count_dots(const char *name)
{
    int count = 0;
    for (; *name; name++)
        count += *name == '.';
    return count;
}

struct near_name {
    const char *wanted;
    unsigned distance;
    char name[40];
};

/* Keeps a name when it is closer to the one that was asked than those before. */
static void take_name(struct near_name *near, const char *bytes, size_t length)
{
    char name[sizeof near->name] = "";
    if (length >= sizeof name)
        return;
    memcpy(name, bytes, length);
    unsigned distance = parse_distance(near->wanted, name);
    if (distance == 0 || distance > near->distance)
        return;
    near->distance = distance - 1; /* the next one must be closer */
    memcpy(near->name, name, sizeof name);
}

/* A line of /etc/hosts: an address and its names. */
static void take_host(const char *line, void *user)
{
    const char *at = line + strcspn(line, " \t#");
    for (size_t length; *(at += strspn(at, " \t\r")) != '\0' && *at != '#'; at += length) {
        length = strcspn(at, " \t\r#");
        take_name(user, at, length);
    }
}

void explain_name(const struct check *check, struct result *result)
{
    struct resolver resolver = {.dots = 1};
    struct near_name near = {.wanted = check->target->host};
    struct text words = result_words(result);
    text_init(&resolver.servers, TEXT_ARRAY(resolver.server_bytes));
    text_init(&resolver.search, TEXT_ARRAY(resolver.search_bytes));
    if (check->target->socket)
        return;
    near.distance = strlen(near.wanted) < SHORT ? 1 : NEAR;
    procfs_each_line("", "/etc/resolv.conf", take_resolver, &resolver);
    procfs_each_line("", "/etc/hosts", take_host, &near);
    if (resolver.servers.length)
        text_format(&words, "; asked %s", resolver.server_bytes);
    else
        text_add(&words, "; /etc/resolv.conf names no server, so 127.0.0.1 was asked");
    if (result->cause == CAUSE_TIMEOUT_RESOLVE) { /* the others have the name in their words */
        text_add(&words, " for ");
        text_add_name(&words, near.wanted);
    }
    if (resolver.search.length && count_dots(near.wanted) < resolver.dots)
        text_format(&words, ", search %s", resolver.search_bytes);
    if (*near.name) {
        text_add(&words, "; /etc/hosts has ");
        text_add_foreign(&words, near.name, strlen(near.name), 40);
    }
}
