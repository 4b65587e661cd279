#ifndef PLACEHOLDER_H
#define PLACEHOLDER_H

/* GET url; its HTTP status, or 0. To be replaced by the real program. */
long placeholder_get(const char *url);

#endif
