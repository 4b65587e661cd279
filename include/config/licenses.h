/* licenses: the notices of probe and of all that is linked with it; the array
 * is made by cmake/licenses.cmake. */
#ifndef PROBE_LICENSES_H
#define PROBE_LICENSES_H

/* To be printed one after the other; ends in NULL. */
extern const char *const licenses[];

#endif
