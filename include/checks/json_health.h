/* json_health: what a health answer in JSON says is down, whoever made it: Spring
 * Boot, ASP.NET, MicroProfile, health+json, Terminus, django-health-check. */
#ifndef PROBE_JSON_HEALTH_H
#define PROBE_JSON_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Appends what is down in body[length] with its path and its error, at most limit
 * bytes: "/components/redis is DOWN: no route". Else what the answer calls its
 * error. False when it is not JSON or says neither. */
bool json_add_down(const char *body, size_t length, struct text *text, size_t limit);

/* Whether body[length] is JSON that says that something is down. */
bool json_says_down(const char *body, size_t length);

#endif
