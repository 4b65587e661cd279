/* Prints the program's tables of options and causes as JSON, for the documents
 * that are made from them. The program itself has no need of that. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cause.h"
#include "config/options.h"

static void add_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddItemToObject(object, name, text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

static cJSON *option_object(const struct option_row *row)
{
    const char letter[2] = {row->letter, '\0'};
    cJSON *object = cJSON_CreateObject();
    add_text(object, "name", row->name);
    add_text(object, "letter", row->letter ? letter : NULL);
    add_text(object, "argument", row->argument);
    add_text(object, "default", row->initial);
    add_text(object, "help", row->help);
    cJSON_AddBoolToObject(object, "live", row->commands & COMMAND_BIT(COMMAND_LIVE));
    cJSON_AddBoolToObject(object, "ready", row->commands & COMMAND_BIT(COMMAND_READY));
    return object;
}

static void add_options(cJSON *tables)
{
    cJSON *options = cJSON_AddArrayToObject(tables, "options");
    for (size_t i = 0; i < options_count; i++)
        cJSON_AddItemToArray(options, option_object(&options_table[i]));
}

static void add_causes(cJSON *tables)
{
    cJSON *causes = cJSON_AddArrayToObject(tables, "causes");
    for (int cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++) {
        const struct cause_info *info = cause_info((enum cause)cause);
        cJSON *object = cJSON_CreateObject();
        add_text(object, "name", info->name);
        add_text(object, "meaning", info->meaning);
        add_text(object, "hint", info->hint);
        cJSON_AddItemToArray(causes, object);
    }
}

int main(void)
{
    cJSON *tables = cJSON_CreateObject();
    add_options(tables);
    add_causes(tables);
    char *text = cJSON_Print(tables);
    cJSON_Delete(tables);
    if (!text || puts(text) < 0)
        return 1;
    free(text);
    return 0;
}
