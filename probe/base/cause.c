/* The table of causes: name, meaning, what to do. The man page's list is
 * held to it by a test. */
#include "base/cause.h"

#include <errno.h>

static const struct cause_info table[CAUSE_COUNT] = {
    [CAUSE_NONE] = {"ok", "healthy", ""},
    [CAUSE_USAGE] = {"usage", "an option, a variable or a target is wrong; nothing was sent",
                     "the line names the word and what is right"},
    [CAUSE_NO_RESOURCES] = {"no-resources", "the machine has no memory or descriptor left",
                            "raise the container's memory, pids or nofile limit"},
    [CAUSE_NAME_NOT_FOUND] = {"name-not-found", "no address is known for the host's name",
                              "is the name right, and does that service run, on this network?"},
    [CAUSE_NAME_FAILED] = {"name-failed", "the resolver could not answer for the host's name",
                           "is the name right, and is the name server up?"},
    [CAUSE_REFUSED] = {"refused", "nothing listens there",
                       "has the service started, and does it listen there?"},
    [CAUSE_UNREACHABLE] =
        {"unreachable", "the address cannot be reached from here",
         "is the container attached to that network? are its local ports used up?"},
    [CAUSE_CONNECTION_DENIED] =
        {"connection-denied", "the system forbids the connection",
         "a firewall's rule for outgoing packets or a seccomp profile forbids it"},
    [CAUSE_RESET] =
        {"reset", "the peer reset the connection",
         "did the worker crash, or is it another protocol's port? see the service's log"},
    [CAUSE_SOCKET_MISSING] = {"socket-missing", "the unix socket's file does not exist",
                              "has the service started, and is the path the one it binds?"},
    [CAUSE_SOCKET_DENIED] = {"socket-denied", "this user may not use the unix socket",
                             "run the check as the service's user, or widen the socket's mode"},
    [CAUSE_SOCKET_UNUSABLE] =
        {"socket-unusable", "the path cannot be connected to as a unix socket",
         "the line has the system's reason: is it a stream socket, and where do its links lead?"},
    [CAUSE_QUEUE_FULL] = {"queue-full", "the queue of connections that wait to be accepted is full",
                          "all workers are busy: find what blocks them, or start more workers or "
                          "threads"},
    [CAUSE_TIMEOUT_RESOLVE] = {"timeout-resolve", "the name was not resolved before the deadline",
                               "is the name right, and is the name server up?"},
    [CAUSE_TIMEOUT_CONNECT] = {"timeout-connect",
                               "the connection was not accepted before the deadline",
                               "packets are dropped or the queue is full: a firewall, or a "
                               "host that is down?"},
    [CAUSE_TIMEOUT_LOGIN] = {"timeout-login",
                             "connected, but the login did not end before the deadline",
                             "the server is overloaded or stopped, or it is another protocol's "
                             "port"},
    [CAUSE_TIMEOUT_QUERY] = {"timeout-query",
                             "logged in, but the query did not end before the deadline",
                             "does the query wait for a lock, or is the server overloaded?"},
    [CAUSE_TIMEOUT_ANSWER] = {"timeout-answer", "connected, but no answer came before the deadline",
                              "what does it wait for? its log, its locks and its load tell"},
    [CAUSE_WORKERS_BUSY] = {"workers-busy",
                            "connections wait to be accepted, and ours got no answer in time",
                            "all workers are busy: find what blocks them, or start more workers or "
                            "threads"},
    [CAUSE_TIMEOUT_RECEIVE] = {"timeout-receive",
                               "the answer began, but did not end before the deadline",
                               "it sends slowly or without end: a health answer must be short and "
                               "come at once"},
    [CAUSE_TIMEOUT] = {"timeout", "the check did not end before the deadline",
                       "is the machine overloaded? --timeout allows more"},
    [CAUSE_ENDED] = {"ended", "a signal ended the check before it had a verdict",
                     "who sent it? a container that stops gets SIGTERM, a closed terminal SIGHUP"},
    [CAUSE_HTTP_EMPTY] =
        {"http-empty", "the peer closed the connection without an answer",
         "did the worker crash, or does it turn this request away? see the service's log"},
    [CAUSE_HTTP_PROTOCOL] = {"http-protocol", "the answer is not valid HTTP",
                             "is it the right port? another protocol answers there"},
    [CAUSE_HTTP_TRUNCATED] = {"http-truncated", "the connection closed before the answer's end",
                              "did the worker die in the middle? see the service's log"},
    [CAUSE_TLS_PORT] =
        {"tls-port", "the port speaks TLS, and was asked without",
         "ask it over TLS (https://, rediss://, sslmode=require: image probe:tls), or "
         "ask the port on which the service speaks without TLS"},
    [CAUSE_HTTP_VERSION] = {"http-version", "the port speaks HTTP/2 only, and HTTP/1.1 was asked",
                            "ask a port of the service that speaks HTTP/1.1"},
    [CAUSE_PROXY_PORT] = {"proxy-port", "the port wants the PROXY protocol in front of HTTP",
                          "ask a port of the service that wants none: it is for the load balancer"},
#if PROBE_TLS
    [CAUSE_TIMEOUT_TLS] = {"timeout-tls", "the TLS handshake did not finish before the deadline",
                           "the server is overloaded or stopped, or the port speaks no TLS: "
                           "a plain Redis waits for more"},
    [CAUSE_TLS_EXPIRED] = {"tls-expired", "the certificate has expired",
                           "renew it; did the renewal reach this server, and was it reloaded? "
                           "of an authority: is the bundle up to date?"},
    [CAUSE_TLS_NOT_YET_VALID] = {"tls-not-yet-valid", "the certificate is not yet valid",
                                 "is the clock of this machine right?"},
    [CAUSE_TLS_WRONG_HOST] = {"tls-wrong-host", "the certificate is for another host",
                              "ask for a name that it has: --connect-to HOST:PORT (http) or "
                              "hostaddr=ADDRESS (postgres) says where the connection goes"},
    [CAUSE_TLS_SELF_SIGNED] =
        {"tls-self-signed", "the certificate is self-signed and not trusted",
         "--cacert FILE (sslrootcert, ssl_ca_certs) names a file that has it"},
    [CAUSE_TLS_UNKNOWN_CA] = {"tls-unknown-ca",
                              "the certificate's authority is not among those trusted here",
                              "--cacert FILE (sslrootcert, ssl_ca_certs) names the authority's "
                              "file; or the server sends no intermediate"},
    [CAUSE_TLS_NO_BUNDLE] =
        {"tls-no-bundle", "there is no file of trusted authorities",
         "COPY /etc/ssl/certs/ca-certificates.crt into the image, or name one with --cacert"},
    [CAUSE_TLS_WEAK] = {"tls-weak", "the certificate's key or signature is too weak",
                        "the server needs a new one: RSA of 2048 bits or more, SHA-256"},
    [CAUSE_TLS_INVALID] = {"tls-invalid", "the certificate is refused for another reason",
                           "OpenSSL's words say which"},
    [CAUSE_TLS_EXPIRES] = {"tls-expires", "the certificate ends within --min-cert-days",
                           "renew it"},
    [CAUSE_TLS_VERSION] = {"tls-version", "the server speaks only versions of TLS before 1.2",
                           "enable TLS 1.2 or 1.3 on the server"},
    [CAUSE_TLS_CLIENT_CERT_WANTED] =
        {"tls-client-cert-wanted", "the server wants a client certificate",
         "--cert and --key (sslcert, sslkey; ssl_certfile, ssl_keyfile) name them"},
    [CAUSE_TLS_CLIENT_CERT_REFUSED] = {"tls-client-cert-refused",
                                       "the server refuses the client certificate",
                                       "is it signed by an authority that the server trusts, and "
                                       "not expired? the server's log says more"},
    [CAUSE_TLS_KEY_MISMATCH] = {"tls-key-mismatch",
                                "the client's certificate and key cannot be used",
                                "sslcert and sslkey must be PEM files that belong together, the "
                                "key readable by its owner alone; sslpassword decrypts it"},
    [CAUSE_TLS_PLAIN_PEER] =
        {"tls-plain-peer", "the server answers without TLS",
         "is it the right port? ask it without TLS: http://, redis://, sslmode=disable"},
    [CAUSE_TLS_REFUSED] = {"tls-refused", "the TLS session failed", "the server's log says why"},
    [CAUSE_TLS_CLOSED] = {"tls-closed", "the connection ended in the TLS handshake",
                          "does the port speak TLS? the server's log says more"},
#endif
    [CAUSE_HTTPS_REDIRECT] = {"https-redirect", "plain HTTP is redirected to https",
                              "ask https:// (image probe:tls), or what answers without TLS; behind "
                              "a proxy that ends TLS, --header 'X-Forwarded-Proto: https' may do"},
    [CAUSE_SLASH_REDIRECT] = {"slash-redirect",
                              "the path is redirected to itself with a slash, or without",
                              "ask for the path with or without its slash, as the redirect has it"},
    [CAUSE_HTTP_REDIRECT] = {"http-redirect", "the path is redirected, which proves nothing",
                             "ask for a path that answers itself, without a login"},
    [CAUSE_REDIRECT_LOOP] = {"redirect-loop", "--follow ended after too many redirects",
                             "ask for a path that answers itself"},
    [CAUSE_HTTP_BAD_REQUEST] = {"http-bad-request", "the service refuses the request (400)",
                                "does the service accept this Host? its log says what it "
                                "refuses"},
    [CAUSE_HTTP_UNAUTHORIZED] = {"http-unauthorized", "the path wants a login (401)",
                                 "let the health path answer without one, or send --header "
                                 "'Authorization: env:NAME'"},
    [CAUSE_HTTP_FORBIDDEN] =
        {"http-forbidden", "the service forbids the path (403)",
         "does it accept this Host and this address, and the path without a login?"},
    [CAUSE_HTTP_NOT_FOUND] = {"http-not-found", "the service knows no such path (404)",
                              "is the path right, with its prefix and its slash?"},
    [CAUSE_HTTP_METHOD] = {"http-method", "the path does not take this method (405)",
                           "choose the one it takes with --method"},
    [CAUSE_HTTP_TOO_MANY_REQUESTS] = {"http-too-many-requests",
                                      "the service says too many requests (429)",
                                      "does a rate limit count the check? exempt the health path "
                                      "from it"},
    [CAUSE_HTTP_SERVER_ERROR] = {"http-server-error", "the service failed on the request (500)",
                                 "its answer or its log says what failed"},
    [CAUSE_HTTP_BAD_GATEWAY] = {"http-bad-gateway",
                                "the proxy got no answer from the application (502)",
                                "the proxy is up: is the application behind it?"},
    [CAUSE_HTTP_UNAVAILABLE] = {"http-unavailable", "the service says it cannot serve (503)",
                                "fix what its answer names; if a proxy gave it, the application is "
                                "down or a limit is reached"},
    [CAUSE_HTTP_GATEWAY_TIMEOUT] = {"http-gateway-timeout",
                                    "the application did not answer the proxy in time (504)",
                                    "the proxy is up: are the application's workers all busy?"},
    [CAUSE_HTTP_STATUS] = {"http-status", "the status is not among the healthy ones",
                           "--expect-status names the statuses that are healthy"},
    [CAUSE_BODY_MISMATCH] = {"body-mismatch", "the body lacks the text of --expect-body",
                             "compare the body below with what was expected"},
    [CAUSE_HEADER_MISMATCH] = {"header-mismatch", "the answer lacks a header of --expect-header",
                               "-vv shows the headers that came"},
    [CAUSE_JSON_INVALID] = {"json-invalid", "--expect-json was asked, and the body is not JSON",
                            "is it the right path? the body is below"},
    [CAUSE_JSON_MISMATCH] = {"json-mismatch", "the body's JSON does not hold what was expected",
                             "compare the body below with what was expected"},
    [CAUSE_PG_WRONG_PASSWORD] = {"pg-wrong-password", "PostgreSQL refuses the password (28P01)",
                                 "is it the role's password, and does the role exist? "
                                 "POSTGRES_PASSWORD counts only for an empty volume"},
    [CAUSE_PG_NO_PASSWORD] = {"pg-no-password", "PostgreSQL wants a password, and none was given",
                              "write it into the URL, or set PGPASSWORD"},
    [CAUSE_PG_NO_ROLE] =
        {"pg-no-role", "the role does not exist, or may not log in (28000)",
         "CREATE ROLE ... LOGIN makes it, ALTER ROLE ... LOGIN lets it in; is it the "
         "right server?"},
    [CAUSE_PG_NO_DATABASE] = {"pg-no-database", "the database does not exist (3D000)",
                              "CREATE DATABASE makes it; is it the right server?"},
    [CAUSE_PG_NO_HBA_ENTRY] = {"pg-no-hba-entry",
                               "pg_hba.conf has no entry for this host, user and database (28000)",
                               "add the entry to the server's pg_hba.conf and reload; if it says "
                               "hostssl, the server wants TLS"},
    [CAUSE_PG_TLS_REQUIRED] =
        {"pg-tls-required", "the server lets this login in over TLS only",
         "write sslmode=require (image probe:tls), or allow the login without "
         "TLS: host in place of hostssl, rds.force_ssl off"},
    [CAUSE_PG_PEER] = {"pg-peer-refused",
                       "peer or ident authentication: the system's user is not the role (28000)",
                       "run the check as the system user that pg_hba.conf maps to the role, or log "
                       "in by TCP with a password"},
    [CAUSE_PG_LOGIN_REFUSED] = {"pg-login-refused", "PostgreSQL refuses the login (28000)",
                                "the matching line of pg_hba.conf decides how this user logs in"},
    [CAUSE_PG_TOO_MANY_CONNECTIONS] = {"pg-too-many-connections",
                                       "every one of the server's max_connections is taken (53300)",
                                       "workers x replicas must stay below max_connections: lower "
                                       "them, or put a pooler between"},
    [CAUSE_PG_CONNECTION_LIMIT] =
        {"pg-connection-limit", "the CONNECTION LIMIT of the role or database is reached (53300)",
         "workers x replicas must stay below it: lower them, or ALTER ROLE "
         "... CONNECTION LIMIT"},
    [CAUSE_PG_NO_RESOURCES] =
        {"pg-no-resources", "the server lacks memory, processes or disk (53xxx)",
         "raise the limits of the server's container or machine; its log names which"},
    [CAUSE_PG_POOLER_LOGIN] = {"pg-pooler-login", "pgbouncer refuses the user or the password",
                               "is the user in its auth_file, or known to its auth_query, with "
                               "this password?"},
    [CAUSE_PG_POOLER_FULL] = {"pg-pooler-full", "every one of pgbouncer's max_client_conn is taken",
                              "raise max_client_conn, or find who leaves connections open: SHOW "
                              "CLIENTS on its console"},
    [CAUSE_PG_POOLER_QUEUE] = {"pg-pooler-queue",
                               "no connection of pgbouncer's pool was free in query_wait_timeout",
                               "does its server take logins? else raise pool_size, or find the "
                               "long transactions: SHOW POOLS"},
    [CAUSE_PG_POOLER_SERVER] = {"pg-pooler-server", "pgbouncer cannot log in to its server",
                                "is the server behind it up, and does pgbouncer's own user log in "
                                "there? its log says why"},
    [CAUSE_PG_POOLER_PARAMETER] =
        {"pg-pooler-parameter", "pgbouncer takes no such parameter at the login",
         "take it out of the URL, or list it in pgbouncer's ignore_startup_parameters"},
    [CAUSE_PG_NOT_ACCEPTING] = {"pg-not-accepting",
                                "PostgreSQL starts, stops or recovers, and takes no login (57P03)",
                                "its log says what it does or waits for"},
    [CAUSE_PG_SHUT_DOWN] = {"pg-shut-down", "PostgreSQL ended the connection to shut down (57P01)",
                            "is the database being restarted? its log says why"},
    [CAUSE_PG_NOT_WRITABLE] = {"pg-not-writable", "the server takes no writes",
                               "name the primary in the URL; after a failover it is another host"},
    [CAUSE_PG_NOT_STANDBY] = {"pg-not-standby",
                              "the server takes writes, and target_session_attrs wants none",
                              "name the standby in the URL; after a failover it is another host"},
    [CAUSE_PG_NO_TABLE] = {"pg-no-table", "the query names a table that does not exist (42P01)",
                           "run the migrations; is it the right database?"},
    [CAUSE_PG_NO_PRIVILEGE] = {"pg-no-privilege", "the role may not do what the query asks (42501)",
                               "GRANT it to the role"},
    [CAUSE_PG_QUERY_FALSE] =
        {"pg-query-false", "the query of --db-query gave no row, or a false one",
         "write a SELECT that gives a true row when all is well, and run it by "
         "hand"},
    [CAUSE_PG_MIGRATION_MISSING] = {"pg-migration-missing",
                                    "the migration of --db-migration has not run",
                                    "run: manage.py migrate"},
    [CAUSE_PG_CONNECTION] = {"pg-connection", "PostgreSQL reports a broken connection (08xxx)",
                             "the server's log says more; is a proxy between?"},
    [CAUSE_PG_PROTOCOL] = {"pg-protocol", "what answers is not PostgreSQL",
                           "is it the right port?"},
    [CAUSE_PG_ERROR] = {"pg-error", "PostgreSQL reports an error", "the server's words say which"},
    [CAUSE_REDIS_NOAUTH] = {"redis-noauth", "Redis wants a password, and none was given (NOAUTH)",
                            "write it into the URL: redis://:PASSWORD@HOST"},
    [CAUSE_REDIS_WRONG_PASSWORD] = {"redis-wrong-password",
                                    "Redis refuses the user or the password (WRONGPASS)",
                                    "compare them with requirepass or the ACL; ACL LIST shows it"},
    [CAUSE_REDIS_NO_PASSWORD_SET] = {"redis-no-password-set",
                                     "a password was given, and Redis has none set",
                                     "take the password out of the URL, or set requirepass"},
    [CAUSE_REDIS_NOPERM] = {"redis-noperm", "the ACL forbids the user this command (NOPERM)",
                            "grant it with ACL SETUSER; the check needs what its words name"},
    [CAUSE_REDIS_LOADING] = {"redis-loading", "Redis is loading its data into memory (LOADING)",
                             "wait until it is loaded; INFO persistence shows the progress"},
    [CAUSE_REDIS_MISCONF] = {"redis-misconf",
                             "Redis takes no writes because it cannot save to disk (MISCONF)",
                             "is its disk full or read-only? its log says why the save failed"},
    [CAUSE_REDIS_MASTERDOWN] = {"redis-masterdown",
                                "the replica has lost its master and serves no stale data",
                                "is the master up? INFO replication shows the link"},
    [CAUSE_REDIS_READONLY] = {"redis-readonly", "the server is a replica and takes no writes",
                              "name the master in the URL; after a failover it is another host"},
    [CAUSE_REDIS_BUSY] = {"redis-busy", "a script keeps Redis busy (BUSY)",
                          "SCRIPT KILL or FUNCTION KILL ends it"},
    [CAUSE_REDIS_OOM] = {"redis-oom", "Redis is at its maxmemory and takes no writes (OOM)",
                         "raise maxmemory, or choose a maxmemory-policy that evicts"},
    [CAUSE_REDIS_NOREPLICAS] =
        {"redis-noreplicas", "Redis has too few good replicas to take writes (NOREPLICAS)",
         "are the replicas up? min-replicas-to-write says how many it wants"},
    [CAUSE_REDIS_MAX_CLIENTS] = {"redis-max-clients", "every one of Redis's maxclients is taken",
                                 "do workers leak connections? CLIENT LIST shows whose they are"},
    [CAUSE_REDIS_PROTECTED] = {"redis-protected",
                               "Redis is in protected mode and takes local clients only (DENIED)",
                               "set a password (requirepass), or bind it to the right interface"},
    [CAUSE_REDIS_DB_RANGE] = {"redis-db-range", "the URL's database number is out of range",
                              "numbers go from 0 to databases - 1, 15 unless set otherwise; a "
                              "cluster has 0 only"},
    [CAUSE_REDIS_CLUSTER_DOWN] =
        {"redis-cluster-down", "the node answers, and its Redis Cluster is down (CLUSTERDOWN)",
         "each slot needs a master that is up: CLUSTER NODES shows which is missing; a new "
         "cluster needs redis-cli --cluster create"},
    [CAUSE_REDIS_SENTINEL] =
        {"redis-sentinel", "a Sentinel answers, which holds no data",
         "name the Redis server's port, usually 6379; ask Sentinel by tcp://HOST:26379"},
    [CAUSE_REDIS_CLOSED] = {"redis-closed", "Redis closed the connection without an answer",
                            "is it stopping, or is it another protocol's port? see its log"},
    [CAUSE_REDIS_PROTOCOL] = {"redis-protocol", "what answers is not Redis",
                              "is it the right port?"},
    [CAUSE_REDIS_ERROR] = {"redis-error", "Redis reports an error", "the server's words say which"},
    [CAUSE_MYSQL_TOO_MANY_CONNECTIONS] =
        {"mysql-too-many-connections", "every one of the server's max_connections is taken (1040)",
         "who holds them? SHOW PROCESSLIST tells; or raise max_connections"},
    [CAUSE_MYSQL_HOST_BLOCKED] =
        {"mysql-host-blocked", "the server blocks this host after max_connect_errors (1129)",
         "FLUSH HOSTS unblocks it; find who connects from here without a login"},
    [CAUSE_MYSQL_CLOSED] = {"mysql-closed", "MySQL closed the connection",
                            "is it starting or stopping? see its log"},
    [CAUSE_MYSQL_PROTOCOL] = {"mysql-protocol", "what answers is not MySQL",
                              "is it the right port?"},
    [CAUSE_MYSQL_ERROR] = {"mysql-error", "MySQL answers with an error",
                           "the server's words say which"},
    [CAUSE_NOT_LISTENING] = {"not-listening", "no socket listens there",
                             "has the service started, and does it listen there?"},
    [CAUSE_NOT_SEEN] = {"not-seen", "the kernel does not show what was asked for",
                        "mount /proc in the container, without hidepid"},
    [CAUSE_PROCESS_MISSING] =
        {"process-missing", "no such process runs",
         "has it started? the name or the whole command line must match: * is anything"},
    [CAUSE_PROCESS_STOPPED] = {"process-stopped", "the process is stopped, by a signal",
                               "kill -CONT PID lets it go on"},
    [CAUSE_FILE_MISSING] = {"file-missing", "the file does not exist",
                            "has the worker started, and does it write this path?"},
    [CAUSE_FILE_DENIED] = {"file-denied", "this user may not look at the file",
                           "run the check as the worker's user"},
    [CAUSE_FILE_UNUSABLE] = {"file-unusable", "the file cannot be used", "fix what the line names"},
    [CAUSE_FILE_STALE] = {"file-stale", "the heartbeat file is older than max-age",
                          "the worker hangs or died: its log says what it did last"},
    [CAUSE_FILE_FUTURE] = {"file-future", "the heartbeat file is dated more than a second ahead",
                           "was the clock set back, or does the worker write a time of its own? "
                           "until then nothing tells its age"},
};

const struct cause_info *cause_info(enum cause cause)
{
    return &table[cause];
}

enum cause cause_of_errno(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return CAUSE_REFUSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return CAUSE_UNREACHABLE;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
        return CAUSE_RESET;
    case ENOENT:
    case ENOTDIR:
        return CAUSE_SOCKET_MISSING;
    case EACCES:
    case EPERM:
        return CAUSE_SOCKET_DENIED;
    case ELOOP:
    case ENAMETOOLONG:
    case EPROTOTYPE: /* connect(2) to a socket that takes datagrams */
        return CAUSE_SOCKET_UNUSABLE;
    case EAGAIN: /* connect(2) to a unix socket */
        return CAUSE_QUEUE_FULL;
    case ETIMEDOUT:
        return CAUSE_TIMEOUT_CONNECT;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return CAUSE_NO_RESOURCES;
    default:
        return CAUSE_NONE;
    }
}
