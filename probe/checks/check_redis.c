/* Redis: AUTH, SELECT and PING in one go, by hiredis over a connection of ours. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/parse.h"
#include "checks/check.h"
#include "checks/connect.h"
#include "checks/protocol.h"
#include "checks/redis.h"

enum {
    PORT_DEFAULT = 6379,
    COMMANDS_MAX = 4,
    REPLY_MAX = 64 * 1024, /* bytes of one that is not whole yet */
    ARRAYS_MAX = 64,       /* in an answer to HELLO, with the modules that it lists */
    LISTEN_MS = 200        /* how long a greeting nobody asked for is waited for */
};

/* What is asked, in this order; the first error is the verdict. */
struct session {
    const struct check *check;
    struct result *result;
    struct deadline deadline;
    redisContext *context;
    redisReplyObjectFunctions functions; /* what hiredis makes of a reply */
    void *(*create_array)(const redisReadTask *task, size_t elements);
    size_t asked;
    size_t arrays_left; /* how many more the replies may have */
    bool has_array;     /* one too many among the replies */
    size_t ping;        /* how many were asked before it */
    char first[2048];   /* bytes of the answer, for when it is not Redis's: hiredis drops them, and
                           an echo has the whole password */
    ssize_t first_length;
};

/* The user, the password and the database number, from the URL's parts or its
 * parameters (redis-py takes both). */
struct login {
    const char *user; /* "" without one, as are the others */
    const char *password;
    const char *db;
};

static const char *choose(const char *part, const char *parameter)
{
    return part ? part : parameter ? parameter : "";
}

static void take_login(const struct target *target, struct login *login)
{
    const char *path = target->path[0] == '/' ? target->path + 1 : "";
    login->user = choose(target->user && *target->user ? target->user : NULL,
                         target_value(target, "username"));
    login->password = choose(target->password, target_value(target, "password"));
    login->db = choose(*path ? path : NULL, target_value(target, "db"));
}

static bool redis_prepare(struct target *target, const struct config *config, struct text *why)
{
    struct login login;
    int64_t db;
    (void)config;
    if (strcmp(target->scheme, "rediss") == 0) {
        text_add(why, "needs TLS, which this build lacks: name the port that speaks plain Redis");
        return false;
    }
    if (target->user && *target->user && !target->password) {
        text_add(why, "has a user without a password: a password alone is written "
                      "redis://:PASSWORD@HOST, with a colon");
        return false;
    }
    if (target->more_hosts) {
        text_add(why, "names several hosts, and Redis has one: Sentinel and Cluster are not asked");
        return false;
    }
    take_login(target, &login);
    if (*login.db && !parse_number(login.db, 0, INT32_MAX, &db)) {
        text_add(why, "has a database that is not a number: write redis://HOST:6379/0");
        return false;
    }
    if (target->socket && !*target->socket) {
        text_add(why, "names no socket: write unix:///run/redis.sock?db=0");
        return false;
    }
    if (!target->socket && !*target->host)
        target->host = "localhost";
    if (!target->socket && !target->port)
        target->port = PORT_DEFAULT;
    return true;
}

static void fail_without_memory(struct session *session)
{
    result_fail(session->result, CAUSE_NO_RESOURCES, "no memory is left");
}

static void add_command(struct session *session, int count, const char **words)
{
    if (redisAppendCommandArgv(session->context, count, words, NULL) == REDIS_OK)
        session->asked++;
    else
        fail_without_memory(session);
}

/* All that is asked goes out at once: one round trip. LPUSHX on a list that is
 * not there changes nothing, and is refused just as every write would be. */
static void add_commands(struct session *session)
{
    struct login login;
    take_login(session->check->target, &login);
    if (*login.password && *login.user)
        add_command(session, 3, (const char *[]){"AUTH", login.user, login.password});
    else if (*login.password)
        add_command(session, 2, (const char *[]){"AUTH", login.password});
    if (*login.db && strcmp(login.db, "0") != 0)
        add_command(session, 2, (const char *[]){"SELECT", login.db});
    session->ping = session->asked;
    add_command(session, 1, (const char *[]){"PING"});
    if (session->check->config->redis_writable)
        add_command(session, 3, (const char *[]){"LPUSHX", "probe:no-such-list", "x"});
}

/* Something answers, and not in Redis's protocol: shows what it says. */
static void fail_protocol(struct session *session)
{
    size_t length = session->first_length > 0 ? (size_t)session->first_length : 0;
    redis_fail_protocol(session->result, session->first, length, session->context->errstr);
}

static void fail_reset(struct session *session)
{
    result_fail(session->result, CAUSE_RESET, "connection reset before an answer");
}

/* What hiredis complains of: bytes that are not Redis's (an array it takes for a
 * lack of memory), or a connection that broke, by its errno, or closed. */
static void fail_io(struct session *session)
{
    const redisContext *context = session->context;
    if (session->has_array || context->err == REDIS_ERR_PROTOCOL || context->err == REDIS_ERR_OTHER)
        fail_protocol(session);
    else if (context->err == REDIS_ERR_OOM)
        fail_without_memory(session);
    else if (context->err == REDIS_ERR_EOF)
        result_fail(session->result, CAUSE_REDIS_CLOSED, "closed without an answer");
    else
        fail_reset(session);
}

/* One turn of the wire: sends what is to be sent, or reads what came. False
 * when the connection broke or the deadline is over, with the cause. */
static bool turn(struct session *session, bool *sent)
{
    redisContext *context = session->context;
    int wrote_all = *sent;
    int ready = deadline_wait(session->deadline, context->fd, *sent ? POLLIN : POLLOUT);
    if (ready == 0) {
        result_fail_late(session->result);
        return false;
    }
    if (*sent && session->first_length <= 0)
        session->first_length = recv(context->fd, session->first, sizeof session->first, MSG_PEEK);
    if (session->first_length < 0 &&
        errno == ECONNRESET) { /* which hiredis will not be told again */
        fail_reset(session);
        return false;
    }
    int status = *sent ? redisBufferRead(context) : redisBufferWrite(context, &wrote_all);
    if (*sent && atomic_load(&session->result->phase) == PHASE_ANSWER)
        result_enter(session->result, PHASE_RECEIVE);
    *sent = wrote_all;
    bool is_endless = status == REDIS_OK && context->reader->len > REPLY_MAX;
    if (status == REDIS_OK && !is_endless)
        return true;
    if (is_endless)
        fail_protocol(session);
    else
        fail_io(session);
    return false;
}

/* An error to PING's successor, the write, may still say that writes are taken. */
static void judge_error(struct session *session, size_t index, const redisReply *reply)
{
    struct login login;
    if (index > session->ping && redis_takes_writes(reply->str, reply->len))
        return;
    take_login(session->check->target, &login);
    redis_fail(session->result, reply->str, reply->len, login.db);
}

static bool is_pong(const redisReply *reply)
{
    bool is_string = reply->type == REDIS_REPLY_STATUS || reply->type == REDIS_REPLY_STRING;
    return is_string && strcmp(reply->str, "PONG") == 0;
}

/* Takes the replies that are whole. False on a protocol error. */
static bool take_replies(struct session *session, size_t *taken)
{
    void *reply = NULL;
    while (*taken < session->asked) {
        if (redisGetReplyFromReader(session->context, &reply) != REDIS_OK) {
            fail_io(session);
            return false;
        }
        if (!reply)
            return true;
        const redisReply *answer = reply;
        if (answer->type == REDIS_REPLY_ERROR)
            judge_error(session, *taken, answer);
        else if (*taken == session->ping && !is_pong(answer))
            fail_protocol(session);
        freeReplyObject(reply);
        ++*taken;
    }
    return true;
}

static void converse(struct session *session)
{
    size_t taken = 0;
    bool sent = session->asked == 0;
    size_t wanted = session->asked ? session->asked : 1;
    session->asked = wanted;
    result_enter(session->result, PHASE_ANSWER);
    while (taken < wanted && turn(session, &sent))
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
    session->functions = *session->context->reader->fn;
    session->create_array = session->functions.createArray;
    session->functions.createArray = make_array;
    session->context->reader->fn = &session->functions;
    session->context->reader->privdata = session;
}

/* Opens a session; false with the cause in the result. */
static bool session_open(struct session *session)
{
    int fd = connect_target(session->check->target, session->deadline, NULL, session->result);
    if (fd < 0)
        return false;
    session->context = redisConnectFd(fd);
    session->asked = 0;
    if (session->context && session->context->err == 0) {
        limit_arrays(session);
        return true;
    }
    close(fd);
    fail_without_memory(session);
    return false;
}

static void session_close(struct session *session)
{
    redisFree(session->context);
    session->context = NULL;
}

/* A server that is full or protected says so and hangs up before it has read
 * anything; what we sent then resets the connection, and its words are lost.
 * So a second connection only listens; one that stays silent may wait for TLS. */
static void listen_for_reason(struct session *session)
{
    struct result *result = session->result;
    struct deadline end = session->deadline;
    struct session second = *session;
    struct deadline listen = deadline_after(deadline_now(), LISTEN_MS);
    second.deadline = listen.at_us < end.at_us ? listen : end;
    second.arrays_left = 0;
    second.first_length = 0;
    struct result heard;
    result_begin(&heard, result->limit_ms);
    second.result = &heard;
    if (!session_open(&second))
        return;
    converse(&second);
    bool is_silent = heard.cause == CAUSE_TIMEOUT_ANSWER;
    if (is_silent && protocol_is_tls(second.context->fd, end)) {
        result_retry(&heard);
        redis_fail_tls(&heard);
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
static redisReply *ask_more(struct session *session, int count, const char **words)
{
    const struct session before = *session;
    struct result unheard;
    void *reply = NULL;
    bool sent = false;
    result_begin(&unheard, before.result->limit_ms);
    session->result = &unheard;
    session->deadline = deadline_share(before.deadline, 2);
    session->arrays_left = ARRAYS_MAX;
    add_command(session, count, words);
    while (!reply && unheard.cause == CAUSE_NONE && turn(session, &sent))
        if (redisGetReplyFromReader(session->context, &reply) != REDIS_OK)
            break;
    session->result = before.result;
    session->deadline = before.deadline;
    return reply;
}

/* PONG does not prove that there is data to serve: a Sentinel says it, and a node
 * whose cluster is down. HELLO is allowed to every user. */
static void judge_mode(struct session *session)
{
    struct result *result = session->result;
    redisReply *hello = ask_more(session, 2, (const char *[]){"HELLO", "2"});
    enum redis_mode mode = redis_mode_of(hello);
    freeReplyObject(hello);
    if (mode == REDIS_MODE_SENTINEL) {
        result_retry(result);
        redis_fail_sentinel(result);
    } else if (mode == REDIS_MODE_CLUSTER && result->cause == CAUSE_NONE) {
        redisReply *info = ask_more(session, 2, (const char *[]){"CLUSTER", "INFO"});
        redis_judge_cluster(result, info);
        freeReplyObject(info);
    }
}

static void redis_run(const struct check *check, struct deadline deadline, struct result *result)
{
    struct session session = {.check = check, .result = result, .deadline = deadline};
    if (!session_open(&session))
        return;
    add_commands(&session);
    if (result->cause == CAUSE_NONE)
        converse(&session);
    if (result->cause == CAUSE_NONE || result->cause == CAUSE_REDIS_ERROR)
        judge_mode(&session);
    session_close(&session);
    if (result->cause == CAUSE_RESET || result->cause == CAUSE_REDIS_CLOSED)
        listen_for_reason(&session);
    if (result->cause == CAUSE_NONE) {
        struct text words = result_pass(result);
        text_add(&words, "ok");
    }
}

const struct check_type check_redis = {
    .name = "redis",
    .schemes = "redis rediss unix",
    .commands = COMMAND_BIT(COMMAND_READY),
    .prepare = redis_prepare,
    .run = redis_run,
};
