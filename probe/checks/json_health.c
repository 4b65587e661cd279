/* What is down in a health answer: the innermost members whose status says so. */
#include "checks/json_health.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

enum { DEPTH_MAX = 8, SHOWN_MAX = 8, RAW_MAX = 4096 };

/* A walk through an answer. */
struct walk {
    struct text *raw;     /* what is down so far, as foreign bytes */
    char path_bytes[400]; /* the pointer of the member that is looked at */
    struct text path;
    const cJSON *shown[SHOWN_MAX]; /* those told: some answers repeat them */
    size_t shown_count;
};

static bool is_among(const char *const names[], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}
#define IS_AMONG(names, name) is_among((names), sizeof(names) / sizeof *(names), (name))

/* Where an answer says why, the more telling first. */
static const char *const reasons[] = {"error",  "message",     "exception", "output",  "detail",
                                      "reason", "description", "cause",     "details", "data"};

static bool is_reason(const char *name)
{
    return IS_AMONG(reasons, name);
}

/* "DOWN", "unavailable: no route" */
static bool is_down_word(const char *text)
{
    static const char *const words[] = {"down",         "out_of_service",
                                        "unhealthy",    "fail",
                                        "failed",       "failing",
                                        "failure",      "error",
                                        "critical",     "degraded",
                                        "disconnected", "unavailable",
                                        "offline",      "unreachable",
                                        "not_ready",    "not ready",
                                        "timeout",      "refused",
                                        "red",          "bad",
                                        "dead",         "ko",
                                        "nok",          "broken"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (strncasecmp(text, words[i], length) == 0 &&
            (!text[length] || strchr(":;,. ", text[length])))
            return true;
    }
    return false;
}

/* "healthy": false, and "redis": false among the checks. */
static bool is_false_answer(const cJSON *item, const char *parent)
{
    static const char *const names[] = {"healthy", "ok",     "up",      "connected", "ready",
                                        "alive",   "status", "success", "available", "reachable"};
    static const char *const lists[] = {"checks", "components", "services", "dependencies"};
    return cJSON_IsFalse(item) && (IS_AMONG(names, item->string) || IS_AMONG(lists, parent));
}

static bool is_down(const cJSON *item, const char *parent)
{
    if (!item->string || is_reason(item->string))
        return false;
    return is_false_answer(item, parent) ||
           (cJSON_IsString(item) && is_down_word(item->valuestring));
}

static bool is_status(const char *name)
{
    static const char *const names[] = {"status", "state",     "health", "healthy", "ok",
                                        "up",     "connected", "ready",  "alive",   "success"};
    return IS_AMONG(names, name);
}

/* The first text under one of the names of a reason, in the object or in one of
 * those that hold more. */
static const char *find_reason(const cJSON *object, int depth)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        const cJSON *item = cJSON_GetObjectItem(object, reasons[i]);
        if (cJSON_IsString(item) && *item->valuestring)
            return item->valuestring;
        const char *inner = cJSON_IsObject(item) && depth > 0 ? find_reason(item, depth - 1) : NULL;
        if (inner)
            return inner;
    }
    return NULL;
}

static bool was_shown(struct walk *walk, const cJSON *object)
{
    for (size_t i = 0; i < walk->shown_count; i++)
        if (walk->shown[i]->string && object->string &&
            strcmp(walk->shown[i]->string, object->string) == 0 &&
            cJSON_Compare(walk->shown[i], object, true))
            return true;
    if (walk->shown_count < SHOWN_MAX)
        walk->shown[walk->shown_count++] = object;
    return false;
}

/* "/checks/1 (db) is DOWN: no route" */
static void add_down(struct walk *walk, const cJSON *object, const cJSON *status)
{
    bool is_own = is_status(status->string); /* the object's own, not a member's */
    if (was_shown(walk, is_own ? object : status))
        return;
    text_add(walk->raw, walk->raw->length ? "; " : "");
    text_add(walk->raw, walk->path_bytes);
    if (!is_own || walk->path.length == 0)
        text_format(walk->raw, "/%s", status->string);
    const cJSON *name = cJSON_GetObjectItem(object, "name");
    if (cJSON_IsString(name))
        text_format(walk->raw, " (%s)", name->valuestring);
    text_format(walk->raw, " is %s", cJSON_IsString(status) ? status->valuestring : "false");
    const char *reason = is_own ? find_reason(object, 2) : NULL;
    if (reason)
        text_format(walk->raw, ": %s", reason);
}

static bool walk_members(struct walk *walk, const cJSON *parent, int depth);

/* Walks one member of an object or array; whether anything in it is down. */
static bool walk_member(struct walk *walk, const cJSON *item, size_t index, int depth)
{
    size_t length = walk->path.length;
    if (item->string)
        text_format(&walk->path, "/%s", item->string);
    else
        text_format(&walk->path, "/%zu", index);
    bool found = walk_members(walk, item, depth - 1);
    walk->path.length = length;
    walk->path.cut = false;
    walk->path_bytes[length] = '\0';
    return found;
}

/* Whether anything in it is down; of an object's own status is told only what no
 * member tells. */
static bool walk_members(struct walk *walk, const cJSON *parent, int depth)
{
    const cJSON *item;
    const cJSON *own = NULL;
    bool found = false;
    size_t index = 0;
    if (depth == 0 || (!cJSON_IsObject(parent) && !cJSON_IsArray(parent)))
        return false;
    cJSON_ArrayForEach(item, parent)
    {
        found = walk_member(walk, item, index++, depth) || found;
        if (!is_down(item, parent->string ? parent->string : ""))
            continue;
        if (is_status(item->string))
            own = own ? own : item;
        else
            add_down(walk, parent, item);
        found = found || !is_status(item->string);
    }
    if (own && !found)
        add_down(walk, parent, own);
    return found || own;
}

/* Appends what is down to raw; whether anything is. */
static bool walk_all(const cJSON *json, struct text *raw)
{
    struct walk walk = {.raw = raw};
    text_init(&walk.path, TEXT_ARRAY(walk.path_bytes));
    return json && walk_members(&walk, json, DEPTH_MAX);
}

bool json_says_down(const char *body, size_t length)
{
    char ignored[8];
    struct text raw;
    text_init(&raw, TEXT_ARRAY(ignored));
    cJSON *json = cJSON_ParseWithLength(body, length);
    bool says_down = walk_all(json, &raw);
    cJSON_Delete(json);
    return says_down;
}

bool json_add_down(const char *body, size_t length, struct text *text, size_t limit)
{
    char bytes[RAW_MAX];
    struct text raw;
    text_init(&raw, TEXT_ARRAY(bytes));
    cJSON *json = cJSON_ParseWithLength(body, length);
    if (json && !walk_all(json, &raw)) {
        const char *reason = find_reason(json, 1);
        text_add(&raw, reason ? reason : "");
    }
    cJSON_Delete(json);
    text_add_foreign(text, bytes, raw.length, limit);
    return raw.length > 0;
}
