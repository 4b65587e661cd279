/* tls: the client's side of TLS. Only the files tls_*.c know OpenSSL: tls_session.c opens a
 * session, tls_certificate.c says what is wrong with a certificate, tls_verdict.c with a
 * handshake, tls_bundle.c finds the authorities, tls_postgres.c serves libpq. A build
 * without TLS has tls_none.c in their place, where no session is ever begun. */
#ifndef PROBE_TLS_H
#define PROBE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/deadline.h"
#include "base/text.h"
#include "checks/result.h"
#include "config/tls_wish.h"

enum { TLS_CHAIN_SIZE = 640, TLS_WARN_DAYS = 14 };

/* One session: what is wanted, and what came of its handshake. */
struct tls {
    struct tls_wish wish;
    enum cause cause;           /* why the peer's certificate was refused; CAUSE_NONE: it was not */
    char words[240];            /* the same, for the first line */
    int alert;                  /* that the peer sent, RFC 8446, 6; -1: none */
    bool was_asked;             /* the peer wants a certificate of ours, and there is none */
    bool has_certificate;       /* there is one of ours */
    int64_t expires_at;         /* the peer's certificate, in seconds since 1970; 0: not known */
    char hosts[160];            /* whom it is for */
    char chain[TLS_CHAIN_SIZE]; /* a line a certificate, the peer's first */
    char protocol[64];          /* "TLSv1.3, TLS_AES_256_GCM_SHA384"; "" before the handshake */
    unsigned long error; /* OpenSSL's, of the handshake, or the last tls_read() or tls_write() */
    struct tls_stream *stream; /* of tls_open(); NULL elsewhere */
};

/* Prepares the library, behind memory_init() and before its first use, which may be another
 * library's, in a thread: the process ends when it finds no memory, and nothing is cleaned up
 * at exit, which would free what a late check still uses. */
void tls_prepare(void);

/* Whether the files of a wish can be read and fit together: before anything is sent.
 * False with the reason in why. */
bool tls_check_files(const struct tls_wish *wish, struct text *why);

/* Begins a session. */
void tls_init(struct tls *tls, const struct tls_wish *wish);

/* Hands the session to a library that makes the connection: ssl_context is its
 * SSL_CTX, and has no store of its own. False when the session cannot be begun, with
 * the cause in it; the library must then end the connection. */
bool tls_attach(struct tls *tls, void *ssl_context);

/* Shakes hands on a connected, non-blocking descriptor, which stays the caller's.
 * False with the cause in result. */
bool tls_open(struct tls *tls, int fd, struct deadline deadline, struct result *result);

/* As recv(2) and send(2) on a non-blocking descriptor: 0 at the end, -1 with errno
 * (EAGAIN: wait for the descriptor). */
ssize_t tls_read(struct tls *tls, char *bytes, size_t size);
ssize_t tls_write(struct tls *tls, const char *bytes, size_t length);

/* Whether bytes are there that poll(2) on the descriptor does not know of. */
bool tls_has_pending(const struct tls *tls);

/* The verdict on a tls_read() or tls_write() that failed, in which a refusal of our
 * certificate may arrive. False when TLS is not the reason. */
bool tls_fail_stream(struct tls *tls, struct result *result);

/* libpq's next session, of the calling thread: it is watched until tls_postgres_end(). */
void tls_postgres_begin(struct tls *tls);
void tls_postgres_end(void);

/* Frees the session; valid in every state after tls_init(). */
void tls_release(struct tls *tls);

/* The verdict on a handshake that failed: by what the session saw, else by the words of
 * the library that made the connection, in which OpenSSL's error stands as "error:HEX"
 * or "error code N", and else by the error itself. False when neither tells of TLS; then the cause
 * is not TLS. */
bool tls_fail(const struct tls *tls, const char *words, struct result *result);

/* The same for a handshake that is known to have failed: at least that the connection ended. */
void tls_fail_handshake(const struct tls *tls, const char *words, struct result *result);

/* Why a client's key cannot be loaded, by the error in a library's words; "" when it has none. */
const char *tls_reason_of_key(const char *words);

/* The verdict on an answer that broke off behind the handshake, where OpenSSL's error in the
 * library's words is the reason; else false. */
bool tls_fail_answer(const struct tls *tls, const char *words, struct result *result);

/* Keeps what is known of the session for the report: with -v, or when the peer's certificate
 * was refused. */
void tls_show(const struct tls *tls, int verbosity, struct result *result);

/* After a good handshake: a note when the certificate ends within TLS_WARN_DAYS, or that
 * nothing was verified; a failure when it ends within min_days (0: never). */
void tls_judge_age(const struct tls *tls, int64_t min_days, struct result *result);

#endif
