/* Redis: AUTH, SELECT and PING in one go, by hiredis over a connection of ours. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/check.h"
#include "checks/connect.h"
#include "checks/protocol.h"
#include "checks/redis.h"
#include "checks/tls.h"
#include "config/target_parser.h"

enum {
    OUT_MAX = 3 * TARGET_LENGTH_MAX, /* room for a login, and what else is asked */
    REPLY_MAX = 64 * 1024,           /* bytes of one that is not whole yet */
    ARRAYS_MAX = 64,                 /* in an answer to HELLO, with the modules that it lists */
    LISTEN_MS = 200                  /* how long a greeting nobody asked for is waited for */
};

/* What is asked, in this order; the first error is the verdict. */
struct session {
    const struct check *check;
    struct result *result;
    struct result unheard; /* of a question whose failure says nothing */
    struct deadline deadline;
    int fd;
    struct tls tls; /* of a target that is asked over TLS */
    bool has_tls;
    redisReader *reader;
    redisReplyObjectFunctions functions; /* what hiredis makes of a reply */
    void *(*create_array)(const redisReadTask *task, size_t elements);
    char out[OUT_MAX]; /* the commands */
    size_t out_length;
    size_t sent;
    size_t asked;       /* how many commands */
    size_t ping;        /* how many of them before PING */
    size_t arrays_left; /* how many more the replies may have */
    bool has_array;     /* one too many among the replies */
    bool leaves_out_user;
    bool knows_no_users; /* the server, which is older than 6.0 */
    char first[2048];    /* bytes of the answer, for when it is not Redis's: an echo has the whole
                            password */
    size_t first_length;
};

static bool redis_prepare(struct target *target, const struct config *config, struct text *why)
{
    if (!target_complete_redis(target, why))
        return false;
    struct tls_wish wish = target_redis_tls(target, config);
    return !target_redis_uses_tls(target) || tls_check_files(&wish, why);
}

static void add_bytes(struct session *session, const char *bytes, size_t length)
{
    memcpy(session->out + session->out_length, bytes, length);
    session->out_length += length;
}

/* Appends a command as Redis reads it: the number of its words, then each with its
 * length. They fit: a target has at most TARGET_LENGTH_MAX bytes. */
static void add_command(struct session *session, size_t count, const char *const *words)
{
    char head[32];
    int length = snprintf(head, sizeof head, "*%zu\r\n", count);
    add_bytes(session, head, (size_t)length);
    for (size_t i = 0; i < count; i++) {
        length = snprintf(head, sizeof head, "$%zu\r\n", strlen(words[i]));
        add_bytes(session, head, (size_t)length);
        add_bytes(session, words[i], strlen(words[i]));
        add_bytes(session, "\r\n", 2);
    }
    session->asked++;
}

/* All that is asked goes out at once: one round trip. LPUSHX on a list that is
 * not there changes nothing, and is refused just as every write would be. */
static void add_commands(struct session *session)
{
    struct redis_login login = target_redis_login(session->check->target);
    if (*login.user && !session->leaves_out_user)
        add_command(session, 3, (const char *[]){"AUTH", login.user, login.password});
    else if (*login.password)
        add_command(session, 2, (const char *[]){"AUTH", login.password});
    if (*login.db)
        add_command(session, 2, (const char *[]){"SELECT", login.db});
    session->ping = session->asked;
    add_command(session, 1, (const char *[]){"PING"});
    if (session->check->config->redis_writable)
        add_command(session, 3, (const char *[]){"LPUSHX", "probe:no-such-list", "x"});
}

/* Something answers, and not in Redis's protocol: shows what it says. */
static void fail_protocol(struct session *session)
{
    redis_fail_protocol(session->result, session->first, session->first_length,
                        session->reader->errstr);
}

/* What hiredis complains of: bytes that are not Redis's (an array it takes for a
 * lack of memory). */
static void fail_read(struct session *session)
{
    if (session->has_array || session->reader->err != REDIS_ERR_OOM)
        fail_protocol(session);
    else
        redis_fail_memory(session->result);
}

/* The TLS session knows more than errno: a server that refuses our certificate says so
 * and resets the connection. */
static bool fail_broken(struct session *session)
{
    if (errno == EAGAIN || errno == EINTR)
        return true;
    if (session->has_tls && tls_fail_stream(&session->tls, session->result))
        return false;
    result_fail(session->result, CAUSE_RESET, "connection reset before an answer");
    return false;
}

static bool send_more(struct session *session)
{
    const char *rest = session->out + session->sent;
    size_t rest_length = session->out_length - session->sent;
    ssize_t length = session->has_tls ? tls_write(&session->tls, rest, rest_length)
                                      : send(session->fd, rest, rest_length, MSG_NOSIGNAL);
    if (length < 0)
        return fail_broken(session);
    session->sent += (size_t)length;
    return true;
}

static bool receive_more(struct session *session)
{
    char bytes[16 * 1024];
    ssize_t length = session->has_tls ? tls_read(&session->tls, bytes, sizeof bytes)
                                      : recv(session->fd, bytes, sizeof bytes, 0);
    if (length < 0)
        return fail_broken(session);
    if (length == 0) {
        result_fail(session->result, CAUSE_REDIS_CLOSED, "closed without an answer");
        return false;
    }
    if (session->first_length == 0) {
        session->first_length =
            (size_t)length < sizeof session->first ? (size_t)length : sizeof session->first;
        memcpy(session->first, bytes, session->first_length);
    }
    if (atomic_load(&session->result->phase) == PHASE_ANSWER)
        result_enter(session->result, PHASE_RECEIVE);
    if (redisReaderFeed(session->reader, bytes, (size_t)length) != REDIS_OK) {
        fail_read(session);
        return false;
    }
    if (session->reader->len <= REPLY_MAX)
        return true;
    fail_protocol(session);
    return false;
}

/* One turn of the wire: sends what is to be sent, or reads what came. False when the
 * connection broke or the deadline is over, with the cause. */
static bool turn(struct session *session)
{
    bool is_sent = session->sent == session->out_length;
    bool is_there = is_sent && tls_has_pending(&session->tls);
    if (!is_there &&
        deadline_wait(session->deadline, session->fd, is_sent ? POLLIN : POLLOUT) == 0) {
        result_fail_late(session->result);
        return false;
    }
    return is_sent ? receive_more(session) : send_more(session);
}

/* An error to PING's successor, the write, may still say that writes are taken. */
static void judge_error(struct session *session, size_t index, const redisReply *reply)
{
    struct redis_login login = target_redis_login(session->check->target);
    if (index > session->ping && redis_takes_writes(reply->str, reply->len))
        return;
    static const char old[] = "wrong number of arguments for 'auth'";
    session->knows_no_users |= memmem(reply->str, reply->len, old, strlen(old)) != NULL;
    bool is_first = session->result->cause == CAUSE_NONE;
    redis_fail(session->result, reply->str, reply->len, login.db);
    if (is_first && login.is_lone_user && session->result->cause == CAUSE_REDIS_WRONG_PASSWORD) {
        struct text words = result_words(session->result);
        text_add(&words, " for a user without a password: is it one, written without its colon?");
    }
}

/* Takes the replies that are whole. False on a protocol error. */
static bool take_replies(struct session *session, size_t *taken)
{
    void *reply = NULL;
    while (*taken < session->asked) {
        if (redisReaderGetReply(session->reader, &reply) != REDIS_OK) {
            fail_read(session);
            return false;
        }
        if (!reply)
            return true;
        const redisReply *answer = reply;
        if (answer->type == REDIS_REPLY_ERROR)
            judge_error(session, *taken, answer);
        else if (*taken == session->ping && !redis_is_pong(answer))
            fail_protocol(session);
        freeReplyObject(reply);
        ++*taken;
    }
    return true;
}

/* One that asks nothing listens for what the server says by itself. */
static void converse(struct session *session)
{
    size_t taken = 0;
    if (session->asked == 0)
        session->asked = 1;
    result_enter(session->result, PHASE_ANSWER);
    while (taken < session->asked && turn(session))
        if (!take_replies(session, &taken))
            return;
}

static void *make_array(const redisReadTask *task, size_t elements)
{
    struct session *session = task->privdata;
    if (session->arrays_left == 0 || elements > ARRAYS_MAX) {
        session->has_array = true;
        return NULL;
    }
    session->arrays_left--;
    return session->create_array(task, elements);
}

/* Of our commands only HELLO is answered with arrays. hiredis takes memory for as
 * many elements as one announces, and frees nested ones by recursion. */
static void limit_arrays(struct session *session)
{
    session->functions = *session->reader->fn;
    session->create_array = session->functions.createArray;
    session->functions.createArray = make_array;
    session->reader->fn = &session->functions;
    session->reader->privdata = session;
}

static void session_close(struct session *session)
{
    tls_show(&session->tls, session->check->config->verbosity, session->result);
    tls_release(&session->tls);
    redisReaderFree(session->reader);
    close(session->fd);
}

/* Opens a session; false with the cause in the result. */
static bool session_open(struct session *session)
{
    const struct check *check = session->check;
    struct tls_wish wish = target_redis_tls(check->target, check->config);
    tls_init(&session->tls, &wish);
    session->has_tls = target_redis_uses_tls(check->target);
    session->fd = connect_target(check->target, session->deadline, NULL, session->result);
    if (session->fd < 0)
        return false;
    session->reader = redisReaderCreate();
    if (!session->reader)
        redis_fail_memory(session->result);
    if (session->reader && (!session->has_tls || tls_open(&session->tls, session->fd,
                                                          session->deadline, session->result))) {
        limit_arrays(session);
        return true;
    }
    session_close(session);
    return false;
}

/* A server that is full or protected says so and hangs up before it has read
 * anything; what we sent then resets the connection, and its words are lost.
 * So a second connection only listens; one that stays silent may wait for TLS. */
static void listen_for_reason(struct session *session)
{
    struct result *result = session->result;
    struct deadline end = session->deadline;
    struct deadline listen = deadline_after(deadline_now(), LISTEN_MS);
    struct result heard;
    struct session second = {.check = session->check,
                             .result = &heard,
                             .deadline = listen.at_us < end.at_us ? listen : end};
    result_begin(&heard, result->limit_ms);
    if (!session_open(&second))
        return;
    converse(&second);
    bool is_silent = heard.cause == CAUSE_TIMEOUT_ANSWER;
    if (is_silent && protocol_is_tls(second.fd, end)) {
        result_retry(&heard);
        protocol_fail_tls(&heard, "Redis");
    }
    session_close(&second);
    bool is_reason = heard.cause >= CAUSE_REDIS_NOAUTH && heard.cause < CAUSE_REDIS_CLOSED;
    if (!is_reason && heard.cause != CAUSE_TLS_PORT)
        return;
    result_retry(result);
    result_fail(result, heard.cause, "%s", heard.words);
    memcpy(result->detail, heard.detail, sizeof result->detail);
}

/* Asks one more question of a session that has its verdict, which stays as it
 * is if no answer comes: a proxy may know no such command. NULL then; the caller
 * frees the reply. */
static redisReply *ask_more(struct session *session, const char *word, const char *argument)
{
    struct result *result = session->result;
    struct deadline deadline = session->deadline;
    void *reply = NULL;
    result_begin(&session->unheard, result->limit_ms);
    session->result = &session->unheard;
    session->deadline = deadline_share(deadline, 2);
    session->arrays_left = ARRAYS_MAX;
    session->out_length = session->sent = 0;
    add_command(session, 2, (const char *[]){word, argument});
    while (!reply && turn(session))
        if (redisReaderGetReply(session->reader, &reply) != REDIS_OK)
            break;
    session->result = result;
    session->deadline = deadline;
    return reply;
}

/* PONG does not prove that there is data to serve: a Sentinel says it, and a node
 * whose cluster is down. HELLO is allowed to every user. */
static void judge_mode(struct session *session)
{
    struct result *result = session->result;
    redisReply *hello = ask_more(session, "HELLO", "2");
    enum redis_mode mode = redis_mode_of(hello);
    freeReplyObject(hello);
    if (mode == REDIS_MODE_SENTINEL) {
        result_retry(result);
        redis_fail_sentinel(result);
    } else if (mode == REDIS_MODE_CLUSTER && result->cause == CAUSE_NONE) {
        redisReply *info = ask_more(session, "CLUSTER", "INFO");
        redis_judge_cluster(result, info);
        freeReplyObject(info);
    }
}

static void ask(struct session *session)
{
    const struct result *result = session->result;
    if (!session_open(session))
        return;
    add_commands(session);
    converse(session);
    if (result->cause == CAUSE_NONE || result->cause == CAUSE_REDIS_ERROR)
        judge_mode(session);
    if (session->has_tls)
        tls_judge_age(&session->tls, session->check->config->min_cert_days, session->result);
    session_close(session);
    if (result->cause == CAUSE_RESET || result->cause == CAUSE_REDIS_CLOSED)
        listen_for_reason(session);
}

static void redis_run(const struct check *check, struct deadline deadline, struct result *result)
{
    struct session session = {.check = check, .result = result, .deadline = deadline};
    ask(&session);
    if (session.knows_no_users) { /* redis-py asks without the user then */
        session = (struct session){
            .check = check, .result = result, .deadline = deadline, .leaves_out_user = true};
        result_retry(result);
        ask(&session);
    }
    if (result->cause == CAUSE_NONE) {
        struct text words = result_pass(result);
        text_add(&words, "ok");
    }
}

const struct check_type check_redis = {
    .kind = {.name = "redis",
             .schemes = "redis rediss valkey valkeys unix redis-socket sentinel redis-sentinel "
                        "redis-cluster",
             .forms = "redis://HOST/DB, redis://USER:PASSWORD@HOST/DB",
             .help = "  redis://[USER:PASSWORD@]HOST[:PORT][/DB], unix:///PATH?db=DB\n",
             .port = "6379",
             .shown = "db decode_responses health_check_interval host port protocol "
                      "retry_on_timeout socket_connect_timeout socket_timeout ssl_ca_certs "
                      "ssl_ca_path ssl_cert_reqs ssl_certfile ssl_check_hostname ssl_keyfile "
                      "virtual_host",
             .takes_spaces = true,
             .read = parser_read_redis},
    .commands = COMMAND_BIT(COMMAND_READY),
    .prepare = redis_prepare,
    .run = redis_run,
};
