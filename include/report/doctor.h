/* doctor: all that this machine tells about the service, for a person. */
#ifndef PROBE_DOCTOR_H
#define PROBE_DOCTOR_H

#include <cjson/cJSON.h>

#include "config/options.h"
#include "run/run.h"

/* Looks around and returns what there is to know as an object of sections, each
 * an object of facts (or a list of objects). A fact's name ends in its unit
 * (_bytes, _ms, _us) where it has one; null is what could not be read. No
 * secret is in it: of variables only the names. For
 * cJSON_Delete(). Of several services, `service` is the one that run asks; run may be NULL. */
cJSON *doctor_examine(const struct config *config, const struct run *run);

/* Adds the variables of a database that probe does not ask, and nothing where there are none. */
void doctor_add_set_aside(cJSON *machine, const struct plan *plan);

/* Adds what is known of the start of a service that is up (its HTTP or TCP check is
 * healthy): when the process that listens began, after process 1 did. When it
 * answered first, nothing tells: that must be measured. */
void doctor_add_start(cJSON *machine, const struct run *run);

#endif
