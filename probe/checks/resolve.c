/* Names to addresses. getaddrinfo(3) blocks as long as it likes, and asked for both
 * families at once it fails, or waits to the end, where the name server cannot answer for
 * one of them. So each family is asked in a thread of its own. */
#include "checks/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/memory.h"

enum {
    IPV4,
    IPV6,
    FAMILY_COUNT,
    OTHER_MS = 500, /* how long the second answer is waited for once there is an address */
    STACK_SIZE = 256 * 1024
};

/* What came of the question for one family. */
struct answer {
    struct lookup *lookup;
    int family;
    bool is_done;
    int error;        /* getaddrinfo's, 0 with addresses */
    int system_error; /* errno, which says more where musl's own error is vague */
    struct addresses addresses;
};

/* One name's questions. The last that uses it frees it: a thread, or the one that asks. */
struct lookup {
    struct answer answers[FAMILY_COUNT];
    pthread_cond_t answered;
    int users;
    struct lookup *next; /* of those that threads are at */
    char host[];         /* a copy, because a late thread may outlive the asker's */
};

/* Guards what threads change in every lookup, and the list of those that threads are at. Static,
 * so that a late thread still finds it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct lookup *running;

static void add_address(struct addresses *addresses, const char *text)
{
    if (addresses->count < ADDRESSES_MAX)
        strncpy(addresses->text[addresses->count++], text, ADDRESS_LENGTH_MAX - 1);
}

static void add_sockaddr(struct addresses *addresses, const struct sockaddr *address)
{
    char text[ADDRESS_LENGTH_MAX] = "";
    const void *binary = address->sa_family == AF_INET6
                             ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                             : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    if (inet_ntop(address->sa_family, binary, text, sizeof text))
        add_address(addresses, text);
}

/* Says why there is no address. musl gives a limit of descriptors no error of its
 * own (EAI_SYSTEM, EAI_AGAIN or worse), and leaves errno. */
static void fail(const char *host, int error, int system_error, struct result *result)
{
    if (error == EAI_MEMORY)
        system_error = ENOMEM;
    bool is_unknown = error == EAI_NONAME;
    bool is_short = !is_unknown && cause_of_errno(system_error) == CAUSE_NO_RESOURCES;
    enum cause cause = is_unknown ? CAUSE_NAME_NOT_FOUND
                       : is_short ? CAUSE_NO_RESOURCES
                                  : CAUSE_NAME_FAILED;
    struct text words = result_fail(result, cause, "name '");
    text_add_name(&words, host);
    text_add(&words, is_unknown ? "' not found" : "' not resolved: ");
    if (!is_unknown)
        text_add(&words, is_short ? strerror(system_error) : gai_strerror(error));
}

/* Asks for a family, or for both with AF_UNSPEC. Blocks. */
static void look_up(const char *host, struct answer *answer)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = answer->family};
    struct addrinfo *found = NULL;
    errno = 0;
    answer->error = getaddrinfo(host, NULL, &hints, &found);
    answer->system_error = errno;
    if (answer->error)
        return;
    for (const struct addrinfo *each = found; each; each = each->ai_next)
        add_sockaddr(&answer->addresses, each->ai_addr);
    freeaddrinfo(found);
}

static bool are_all_done(const struct lookup *lookup)
{
    return lookup->answers[IPV4].is_done && lookup->answers[IPV6].is_done;
}

/* Called with the lock held. */
static void lookup_release(struct lookup *lookup)
{
    if (--lookup->users > 0)
        return;
    for (struct lookup **each = &running; *each; each = &(*each)->next)
        if (*each == lookup) {
            *each = lookup->next;
            break;
        }
    pthread_cond_destroy(&lookup->answered);
    free(lookup);
}

static void *thread_main(void *argument)
{
    struct answer *answer = argument;
    struct lookup *lookup = answer->lookup;
    struct answer own = {.family = answer->family};
    look_up(lookup->host, &own);
    pthread_mutex_lock(&lock);
    own.lookup = lookup;
    own.is_done = true;
    *answer = own;
    pthread_cond_broadcast(&lookup->answered);
    lookup_release(lookup);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static struct lookup *lookup_new(const char *host)
{
    size_t length = strlen(host);
    struct lookup *lookup = memory_get(sizeof *lookup + length + 1);
    pthread_condattr_t attributes;
    *lookup = (struct lookup){.users = 1};
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lookup->answered, &attributes);
    pthread_condattr_destroy(&attributes);
    memcpy(lookup->host, host, length + 1);
    lookup->answers[IPV4] = (struct answer){.lookup = lookup, .family = AF_INET};
    lookup->answers[IPV6] = (struct answer){.lookup = lookup, .family = AF_INET6};
    return lookup;
}

/* Starts a thread for each family; false when one cannot be had. Called with the lock
 * held. */
static bool start_threads(struct lookup *lookup)
{
    int error = 0;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < FAMILY_COUNT && error == 0; i++) {
        pthread_t thread;
        error = pthread_create(&thread, &attributes, thread_main, &lookup->answers[i]);
        lookup->users += error == 0;
    }
    pthread_attr_destroy(&attributes);
    return error == 0;
}

/* The lookup that threads of an earlier attempt are still at, else a new one: a name server
 * that is silent keeps no more than two threads a name. NULL when there are no threads for
 * it. Called with the lock held. */
static struct lookup *lookup_begin(const char *host)
{
    struct lookup *lookup = running;
    while (lookup && (are_all_done(lookup) || strcmp(lookup->host, host) != 0))
        lookup = lookup->next;
    if (lookup) {
        lookup->users++;
        return lookup;
    }
    lookup = lookup_new(host);
    if (!start_threads(lookup)) {
        lookup_release(lookup);
        return NULL;
    }
    lookup->next = running;
    running = lookup;
    return lookup;
}

static bool is_any_address(const struct lookup *lookup)
{
    return lookup->answers[IPV4].addresses.count + lookup->answers[IPV6].addresses.count > 0;
}

/* Waits until the lookup is as it should be, all are done or the deadline is over. Called with
 * the lock held. */
static void wait_for(struct lookup *lookup, bool (*is_enough)(const struct lookup *lookup),
                     struct deadline deadline)
{
    const struct timespec at = {
        .tv_sec = (time_t)(deadline.at_us / 1000000),
        .tv_nsec = (long)(deadline.at_us % 1000000) * 1000,
    };
    while (!is_enough(lookup) && !are_all_done(lookup))
        if (pthread_cond_timedwait(&lookup->answered, &lock, &at) != 0)
            return;
}

/* Takes from each family in turn, IPv4 first, so that neither fills the list alone. */
static void take_addresses(const struct lookup *lookup, struct addresses *addresses)
{
    for (size_t i = 0; i < ADDRESSES_MAX; i++)
        for (int family = 0; family < FAMILY_COUNT; family++)
            if (i < lookup->answers[family].addresses.count)
                add_address(addresses, lookup->answers[family].addresses.text[i]);
}

/* That the name is unknown tells less than that it has no address, and that less than
 * that the resolver failed. */
static int rank(int error)
{
    return error == EAI_NONAME ? 0 : error == EAI_NODATA ? 1 : 2;
}

/* Says why no family has an address. */
static void fail_lookup(const struct lookup *lookup, struct result *result)
{
    const struct answer *answer = &lookup->answers[IPV4];
    if (rank(lookup->answers[IPV6].error) > rank(answer->error))
        answer = &lookup->answers[IPV6];
    if (are_all_done(lookup))
        fail(lookup->host, answer->error, answer->system_error, result);
    else
        result_fail_late(result);
}

/* Both families side by side. False when there are no threads for it. */
static bool ask_side_by_side(const char *host, struct deadline deadline,
                             struct addresses *addresses, struct result *result)
{
    pthread_mutex_lock(&lock);
    struct lookup *lookup = lookup_begin(host);
    if (lookup) {
        wait_for(lookup, is_any_address, deadline);
        struct deadline other = deadline_after(deadline_now(), OTHER_MS);
        struct deadline half = deadline_share(deadline, 2);
        wait_for(lookup, are_all_done, half.at_us < other.at_us ? half : other);
        take_addresses(lookup, addresses);
        if (addresses->count == 0)
            fail_lookup(lookup, result);
        lookup_release(lookup);
    }
    pthread_mutex_unlock(&lock);
    return lookup != NULL;
}

/* Both families at once, in this thread. */
static void ask_here(const char *host, struct addresses *addresses, struct result *result)
{
    struct answer answer = {.family = AF_UNSPEC};
    look_up(host, &answer);
    *addresses = answer.addresses;
    if (answer.error)
        fail(host, answer.error, answer.system_error, result);
}

bool resolve_host(const char *host, struct deadline deadline, struct addresses *addresses,
                  struct result *result)
{
    *addresses = (struct addresses){0};
    if (strcasecmp(host, "localhost") == 0) {
        add_address(addresses, "127.0.0.1");
        add_address(addresses, "::1");
    } else if (target_is_known_host(host)) {
        add_address(addresses, host);
    } else {
        result_enter(result, PHASE_RESOLVE);
        if (!ask_side_by_side(host, deadline, addresses, result))
            ask_here(host, addresses, result);
    }
    return addresses->count > 0;
}
