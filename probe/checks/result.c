/* What a check keeps of its answer. */
#include "checks/result.h"

#include <stdlib.h>
#include <string.h>

const char *phase_name(enum phase phase)
{
    static const char *const names[PHASE_COUNT] = {
        [PHASE_NONE] = "start",    [PHASE_RESOLVE] = "resolve", [PHASE_CONNECT] = "connect",
        [PHASE_TLS] = "tls",       [PHASE_LOGIN] = "login",     [PHASE_QUERY] = "query",
        [PHASE_ANSWER] = "answer", [PHASE_RECEIVE] = "receive", [PHASE_FILE] = "file",
    };
    return names[phase];
}

void result_begin(struct result *result, int64_t limit_ms)
{
    *result = (struct result){.limit_ms = limit_ms, .began_us = deadline_now()};
    result->entered_us = result->began_us;
}

/* Books the time since the last change of phase on the phase that ends. */
static void result_leave_phase(struct result *result, int64_t now_us)
{
    result->phase_us[result->phase] += now_us - result->entered_us;
    result->entered_us = now_us;
}

void result_enter(struct result *result, enum phase phase)
{
    result_leave_phase(result, deadline_now());
    atomic_store(&result->phase, phase);
}

struct text result_pass(struct result *result)
{
    struct text words;
    text_init(&words, TEXT_ARRAY(result->words));
    return words;
}

struct text result_fail(struct result *result, enum cause cause, const char *format, ...)
{
    static _Thread_local char ignored[8];
    struct text words;
    if (result->cause != CAUSE_NONE) {
        text_init(&words, TEXT_ARRAY(ignored));
        return words;
    }
    result->cause = cause;
    text_init(&words, TEXT_ARRAY(result->words));
    va_list arguments;
    va_start(arguments, format);
    text_vformat(&words, format, arguments);
    va_end(arguments);
    return words;
}

void result_retry(struct result *result)
{
    result->cause = CAUSE_NONE;
    result->hint = NULL;
    *result->words = '\0';
    *result->detail = '\0';
}

struct failure result_failure(const struct result *result)
{
    struct failure failure = {.cause = result->cause, .hint = result->hint};
    memcpy(failure.words, result->words, sizeof failure.words);
    memcpy(failure.detail, result->detail, sizeof failure.detail);
    return failure;
}

void result_restore(struct result *result, const struct failure *failure)
{
    result->cause = failure->cause;
    result->hint = failure->hint;
    memcpy(result->words, failure->words, sizeof failure->words);
    memcpy(result->detail, failure->detail, sizeof failure->detail);
}

void result_fail_late(struct result *result)
{
    static const struct {
        enum cause cause;
        const char *words;
    } late[PHASE_COUNT] = {
        [PHASE_NONE] = {CAUSE_TIMEOUT, "not started within "},
        [PHASE_RESOLVE] = {CAUSE_TIMEOUT_RESOLVE, "name not resolved in "},
        [PHASE_CONNECT] = {CAUSE_TIMEOUT_CONNECT, "no connection in "},
#if PROBE_TLS
        [PHASE_TLS] = {CAUSE_TIMEOUT_TLS,
                       "connected, but the TLS handshake did not finish within "},
#endif
        [PHASE_LOGIN] = {CAUSE_TIMEOUT_LOGIN, "connected, but the login did not finish within "},
        [PHASE_QUERY] = {CAUSE_TIMEOUT_QUERY, "logged in, no answer to the query in "},
        [PHASE_ANSWER] = {CAUSE_TIMEOUT_ANSWER, "connected, no answer in "},
        [PHASE_RECEIVE] = {CAUSE_TIMEOUT_RECEIVE, "answer not complete in "},
        [PHASE_FILE] = {CAUSE_TIMEOUT, "the file system did not answer within "},
    };
    int phase = atomic_load(&result->phase);
    struct text words = result_fail(result, late[phase].cause, "%s", late[phase].words);
    text_add_limit(&words, result->limit_ms);
}

/* A text that goes on at the end of a string. */
static struct text text_behind(char *bytes, size_t size)
{
    return (struct text){.bytes = bytes, .size = size, .length = strlen(bytes)};
}

struct text result_words(struct result *result)
{
    return text_behind(TEXT_ARRAY(result->words));
}

struct text result_detail(struct result *result)
{
    return text_behind(TEXT_ARRAY(result->detail));
}

struct text result_note(struct result *result)
{
    return text_behind(TEXT_ARRAY(result->note));
}

const char *result_hint(const struct result *result)
{
    return result->hint ? result->hint : cause_info(result->cause)->hint;
}

void result_end(struct result *result)
{
    int64_t now = deadline_now();
    result_leave_phase(result, now);
    result->took_us = now - result->began_us;
    atomic_store(&result->has_ended, true);
}

void result_release(struct result *result)
{
    free(result->exchange);
    result->exchange = NULL;
}
