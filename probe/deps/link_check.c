/*
 * Links every library that is built, and what makes each of them large; run
 * without arguments it only says their versions, and talks to nobody.
 */
#include <cjson/cJSON.h>
#include <cjson/cJSON_Utils.h>
#include <curl/curl.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>

static void *http(void *url)
{
    CURL *curl = curl_easy_init();

    if (curl && url) {
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_perform(curl);
    }
    curl_easy_cleanup(curl);
    printf("%s\n", curl_version());
    return NULL;
}

static void *json(void *text)
{
    cJSON *value = cJSON_Parse(text ? text : "{}");
    char *printed = cJSON_PrintUnformatted(cJSONUtils_GetPointer(value, ""));

    printf("cJSON %s %s\n", cJSON_Version(), printed ? printed : "");
    cJSON_free(printed);
    cJSON_Delete(value);
    return NULL;
}

static void *redis(void *host)
{
    if (host) {
        redisContext *context = redisConnect(host, 6379);
        redisReply *reply = context ? redisCommand(context, "PING") : NULL;

        printf("%s\n", reply && reply->str ? reply->str : "no reply");
        freeReplyObject(reply);
        redisFree(context);
    }
    printf("hiredis %d.%d.%d\n", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
    return NULL;
}

static void *postgres(void *url)
{
    if (url) {
        PGconn *connection = PQconnectdb(url);

        printf("%s\n", PQerrorMessage(connection));
        PQclear(PQexec(connection, "SELECT 1"));
        PQfinish(connection);
    }
    printf("libpq %d\n", PQlibVersion());
    return NULL;
}

int main(int argc, char **argv)
{
    void *(*const checks[])(void *) = {http, json, redis, postgres};

    for (int i = 0; i < 4; i++) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, checks[i], argc > i + 1 ? argv[i + 1] : NULL) != 0)
            return 1;
        pthread_join(thread, NULL);
    }
    return 0;
}
