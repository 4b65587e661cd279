/* MySQL and MariaDB: the server greets. As mysqladmin ping does, a login follows that is refused: a
 * server counts those who leave without one, and after max_connect_errors of them blocks our host,
 * and so our application. It is nobody's login, so that no account is locked by it. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks/check.h"
#include "checks/connect.h"
#include "config/target_parser.h"

/* Protocol::HandshakeV10, ERR_Packet, AuthSwitchRequest; mysqld_error.h */
enum {
    PORT = 3306,
    HEAD = 4, /* the length of what follows, in three bytes, and a number */
    PACKET_MAX = 1024,
    VERSION = 10,
    ERROR = 0xFF,
    SWITCH = 0xFE,
    MORE = 1,
    ROUNDS = 3,
    TOO_MANY_CONNECTIONS = 1040,
    SHUTDOWN = 1053,
    HOST_BLOCKED = 1129
};

/* CLIENT_LONG_PASSWORD, _PROTOCOL_41, _SECURE_CONNECTION and _PLUGIN_AUTH; packets of at most 64
 * KiB; utf8; 23 bytes of nothing; the user, no password, how it would be sent. */
static const char login[] = "\x01\x82\x08\x00"
                            "\x00\x00\x01\x00"
                            "\x21"
                            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                            "probe\0"
                            "\0"
                            "mysql_native_password";

struct session {
    int fd;
    struct deadline deadline;
    struct result *result;
    unsigned char packet[PACKET_MAX + 1]; /* what follows the head, and a NUL */
    size_t length;
    unsigned char number; /* of the next packet that is sent */
    bool has_greeted;
};

static bool mysql_prepare(struct target *target, const struct config *config, struct text *why)
{
    (void)config;
    if (target->socket || (*target->host && !target->more_hosts)) {
        target->port = target->port ? target->port : PORT;
        return true;
    }
    text_add(why, "is not mysql://HOST:PORT or mysql://unix:/PATH");
    return false;
}

/* Reads so many bytes; false with the cause when they do not come. */
static bool receive(struct session *session, unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = -1;
        if (deadline_wait(session->deadline, session->fd, POLLIN) <= 0) {
            result_fail_late(session->result);
            if (!session->has_greeted)
                session->result->hint = "is it MySQL's port? a MySQL server speaks first";
            return false;
        }
        n = recv(session->fd, bytes, length, 0);
        if (n <= 0) {
            result_fail(session->result, n < 0 ? CAUSE_RESET : CAUSE_MYSQL_CLOSED,
                        "connection %s %s the greeting", n < 0 ? "reset" : "closed",
                        session->has_greeted ? "behind" : "before");
            return false;
        }
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

/* What answers is not MySQL: shows how it begins. */
static bool fail_protocol(struct session *session, const unsigned char *bytes, size_t length)
{
    struct text words =
        result_fail(session->result, CAUSE_MYSQL_PROTOCOL, "what answers begins with ");
    text_add_foreign(&words, (const char *)bytes, length, 40);
    return false;
}

/* Reads a packet: its length, lowest byte first, its number, and what follows. */
static bool receive_packet(struct session *session)
{
    unsigned char head[HEAD];
    if (!receive(session, head, sizeof head))
        return false;
    session->length = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
    session->number = (unsigned char)(head[3] + 1);
    if (session->length == 0 || session->length > PACKET_MAX)
        return fail_protocol(session, head, sizeof head);
    if (!receive(session, session->packet, session->length))
        return false;
    session->packet[session->length] = '\0';
    return true;
}

static bool send_packet(struct session *session, const char *bytes, size_t length)
{
    char packet[HEAD + sizeof login];
    memcpy(packet, (const char[HEAD]){(char)length, 0, 0, (char)session->number}, HEAD);
    memcpy(packet + HEAD, bytes, length);
    length += HEAD;
    return send(session->fd, packet, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* Of an error packet: a number, a state in front of which stands a #, or none, and words. */
static void fail_error(struct session *session)
{
    int number = session->packet[1] | session->packet[2] << 8;
    size_t at = session->length > 9 && session->packet[3] == '#' ? 9 : 3;
    enum cause cause = number == TOO_MANY_CONNECTIONS ? CAUSE_MYSQL_TOO_MANY_CONNECTIONS
                       : number == HOST_BLOCKED       ? CAUSE_MYSQL_HOST_BLOCKED
                                                      : CAUSE_MYSQL_ERROR;
    struct text words = result_fail(session->result, cause, "error %d: ", number);
    text_add_foreign(&words, (const char *)session->packet + at, session->length - at, 160);
}

static bool is_error(const struct session *session)
{
    return session->packet[0] == ERROR && session->length >= 3;
}

/* The greeting is whole: its number, and the server's version, which ends in a NUL. */
static bool take_greeting(struct session *session)
{
    static const char compatible[] = "5.5.5-"; /* MariaDB's, in front of its own */
    const char *version = (const char *)session->packet + 1;
    if (!receive_packet(session))
        return false;
    if (is_error(session)) {
        fail_error(session);
        return false;
    }
    if (session->packet[0] != VERSION || !memchr(version, '\0', session->length - 1))
        return fail_protocol(session, session->packet, session->length);
    if (strncmp(version, compatible, strlen(compatible)) == 0)
        version += strlen(compatible);
    session->has_greeted = true;
    struct text words = result_pass(session->result);
    text_add(&words, "greets; your login is not tried");
    struct text detail = result_detail(session->result);
    text_add(&detail, "version ");
    text_add_foreign(&detail, version, strlen(version), 80);
    text_add(&detail, "\n");
    return true;
}

/* To be refused is what is wanted: it ends the handshake. Another way to log in is declined. */
static void be_refused(struct session *session)
{
    bool is_sent = send_packet(session, login, sizeof login);
    for (int round = 0; is_sent && round < ROUNDS && receive_packet(session); round++) {
        int number = session->packet[1] | session->packet[2] << 8;
        if (is_error(session) && (number == TOO_MANY_CONNECTIONS || number == SHUTDOWN))
            fail_error(session);
        if (session->packet[0] != SWITCH && session->packet[0] != MORE)
            return;
        is_sent = send_packet(session, "", 0);
    }
}

static void mysql_run(const struct check *check, struct deadline deadline, struct result *result)
{
    struct session session = {.deadline = deadline, .result = result};
    session.fd = connect_target(check->target, deadline, NULL, result);
    if (session.fd < 0)
        return;
    result_enter(result, PHASE_ANSWER);
    if (take_greeting(&session)) {
        result_enter(result, PHASE_LOGIN);
        be_refused(&session);
    }
    close(session.fd);
}

const struct check_type check_mysql = {
    .kind = {.name = "mysql",
             .schemes = "mysql mysql2 mariadb jdbc:mysql jdbc:mariadb",
             .forms = "mysql://HOST[:PORT]",
             .help = "  mysql://HOST[:PORT]               MySQL or MariaDB greets; no login\n",
             .port = "3306",
             .shows_user = true,
             .read = parser_read_plain},
    .commands = COMMAND_BIT(COMMAND_READY),
    .prepare = mysql_prepare,
    .run = mysql_run,
};
