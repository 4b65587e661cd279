/*
 * Stands in for the program until there is one, and uses libcurl and cJSON as
 * it will, so that the build and its size are real.
 */
#include "placeholder.h"

#include <cjson/cJSON.h>
#include <cjson/cJSON_Utils.h>
#include <curl/curl.h>
#include <stdio.h>

static size_t ignore(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

long placeholder_get(const char *url)
{
    long status = 0;
    char error[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();

    if (!curl)
        return 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 3000L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);

    cJSON *report = cJSON_Parse("{\"status\": 0}");
    cJSON *at = cJSONUtils_GetPointerCaseSensitive(report, "/status");

    if (at)
        cJSON_SetNumberValue(at, (double)status);
    char *text = cJSON_PrintUnformatted(report);

    printf("%s %s\n", text ? text : "", error);
    cJSON_free(text);
    cJSON_Delete(report);
    return status;
}
